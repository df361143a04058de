//! Snapshots, neighbours and loads at the same time.

use futures::{StreamExt, TryStreamExt, future::join_all};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use wynos::warehouse::{Filter, Outcome, Rule, Scan, Value, Warehouse, Write};

use super::{
    admit, commit, everything, hour, load, on_both,
    places::{Place, pool},
    read, read_from,
    tables::{notes, vendor_copy},
};

fn numbered(from: usize, to: usize, text: &str) -> wynos::warehouse::Admit {
    let values: Vec<_> = (from..to)
        .map(|number| [Value::from(format!("{number:05}")), Value::from(text)])
        .collect();
    admit(&notes(), Rule::Change, ["id", "text"], &values)
}

async fn count(warehouse: &Warehouse) -> u64 {
    let snapshot = warehouse.snapshot().await.unwrap();
    snapshot.count(&notes(), &Filter::All).await.unwrap()
}

on_both! {
    async fn invariant_05_a_snapshot_sees_nothing_that_comes_after_it(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(9), numbered(0, 5_000, "old")).await;
        let snapshot = warehouse.snapshot().await.unwrap();
        let mut stream = snapshot.scan(Scan::of(&notes()).columns(["text"])).await.unwrap();
        let first = stream.next().await.unwrap().unwrap();
        commit(&warehouse, hour(10), numbered(2_000, 6_000, "new")).await;
        let rest: Vec<_> = stream.try_collect().await.unwrap();
        let texts: Vec<_> = std::iter::once(&first)
            .chain(&rest)
            .flat_map(|rows| rows.iter())
            .map(|row| row.get(0).as_str().unwrap().to_owned())
            .collect();
        assert_eq!(texts, vec!["old"; 5_000]);
        assert_eq!(snapshot.count(&notes(), &Filter::All).await.unwrap(), 5_000);
        // A table that came later is not there either.
        let table = vendor_copy();
        let vendor = admit(&table, Rule::Newest, ["id"], &[[Value::from(1)]]);
        commit(&warehouse, hour(10), vendor).await;
        assert!(read_from(&snapshot, Scan::of(&table)).await.is_empty());
        assert!(!snapshot.tables().await.unwrap().contains("vendor_things"));
        drop(snapshot);
        assert_eq!(count(&warehouse).await, 6_000);
        assert_eq!(read(&warehouse, Scan::of(&table)).await.len(), 1);
    }

    async fn a_scan_may_be_left_and_may_outlive_its_snapshot(place: &Place) {
        let warehouse = place.warehouse();
        for batch in 0..4 {
            commit(&warehouse, hour(9), numbered(batch * 5_000, batch * 5_000 + 5_000, "x")).await;
        }
        let snapshot = warehouse.snapshot().await.unwrap();
        let mut left = snapshot.scan(Scan::of(&notes())).await.unwrap();
        left.next().await.unwrap().unwrap();
        drop(left);
        assert_eq!(snapshot.count(&notes(), &Filter::All).await.unwrap(), 20_000);
        let stream = snapshot.scan(Scan::of(&notes())).await.unwrap();
        drop(snapshot);
        let batches: Vec<_> = stream.try_collect().await.unwrap();
        assert_eq!(batches.iter().map(|rows| rows.len()).sum::<usize>(), 20_000);
        assert!(batches.iter().all(|rows| rows.len() <= 1_000));
    }

    async fn invariant_08_subscriptions_do_not_reach_each_other(place: &Place) {
        let (ours, theirs) = (place.warehouse_of('a'), place.warehouse_of('b'));
        commit(&ours, hour(9), numbered(0, 2, "ours")).await;
        commit(&theirs, hour(9), numbered(0, 3, "theirs")).await;
        assert_eq!((count(&ours).await, count(&theirs).await), (2, 3));
        theirs.erase().await.unwrap();
        assert_eq!((count(&ours).await, count(&theirs).await), (2, 0));
        commit(&theirs, hour(9), numbered(0, 1, "again")).await;
        assert_eq!((count(&ours).await, count(&theirs).await), (2, 1));
    }

    async fn loads_at_the_same_time_converge(place: &Place) {
        let (here, there) = (place.warehouse(), place.elsewhere().await);
        let loads = (0..12).map(|number| {
            let warehouse = if number % 2 == 0 { here.clone() } else { there.clone() };
            async move {
                let admit = numbered(number * 50, number * 50 + 100, "same");
                let fact = Write::Emit { kind: "fact", payload: number.into() };
                let done = warehouse.commit(load(hour(9), vec![Write::Admit(admit), fact])).await;
                let outcomes = done.unwrap().admitted.concat();
                outcomes.iter().filter(|outcome| **outcome == Outcome::New).count()
            }
        });
        // Every row was new to exactly one of them.
        let new: usize = join_all(loads).await.into_iter().sum();
        assert_eq!(new, 650);
        assert_eq!(count(&here).await, 650);
        let ids: Vec<i64> = here.outbox(0, 100).await.unwrap().iter().map(|entry| entry.id).collect();
        assert_eq!(ids, (1..=12).collect::<Vec<_>>());
    }

    async fn a_warehouse_erased_elsewhere_is_begun_anew(place: &Place) {
        let (here, there) = (place.warehouse(), place.elsewhere().await);
        commit(&here, hour(9), numbered(0, 2, "x")).await;
        there.erase().await.unwrap();
        assert_eq!(count(&here).await, 0);
        let outcomes = commit(&here, hour(10), numbered(0, 1, "x")).await;
        assert_eq!(outcomes, [Outcome::New]);
        assert_eq!((count(&here).await, count(&there).await), (1, 1));
    }
}

