//! A login for BI tools at a database whose user may not make foreign tables.

use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use wynos::SubscriptionId;
use wynos_tests::program::{Backend, Installation};

async fn run(connection: &mut PgConnection, statement: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement.clone()));
    let done = done.execute(connection).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// The user's connection to one of the server's databases.
async fn connect(url: &str, user: &str, database: Option<&str>) -> PgConnection {
    let mut url: url::Url = url.parse().unwrap();
    url.set_username(user).unwrap();
    url.set_password(Some("p")).unwrap();
    if let Some(database) = database {
        url.set_path(database);
    }
    PgConnection::connect(url.as_str()).await.unwrap()
}

/// What an attempt that broke off left: two roles, and a database without the extension.
async fn leave(url: &str, user: &str, schema: &str) {
    let mut own = connect(url, user, None).await;
    for thing in ["ROLE \"bi_", "ROLE \"rd_", "DATABASE \"bi_"] {
        run(&mut own, format!("CREATE {thing}{schema}\"")).await;
    }
    own.close().await.unwrap();
    let mut left = connect(url, user, Some(&format!("bi_{schema}"))).await;
    run(&mut left, "CREATE TABLE left_over (id int)".to_owned()).await;
    left.close().await.unwrap();
}

/// Databases and roles of the login.
async fn there(connection: &mut PgConnection, schema: &str) -> Vec<String> {
    let names = "SELECT datname::text AS name FROM pg_database WHERE datname IN ($1, $2) \
                 UNION ALL SELECT rolname::text FROM pg_roles WHERE rolname IN ($1, $2) ORDER BY name";
    sqlx::query_scalar(names)
        .bind(format!("bi_{schema}"))
        .bind(format!("rd_{schema}"))
        .fetch_all(connection)
        .await
        .unwrap()
}

/// How many entries of the journal tell that a login was asked for, that it was not made, and that it was given.
fn noted(wynos: &Installation, shop: &str) -> [usize; 3] {
    let asked = ["journal", "list", "--limit", "100", "--subscription", shop];
    let told = wynos.done(asked).unwrap();
    let entries = told["entries"].as_array().unwrap();
    ["asked", "failed", "renewed"].map(|what| {
        let code = format!("access.bi-login-{what}");
        let of_code = |entry: &&Json| entry["code"] == code.as_str();
        entries.iter().filter(of_code).count()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bi_login_that_cannot_be_made_leaves_nothing_and_says_what_an_administrator_runs() {
    let mut wynos = Installation::new(Backend::Postgres).await.unwrap();
    let database = wynos.database().unwrap();
    let (url, name) = (database.as_str().to_owned(), database.name().to_owned());
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let user = format!("plain_{:016x}", rand::random::<u64>());
    let made = format!(
        "CREATE ROLE {user} LOGIN CREATEROLE CREATEDB PASSWORD 'p'; ALTER DATABASE {name} OWNER TO {user}"
    );
    run(&mut superuser, made).await;
    wynos.database_as(&user, "p").unwrap();
    let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
    let schema = shop.parse::<SubscriptionId>().unwrap().warehouse_name();
    let ask = ["subscription", "bi-login", shop.as_str()];

    for tries in 1..=2 {
        let refused = wynos.run(ask).unwrap();
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let message = refused.result["message"].as_str().unwrap();
        let grant = format!("GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {user};");
        let extension = "CREATE EXTENSION IF NOT EXISTS postgres_fdw;";
        for needed in ["template1", extension, grant.as_str()] {
            assert!(message.contains(needed), "{message}");
        }
        assert_eq!(
            there(&mut superuser, &schema).await,
            Vec::<String>::new(),
            "after attempt {tries}"
        );
        assert_eq!(noted(&wynos, &shop), [tries, tries, 0]);
        // The next attempt finds what one that was killed would have left.
        leave(&url, &user, &schema).await;
    }

    // What a superuser does to template1 would reach other tests' databases.
    run(&mut superuser, format!("ALTER ROLE {user} SUPERUSER")).await;
    let given = wynos.done(ask).unwrap();
    assert_eq!(given["database"], format!("bi_{schema}").as_str());
    assert_eq!(noted(&wynos, &shop), [3, 2, 1]);
    let mut inside = connect(&url, &user, given["database"].as_str()).await;
    let left: Option<String> = sqlx::query_scalar("SELECT to_regclass('public.left_over')::text")
        .fetch_one(&mut inside)
        .await
        .unwrap();
    assert_eq!(left, None, "the database is made anew");
    inside.close().await.unwrap();

    // A password that is in force is shown, even where the journal cannot be told.
    let mute = "CREATE FUNCTION mute() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'mute'; END $$; \
                CREATE TRIGGER mute BEFORE INSERT ON control.journal FOR EACH ROW \
                WHEN (NEW.code = 'access.bi-login-renewed') EXECUTE FUNCTION mute()";
    run(&mut superuser, mute.to_owned()).await;
    let renewed = wynos.done(ask).unwrap();
    assert_ne!(renewed["password"], given["password"]);
    assert_eq!(noted(&wynos, &shop), [4, 2, 1]);

    wynos
        .done(["subscription", "bi-login", shop.as_str(), "--revoke"])
        .unwrap();
    assert_eq!(there(&mut superuser, &schema).await, Vec::<String>::new());
    let gone =
        format!("REASSIGN OWNED BY {user} TO CURRENT_USER; DROP OWNED BY {user}; DROP ROLE {user}");
    run(&mut superuser, gone).await;
}
