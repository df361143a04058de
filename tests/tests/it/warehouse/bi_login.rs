//! The login of BI tools.

use sqlx::{Connection, PgConnection, Row};
use wynos::{
    catalog,
    warehouse::{BiLogin, Rule, Value, Warehouse},
};

use super::{admit, commit, hour, places::Place};

/// A connection with the login, as a BI tool makes it.
async fn connect(place: &Place, login: &BiLogin) -> sqlx::Result<PgConnection> {
    connect_to(place, login, Some(&login.database)).await
}

/// A connection to this database, or to that of all.
async fn connect_to(
    place: &Place,
    login: &BiLogin,
    database: Option<&str>,
) -> sqlx::Result<PgConnection> {
    let mut url: url::Url = place.database().unwrap().as_str().parse().unwrap();
    url.set_username(&login.user).unwrap();
    url.set_password(Some(&login.password)).unwrap();
    if let Some(database) = database {
        url.set_path(database);
    }
    PgConnection::connect(url.as_str()).await
}

async fn labels(warehouse: &Warehouse, id: i64) {
    let table = catalog::table("yclients_labels").unwrap();
    let row = [Value::from(id), Value::from("VIP")];
    let rows = admit(table, Rule::Newest, ["id", "title"], &[row]);
    commit(warehouse, hour(9), rows).await;
}

async fn customer(warehouse: &Warehouse) {
    let table = catalog::table("customers").unwrap();
    let row = [Value::from("c1"), Value::from("Jan")];
    let rows = admit(table, Rule::Change, ["id", "person"], &[row]);
    commit(warehouse, hour(9), rows).await;
}

async fn login_of(warehouse: &Warehouse) -> BiLogin {
    warehouse.renew_bi_login().await.unwrap().unwrap()
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> sqlx::Result<i64> {
    let row = sqlx::query(sql).fetch_one(connection).await?;
    row.try_get(0)
}

#[tokio::test]
async fn invariant_08_a_bi_login_reads_the_copy_and_nothing_else() {
    let place = Place::postgres().await;
    let (own, other) = (place.warehouse_of('a'), place.warehouse_of('b'));
    labels(&own, 1).await;
    labels(&other, 1).await;
    customer(&own).await;
    let login = login_of(&own).await;
    let mut tool = connect(&place, &login).await.unwrap();
    let own_rows = "SELECT COUNT(*) FROM yclients_labels";
    assert_eq!(number(&mut tool, own_rows).await.unwrap(), 1);
    let views = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name LIKE 'bi\\_%'";
    assert!(number(&mut tool, views).await.unwrap() > 0);
    assert!(
        number(&mut tool, "SELECT COUNT(*) FROM bi_labels")
            .await
            .unwrap()
            > 0
    );

    let foreign = other.subscription().warehouse_name();
    let refused = [
        "INSERT INTO yclients_labels (_source_id, id) VALUES ('x', 9)".to_owned(),
        "SET default_transaction_read_only = off; DELETE FROM yclients_labels".to_owned(),
        "DROP TABLE yclients_labels".to_owned(),
        "CREATE TABLE mine (id int)".to_owned(),
        "SELECT * FROM customers".to_owned(),
        "SELECT * FROM _loads".to_owned(),
        "SELECT * FROM _counters".to_owned(),
        format!("SELECT * FROM \"{foreign}\".yclients_labels"),
        format!("SET ROLE \"{foreign}\""),
        format!("SET ROLE \"{}\"", own.subscription().warehouse_name()),
        "SET default_transaction_read_only = off; CREATE TEMP TABLE mine (id int)".to_owned(),
        "SET default_transaction_read_only = off; CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw".to_owned(),
        format!("SET default_transaction_read_only = off; DROP USER MAPPING FOR \"{}\" SERVER warehouse", login.user),
    ];
    for sql in refused {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone()))
            .execute(&mut tool)
            .await;
        let error = done.expect_err(&sql);
        let code = error
            .as_database_error()
            .and_then(|error| error.code().map(String::from));
        // Not allowed, or not in a transaction that only reads.
        assert!(
            // Nor is there anything of that name here.
            matches!(code.as_deref(), Some("42501" | "25006" | "42P01")),
            "{sql}: {error}"
        );
        sqlx::raw_sql("RESET ALL").execute(&mut tool).await.unwrap();
    }
    assert_eq!(number(&mut tool, own_rows).await.unwrap(), 1);

    // What is loaded later can be read too; a table that was not there before as well.
    labels(&own, 2).await;
    assert_eq!(number(&mut tool, own_rows).await.unwrap(), 2);
    let staff = catalog::table("yclients_staff").unwrap();
    let rows = admit(staff, Rule::Newest, ["id"], &[[Value::from(5)]]);
    commit(&own, hour(10), rows).await;
    let staff = "SELECT COUNT(*) FROM yclients_staff";
    assert_eq!(number(&mut tool, staff).await.unwrap(), 1);

    // A new password takes the place of the old one; taken away, neither opens anything.
    let renewed = login_of(&own).await;
    assert!(connect(&place, &login).await.is_err());
    let mut again = connect(&place, &renewed).await.unwrap();
    assert_eq!(number(&mut again, own_rows).await.unwrap(), 2);
    drop((tool, again));
    own.revoke_bi_login().await.unwrap();
    own.revoke_bi_login().await.unwrap();
    assert!(connect(&place, &renewed).await.is_err());
    let back = login_of(&own).await;
    own.erase().await.unwrap();
    assert!(
        connect(&place, &back).await.is_err(),
        "it goes with its warehouse"
    );
    labels(&own, 3).await;
}