#[tokio::test]
async fn invariant_08_the_database_itself_refuses_the_neighbours_role() {
    let place = Place::postgres().await;
    let (ours, theirs) = (place.warehouse_of('a'), place.warehouse_of('b'));
    commit(&ours, hour(9), numbered(0, 2, "ours")).await;
    commit(&theirs, hour(9), numbered(0, 2, "theirs")).await;
    let [us, them] = [&ours, &theirs].map(|one| one.subscription().warehouse_name());
    let url = place.database().unwrap();
    let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
    let mut run = async |statement: String| {
        let done = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await;
        done.map_err(|error| {
            let code = error.as_database_error().and_then(|error| error.code());
            code.map(|code| code.into_owned()).unwrap_or_default()
        })
    };
    assert!(run(format!("SET ROLE {us}")).await.is_ok());
    assert!(run(format!("SELECT * FROM {us}.shop_notes")).await.is_ok());
    for forbidden in [
        format!("SELECT * FROM {them}.shop_notes"),
        format!("SELECT count(*) FROM {them}.shop_notes"),
        format!("DELETE FROM {them}.shop_notes"),
        format!("CREATE TABLE {them}.mine (id int)"),
        format!("DROP SCHEMA {them} CASCADE"),
        "CREATE TABLE public.mine (id int)".to_owned(),
        "CREATE SCHEMA mine".to_owned(),
    ] {
        let refused = run(forbidden.clone()).await;
        assert_eq!(refused.err().as_deref(), Some("42501"), "{forbidden}");
    }
    assert_eq!(everything(&theirs, &notes()).await.len(), 2);
}

#[tokio::test]
async fn a_user_who_may_only_make_roles_and_schemas_is_enough() {
    let place = Place::postgres().await;
    let url = place.database().unwrap();
    let mut connection = PgConnection::connect(url.as_str()).await.unwrap();
    let user = format!("plain_{:016x}", rand::random::<u64>());
    let made = format!(
        "CREATE ROLE {user} LOGIN CREATEROLE PASSWORD 'p'; \
         DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {user}', current_database()); END $$"
    );
    sqlx::raw_sql(AssertSqlSafe(made))
        .execute(&mut connection)
        .await
        .unwrap();
    let mut login = url::Url::parse(url.as_str()).unwrap();
    login.set_username(&user).unwrap();
    login.set_password(Some("p")).unwrap();
    let all = wynos::warehouse::Warehouses::postgres(pool(login.as_str()).await);
    let warehouse = all.open(place.warehouse().subscription());
    commit(&warehouse, hour(9), numbered(0, 2, "x")).await;
    assert_eq!(count(&warehouse).await, 2);
    warehouse.erase().await.unwrap();
    assert_eq!(count(&warehouse).await, 0);
    let gone = format!(
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM {user}', current_database()); END $$; \
         DROP ROLE {user}"
    );
    drop(all);
    sqlx::raw_sql(AssertSqlSafe(gone))
        .execute(&mut connection)
        .await
        .unwrap();
}
