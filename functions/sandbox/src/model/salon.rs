use super::{
    Account, Client, Company, Document, FinanceTransaction, Good, GoodsCategory, GoodsOperation,
    GoodsTransaction, Label, Record, Rows, Service, ServiceCategory, Staff, Storage, Supplier,
    User,
};

/// Everything there is: the companies of one owner.
#[derive(Debug)]
pub struct Business {
    /// The companies, by rising number.
    pub salons: Vec<Salon>,
}

impl Business {
    /// The company of this number.
    pub fn salon(&self, company_id: i64) -> Option<&Salon> {
        self.salons
            .iter()
            .find(|salon| salon.company.id == company_id)
    }
}

/// One company and all that belongs to it.
#[derive(Debug)]
pub struct Salon {
    /// The company itself.
    pub company: Company,
    /// Its users.
    pub users: Rows<User>,
    /// Who works there.
    pub staff: Rows<Staff>,
    /// Its categories of services.
    pub service_categories: Rows<ServiceCategory>,
    /// Its services.
    pub services: Rows<Service>,
    /// Its clients.
    pub clients: Rows<Client>,
    /// Its labels.
    pub labels: Rows<Label>,
    /// Its categories of goods.
    pub goods_categories: Rows<GoodsCategory>,
    /// Its goods.
    pub goods: Rows<Good>,
    /// Its storages.
    pub storages: Rows<Storage>,
    /// Its accounts.
    pub accounts: Rows<Account>,
    /// Who delivers to it.
    pub suppliers: Rows<Supplier>,
    /// Its appointments.
    pub records: Rows<Record>,
    /// Its documents.
    pub documents: Rows<Document>,
    /// Movements of goods.
    pub goods_transactions: Rows<GoodsTransaction>,
    /// Movements of money.
    pub finance_transactions: Rows<FinanceTransaction>,
    /// The next numbers.
    pub ids: Ids,
    /// What happened since somebody last took it away.
    pub changes: Vec<Change>,
}

impl Salon {
    /// A company without anything in it.
    pub fn new(company: Company, ids: Ids) -> Self {
        Self {
            company,
            users: Rows::default(),
            staff: Rows::default(),
            service_categories: Rows::default(),
            services: Rows::default(),
            clients: Rows::default(),
            labels: Rows::default(),
            goods_categories: Rows::default(),
            goods: Rows::default(),
            storages: Rows::default(),
            accounts: Rows::default(),
            suppliers: Rows::default(),
            records: Rows::default(),
            documents: Rows::default(),
            goods_transactions: Rows::default(),
            finance_transactions: Rows::default(),
            ids,
            changes: Vec::new(),
        }
    }

    /// What a record used up and was not taken back.
    pub fn consumables_of<'a>(
        &'a self,
        record: &'a Record,
    ) -> impl Iterator<Item = &'a GoodsTransaction> {
        self.goods_of(&record.consumables)
    }

    /// What was sold in a record and not taken back.
    pub fn sold_in<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'a GoodsTransaction> {
        self.goods_of(&record.sold)
    }

    fn goods_of<'a>(&'a self, ids: &'a [i64]) -> impl Iterator<Item = &'a GoodsTransaction> {
        let found = ids.iter().filter_map(|id| self.goods_transactions.get(*id));
        found.filter(|one| one.deleted.is_none())
    }

    /// What was paid for a record and not taken back.
    pub fn payments_of<'a>(
        &'a self,
        record: &'a Record,
    ) -> impl Iterator<Item = &'a FinanceTransaction> {
        let found = record
            .payments
            .iter()
            .filter_map(|id| self.finance_transactions.get(*id));
        found.filter(|one| one.deleted.is_none())
    }

    /// Notes that something happened.
    pub fn note(&mut self, entity: Entity, id: i64, status: Status) {
        self.changes.push(Change { entity, id, status });
    }
}

/// The next free number; numbers of one company lie in a range of their own and have gaps.
#[derive(Debug, Clone)]
pub struct Ids {
    next: i64,
}

impl Ids {
    /// Numbers above `base`.
    pub const fn above(base: i64) -> Self {
        Self { next: base }
    }

    /// A number above all that were given.
    pub const fn take(&mut self) -> i64 {
        // As at the vendor, where other companies take the numbers between.
        self.next += 1 + self.next % 3;
        self.next
    }
}

/// Something that happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What it is a row of.
    pub entity: Entity,
    /// The row's number.
    pub id: i64,
    /// What happened.
    pub status: Status,
}

/// What there are webhooks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// The company itself.
    Company,
    /// Staff.
    Staff,
    /// A category of services.
    ServiceCategory,
    /// A service.
    Service,
    /// A client.
    Client,
    /// A record.
    Record,
    /// A good.
    Good,
    /// A goods transaction.
    Goods(GoodsOperation),
    /// A finance transaction.
    Finance,
}

/// What happened to a row, in the vendor's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was made.
    Create,
    /// It changed.
    Update,
    /// It was deleted.
    Delete,
}

impl Status {
    /// The vendor's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}
