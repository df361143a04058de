//! The looks that every tick takes go by their indexes, however many jobs there are.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::due::{DUE, DUE_UNCLAIMED, IS_ANY_DUE};
use crate::control::{
    read,
    testing::{Bed, beds, sqlite_bed},
};

/// Enough that a reader of whole tables would be told from one of an index by any planner.
const JOBS: usize = 20_000;

#[tokio::test]
async fn on_sqlite_the_looks_for_due_jobs_go_by_their_indexes() {
    let bed = sqlite_bed().await;
    let due = steps(&bed, DUE).await;
    assert_eq!(
        due.first().map(String::as_str),
        Some("SEARCH jobs USING INDEX jobs_due (next_at<?)")
    );
    for whole in ["SCAN ", "TEMP B-TREE"] {
        assert!(!due.iter().any(|step| step.contains(whole)), "{due:?}");
    }
    let looks = steps(&bed, IS_ANY_DUE).await;
    for index in ["jobs_due", "job_runs_open"] {
        let by = format!("USING INDEX {index}");
        assert!(looks.iter().any(|step| step.contains(&by)), "{looks:?}");
    }
    assert!(
        !looks.iter().any(|step| step.contains("TEMP B-TREE")),
        "{looks:?}"
    );
    bed.close().await;
}

async fn steps(bed: &Bed, sql: &str) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let plan: Vec<(i64, i64, i64, String)> = read!(bed.control, db =>
        sqlx::query_as(AssertSqlSafe(sql)).bind(bed.now()).bind(5).fetch_all(db).await)
    .unwrap();
    plan.into_iter().map(|step| step.3).collect()
}

#[tokio::test]
async fn on_postgres_the_looks_for_due_jobs_go_by_their_indexes_planned_once_or_each_time() {
    for bed in beds().await {
        let Some((url, schema)) = bed.schema() else {
            bed.close().await;
            continue;
        };
        let mut connection = PgConnection::connect(url).await.unwrap();
        let fill = format!(
            "SET search_path = {schema}; \
             INSERT INTO jobs (id, subscription_id, kind, name, settings, schedule, anchor_at, next_at, failures, \
             created_by, created_at, changed_at) \
             SELECT 'j' || n, (SELECT id FROM subscriptions), 'retention', 'job', '{{}}', 'every 1 hours', now(), \
             now() + n * interval '1 minute', 0, 'system', now(), now() FROM generate_series(1, {JOBS}) AS n; \
             INSERT INTO job_runs (id, subscription_id, job_id, by_actor, state, attempt, silent_after, row_count, counts, \
             queued_at, finished_at) \
             SELECT 'r' || n, (SELECT id FROM subscriptions), 'j' || n, 'system', 'done', 1, now(), 0, '{{}}', now(), now() \
             FROM generate_series(1, {JOBS}) AS n; \
             ANALYZE jobs; ANALYZE job_runs; ANALYZE subscriptions; \
             PREPARE due (timestamptz, bigint) AS {DUE_UNCLAIMED}; \
             PREPARE is_any_due (timestamptz) AS {IS_ANY_DUE}"
        );
        sqlx::raw_sql(AssertSqlSafe(fill))
            .execute(&mut connection)
            .await
            .unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let due = plan(&mut connection, mode, "due (now(), 100)").await;
            assert!(due.contains("using jobs_due on jobs"), "{mode}: {due}");
            assert!(!due.contains("Seq Scan on jobs"), "{mode}: {due}");
            assert!(!due.contains("Sort"), "{mode}: {due}");
            let looks = plan(&mut connection, mode, "is_any_due (now())").await;
            for index in ["using jobs_due on jobs", "using job_runs_open on job_runs"] {
                assert!(looks.contains(index), "{mode}: {looks}");
            }
        }
        connection.close().await.unwrap();
        bed.close().await;
    }
}

/// How PostgreSQL would run it: `force_custom_plan` looks at the values, `force_generic_plan` is what it may come to after
/// some runs.
async fn plan(connection: &mut PgConnection, mode: &str, call: &str) -> String {
    let set = format!("SET plan_cache_mode = {mode}");
    sqlx::raw_sql(AssertSqlSafe(set))
        .execute(&mut *connection)
        .await
        .unwrap();
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE {call}");
    let lines = sqlx::raw_sql(AssertSqlSafe(explain))
        .fetch_all(connection)
        .await
        .unwrap();
    let lines = lines.iter().map(|line| line.get::<String, _>(0));
    lines.collect::<Vec<_>>().join("\n")
}