#[tokio::test]
async fn invariant_08_a_bi_login_can_name_and_count_nothing_of_others() {
    let place = Place::postgres().await;
    let (own, other) = (place.warehouse_of('a'), place.warehouse_of('b'));
    labels(&own, 1).await;
    labels(&other, 1).await;
    let staff = catalog::table("yclients_staff").unwrap();
    let rows = admit(staff, Rule::Newest, ["id"], &[[Value::from(5)]]);
    commit(&other, hour(9), rows).await;
    let login = login_of(&own).await;
    // The database of all stays shut, and with it all that PostgreSQL tells of it.
    let shut = connect_to(&place, &login, None).await.unwrap_err();
    let code = shut.as_database_error().and_then(|error| error.code());
    assert_eq!(code.as_deref(), Some("42501"), "{shut}");
    let mut tool = connect(&place, &login).await.unwrap();
    let foreign = other.subscription().warehouse_name();
    for (what, sql) in [
        ("schemas", "SELECT nspname::text FROM pg_namespace"),
        (
            "tables",
            "SELECT relname::text || ' ' || relnamespace::regnamespace::text FROM pg_class",
        ),
        (
            "numbers",
            "SELECT n::oid::regclass::text || ' ' || n::oid::regnamespace::text FROM generate_series(1, 100000) AS n",
        ),
        (
            "statistics",
            "SELECT schemaname::text || ' ' || relname::text FROM pg_stat_all_tables",
        ),
        (
            "sizes",
            "SELECT COALESCE(pg_total_relation_size(n::oid), 0)::text || ' ' || n::oid::regclass::text \
                   FROM generate_series(1, 100000) AS n WHERE pg_total_relation_size(n::oid) > 0",
        ),
        (
            "views",
            "SELECT definition FROM pg_views WHERE definition IS NOT NULL",
        ),
        (
            "mappings",
            "SELECT COALESCE(array_to_string(umoptions, ' '), '') FROM pg_user_mappings",
        ),
    ] {
        let told: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut tool).await.unwrap();
        assert!(!told.is_empty(), "{what}");
        for line in told {
            assert!(
                !line.contains(&foreign)
                    && !line.contains("yclients_staff")
                    && !line.contains("password="),
                "{what}: {line}"
            );
        }
    }
    // Tools find their own tables in the usual ways.
    for sql in [
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'yclients_labels'",
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 'yclients_labels' AND column_name = 'title'",
        "SELECT COUNT(*) FROM pg_class WHERE relname = 'yclients_labels' AND relkind = 'f' AND pg_table_is_visible(oid)",
    ] {
        assert_eq!(number(&mut tool, sql).await.unwrap(), 1, "{sql}");
    }
    drop(tool);
    own.revoke_bi_login().await.unwrap();
}

