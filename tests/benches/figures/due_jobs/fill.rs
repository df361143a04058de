//! A control database full of planned jobs.

use std::path::Path;

use anyhow::Result;
use rusqlite::Connection;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Jobs of one subscription: ten thousand subscriptions share a hundred thousand.
const OF_ONE: u64 = 10;

/// The statements: subscriptions, jobs of all kinds, and a run that ended of each. Of every 200 jobs one is due, 20 are
/// paused, 20 run by hand only, two are under way, four wait after failures; the others are due within a week.
fn statements(jobs: u64, series: impl Fn(u64) -> String, at: impl Fn(&str) -> String) -> String {
    let subscriptions = jobs.div_ceil(OF_ONE);
    let (now, past) = (at("0"), at("-60 - i % 240"));
    let (late, soon) = (at("120 + i % 604800"), at("300"));
    // Ids of twenty characters, as they are.
    let [shop, job, run, busy] =
        ["shop", "jobs", "runs", "busy"].map(|kind| format!("'{kind}bench0' || (1000000000 + "));
    format!(
        "{few} INSERT INTO subscriptions (id, name, plan, locale, time_zone, country, currency, placement, created_at) \
         SELECT {shop}i), 'Business ' || i, 'standard', 'pl', 'Europe/Warsaw', 'PL', 'PLN', 'default', {now} FROM n; \
         {all} INSERT INTO jobs (id, subscription_id, source_id, kind, name, settings, schedule, paused_at, anchor_at, next_at, \
         current_run, last_run, failures, created_by, created_at, changed_at) \
         SELECT {job}i), {shop}i % {subscriptions} + 1), {shop}i % {subscriptions} + 1) || '-source000' || (i % 2), \
         CASE i % 4 WHEN 0 THEN 'base_pull' WHEN 1 THEN 'report' WHEN 2 THEN 'reconciliation' ELSE 'retention' END, \
         'Job ' || i, '{{\"tables\": [\"yclients_records\", \"yclients_goods_transactions\"], \"older_than_days\": 730}}', \
         CASE WHEN i % 200 BETWEEN 40 AND 59 THEN NULL WHEN i % 3 = 0 THEN 'every 2 hours' ELSE 'daily at 03:30' END, \
         CASE WHEN i % 200 BETWEEN 20 AND 39 THEN {past} END, {past}, \
         CASE WHEN i % 200 BETWEEN 20 AND 59 THEN NULL WHEN i % 200 IN (1, 2, 3) THEN {past} ELSE {late} END, \
         CASE WHEN i % 200 IN (2, 3) THEN {busy}i) END, {run}i), \
         CASE WHEN i % 200 BETWEEN 4 AND 7 THEN 1 + i % 5 ELSE 0 END, 'system', {past}, {past} FROM n; \
         {all} INSERT INTO job_runs (id, subscription_id, job_id, by_actor, state, attempt, silent_after, row_count, counts, \
         queued_at, started_at, finished_at) \
         SELECT {run}i), {shop}i % {subscriptions} + 1), {job}i), 'system', 'done', 1, {past}, 10, '{{\"rows\": 10}}', \
         {past}, {past}, {past} FROM n; \
         {all} INSERT INTO job_runs (id, subscription_id, job_id, by_actor, state, attempt, held_by, silent_after, row_count, \
         counts, queued_at, started_at) \
         SELECT {busy}i), {shop}i % {subscriptions} + 1), {job}i), 'system', 'running', 1, 'worker', {soon}, 0, '{{}}', \
         {past}, {past} FROM n WHERE i % 200 IN (2, 3)",
        few = series(subscriptions),
        all = series(jobs),
    )
}

/// Fills a migrated file; the times are as the driver writes them.
pub fn sqlite(file: &Path, jobs: u64) -> Result<()> {
    let connection = Connection::open(file)?;
    let series = |rows| {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})")
    };
    let at = |seconds: &str| {
        format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', ({seconds}) || ' seconds')")
    };
    let text = statements(jobs, series, at);
    connection.execute_batch(&format!("PRAGMA synchronous = OFF; BEGIN; {text}; COMMIT"))?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Fills a migrated schema.
pub async fn postgres(url: &str, schema: &str, jobs: u64) -> Result<()> {
    let series = |rows| format!("WITH n(i) AS (SELECT generate_series(1, {rows}))");
    let at = |seconds: &str| format!("now() + ({seconds}) * interval '1 second'");
    let text = statements(jobs, series, at);
    let mut connection = PgConnection::connect(url).await?;
    for text in [
        format!("SET search_path = {schema}; {text}"),
        // What autovacuum does in its own time would else happen in the middle of a measurement.
        "VACUUM ANALYZE".to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}
