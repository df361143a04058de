use chrono::TimeDelta;
use futures::{Stream, TryStreamExt};
use wynos::{
    catalog::Locale,
    control::RunState,
    journal::{self, Category, JournalFilter},
    warehouse::{Value, WarehouseError},
    yclients::reconcile,
};

use super::{assert_right, compare, found, ids_of, last_days, load, rows_of};
use crate::pull::{Bed, on_both, small};

const DAYS: i64 = 40;

/// A service line of one of these records.
async fn a_line(bed: &Bed, records: &[i64]) -> i64 {
    let lines = bed
        .rows("yclients_record_services", &["record_id", "line"])
        .await;
    let record = records.iter().find(|id| {
        let own = lines.iter().filter(|line| line[0] == Value::Integer(**id));
        own.count() > 0
    });
    *record.unwrap()
}

async fn lines_in(file: impl Stream<Item = Result<bytes::Bytes, WarehouseError>>) -> usize {
    let parts: Vec<_> = file.try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap().lines().count()
}

on_both! {
    async fn what_was_corrupted_dropped_and_added_is_mended_and_told(bed: Bed, small(400, "")) {
        load(&bed).await;
        assert_right(&bed).await;
        let days = last_days(&bed, DAYS);
        let untouched = compare(&bed, days).await;
        assert_eq!(untouched.state, RunState::Done);
        assert_eq!(found(&bed, &untouched.run).await, []);
        let totals = &untouched.summary.tables["yclients_finance_transactions"].totals;
        assert_eq!(totals["total_cost"]["held"], totals["total_cost"]["vendor"]);

        let records = ids_of(&bed, "yclients_records", "datetime", days).await;
        let goods = ids_of(&bed, "yclients_goods_transactions", "create_date", days).await;
        let money = ids_of(&bed, "yclients_finance_transactions", "date", days).await;
        assert!(records.len() > 6 && goods.len() > 4 && money.len() > 4);
        let with_line = a_line(&bed, &records[4..]).await;
        let (record, dropped) = (records[0], records[1]);
        let later = (bed.stack.clock.now() + TimeDelta::hours(12)).format("%Y-%m-%d %H:%M:%S+00:00");
        bed.stack.tamper(&[
            format!("UPDATE @yclients_records SET attendance = 7 WHERE id = {record}"),
            format!("DELETE FROM @yclients_records WHERE id = {dropped}"),
            format!("DELETE FROM @yclients_record_services WHERE record_id = {dropped}"),
            format!("UPDATE @yclients_records SET _deleted_at = _observed_at WHERE id = {}", records[2]),
            format!("UPDATE @yclients_record_services SET cost = cost + 5, cost_per_unit = 1.5, first_cost = NULL \
                     WHERE record_id = {with_line} AND line = 1"),
            format!("DELETE FROM @yclients_goods_transactions WHERE id = {}", goods[0]),
            format!("UPDATE @yclients_goods_transactions SET amount = amount - 3, cost = 0 WHERE id = {}", goods[1]),
            format!("UPDATE @yclients_goods_transactions SET id = 999000111 WHERE id = {}", goods[2]),
            format!("UPDATE @yclients_finance_transactions SET amount = amount + 0.01 WHERE id = {}", money[0]),
            format!("DELETE FROM @yclients_finance_transactions WHERE id = {}", money[1]),
            format!("UPDATE @yclients_finance_transactions SET id = 999000222 WHERE id = {}", money[2]),
            // What claims to have changed later than the vendor knows does not stand.
            format!("UPDATE @yclients_finance_transactions SET amount = 1, _changed_at = '{later}' \
                     WHERE id = {}", money[3]),
        ]).await.unwrap();

        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{done:#?}");
        let differences = found(&bed, &done.run).await;
        let mut expected = vec![
            format!("records {record} differing"),
            format!("records {dropped} missing"),
            format!("records {} missing", records[2]),
            format!("record_services {with_line}/1 differing"),
            format!("goods_transactions {} missing", goods[0]),
            format!("goods_transactions {} differing", goods[1]),
            format!("goods_transactions {} missing", goods[2]),
            "goods_transactions 999000111 extra".to_owned(),
            format!("finance_transactions {} differing", money[0]),
            format!("finance_transactions {} missing", money[1]),
            format!("finance_transactions {} missing", money[2]),
            "finance_transactions 999000222 extra".to_owned(),
            format!("finance_transactions {} differing", money[3]),
        ];
        let lines = differences.iter().filter(|one| one.field == "row" && one.key.contains('/'));
        for line in lines {
            // Lines of the records that were dropped or buried, and of these only.
            let parent: i64 = line.key.split('/').next().unwrap().parse().unwrap();
            assert!([dropped, records[2]].contains(&parent), "{line:?}");
            expected.push(format!("{} {} missing", &line.table[9..], line.key));
        }
        expected.sort();
        assert_eq!(rows_of(&differences).into_iter().collect::<Vec<_>>(), expected);
        let status = differences.iter().find(|one| one.field == "attendance" && one.kind == "differing");
        assert_eq!(status.unwrap().held.as_deref(), Some("7"));
        assert!(differences.iter().all(|one| one.mended));
        assert_right(&bed).await;

        // The totals of both sides are apart by what differs.
        let warehouse = bed.services().warehouses.open(&bed.stack.shop);
        let all = reconcile::days(&warehouse, &done.run, None, 1_000).await.unwrap();
        assert!(all.iter().all(|day| day.checked));
        assert_eq!(all.len() as i64, DAYS * 5);
        for day in &all {
            let own = || differences.iter().filter(|one| one.table == day.table && one.day == day.day);
            let rows: std::collections::BTreeSet<_> = own().map(|one| &one.key).collect();
            assert_eq!(day.missing + day.extra + day.differing, rows.len() as i64, "{day:?}");
            assert_eq!(day.rows_vendor - day.rows_held, day.missing - day.extra, "{day:?}");
            let Some(cost) = day.totals.get("total_cost") else { continue };
            let number = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap();
            let column = if day.table.ends_with("finance_transactions") { "amount" } else { "cost" };
            let side = |text: &Option<String>| text.as_deref().map_or(rust_decimal::Decimal::ZERO, number);
            let apart: rust_decimal::Decimal = own()
                .filter(|one| one.field == column)
                .map(|one| side(&one.vendor) - side(&one.held))
                .sum();
            let told = number(cost["vendor"].as_str().unwrap()) - number(cost["held"].as_str().unwrap());
            assert_eq!(told, apart, "{day:?}");
        }

        // The journal says it by day and altogether, and the files have every field.
        journal::relay(&bed.services(), &bed.stack.shop).await.unwrap();
        let filter = JournalFilter { category: Some(Category::Reconciliation), ..JournalFilter::default() };
        let services = bed.services();
        let entries = services.control.journal(&bed.stack.shop).list(&filter, None, 100).await.unwrap().items;
        let of_run = entries.iter().filter(|entry| entry.details["run"] == done.run.as_str());
        let codes: Vec<&str> = of_run.clone().map(|entry| entry.code.as_str()).collect();
        assert!(codes.contains(&"reconciliation.done") && codes.contains(&"reconciliation.day"), "{codes:?}");
        let listed = of_run.filter_map(|entry| entry.details["differences"].as_array()).map(Vec::len);
        assert_eq!(listed.sum::<usize>(), differences.len());
        let file = reconcile::differences_csv(warehouse.clone(), done.run.clone(), Locale::Pl);
        assert_eq!(lines_in(file).await, differences.len() + 1);
        let file = reconcile::days_csv(warehouse.clone(), done.run.clone(), Locale::Pl);
        let indicators = [1, 4, 3, 3, 1].iter().sum::<i64>();
        assert_eq!(lines_in(file).await as i64, DAYS * indicators + 1);

        // Once mended, nothing differs.
        bed.stack.clock.advance(chrono::TimeDelta::minutes(1));
        let again = compare(&bed, days).await;
        assert_eq!(found(&bed, &again.run).await, []);
        bed.end().await;
    }

    async fn a_record_that_was_moved_counts_on_the_day_it_is_on_now(bed: Bed, small(400, "")) {
        load(&bed).await;
        let days = last_days(&bed, 20);
        let records = ids_of(&bed, "yclients_records", "datetime", days).await;
        let money = ids_of(&bed, "yclients_finance_transactions", "date", days).await;
        // One is held on a day of the period, one on a day long ago.
        let inside = (days.0 + chrono::TimeDelta::days(3)).and_hms_opt(9, 0, 0).unwrap();
        bed.stack.tamper(&[
            format!("UPDATE @yclients_records SET datetime = '2019-01-02 09:00:00+00:00' WHERE id = {}", records[0]),
            format!("UPDATE @yclients_finance_transactions SET date = '{inside}+00:00' WHERE id = {}", money[money.len() - 1]),
        ]).await.unwrap();
        let done = compare(&bed, days).await;
        let differences = found(&bed, &done.run).await;
        let fields: Vec<(&str, &str)> = differences.iter().map(|one| (one.kind.as_str(), one.field.as_str())).collect();
        assert!(fields.contains(&("differing", "datetime")), "{differences:#?}");
        assert!(differences.iter().any(|one| one.key == money[money.len() - 1].to_string()), "{differences:#?}");
        assert_right(&bed).await;
        let summary = &done.summary.tables["yclients_finance_transactions"];
        assert_eq!(summary.rows_vendor - summary.rows_held, summary.missing - summary.extra);
        bed.end().await;
    }
}