const LABELS: &str = "SELECT COUNT(*) FROM yclients_labels";

/// The superuser's connection to the login's database.
async fn inside(place: &Place, login: &BiLogin) -> PgConnection {
    let mut url: url::Url = place.database().unwrap().as_str().parse().unwrap();
    url.set_path(&login.database);
    PgConnection::connect(url.as_str()).await.unwrap()
}

async fn run(connection: &mut PgConnection, statements: String) {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.clone()));
    let done = done.execute(connection).await;
    done.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// Has every statement of this kind fail in that database, until the trigger is dropped.
async fn stop(connection: &mut PgConnection, kind: &str) {
    let trigger = format!(
        "CREATE FUNCTION stopped() RETURNS event_trigger LANGUAGE plpgsql \
         AS $$ BEGIN RAISE EXCEPTION 'stopped'; END $$; \
         CREATE EVENT TRIGGER stopped ON ddl_command_start WHEN TAG IN ('{kind}') EXECUTE FUNCTION stopped()"
    );
    run(connection, trigger).await;
}

async fn go_on(connection: &mut PgConnection) {
    let dropped = "DROP EVENT TRIGGER stopped; DROP FUNCTION stopped()";
    run(connection, dropped.to_owned()).await;
}

#[tokio::test]
async fn a_renewal_that_breaks_off_leaves_the_old_password_and_what_it_reads() {
    let place = Place::postgres().await;
    let own = place.warehouse_of('a');
    labels(&own, 1).await;
    let login = login_of(&own).await;
    let mut server = inside(&place, &login).await;
    // The passwords were changed just before, in the same transaction.
    stop(&mut server, "CREATE USER MAPPING").await;
    own.renew_bi_login().await.unwrap_err();
    let mut tool = connect(&place, &login).await.unwrap();
    assert_eq!(number(&mut tool, LABELS).await.unwrap(), 1);
    drop(tool);

    // A login whose server cannot sign in any more is mended by the next renewal.
    go_on(&mut server).await;
    let broken = format!("ALTER ROLE \"rd_{}\" PASSWORD 'another'", login.schema);
    run(&mut server, broken).await;
    let mut tool = connect(&place, &login).await.unwrap();
    number(&mut tool, LABELS).await.unwrap_err();
    drop(tool);
    let renewed = login_of(&own).await;
    assert!(connect(&place, &login).await.is_err());
    let mut tool = connect(&place, &renewed).await.unwrap();
    assert_eq!(number(&mut tool, LABELS).await.unwrap(), 1);
    drop((tool, server));
    own.revoke_bi_login().await.unwrap();
}

#[tokio::test]
async fn a_new_password_is_shown_although_tables_wait() {
    let place = Place::postgres().await;
    let own = place.warehouse_of('a');
    labels(&own, 1).await;
    let login = login_of(&own).await;
    let mut server = inside(&place, &login).await;
    stop(&mut server, "IMPORT FOREIGN SCHEMA").await;
    let staff = catalog::table("yclients_staff").unwrap();
    let rows = admit(staff, Rule::Newest, ["id"], &[[Value::from(5)]]);
    commit(&own, hour(9), rows).await;
    let renewed = login_of(&own).await;
    assert!(connect(&place, &login).await.is_err());
    let mut tool = connect(&place, &renewed).await.unwrap();
    assert_eq!(number(&mut tool, LABELS).await.unwrap(), 1);
    let staff = "SELECT COUNT(*) FROM yclients_staff";
    number(&mut tool, staff).await.unwrap_err();

    // They are there after the next load.
    go_on(&mut server).await;
    labels(&own, 2).await;
    assert_eq!(number(&mut tool, staff).await.unwrap(), 1);
    drop((tool, server));
    own.revoke_bi_login().await.unwrap();
}

#[tokio::test]
async fn a_file_has_no_login() {
    let place = Place::sqlite();
    assert_eq!(place.warehouse().renew_bi_login().await.unwrap(), None);
    place.warehouse().revoke_bi_login().await.unwrap();
}
