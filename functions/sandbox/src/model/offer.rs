use chrono::{DateTime, Utc};

use super::{Money, Price, Quantity, rows::numbered};

/// A category of services.
#[derive(Debug, Clone)]
pub struct ServiceCategory {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
    /// Where it stands in the list.
    pub weight: i64,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: String,
    /// Its category.
    pub category_id: i64,
    /// The least it costs.
    pub price_min: Money,
    /// The most it costs.
    pub price_max: Money,
    /// How long it takes, in seconds.
    pub duration: i64,
    /// Where it stands in the list.
    pub weight: i64,
    /// Whether it can be booked.
    pub active: bool,
    /// Who renders it, with the seconds it takes them.
    pub staff: Vec<(i64, i64)>,
    /// The goods it uses up.
    pub consumables: Vec<(i64, Quantity)>,
    /// Whether it is gone from the lists, though old records still name it.
    pub deleted: Option<DateTime<Utc>>,
}

/// A label of records (entity 2) or clients (entity 1).
#[derive(Debug, Clone)]
pub struct Label {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
    /// The colour, with its #.
    pub color: &'static str,
    /// The icon's name.
    pub icon: &'static str,
    /// What it is put on.
    pub entity: i64,
    /// Whether it was deleted; the list still has it.
    pub deleted: bool,
}

/// A category of goods.
#[derive(Debug, Clone)]
pub struct GoodsCategory {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: String,
    /// The category above; 0: none.
    pub parent_id: i64,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

/// A good.
#[derive(Debug, Clone)]
pub struct Good {
    /// The vendor's number, `good_id`.
    pub id: i64,
    /// The title.
    pub title: String,
    /// The article.
    pub article: String,
    /// The bar code; often empty.
    pub barcode: String,
    /// Its category.
    pub category_id: i64,
    /// What one is sold for.
    pub cost: Money,
    /// What one was bought for.
    pub actual_cost: Money,
    /// The unit of sale.
    pub unit: &'static Unit,
    /// The unit of write-off.
    pub service_unit: &'static Unit,
    /// How many units of write-off are in one of sale.
    pub unit_equals: i64,
    /// How much is in which storage.
    pub amounts: Vec<(i64, Quantity)>,
    /// Below which the shop should order.
    pub critical_amount: Quantity,
    /// What the shop should have.
    pub desired_amount: Quantity,
    /// When the row last changed.
    pub changed: DateTime<Utc>,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

impl Good {
    /// What one unit of write-off was bought for.
    pub const fn unit_actual_cost(&self) -> Price {
        let equals = if self.unit_equals > 0 {
            self.unit_equals
        } else {
            1
        };
        super::Exact(self.actual_cost.price().0 / equals)
    }
}

/// What a good is counted in; the same for all companies.
#[derive(Debug)]
pub struct Unit {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
    /// The short title.
    pub short_title: &'static str,
}

/// Where goods are kept.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
    /// Whether services take from it.
    pub for_services: bool,
    /// Whether goods are sold from it.
    pub for_sale: bool,
    /// A remark.
    pub comment: &'static str,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

/// A till or a bank account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
    /// Whether it holds no cash.
    pub cashless: bool,
    /// A remark.
    pub comment: &'static str,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

/// Who sells to the salon.
#[derive(Debug, Clone)]
pub struct Supplier {
    /// The vendor's number.
    pub id: i64,
    /// The name.
    pub title: &'static str,
}

numbered!(
    ServiceCategory,
    Service,
    Label,
    GoodsCategory,
    Good,
    Storage,
    Account,
    Supplier,
);
