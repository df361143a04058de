use chrono::TimeDelta;
use wynos::{
    control::{RunId, RunState},
    yclients::reconcile,
};

use super::{TABLES, assert_right, compare, found, ids_of, last_days, load, ordered};
use crate::pull::{Bed, on_both, small};

/// Whoever waits for the lane waits for time to pass.
async fn time_passes(bed: &Bed) {
    loop {
        bed.stack.clock.advance(TimeDelta::milliseconds(100));
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

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
        bed.faults("closed").await;
        bed.stack.clock.advance(TimeDelta::hours(1));
        let done = compare(&bed, days).await;
        assert_eq!((done.state, done.summary.reason.as_deref()), (RunState::Failed, Some("vendor.company-closed")));
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

    async fn days_that_the_allowance_never_suffices_for_are_given_up(bed: Bed, small(60, "")) {
        load(&bed).await;
        let services = bed.services();
        let mut ordered = ordered(last_days(&bed, 20));
        ordered.tables = vec!["yclients_finance_transactions".to_owned()];
        let run = reconcile::begin(&services, &bed.source, ordered, RunId::random()).await.unwrap();
        bed.faults("throttle=1").await;
        let mut messages = 0;
        let done = loop {
            messages += 1;
            let done = tokio::select! {
                done = reconcile::proceed(&services, &bed.source, &run.id, None, None) => done.unwrap(),
                () = time_passes(&bed) => unreachable!(),
            };
            if done.state != RunState::Running {
                break done;
            }
        };
        assert!((20..=80).contains(&messages), "{messages}");
        assert_eq!((done.state, done.summary.reason.as_deref()), (RunState::Failed, Some("vendor.throttled")));
        assert_eq!(done.summary.not_checked, 20);
        bed.end().await;
    }

    async fn a_week_of_many_rows_that_claim_to_be_newer_is_asked_for_day_by_day(bed: Bed, small(2_400, "")) {
        load(&bed).await;
        let days = last_days(&bed, 7);
        let ids = ids_of(&bed, "yclients_records", "datetime", days).await;
        assert!(ids.len() > 205, "{}", ids.len());
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        // Not so much later that it would not be believed.
        let later = (bed.stack.clock.now() + TimeDelta::hours(12)).format("%Y-%m-%d %H:%M:%S+00:00");
        let forged = format!(
            "UPDATE @yclients_records SET attendance = 7, _changed_at = '{later}' WHERE id IN ({})",
            ids.join(", "),
        );
        bed.stack.tamper(&[forged]).await.unwrap();
        let services = bed.services();
        let mut ordered = ordered(days);
        ordered.tables = vec!["yclients_records".to_owned()];
        let run = reconcile::begin(&services, &bed.source, ordered, RunId::random()).await.unwrap();
        let steps = std::sync::Arc::new(std::sync::Mutex::new(0));
        let watch: reconcile::Watch = {
            let steps = steps.clone();
            std::sync::Arc::new(move |_| *steps.lock().unwrap() += 1)
        };
        let done = reconcile::proceed(&services, &bed.source, &run.id, None, Some(watch)).await.unwrap();
        assert_eq!((done.state, *steps.lock().unwrap()), (RunState::Done, 7), "{:#?}", done.summary);
        assert!(done.summary.differing >= ids.len() as i64);
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
