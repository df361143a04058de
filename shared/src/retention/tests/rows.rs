//! What becomes of rows that were swept.

use super::bed::{day, plants};
use crate::{
    catalog::system,
    warehouse::{Outcome, Rule, Value, Write},
};

use Outcome::{KeptOut, New, Unchanged};

#[tokio::test]
async fn swept_rows_go_with_their_lines_and_come_back_when_they_changed() {
    for plant in plants().await {
        let all: Vec<_> = (1..=600).map(|id| (id, 7, 1, 2)).collect();
        let records = |rule| plant.records(rule, &all);
        plant.admit(day(2), records(Rule::Newest)).await;
        let ids: Vec<i64> = (1..=600).collect();
        assert_eq!(
            plant.sweep("yclients_records", 2, &ids).await,
            0,
            "not before their day"
        );
        assert_eq!(plant.sweep("yclients_records", 3, &ids[..500]).await, 500);
        assert_eq!(plant.ids("yclients_records").await, ids[500..]);
        assert_eq!(plant.ids("yclients_record_services").await.len(), 200);

        let again = plant.admit(day(5), records(Rule::Newest)).await;
        assert!(again[..500].iter().all(|outcome| *outcome == KeptOut));
        assert!(again[500..].iter().all(|outcome| *outcome == Unchanged));
        let passing = plant.records(Rule::Passing { ordered: false }, &[(1, 7, 9, 0)]);
        assert_eq!(plant.admit(day(5), passing).await, [KeptOut]);
        assert_eq!(plant.ids("yclients_record_services").await.len(), 200);

        let changed = plant.records(Rule::Newest, &[(1, 7, 4, 3), (2, 7, 1, 3), (3, 7, 0, 3)]);
        assert_eq!(plant.admit(day(6), changed).await, [New, KeptOut, KeptOut]);
        let asked = plant.records(Rule::Ordered, &[(2, 7, 1, 1), (501, 7, 1, 2)]);
        assert_eq!(plant.admit(day(6), asked).await, [New, Unchanged]);
        assert_eq!(plant.ids("yclients_records").await.len(), 102);
        assert_eq!(plant.ids("yclients_record_services").await.len(), 204);
        // What came back is swept again at its time, and remembered as it was then.
        assert_eq!(plant.sweep("yclients_records", 7, &[1, 2]).await, 2);
        let later = plant.records(Rule::Newest, &[(1, 7, 4, 3), (2, 7, 2, 1)]);
        assert_eq!(plant.admit(day(8), later).await, [KeptOut, New]);
        plant.close().await;
    }
}

#[tokio::test]
async fn without_a_time_of_change_the_content_tells() {
    for plant in plants().await {
        let bodies = |amounts: [i64; 3]| {
            let row = |(id, amount): (i64, i64)| {
                let amount = Value::Decimal(amount.into());
                [
                    id.into(),
                    amount,
                    Value::Json("{\"a\":1,\"b\":[2]}".to_owned()),
                ]
            };
            let rows: Vec<_> = (1..).zip(amounts).map(row).collect();
            let columns = ["id", "amount", system::EXTRA];
            plant.bodies(
                "yclients_finance_transactions",
                Rule::Newest,
                columns,
                &rows,
            )
        };
        plant.admit(day(1), bodies([10, 20, 30])).await;
        assert_eq!(
            plant
                .sweep("yclients_finance_transactions", 2, &[1, 2])
                .await,
            2
        );
        assert_eq!(
            plant.admit(day(3), bodies([10, 21, 30])).await,
            [KeptOut, New, Unchanged]
        );
        // A part of a body cannot show that anything changed.
        let mut part = plant.bodies(
            "yclients_finance_transactions",
            Rule::Newest,
            ["id", "amount"],
            &[],
        );
        part.columns.truncate(2);
        part.rows = crate::warehouse::Rows::new(2);
        part.rows
            .push_values(&[1.into(), Value::Decimal(99.into())]);
        assert_eq!(plant.admit(day(4), part).await, [KeptOut]);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_deleted_row_stays_away_and_another_source_is_another_matter() {
    for plant in plants().await {
        let records = |changed| plant.records(Rule::Newest, &[(1, 7, changed, 1)]);
        plant.admit(day(1), records(1)).await;
        assert_eq!(plant.sweep("yclients_records", 2, &[1]).await, 1);
        let deleted = || {
            let columns = ["id", system::CHANGED_AT, system::DELETED_AT];
            let row = [1.into(), day(9).into(), day(9).into()];
            plant.bodies("yclients_records", Rule::Newest, columns, &[row])
        };
        assert_eq!(plant.admit(day(9), deleted()).await, [KeptOut]);
        let mut elsewhere = deleted();
        elsewhere.source_id.push('x');
        assert_eq!(plant.admit(day(9), elsewhere).await, [New]);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_dimension_stays_while_anything_refers_to_it() {
    for plant in plants().await {
        let clients = || {
            let rows = [1, 2, 3].map(|id: i64| [id.into(), day(1).into()]);
            plant.bodies(
                "yclients_clients",
                Rule::Newest,
                ["id", system::CHANGED_AT],
                &rows,
            )
        };
        plant.admit(day(1), clients()).await;
        plant
            .admit(day(5), plant.records(Rule::Newest, &[(10, 1, 1, 0)]))
            .await;
        assert_eq!(plant.sweep("yclients_clients", 3, &[1, 2, 3]).await, 2);
        assert_eq!(plant.ids("yclients_clients").await, [1]);
        assert_eq!(
            plant.admit(day(6), clients()).await,
            [Unchanged, KeptOut, KeptOut]
        );
        // Something refers to it again.
        plant
            .admit(day(7), plant.records(Rule::Newest, &[(11, 2, 1, 0)]))
            .await;
        assert_eq!(
            plant.admit(day(8), clients()).await,
            [Unchanged, New, KeptOut]
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn only_copies_are_swept() {
    for plant in plants().await {
        for name in ["customers", "yclients_record_services"] {
            let sweep = crate::warehouse::Sweep {
                table: super::bed::table(name).clone(),
                source_id: "local".to_owned(),
                before: day(1),
                going: Vec::new(),
                stretch: crate::warehouse::Stretch::Listed(crate::warehouse::Rows::new(1)),
                below: crate::warehouse::Ties::default(),
            };
            let load = crate::warehouse::Load {
                origin: "retention",
                run: "run".to_owned(),
                observed_at: day(2),
                writes: vec![Write::Sweep(sweep)],
                quota: None,
            };
            assert!(plant.warehouse().commit(load).await.is_err(), "{name}");
        }
        plant.close().await;
    }
}
