//! Tables of a described report that are below others, when retention removes rows and when somebody changes what is stored.

use chrono::TimeDelta;
use serde_json::json;

use super::bed::*;
use crate::{
    control::{PlannedJob, ReportKind},
    planner::{self, JobSettings, NewJob, RetentionSettings},
    retention,
    warehouse::{Filter, Warehouses},
    yclients::reports::Target,
};

const TABLES: [&str; 3] = ["visits", "lines", "pieces"];

/// Visits, their lines, and what these are made of.
const WHOLE: &str = r"tables:
  - name: visits
    columns:
      - { name: id, path: id, type: integer, key: true }
      - { name: attendance, path: attendance, type: integer }
  - name: lines
    parent: visits
    rows: consumables[]
    columns:
      - { name: line, path: $line, type: integer, key: true }
      - { name: amount, path: amount, type: decimal(6) }
  - name: pieces
    parent: lines
    rows: consumables[].pieces[]
    columns:
      - { name: number, path: number, type: integer, key: true }
";

/// Visits, and lines without a key of their own.
const KEYLESS: &str = r"tables:
  - name: visits
    columns:
      - { name: id, path: id, type: integer, key: true }
  - name: lines
    parent: visits
    rows: consumables[]
    columns:
      - { name: amount, path: amount, type: decimal(6) }
";

impl Desk {
    /// The vendor has three visits, the first of which says this.
    fn brings(&self, attendance: i64, amount: &str) {
        let visit = |id: i64, attendance: i64, amount: &str| {
            let line = json!({ "id": id * 10, "amount": amount, "pieces": [{ "number": 1 }] });
            let more = json!({ "attendance": attendance, "consumables": [line] });
            record(id, "2026-02-28", more)
        };
        let visits = vec![
            visit(1, attendance, amount),
            visit(2, 1, "-1.0"),
            visit(3, 1, "-1.0"),
        ];
        let mut shop = self.shop.lock().unwrap();
        shop.lists.insert(format!("/records/{COMPANY}"), visits);
    }

    async fn described(&self, yaml: &str) -> PlannedJob {
        let yaml = yaml.to_owned();
        let order = self.order(ReportKind::Consumables, Target::Description { yaml });
        self.add(order).await.1
    }

    /// A job that removes what came more than a day ago.
    async fn removal(&self, tables: &[&str]) -> PlannedJob {
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: tables.iter().map(ToString::to_string).collect(),
        };
        let new = NewJob {
            name: "Old".to_owned(),
            source: Some(self.source.id.to_string()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        };
        let (services, shop) = (&self.plant.services, &self.source.subscription_id);
        planner::add(services, shop, new, &BY).await.unwrap()
    }

    /// What such a job of all tables would remove now.
    async fn foretold(&self) -> Vec<(String, u64)> {
        let (services, shop) = (&self.plant.services, &self.source.subscription_id);
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: Vec::new(),
        };
        let (source, now) = (Some(self.source.id.as_str()), services.clock.now());
        let scope = retention::scope(services, shop, source, &settings, now).await;
        let found = retention::preview(services, shop, &scope.unwrap()).await;
        let found = found.unwrap().into_iter();
        found.map(|swept| (swept.table, swept.rows)).collect()
    }

    /// How many rows there are of each table.
    async fn there(&self) -> [usize; 3] {
        let mut there = [0; 3];
        for (rows, name) in there.iter_mut().zip(TABLES) {
            let table = self.table(name).await;
            *rows = self.rows(&table, &["_record"], Filter::All).await.len();
        }
        there
    }

    async fn has_index(&self, name: &str) -> bool {
        let schema = self.source.subscription_id.warehouse_name();
        let found: i64 = if let Some(url) = self.plant.bed.database_url() {
            let pool = sqlx::PgPool::connect(url).await.unwrap();
            let question =
                "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = $1 AND indexname = $2";
            let found: i64 = sqlx::query_scalar(question)
                .bind(schema)
                .bind(name)
                .fetch_one(&pool)
                .await
                .unwrap();
            pool.close().await;
            found
        } else {
            let file = format!("warehouses/{schema}.sqlite");
            let file = self.plant.folder.path().join(file);
            let connection = rusqlite::Connection::open(file).unwrap();
            let question = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND name = ?1";
            let found = connection.query_row(question, [name], |row| row.get(0));
            found.unwrap()
        };
        found == 1
    }

    /// Another process, which knows nothing of the warehouse yet.
    fn begin_anew(&mut self) {
        let plant = &mut self.plant;
        plant.services.warehouses = match plant.bed.database_url() {
            Some(url) => Warehouses::postgres(sqlx::PgPool::connect_lazy(url).unwrap()),
            None => Warehouses::sqlite(plant.folder.path().join("warehouses")),
        };
    }
}

