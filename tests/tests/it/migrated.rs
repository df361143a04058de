//! Control databases of earlier versions, with what those left in them, after the migrations that followed.

use std::str::FromStr;

use anyhow::Result;
use chrono::{DateTime, Utc};
use sqlx::{
    Connection, PgConnection,
    migrate::Migrator,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tempfile::TempDir;
use wynos::{
    SubscriptionId,
    control::{Control, DatabaseTarget, Report, RowsLeft},
};
use wynos_tests::{
    postgres::{DatabaseUrl, fresh_database},
    project,
    stack::Database,
};

/// Where its tables are on PostgreSQL.
const SCHEMA: &str = "control";

/// A control database as a version of before left it.
struct Earlier {
    target: DatabaseTarget,
    directory: TempDir,
    database: Option<DatabaseUrl>,
}

impl Earlier {
    /// One with the migrations up to that one, and what these statements put there.
    async fn with(database: Database, last: i64, statements: &'static str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let migrations = project::root().join("shared/migrations/control");
        if database == Database::Sqlite {
            let migrator = Migrator::new(migrations.join("sqlite")).await?;
            let file = directory.path().join("control.sqlite");
            let options = SqliteConnectOptions::new()
                .filename(&file)
                .create_if_missing(true);
            let mut connection = SqliteConnection::connect_with(&options).await?;
            migrator.run_to(last, &mut connection).await?;
            sqlx::raw_sql(statements).execute(&mut connection).await?;
            connection.close().await?;
            return Ok(Self {
                target: DatabaseTarget::Sqlite { file },
                directory,
                database: None,
            });
        }
        let migrator = Migrator::new(migrations.join("postgres")).await?;
        let fresh = fresh_database().await?;
        let options = PgConnectOptions::from_str(fresh.as_str())?;
        let options = options.options([("search_path", SCHEMA)]);
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::raw_sql("CREATE SCHEMA control")
            .execute(&mut connection)
            .await?;
        migrator.run_to(last, &mut connection).await?;
        sqlx::raw_sql(statements).execute(&mut connection).await?;
        connection.close().await?;
        Ok(Self {
            target: DatabaseTarget::Postgres {
                url: fresh.as_str().to_owned(),
                schema: SCHEMA.to_owned(),
                max_connections: 2,
            },
            directory,
            database: Some(fresh),
        })
    }

    /// Brings it up to date, as a deploy does.
    async fn migrated(&self) -> Result<Control> {
        let control = Control::connect(&self.target).await?;
        control.migrate().await?;
        Ok(control)
    }

    async fn end(self, control: Control) -> Result<()> {
        control.close().await;
        if let Some(database) = self.database {
            database.remove().await?;
        }
        Ok(self.directory.close()?)
    }
}

/// A source that is connected, one that was removed with its rows and one whose rows were kept; reports of each, there and
/// removed in all ways; and their jobs. Literals are such that both databases take them.
const REMOVED: &str = r##"
INSERT INTO subscriptions (id, name, plan, locale, time_zone, country, currency, placement, created_at)
VALUES ('businessone', 'Serwis', 'standard', 'pl', 'Europe/Warsaw', 'PL', 'PLN', 'default', '2026-01-01T10:00:00+00:00');

INSERT INTO credentials (id, subscription_id, vendor, kind, version, state, created_by, created_at, renewed_at)
VALUES ('credential', 'businessone', 'yclients', 'application', 1, 'good', 'cli', '2026-01-01T10:00:00+00:00',
        '2026-01-01T10:00:00+00:00');

INSERT INTO sources (id, subscription_id, credential_id, name, vendor, company_id, title, time_zone, state, hints,
                     webhook_version, webhook_oldest, created_by, created_at, changed_at, removed_at, remove_rows, rows_removed_at)
VALUES ('businessone-connected', 'businessone', 'credential', 'A', 'yclients', 1, 'A', 'Europe/Moscow', 'active', FALSE,
        1, 1, 'cli', '2026-01-01T10:00:00+00:00', '2026-01-01T10:00:00+00:00', NULL, FALSE, NULL),
       ('businessone-removed1', 'businessone', 'credential', 'B', 'yclients', 2, 'B', 'Europe/Moscow', 'removed', FALSE,
        1, 1, 'cli', '2026-01-01T10:00:00+00:00', '2026-02-01T10:00:00+00:00', '2026-02-01T10:00:00+00:00', TRUE,
        '2026-02-01T10:05:00+00:00'),
       ('businessone-keptrows', 'businessone', 'credential', 'C', 'yclients', 3, 'C', 'Europe/Moscow', 'removed', FALSE,
        1, 1, 'cli', '2026-01-01T10:00:00+00:00', '2026-02-01T10:00:00+00:00', '2026-02-01T10:00:00+00:00', FALSE, NULL);

INSERT INTO reports (id, subscription_id, job_id, source_id, kind, name, definition, known_paths, offered_paths, created_by,
                     created_at, changed_at, removed_at, clear_rows)
VALUES ('runsreport', 'businessone', 'runsjob1', 'businessone-connected', 'services', 'A',
        '{"fields":[],"target":{"table":{"name":"runs"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-02T10:00:00+00:00', NULL, FALSE),
       ('runsjson', 'businessone', NULL, 'businessone-connected', 'services', 'B',
        '{"fields":[],"target":"json"}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-02T10:00:00+00:00', NULL, FALSE),
       ('keptreport', 'businessone', NULL, 'businessone-connected', 'services', 'C',
        '{"fields":[],"target":{"table":{"name":"kept"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-03T10:00:00+00:00', '2026-01-03T10:00:00+00:00', FALSE),
       ('goingreport', 'businessone', NULL, 'businessone-connected', 'services', 'D',
        '{"fields":[],"target":{"table":{"name":"going"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-03T10:00:00+00:00', '2026-01-03T10:00:00+00:00', TRUE),
       ('gonereport', 'businessone', NULL, 'businessone-connected', 'services', 'E',
        '{"fields":[],"target":{"table":{"name":"gone"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-03T10:00:00+00:00', '2026-01-03T10:00:00+00:00', FALSE),
       ('quotesjson', 'businessone', NULL, 'businessone-connected', 'services', 'F',
        '{"fields":[],"target":{"description":{"yaml":"# \"target\":\"json\""}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-03T10:00:00+00:00', '2026-01-03T10:00:00+00:00', FALSE),
       ('unknownjson', 'businessone', NULL, 'businessone-connected', 'services', 'G',
        '{"fields":[],"target":"json"}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-03T10:00:00+00:00', '2026-01-03T10:00:00+00:00', FALSE),
       ('leftreport', 'businessone', 'leftjob1', 'businessone-removed1', 'services', 'H',
        '{"fields":[],"target":{"table":{"name":"left_over"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-05T10:00:00+00:00', NULL, FALSE),
       ('leftjson', 'businessone', NULL, 'businessone-removed1', 'services', 'I',
        '{"fields":[],"target":"json"}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-05T10:00:00+00:00', NULL, FALSE),
       ('leftkept', 'businessone', NULL, 'businessone-removed1', 'services', 'J',
        '{"fields":[],"target":{"table":{"name":"left_kept"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-04T10:00:00+00:00', '2026-01-04T10:00:00+00:00', FALSE),
       ('leftgone', 'businessone', NULL, 'businessone-removed1', 'services', 'K',
        '{"fields":[],"target":{"table":{"name":"left_gone"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-04T10:00:00+00:00', '2026-01-04T10:00:00+00:00', FALSE),
       ('waitsreport', 'businessone', 'waitsjob1', 'businessone-keptrows', 'services', 'L',
        '{"fields":[],"target":{"table":{"name":"waits"}}}', '{}', '[]', 'cli',
        '2026-01-01T10:00:00+00:00', '2026-01-02T10:00:00+00:00', NULL, FALSE);

INSERT INTO report_tables (subscription_id, name, report_id, position, structure)
VALUES ('businessone', 'runs', 'runsreport', 0, '{}'), ('businessone', 'kept', 'keptreport', 0, '{}'),
       ('businessone', 'going', 'goingreport', 0, '{}'), ('businessone', 'left_over', 'leftreport', 0, '{}'),
       ('businessone', 'left_kept', 'leftkept', 0, '{}'), ('businessone', 'waits', 'waitsreport', 0, '{}');

INSERT INTO jobs (id, subscription_id, source_id, kind, name, settings, schedule, anchor_at, next_at, failures, created_by,
                  created_at, changed_at)
VALUES ('allretained', 'businessone', NULL, 'retention', 'A', '{}', 'daily at 03:30', '2026-01-01T10:00:00+00:00',
        '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00', '2026-01-01T10:00:00+00:00'),
       ('runsjob1', 'businessone', 'businessone-connected', 'report', 'A', '{}', 'daily at 03:30', '2026-01-01T10:00:00+00:00',
        '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00', '2026-01-01T10:00:00+00:00'),
       ('leftjob1', 'businessone', 'businessone-removed1', 'report', 'H', '{}', 'daily at 03:30', '2026-01-01T10:00:00+00:00',
        '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00', '2026-01-01T10:00:00+00:00'),
       ('leftretained', 'businessone', 'businessone-removed1', 'retention', 'B', '{}', 'daily at 03:30',
        '2026-01-01T10:00:00+00:00', '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00',
        '2026-01-01T10:00:00+00:00'),
       ('waitsjob1', 'businessone', 'businessone-keptrows', 'report', 'L', '{}', 'daily at 03:30', '2026-01-01T10:00:00+00:00',
        '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00', '2026-01-01T10:00:00+00:00'),
       ('keptretained', 'businessone', 'businessone-keptrows', 'retention', 'C', '{}', 'daily at 03:30',
        '2026-01-01T10:00:00+00:00', '2026-03-02T02:30:00+00:00', 0, 'cli', '2026-01-01T10:00:00+00:00',
        '2026-01-01T10:00:00+00:00');
"##;

fn ids(reports: &[Report]) -> Vec<&str> {
    let mut ids: Vec<_> = reports.iter().map(|report| report.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// What becomes of reports and jobs that earlier versions let outlive their source, and of reports that these removed.
async fn removed_before(database: Database) -> Result<()> {
    let earlier = Earlier::with(database, 26, REMOVED).await?;
    let control = earlier.migrated().await?;
    let shop: SubscriptionId = "businessone".parse()?;
    let reports = control.reports(&shop);

    let there = reports.list(None, 50).await?.items;
    assert_eq!(ids(&there), ["runsjson", "runsreport", "waitsreport"]);
    // Of those that are in no list nothing is left; of JSON rows that is not known.
    let removed = reports.removed().await?;
    let of = |rows: RowsLeft| -> Vec<Report> {
        let these = removed
            .iter()
            .filter(|report| report.rows_left() == Some(rows));
        these.cloned().collect()
    };
    assert_eq!(ids(&of(RowsLeft::Kept)), ["keptreport", "unknownjson"]);
    let going = ["goingreport", "leftjson", "leftkept", "leftreport"];
    assert_eq!(ids(&of(RowsLeft::Going)), going);
    assert_eq!(removed.len(), 6);
    let at = |id: &str| {
        let found = removed.iter().find(|report| report.id.as_str() == id);
        found.and_then(|report| report.removed_at)
    };
    let moment = |text: &str| text.parse::<DateTime<Utc>>().ok();
    assert_eq!(at("leftreport"), moment("2026-01-05T10:00:00Z"));
    assert_eq!(at("leftkept"), moment("2026-01-04T10:00:00Z"));
    // The housekeeping takes what is to go, and the names are taken until then.
    let now = moment("2026-03-01T10:00:00Z").unwrap();
    let to_clear = control.housekeeping().reports_to_clear(now, 50).await?;
    assert_eq!(ids(&to_clear), going);
    let names = reports.table_names().await?;
    assert!(
        names.contains("left_over") && names.contains("kept"),
        "{names:?}"
    );

    let mut jobs = control.planned_jobs(&shop).list(None, 50).await?.items;
    jobs.sort_by(|one, other| one.id.cmp(&other.id));
    let told: Vec<_> = jobs
        .iter()
        .map(|job| (job.id.as_str(), job.next_at, job.waits_for_source()))
        .collect();
    let next = moment("2026-03-02T02:30:00Z");
    let expected = [
        ("allretained", next, false),
        ("keptretained", next, false),
        ("runsjob1", next, false),
        ("waitsjob1", None, true),
    ];
    assert_eq!(told, expected);
    earlier.end(control).await
}

#[tokio::test]
async fn reports_and_jobs_that_outlived_their_source_end_on_sqlite() -> Result<()> {
    removed_before(Database::Sqlite).await
}

#[tokio::test]
async fn reports_and_jobs_that_outlived_their_source_end_on_postgres() -> Result<()> {
    removed_before(Database::Postgres).await
}
