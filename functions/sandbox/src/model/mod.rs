//! A business as it really is: no vendor's shapes, no quirks. What endpoints show and what the truth says both come from
//! here, each by its own way.

mod company;
mod draw;
mod exact;
mod offer;
mod people;
mod rows;
mod salon;
mod visit;

pub use company::Company;
pub use draw::Draw;
pub use exact::{Exact, Money, Price, Quantity};
pub use offer::{
    Account, Good, GoodsCategory, Label, Service, ServiceCategory, Storage, Supplier, Unit,
};
pub use people::{Client, Staff, User};
pub use rows::{Row, Rows};
pub use salon::{Business, Change, Entity, Ids, Salon, Status};
pub use visit::{
    Attendance, Document, DocumentType, Expense, FinanceTransaction, GoodsOperation,
    GoodsTransaction, Record, RecordService,
};
