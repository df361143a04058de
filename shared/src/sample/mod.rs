//! A believable repair shop made from a seed: the same seed, size and day give the same shop, row by row.
//!
//! It serves the demonstration, the tests and the benches. Rows come in the order of their ids and in batches, so a shop
//! of any size costs the memory of one batch. No person, company or number in it is real.

mod customers;
mod draft;
mod parts;
mod repairs;
mod settings;
mod tickets;
mod words;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    SubscriptionId,
    catalog::{self, Table},
    warehouse::Rows,
};
use draft::Draft;

/// Rows in one batch.
const BATCH_ROWS: u64 = 1_000;

/// A shop to be made up.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The subscription the shop's entities are born in; the first part of every id.
    pub origin: SubscriptionId,
    /// What everything is drawn from.
    pub seed: u64,
    /// How many customers; the other tables grow with it.
    pub customers: u64,
    /// The shop's present: nothing in it is later, but for planned visits and estimates.
    pub today: DateTime<Utc>,
}

impl Shop {
    /// How many rows of a table the shop has.
    pub fn count(&self, table: &str) -> u64 {
        let actions_of = |rows: u64| rows * 2;
        match table {
            "dictionaries" => settings::dictionary_count(),
            "custom_fields" => settings::custom_field_count(),
            "employees" => settings::employee_count(),
            "customers" => self.customers,
            "customer_addresses" => self.customers + self.customers / 4,
            "parts" => self.parts(),
            "part_deliveries" => self.parts() * 2,
            "repairs" => self.repairs(),
            "repair_actions" => actions_of(self.repairs()),
            "tickets" => self.tickets(),
            "ticket_actions" => actions_of(self.tickets()),
            _ => 0,
        }
    }

    /// The rows of a table with every declared column, in the order of their ids.
    pub fn batches(&self, table: &Arc<Table>) -> impl Iterator<Item = Rows> + use<> {
        let shop = self.clone();
        let table = Arc::clone(table);
        let count = shop.count(&table.name);
        (0..count.div_ceil(BATCH_ROWS)).map(move |batch| {
            let first = batch * BATCH_ROWS;
            let mut rows = Rows::new(table.columns.len());
            for index in first..count.min(first + BATCH_ROWS) {
                shop.push_row(&table, index, &mut rows);
            }
            rows
        })
    }

    /// The shop's tables, parents first.
    pub fn tables(&self) -> impl Iterator<Item = &'static Arc<Table>> {
        catalog::tables()
            .iter()
            .filter(|table| self.count(&table.name) > 0)
    }

    fn push_row(&self, table: &Table, index: u64, rows: &mut Rows) {
        let mut dice = self.dice(&table.name, index);
        let mut row = Draft::new(table);
        match table.name.as_ref() {
            "dictionaries" => settings::dictionary(self, index, &mut row),
            "custom_fields" => settings::custom_field(self, index, &mut row),
            "employees" => settings::employee(self, index, &mut row),
            "customers" => customers::customer(self, index, &mut dice, &mut row),
            "customer_addresses" => customers::address(self, index, &mut dice, &mut row),
            "parts" => parts::part(self, index, &mut dice, &mut row),
            "part_deliveries" => parts::delivery(self, index, &mut dice, &mut row),
            "repairs" => repairs::repair(self, index, &mut dice, &mut row),
            "repair_actions" => repairs::action(self, index, &mut dice, &mut row),
            "tickets" => tickets::ticket(self, index, &mut dice, &mut row),
            "ticket_actions" => tickets::action(self, index, &mut dice, &mut row),
            _ => return,
        }
        row.push_onto(rows);
    }

    /// A generator of one row's own, so that a row does not depend on how many were made before it.
    fn dice(&self, table: &str, index: u64) -> StdRng {
        let table_number = table.bytes().fold(0_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        StdRng::seed_from_u64(
            self.seed ^ table_number.rotate_left(32) ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        )
    }

    fn id(&self, letter: char, index: u64) -> String {
        format!("{}:{letter}{:08}", self.origin, index + 1)
    }

    /// A moment in the working day, at most this many days ago.
    fn moment(&self, dice: &mut StdRng, days: i64) -> DateTime<Utc> {
        let days_ago = Duration::days(dice.random_range(0..days.max(1)));
        let of_the_day = Duration::seconds(dice.random_range(0..9 * 3_600));
        let midnight = self.today - Duration::seconds(self.today.timestamp().rem_euclid(86_400));
        (midnight - days_ago - Duration::days(1)) + Duration::hours(7) + of_the_day
    }

    fn repairs(&self) -> u64 {
        self.customers + self.customers / 2
    }

    fn tickets(&self) -> u64 {
        self.customers / 5
    }

    fn parts(&self) -> u64 {
        (40 + self.customers / 20).min(5_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warehouse::ValueRef;

    fn shop() -> Shop {
        Shop {
            origin: "sampleshop".parse().expect("a well-formed id"),
            seed: 7,
            customers: 1_200,
            today: DateTime::from_timestamp(1_760_000_000, 0).expect("in range"),
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_shop() {
        for table in shop().tables() {
            let (left, right) = (shop().batches(table), shop().batches(table));
            for (left, right) in left.zip(right) {
                let values = |rows: &Rows| {
                    format!(
                        "{:?}",
                        rows.iter()
                            .map(|row| row.values().collect::<Vec<_>>())
                            .collect::<Vec<_>>()
                    )
                };
                assert_eq!(values(&left), values(&right), "table {}", table.name);
            }
        }
    }

    #[test]
    fn every_table_has_its_count_ids_in_order_and_required_columns() {
        for table in shop().tables() {
            let mut previous = String::new();
            let mut count = 0;
            for batch in shop().batches(table) {
                for row in batch.iter() {
                    let id = row.get(0).as_str().expect("an id");
                    assert!(id > previous.as_str(), "{id} after {previous}");
                    previous = id.to_owned();
                    count += 1;
                    for (position, column) in table.columns.iter().enumerate() {
                        assert!(
                            !(column.required && row.get(position).is_null()),
                            "{}.{}",
                            table.name,
                            column.name
                        );
                    }
                }
            }
            assert_eq!(count, shop().count(&table.name), "table {}", table.name);
        }
    }

    #[test]
    fn references_name_rows_that_are_there() {
        let ids: std::collections::HashSet<String> = shop()
            .tables()
            .flat_map(|table| shop().batches(table))
            .flat_map(|batch| {
                batch
                    .iter()
                    .filter_map(|row| row.get(0).as_str().map(str::to_owned))
                    .collect::<Vec<_>>()
            })
            .collect();
        for table in shop().tables() {
            for batch in shop().batches(table) {
                for row in batch.iter() {
                    for (position, _) in table
                        .columns
                        .iter()
                        .enumerate()
                        .filter(|(_, column)| column.reference.is_some())
                    {
                        if let ValueRef::Text(id) = row.get(position) {
                            assert!(ids.contains(id), "{} refers to {id}", table.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn choices_hold_allowed_values_only() {
        for table in shop().tables() {
            for batch in shop().batches(table) {
                for row in batch.iter() {
                    for (position, column) in table.columns.iter().enumerate() {
                        if let (catalog::ColumnType::Choice(choices), ValueRef::Text(value)) =
                            (&column.ty, row.get(position))
                        {
                            assert!(
                                choices.iter().any(|choice| choice.value == value),
                                "{}.{}: {value}",
                                table.name,
                                column.name
                            );
                        }
                    }
                }
            }
        }
    }
}
