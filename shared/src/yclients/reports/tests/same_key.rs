//! Tables whose key does not tell rows apart.

use serde_json::{Value as Json, json};

use super::{
    super::{Target, preview},
    bed::*,
};
use crate::{
    catalog::Locale,
    control::{JobRunState, ReportKind},
    warehouse::{Filter, Value},
};

#[tokio::test]
async fn rows_of_one_key_are_counted_and_a_preview_leaves_them_out_as_a_run_does() {
    for desk in desks().await {
        let day = "2026-02-27";
        // More of one key than are exchanged at a time; the one that is kept comes neither first nor last.
        let mut movements: Vec<Json> = vec![
            movement(601, day, json!(5)),
            movement(602, day, Json::Null),
            movement(10, day, json!(7)),
            movement(9, day, json!(7)),
        ];
        movements.extend((1_001..=1_600).map(|id| movement(id, day, json!(7))));
        let path = format!("/storages/transactions/{COMPANY}");
        desk.shop.lock().unwrap().lists.insert(path, movements);
        let yaml = "tables:\n  - name: sums\n    columns:\n      - { name: amount, path: amount, type: integer, key: true }\n";
        let target = Target::Description { yaml: yaml.into() };
        let order = desk.order(ReportKind::GoodsTransactions, target);
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let shown = preview(services, shop, &order).await.unwrap();
        let [table] = &shown.tables[..] else {
            panic!("{shown:?}");
        };
        // Of 200 records: 198 have one key, one has none.
        assert_eq!((table.total, table.rows.len()), (2, 2));
        assert_eq!((table.same_key, table.without_key), (197, 1));
        let records: Vec<&Json> = table.rows.iter().map(|row| &row["_record"]).collect();
        assert_eq!(records, ["601", "9"]);
        for locale in Locale::ALL {
            let notes = table.notes(locale);
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(notes[0].contains('1') && notes[1].contains("197"));
            assert!(notes[1].contains("amount"), "{notes:?}");
        }
        let (_, job) = desk.add(order).await;
        let run = desk.run(&job, None).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        assert_eq!((run.row_count, run.counts["sums"]), (2, 2));
        // 602 have one key.
        assert_eq!(run.counts["same_key"], 601);
        let sums = desk.table("sums").await;
        let rows = desk.rows(&sums, &["_record", "amount"], Filter::All).await;
        let row =
            |record: &str, amount| vec![Value::Text(record.to_owned()), Value::Integer(amount)];
        assert_eq!(rows, [row("601", 5), row("9", 7)]);
        desk.close().await;
    }
}