#[tokio::test]
async fn lines_that_belong_to_nothing_any_more_go_by_their_own_age_and_no_others_do() {
    for desk in desks().await {
        desk.brings(1, "-1.0");
        let job = desk.described(WHOLE).await;
        assert_eq!((desk.done(&job).await, desk.there().await), (9, [3, 3, 3]));
        // The first line lost its visit, the second piece its line alone; the third visit came later than what is below it.
        for statement in [
            "DELETE FROM @visits WHERE id = 1",
            "DELETE FROM @lines WHERE visits_id = 2",
            "UPDATE @visits SET _received_at = '2026-03-10T00:00:00.000000Z' WHERE id = 3",
        ] {
            desk.plant.tamper(statement).await;
        }
        desk.plant.bed.clock.advance(TimeDelta::days(2));
        let expected = [("lines", 1_u64), ("pieces", 2), ("visits", 1)];
        let expected = expected.map(|(name, rows)| (name.to_owned(), rows));
        assert_eq!(desk.foretold().await, expected);
        let old = desk.removal(&[]).await;
        assert_eq!(desk.done(&old).await, 4);
        assert_eq!(desk.there().await, [1, 1, 1]);
        assert_eq!((desk.foretold().await, desk.done(&old).await), (vec![], 0));
        for (orphans, statement) in [(1, "DELETE FROM @lines"), (1, "DELETE FROM @visits")] {
            assert_eq!(desk.there().await[2], orphans);
            assert_eq!(desk.done(&old).await, 0, "something above is there");
            desk.plant.tamper(statement).await;
        }
        assert_eq!(desk.foretold().await, [("pieces".to_owned(), 1_u64)]);
        assert_eq!(desk.done(&old).await, 1);
        assert_eq!(desk.there().await, [0, 0, 0]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_row_that_comes_back_because_it_changed_brings_what_is_below_it() {
    for desk in desks().await {
        desk.brings(1, "-1.0");
        let job = desk.described(WHOLE).await;
        assert_eq!(desk.done(&job).await, 9);
        desk.plant.bed.clock.advance(TimeDelta::days(2));
        let old = desk.removal(&[]).await;
        assert_eq!(desk.done(&old).await, 9);
        assert_eq!(desk.done(&job).await, 0, "nothing changed");
        desk.brings(2, "-1.0");
        for _ in 0..2 {
            assert_eq!(desk.done(&job).await, 3);
            assert_eq!(desk.there().await, [1, 1, 1]);
        }
        // What was removed below a row that stayed is away for itself, whatever becomes of that.
        desk.plant.bed.clock.advance(TimeDelta::days(2));
        let lines = desk.removal(&["lines"]).await;
        assert_eq!(desk.done(&lines).await, 2);
        for attendance in [2, 3] {
            desk.brings(attendance, "-1.0");
            assert_eq!(desk.done(&job).await, 1);
            assert_eq!(desk.there().await, [1, 0, 0]);
        }
        desk.close().await;
    }
}

#[tokio::test]
async fn an_index_reaches_a_table_that_was_there_before_it_was_declared() {
    const INDEX: &str = "ix_lines_visits_id";
    for mut desk in desks().await {
        desk.brings(1, "-1.0");
        let job = desk.described(KEYLESS).await;
        assert_eq!(desk.done(&job).await, 6);
        assert!(desk.has_index(INDEX).await);
        let before = format!("DROP INDEX @{INDEX}");
        desk.plant.tamper(&before).await;
        desk.begin_anew();
        assert!(!desk.has_index(INDEX).await);
        desk.brings(1, "-2.0");
        assert_eq!(desk.done(&job).await, 6);
        assert!(desk.has_index(INDEX).await, "with rows that are written");
        desk.plant.tamper(&before).await;
        desk.begin_anew();
        desk.plant.bed.clock.advance(TimeDelta::days(2));
        let old = desk.removal(&[]).await;
        assert_eq!(desk.done(&old).await, 6);
        assert!(desk.has_index(INDEX).await, "with rows that go");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_key_that_somebody_made_unreadable_stops_no_refresh_and_goes_with_it() {
    for desk in desks().await {
        // A server keeps types.
        if desk.plant.bed.database_url().is_none() {
            desk.brings(1, "-1.0");
            let job = desk.described(WHOLE).await;
            assert_eq!(desk.done(&job).await, 9);
            for statement in [
                "UPDATE @visits SET id = 'two' WHERE id = 2",
                // The greatest key there is; what comes is greater by its second part.
                "UPDATE @lines SET visits_id = 'x', line = 0 WHERE visits_id = 3",
            ] {
                desk.plant.tamper(statement).await;
            }
            assert_eq!((desk.done(&job).await, desk.there().await), (9, [3, 3, 3]));
            let visits = desk.table("visits").await;
            assert_eq!(desk.rows(&visits, &["id"], Filter::All).await.len(), 3);
        }
        desk.close().await;
    }
}
