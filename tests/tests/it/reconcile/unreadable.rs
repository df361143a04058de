use futures::TryStreamExt;
use wynos::{
    catalog,
    control::RunState,
    warehouse::{Rows, Scan, Value, WarehouseError},
};

use super::{assert_right, compare, found, ids_of, last_days, load};
use crate::pull::{Bed, on_both, small};

const MONEY: &str = "yclients_finance_transactions";

/// Reads a column as whoever exports it.
async fn read(bed: &Bed, column: &str) -> Result<Vec<Rows>, WarehouseError> {
    let warehouse = bed.services().warehouses.open(&bed.stack.shop);
    let scan = Scan::of(catalog::table(MONEY).unwrap()).columns([column]);
    let batches = warehouse.snapshot().await?.scan(scan).await?;
    batches.try_collect().await
}

on_both! {
    // Both databases hold these values: a file of SQLite as text, a server as a day without end and a number that is none.
    async fn a_value_that_is_not_of_its_columns_type_is_a_difference_and_is_mended(bed: Bed, small(300, "")) {
        load(&bed).await;
        let days = last_days(&bed, 20);
        let records = ids_of(&bed, "yclients_records", "datetime", days).await;
        let money = ids_of(&bed, MONEY, "date", days).await;
        assert!(records.len() > 2 && money.len() > 4);
        let (record, paid) = (records[1], money[money.len() / 2]);
        bed.stack.tamper(&[
            format!("UPDATE @{MONEY} SET amount = 'NaN', _changed_at = 'infinity' WHERE id = {paid}"),
            format!("UPDATE @yclients_records SET datetime = 'infinity' WHERE id = {record}"),
        ]).await.unwrap();

        // Whoever takes it out is told which one it is, and gets nothing in its place.
        let refused = read(&bed, "amount").await.unwrap_err();
        let WarehouseError::Stored { table, column, key } = &refused else { panic!("{refused}") };
        assert_eq!((table.as_str(), column.as_str()), (MONEY, "amount"));
        assert_eq!(key.as_deref(), Some(paid.to_string().as_str()), "{refused}");
        assert!(read(&bed, "id").await.is_ok());

        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{done:#?}");
        let differences = found(&bed, &done.run).await;
        let told: Vec<[&str; 4]> = differences
            .iter()
            .map(|one| [one.key.as_str(), &one.kind, &one.field, one.held.as_deref().unwrap_or("-")])
            .collect();
        let (record, paid) = (record.to_string(), paid.to_string());
        let expected = [
            [paid.as_str(), "differing", "amount", "unreadable"],
            [record.as_str(), "differing", "datetime", "unreadable"],
        ];
        assert_eq!(told, expected);
        assert!(differences.iter().all(|one| one.mended));
        assert!(read(&bed, "amount").await.is_ok() && read(&bed, "_changed_at").await.is_ok());
        assert_right(&bed).await;
        bed.end().await;
    }

    async fn an_ordinary_pull_goes_on_past_such_a_value_and_mends_it(bed: Bed, small(120, "")) {
        load(&bed).await;
        let money = bed.rows(MONEY, &["id"]).await;
        let Value::Integer(newest) = money[money.len() - 1][0] else { panic!("{money:?}") };
        bed.stack.tamper(&[
            // One that a page brings again, whatever it says, and the greatest key that there is.
            format!("UPDATE @{MONEY} SET amount = 'NaN', date = 'infinity' WHERE id = {newest}"),
        ]).await.unwrap();
        bed.history().await;
        assert!(read(&bed, "amount").await.is_ok() && read(&bed, "date").await.is_ok());
        assert_right(&bed).await;
        bed.end().await;
    }
}
