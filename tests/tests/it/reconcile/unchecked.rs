use chrono::TimeDelta;
use wynos::{control::RunState, yclients::reconcile};

use super::{TABLES, assert_right, compare, found, ids_of, last_days, load};
use crate::pull::{Bed, on_both, small};

on_both! {
    async fn a_list_that_is_denied_is_not_checked_and_the_others_are(bed: Bed, small(200, "")) {
        load(&bed).await;
        let days = last_days(&bed, 10);
        bed.faults("forbidden=goods_transactions").await;
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Partial);
        assert_eq!(done.summary.reason.as_deref(), Some("vendor.forbidden"));
        assert_eq!((done.summary.checked, done.summary.not_checked), (0, 10));
        let tables = &done.summary.tables;
        assert_eq!(tables["yclients_goods_transactions"].checked, 0);
        assert_eq!(tables["yclients_records"].checked, 10);
        assert_eq!(tables["yclients_finance_transactions"].checked, 10);
        bed.faults("revoked").await;
        bed.stack.clock.advance(TimeDelta::hours(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Failed);
        assert_eq!(done.summary.not_checked, 10);
        bed.end().await;
    }

    async fn a_day_that_could_not_be_read_to_its_end_is_never_called_right(bed: Bed, small(400, "")) {
        load(&bed).await;
        let days = last_days(&bed, 30);
        let money = ids_of(&bed, "yclients_finance_transactions", "date", days).await;
        let sql = |id| format!("UPDATE @yclients_finance_transactions SET amount = amount + 1 WHERE id = {id}");
        bed.stack.tamper(&money.iter().map(sql).collect::<Vec<_>>()).await.unwrap();
        // Most calls fail, some after the first page of a day.
        bed.faults("gateway=0.8").await;
        let done = compare(&bed, days).await;
        let table = &done.summary.tables["yclients_finance_transactions"];
        assert!(table.not_checked > 0, "{table:#?}");
        bed.faults("").await;
        let wrong = crate::pull::truth::differences(&bed, &["yclients_finance_transactions"]).await;
        let warehouse = bed.services().warehouses.open(&bed.stack.shop);
        let all = reconcile::days(&warehouse, &done.run, None, 1_000).await.unwrap();
        let rows = bed.rows("yclients_finance_transactions", &["id", "date"]).await;
        for line in &wrong {
            let id = line.split(' ').nth(1).unwrap();
            let row = rows.iter().find(|row| format!("{:?}", row[0]) == format!("Integer({id})")).unwrap();
            let day = crate::pull::instant(&row[1]).with_timezone(&chrono_tz::Europe::Moscow).date_naive();
            let day = all.iter().find(|one| one.day == day && one.table == "yclients_finance_transactions");
            assert!(!day.unwrap().checked, "{line} on {day:?}");
        }
        bed.stack.clock.advance(TimeDelta::hours(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{:#?}", done.summary);
        assert_right(&bed).await;
        bed.end().await;
    }

    async fn what_moves_between_pages_while_a_list_is_read_is_no_difference(bed: Bed, small(3_000, "")) {
        load(&bed).await;
        let days = last_days(&bed, 60);
        bed.faults("drift=6").await;
        let done = compare(&bed, days).await;
        bed.faults("").await;
        assert_eq!(done.state, RunState::Done);
        // What differs did change at the vendor meanwhile: the warehouse says of it what the vendor does.
        let wrong = crate::pull::truth::differences(&bed, &TABLES).await;
        let told = found(&bed, &done.run).await;
        let mut extra = told.iter().filter(|one| one.kind == "extra" && one.field == "row" && !one.key.contains('/'));
        assert!(extra.all(|one| !wrong.iter().any(|line| line.starts_with(&format!("{} {} ", one.table, one.key)))), "{wrong:#?}");
        bed.end().await;
    }
}
