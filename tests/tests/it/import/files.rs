//! Exchange files of made-up shops.

use chrono::{DateTime, Utc};
use wynos::{
    SubscriptionId,
    catalog::{self, Storage},
    exchange::{Header, Passwords, ProfileName, Writer},
    sample::Shop,
    warehouse::{Rows, ValueRef},
};

/// A table, and its rows as columns with their values.
pub type Section<'a> = (&'a str, Vec<Vec<(&'a str, &'a str)>>);

/// A made-up shop of the subscription `sampleshop`, as a file of profile `full` with passwords in clear.
pub fn sample_file(customers: u64) -> Vec<u8> {
    let shop = Shop {
        origin: "sampleshop".parse().unwrap(),
        seed: 7,
        customers,
        today: DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
    };
    let header = Header {
        passwords: true,
        ..Header::new(shop.origin.clone(), shop.today, ProfileName::Full)
    };
    let reveal = Passwords::Include(Box::new(|clear: &str| Ok(clear.to_owned())));
    let mut writer = Writer::new(Vec::new(), &header, reveal).unwrap();
    for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
        writer.section(&table.name).unwrap();
        for batch in shop.batches(table) {
            writer.rows(&batch).unwrap();
        }
    }
    writer.finish().unwrap().0
}

/// These rows as a file that the subscription `othershop` made.
pub fn small_file(sections: &[Section<'_>]) -> Vec<u8> {
    let made_at = "2026-02-01T00:00:00Z".parse().unwrap();
    file_of(&"othershop".parse().unwrap(), made_at, sections)
}

/// These rows as a file that this subscription made then.
pub fn file_of(
    origin: &SubscriptionId,
    made_at: DateTime<Utc>,
    sections: &[Section<'_>],
) -> Vec<u8> {
    let header = Header::new(origin.clone(), made_at, ProfileName::Full);
    let mut writer = Writer::new(Vec::new(), &header, Passwords::LeaveOut).unwrap();
    for (name, content) in sections {
        let section = writer.section(name).unwrap();
        let mut rows = Rows::new(section.columns.len());
        for given in content {
            for column in &section.columns {
                let named = given.iter().find(|(name, _)| *name == column.column.name);
                rows.push(match (named, column.column.ty.storage()) {
                    (None, _) => ValueRef::Null,
                    (Some((_, text)), Storage::Json) => ValueRef::Json(text),
                    (Some((_, text)), Storage::Boolean) => ValueRef::Boolean(*text == "true"),
                    (Some((_, text)), _) => ValueRef::Text(text),
                });
            }
        }
        writer.rows(&rows).unwrap();
    }
    writer.finish().unwrap().0
}

/// A hundred customers with so much text that they make several loads.
pub fn heavy_file() -> Vec<u8> {
    let ids: Vec<String> = (0..100).map(|number| format!("o:c{number:03}")).collect();
    let remarks = "uwaga ".repeat(12_000);
    let row = |id| customer(id, &[("person", "Jan"), ("remarks", &remarks)]);
    small_file(&[("customers", ids.iter().map(|id| row(id)).collect())])
}

/// A private customer with these fields besides.
pub fn customer<'a>(id: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut row = vec![("id", id), ("type", "PERSONAL")];
    row.extend_from_slice(fields);
    row
}

/// A closed repair with these fields besides.
pub fn repair<'a>(id: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut row = vec![("id", id), ("rma", id), ("status", "CLOSED")];
    row.extend_from_slice(fields);
    row
}
