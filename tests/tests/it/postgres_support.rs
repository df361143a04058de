//! The private PostgreSQL starts once, and every test has a database of its own.

use sqlx::{Connection, PgConnection};
use wynos_tests::{chaos_proxy::ChaosProxy, postgres::fresh_database};

#[tokio::test]
async fn databases_are_separate_and_go_with_their_test() {
    let first = fresh_database().await.unwrap();
    let second = fresh_database().await.unwrap();
    let mut in_first = PgConnection::connect(first.as_str()).await.unwrap();
    let mut in_second = PgConnection::connect(second.as_str()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE only_in_first (id int)")
        .execute(&mut in_first)
        .await
        .unwrap();
    let found: Option<String> = sqlx::query_scalar("SELECT to_regclass('only_in_first')::text")
        .fetch_one(&mut in_second)
        .await
        .unwrap();
    assert_eq!(found, None);

    // Its connection is still open: dropping must not wait for it.
    drop(first);
    let databases: Vec<String> = sqlx::query_scalar("SELECT datname FROM pg_database")
        .fetch_all(&mut in_second)
        .await
        .unwrap();
    let of_this_test: String = sqlx::query_scalar("SELECT current_database()")
        .fetch_one(&mut in_second)
        .await
        .unwrap();
    assert!(databases.contains(&of_this_test));
    assert!(in_first.ping().await.is_err());
}

#[tokio::test]
async fn roles_of_warehouses_go_with_the_database() {
    let database = fresh_database().await.unwrap();
    let witness = fresh_database().await.unwrap();
    let role = format!("w_support{:08x}", rand::random::<u32>());
    let mut connection = PgConnection::connect(database.as_str()).await.unwrap();
    let statements = format!(
        "CREATE ROLE {role}; CREATE SCHEMA {role} AUTHORIZATION {role}; CREATE TABLE {role}.customers (id int)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut connection)
        .await
        .unwrap();
    drop(database);

    let mut connection = PgConnection::connect(witness.as_str()).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_roles WHERE rolname = $1")
        .bind(&role)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn text_sorts_by_polish_rules_unless_bytes_are_asked_for() {
    let database = fresh_database().await.unwrap();
    let mut connection = PgConnection::connect(database.as_str()).await.unwrap();
    let words = "SELECT word FROM unnest(ARRAY['Zbąszyń', 'Łódź', 'Lublin', 'adres']) AS word";
    let by_rules: Vec<String> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("{words} ORDER BY word")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let by_bytes: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "{words} ORDER BY word COLLATE \"C\""
    )))
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(by_rules, ["adres", "Lublin", "Łódź", "Zbąszyń"]);
    assert_eq!(by_bytes, ["Lublin", "Zbąszyń", "adres", "Łódź"]);
}

#[tokio::test]
async fn a_database_can_be_reached_through_the_chaos_proxy() {
    let database = fresh_database().await.unwrap();
    let proxy = ChaosProxy::start(database.address().unwrap())
        .await
        .unwrap();
    let url = database.through(proxy.address()).unwrap();
    let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
    let one: i32 = sqlx::query_scalar("SELECT 1")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(one, 1);

    proxy.cut();
    sqlx::query("SELECT 1")
        .execute(&mut connection)
        .await
        .unwrap_err();
}
