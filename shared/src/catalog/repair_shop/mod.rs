//! The repair shop's own tables. Field names and enumerations follow Serwisant Online's public API documentation.

mod choices;
mod customers;
mod fields;
mod parts;
mod repairs;
mod settings;
mod tickets;

use super::Table;

/// The type of custom field whose values are encrypted at rest and masked everywhere.
pub use choices::PASSWORD;
/// The only source of the shop's own rows.
pub const LOCAL_SOURCE: &str = "local";

/// Every table of the shop, parents before the rows that refer to them; exchange files carry them in this order.
pub fn tables() -> Vec<Table> {
    vec![
        settings::dictionaries(),
        settings::custom_fields(),
        settings::employees(),
        customers::customers(),
        customers::customer_addresses(),
        parts::parts(),
        parts::part_deliveries(),
        repairs::repairs(),
        repairs::repair_actions(),
        tickets::tickets(),
        tickets::ticket_actions(),
    ]
}
