use chrono::{DateTime, Utc};

use super::{Money, Price, Quantity, rows::numbered};

/// How a booked visit stands, as the vendor numbers it (facts: API blueprint, `attendance`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Attendance {
    /// The client did not come.
    NoShow = -1,
    /// The client is waited for.
    Waiting = 0,
    /// The client came and the services were rendered.
    Came = 1,
    /// The client confirmed.
    Confirmed = 2,
}

/// An appointment.
#[derive(Debug, Clone)]
pub struct Record {
    /// The vendor's number; it stays when the record is moved.
    pub id: i64,
    /// Who renders it.
    pub staff_id: i64,
    /// Who comes; a record may be without a client.
    pub client_id: Option<i64>,
    /// What is rendered.
    pub services: Vec<RecordService>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub changed: DateTime<Utc>,
    /// How long it takes, in seconds.
    pub length: i64,
    /// How it stands.
    pub attendance: Attendance,
    /// A remark.
    pub comment: &'static str,
    /// Whether the client booked it over the internet.
    pub online: bool,
    /// The visit it belongs to; several records may share one.
    pub visit_id: i64,
    /// The user who made it; 0: the client.
    pub created_user_id: i64,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Whether it is paid.
    pub paid_full: bool,
    /// Its labels, by number.
    pub labels: Vec<i64>,
    /// Its documents, by number.
    pub documents: Vec<i64>,
    /// What it used up: goods transactions, by number.
    pub consumables: Vec<i64>,
    /// What was sold in it: goods transactions, by number.
    pub sold: Vec<i64>,
    /// What was paid for it: finance transactions, by number.
    pub payments: Vec<i64>,
}

/// A service of a record.
#[derive(Debug, Clone)]
pub struct RecordService {
    /// The service's number.
    pub id: i64,
    /// What one costs before the discount.
    pub first_cost: Money,
    /// Discount in percent.
    pub discount: i64,
    /// How many.
    pub amount: i64,
}

impl RecordService {
    /// What the line costs after the discount.
    pub const fn cost(&self) -> Money {
        super::Exact(self.first_cost.less_percent(self.discount).0 * self.amount)
    }
}

/// What kind a document is, as the vendor numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum DocumentType {
    /// A sale of goods.
    Sale = 1,
    /// A receipt of goods.
    Receipt = 3,
    /// A write-off of goods.
    WriteOff = 4,
    /// A visit.
    Visit = 7,
    /// What a service used up.
    Consumables = 8,
}

impl DocumentType {
    /// The title in Russian.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sale => "Продажа товара",
            Self::Receipt => "Приход товара",
            Self::WriteOff => "Списание товара",
            Self::Visit => "Визит",
            Self::Consumables => "Списание расходников",
        }
    }
}

/// A document that groups transactions.
#[derive(Debug, Clone)]
pub struct Document {
    /// The vendor's number.
    pub id: i64,
    /// What it is.
    pub kind: DocumentType,
    /// The storage it is about; 0: none.
    pub storage_id: i64,
    /// Who made it; 0: nobody.
    pub user_id: i64,
    /// The number in its kind that people see.
    pub number: i64,
    /// A remark.
    pub comment: &'static str,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// The visit it belongs to; 0: none.
    pub visit_id: i64,
    /// The record it belongs to; 0: none.
    pub record_id: i64,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
}

/// What kind a goods transaction is, as the vendor numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum GoodsOperation {
    /// A sale.
    Sale = 1,
    /// Used up by a service.
    Consumable = 2,
    /// A receipt.
    Receipt = 3,
    /// Written off.
    WriteOff = 4,
}

impl GoodsOperation {
    /// The title in Russian; the vendor changes these.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sale => "Продажа товара",
            Self::Consumable => "Списание расходников",
            Self::Receipt => "Приход товара",
            Self::WriteOff => "Списание товара",
        }
    }

    /// The resource of its webhooks, and the flag in the hook settings.
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Sale => "goods_operations_sale",
            Self::Consumable => "goods_operations_consumable",
            Self::Receipt => "goods_operations_receipt",
            Self::WriteOff => "goods_operations_stolen",
        }
    }
}

/// A movement of goods.
#[derive(Debug, Clone)]
pub struct GoodsTransaction {
    /// The vendor's number.
    pub id: i64,
    /// The document it belongs to.
    pub document_id: i64,
    /// What it is.
    pub kind: GoodsOperation,
    /// The good.
    pub good_id: i64,
    /// The storage.
    pub storage_id: i64,
    /// How much; negative: it went out.
    pub amount: Quantity,
    /// Whether it is counted in the good's unit of write-off rather than of sale.
    pub service_unit: bool,
    /// The price of one unit.
    pub cost_per_unit: Price,
    /// Discount in percent.
    pub discount: i64,
    /// What it cost together.
    pub cost: Money,
    /// Who sold it or used it; 0: nobody.
    pub master_id: i64,
    /// Who delivered it; 0: nobody.
    pub supplier_id: i64,
    /// Who bought it; 0: nobody.
    pub client_id: i64,
    /// In which record; 0: none.
    pub record_id: i64,
    /// For which service; 0: none.
    pub service_id: i64,
    /// Who entered it.
    pub user_id: i64,
    /// A remark.
    pub comment: &'static str,
    /// When it took place.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub changed: DateTime<Utc>,
    /// When it was deleted; it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

/// A movement of money.
#[derive(Debug, Clone)]
pub struct FinanceTransaction {
    /// The vendor's number.
    pub id: i64,
    /// The document it belongs to; 0: none.
    pub document_id: i64,
    /// The article of income or expense.
    pub expense: &'static Expense,
    /// When it took place.
    pub date: DateTime<Utc>,
    /// How much; negative: it went out.
    pub amount: Money,
    /// A remark.
    pub comment: &'static str,
    /// Who earned it; 0: nobody.
    pub master_id: i64,
    /// Who was paid; 0: nobody.
    pub supplier_id: i64,
    /// The account.
    pub account_id: i64,
    /// Who paid; 0: nobody.
    pub client_id: i64,
    /// For which record; 0: none.
    pub record_id: i64,
    /// For which visit; 0: none.
    pub visit_id: i64,
    /// What was sold: a service's or a goods transaction's number; 0: nothing.
    pub sold_item_id: i64,
    /// `service`, `goods_transaction`, or empty.
    pub sold_item_type: &'static str,
    /// When it last changed.
    pub changed: DateTime<Utc>,
    /// When it was deleted.
    pub deleted: Option<DateTime<Utc>>,
}

/// An article of income or expense; the same for all companies.
#[derive(Debug)]
pub struct Expense {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: &'static str,
}

numbered!(Record, Document, GoodsTransaction, FinanceTransaction);
