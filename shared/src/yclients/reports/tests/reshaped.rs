//! Fields whose shape changes: lists that are no lists any more, values where objects stood, and rows without those above.

use serde_json::{Value as Json, json};

use super::{
    super::{Target, preview},
    bed::*,
};
use crate::{
    catalog::Locale,
    control::{JobRun, JobRunState, PlannedJob, ReportKind},
    warehouse::{Filter, Value},
};

const VISITS: &str = r"tables:
  - name: visits
    columns:
      - { name: id, path: id, type: integer, key: true }
      - { name: good, path: good.title, type: text }
  - name: lines
    parent: visits
    rows: services[]
    columns:
      - { name: title, path: title, type: text }
";

impl Desk {
    /// The vendor has visits, each of which says this of its services and good.
    fn visited(&self, visits: &[(i64, Json, Json)]) {
        let visits = visits.iter().map(|(id, services, good)| {
            let more = json!({ "services": services, "good": good });
            record(*id, "2026-02-27", more)
        });
        let path = format!("/records/{COMPANY}");
        let mut shop = self.shop.lock().unwrap();
        shop.lists.insert(path, visits.collect());
    }

    async fn described_so(&self, yaml: &str) -> PlannedJob {
        let yaml = yaml.to_owned();
        let order = self.order(ReportKind::Consumables, Target::Description { yaml });
        self.add(order).await.1
    }

    async fn lines(&self) -> Vec<Vec<Value>> {
        let lines = self.table("lines").await;
        let columns = ["visits_id", "title"];
        let mut rows = self.rows(&lines, &columns, Filter::All).await;
        rows.sort_by_key(|row| format!("{row:?}"));
        rows
    }

    async fn ended(&self, job: &PlannedJob) -> JobRun {
        let run = self.run(job, None).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        run
    }
}

fn line(visit: i64, title: &str) -> Vec<Value> {
    vec![visit.into(), title.into()]
}

fn soap() -> Json {
    json!({ "title": "soap" })
}

#[tokio::test]
async fn a_list_that_is_none_any_more_empties_nothing_and_is_told() {
    for desk in desks().await {
        let services = |titles: &[&str]| {
            let titles = titles.iter().map(|title| json!({ "title": title }));
            titles.collect::<Json>()
        };
        desk.visited(&[
            (1, services(&["a", "b"]), soap()),
            (2, services(&["c"]), soap()),
        ]);
        let job = desk.described_so(VISITS).await;
        assert_eq!(desk.done(&job).await, 5);
        // An array with gaps is one.
        let gaps = json!({ "0": { "title": "a" }, "3": { "title": "d" } });
        desk.visited(&[(1, gaps, soap()), (2, services(&["c"]), soap())]);
        let run = desk.ended(&job).await;
        assert!(!run.counts.contains_key("unread_records"), "{run:?}");
        let held = [line(1, "a"), line(1, "d"), line(2, "c")];
        assert_eq!(desk.lines().await, held);
        assert!(desk.journal("report.fields").await.is_empty());
        // Something else is none: its rows stay, those of the others are refreshed.
        for other in [json!({ "title": "x" }), json!("x"), json!(7)] {
            desk.visited(&[
                (1, other.clone(), soap()),
                (2, services(&["e"]), soap()),
                (3, services(&["f"]), soap()),
            ]);
            let run = desk.ended(&job).await;
            assert_eq!(run.counts["unread_records"], 1, "{other}");
            assert_eq!(run.counts["visits"], 3, "{other}");
            let held = [line(1, "a"), line(1, "d"), line(2, "e"), line(3, "f")];
            assert_eq!(desk.lines().await, held, "{other}");
        }
        let told = desk.journal("report.unread").await;
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0]["path"], "services[]");
        assert_eq!(
            (&told[0]["table"], &told[0]["records"]),
            (&json!("lines"), &json!(1))
        );
        assert_eq!(desk.journal("job.unread").await.len(), 3);
        // What is empty, null or gone is no row, and says so.
        desk.visited(&[
            (1, json!([]), soap()),
            (2, Json::Null, soap()),
            (3, json!({}), soap()),
        ]);
        let run = desk.ended(&job).await;
        assert!(!run.counts.contains_key("unread_records"), "{run:?}");
        assert!(desk.lines().await.is_empty());
        desk.close().await;
    }
}

#[tokio::test]
async fn a_table_of_which_too_many_records_cannot_be_read_stays_as_a_whole() {
    for desk in desks().await {
        let service = || json!([{ "title": "a" }]);
        desk.visited(&[(1, service(), soap()), (2, service(), soap())]);
        let job = desk.described_so(VISITS).await;
        assert_eq!(desk.done(&job).await, 4);
        let mut visits = vec![(2, json!([{ "title": "b" }]), soap())];
        visits.extend((10..1_011).map(|id| (id, json!("x"), soap())));
        desk.visited(&visits);
        let run = desk.ended(&job).await;
        assert_eq!(run.counts["visits"], 1_002);
        assert!(run.counts["unread_records"] >= 1_001, "{run:?}");
        assert_eq!(desk.lines().await, [line(1, "a"), line(2, "a")]);
        desk.visited(&visits[..1]);
        desk.ended(&job).await;
        assert_eq!(desk.lines().await, [line(2, "b")]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_value_where_an_object_stood_goes_to_a_variant_and_one_that_is_gone_reads_null() {
    for desk in desks().await {
        let none = || json!([]);
        desk.visited(&[(1, none(), soap()), (2, none(), soap())]);
        let job = desk.described_so(VISITS).await;
        desk.done(&job).await;
        desk.visited(&[
            (1, none(), json!("soap")),
            (2, none(), json!([])),
            (3, none(), json!({ "name": "x" })),
            (4, none(), json!([{ "title": "y" }])),
        ]);
        desk.done(&job).await;
        let visits = desk.table("visits").await;
        let columns = ["id", "good", "good__text", "good__json"];
        let rows = desk.rows(&visits, &columns, Filter::All).await;
        let list = Value::Json(r#"[{"title":"y"}]"#.to_owned());
        let row = |id: i64, text: Value, json: Value| vec![id.into(), Value::Null, text, json];
        assert_eq!(
            rows,
            [
                row(1, "soap".into(), Value::Null),
                row(2, Value::Null, Value::Null),
                row(3, Value::Null, Value::Null),
                row(4, Value::Null, list),
            ]
        );
        let told = desk.journal("report.variant").await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|told| told["column"] == "good"));
        desk.close().await;
    }
}

#[tokio::test]
async fn rows_below_one_without_a_key_are_left_out_and_counted_with_it() {
    let yaml = VISITS.replace(
        "name: id, path: id, type: integer",
        "name: good_key, path: good.key, type: text",
    );
    for desk in desks().await {
        let of = |titles: &[&str]| {
            let titles = titles.iter().map(|title| json!({ "title": title }));
            titles.collect::<Json>()
        };
        desk.visited(&[
            (1, of(&["a", "b"]), json!({ "key": "k", "title": "soap" })),
            (2, of(&["c", "d"]), json!({ "title": "soap" })),
        ]);
        let target = Target::Description { yaml: yaml.clone() };
        let order = desk.order(ReportKind::Consumables, target);
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let shown = preview(services, shop, &order).await.unwrap();
        let [visits, lines] = &shown.tables[..] else {
            panic!("{shown:?}");
        };
        assert_eq!((visits.total, visits.without_key), (1, 1));
        assert_eq!((lines.total, lines.without_key), (2, 2));
        let notes = lines.notes(Locale::En);
        assert!(notes[0].contains("visits_good_key"), "{notes:?}");
        let (_, job) = desk.add(order).await;
        let run = desk.ended(&job).await;
        assert_eq!(run.counts["without_key"], 3, "{run:?}");
        let table = desk.table("lines").await;
        let columns = ["visits_good_key", "title"];
        let rows = desk.rows(&table, &columns, Filter::All).await;
        assert_eq!(rows, [["k".into(), "a".into()], ["k".into(), "b".into()]]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_preview_tells_of_records_that_cannot_be_read() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    desk.visited(&[
        (1, json!([{ "title": "a" }]), soap()),
        (2, json!({ "title": "b" }), soap()),
    ]);
    let yaml = VISITS.to_owned();
    let order = desk.order(ReportKind::Consumables, Target::Description { yaml });
    let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
    let shown = preview(services, shop, &order).await.unwrap();
    assert_eq!((shown.tables[0].total, shown.tables[1].total), (2, 1));
    for locale in Locale::ALL {
        let notes = shown.tables[1].notes(locale);
        assert_eq!(notes.len(), 1, "{notes:?}");
        let sound = notes[0].contains("services[]") && notes[0].contains('1');
        assert!(sound && !notes[0].contains(['{', '$']), "{notes:?}");
    }
    desk.close().await;
}
