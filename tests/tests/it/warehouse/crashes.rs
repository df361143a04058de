//! What is left after a failure in the middle of a load, and what people typed into a file.

use rusqlite::Connection;
use wynos::warehouse::{Outcome, Rule, Scan, Value, WarehouseError, Warehouses, Write};
use wynos_tests::chaos_proxy::ChaosProxy;

use super::{
    admit, commit, everything, hour, load, on_both,
    places::{Place, pool},
    read,
    tables::{every_type, notes, vendor_copy},
};

fn big(text: &str) -> wynos::warehouse::Admit {
    let long = text.repeat(2_000);
    let values: Vec<_> = (0..4_000)
        .map(|number| {
            [
                Value::from(format!("{number:05}")),
                Value::from(long.as_str()),
            ]
        })
        .collect();
    admit(&notes(), Rule::Change, ["id", "text"], &values)
}

on_both! {
    async fn a_load_that_fails_in_its_last_step_leaves_nothing(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(8), admit(&notes(), Rule::Change, ["id"], &[[Value::from("x")]])).await;
        let before = everything(&warehouse, &notes()).await;
        let wrong = admit(&vendor_copy(), Rule::Newest, ["id"], &[[Value::from("text")]]);
        let failing = load(hour(9), vec![
            Write::Admit(big("a")),
            Write::Admit(admit(&every_type(), Rule::Change, ["id"], &[[Value::from("x")]])),
            Write::Admit(wrong),
        ]);
        assert!(matches!(warehouse.commit(failing).await, Err(WarehouseError::Misuse { .. })));
        assert_eq!(everything(&warehouse, &notes()).await, before);
        let tables = warehouse.snapshot().await.unwrap().tables().await.unwrap();
        assert!(!tables.contains("things"));
        // The table that was made and taken back with the load is made again.
        let things = admit(&every_type(), Rule::Change, ["id"], &[[Value::from("x")]]);
        assert_eq!(commit(&warehouse, hour(9), things).await, [Outcome::New]);
    }
}

#[tokio::test]
async fn invariant_01_what_is_written_while_somebody_looks_into_the_file_is_there_for_everybody() {
    let place = Place::sqlite();
    let writes = async |at: u32, id: &'static str| {
        // As the queues' workers do, each with a handle of its own while readers go on.
        let warehouse = place.warehouse();
        let row = [[Value::from(id), Value::from("text")]];
        commit(
            &warehouse,
            hour(at),
            admit(&notes(), Rule::Change, ["id", "text"], &row),
        )
        .await;
    };
    writes(8, "a").await;
    let elsewhere = place.elsewhere().await;
    let reading = elsewhere.snapshot().await.unwrap();
    writes(9, "b").await;
    let file = place.file().unwrap();
    let shell = || {
        let mut shell = std::process::Command::new("sqlite3");
        let ended = shell
            .arg(&file)
            .arg("SELECT COUNT(*) FROM shop_notes")
            .output()
            .unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        String::from_utf8(ended.stdout).unwrap()
    };
    assert_eq!(shell().trim(), "2");
    // The shell was not the last one: the log of changes stays for those who have it open.
    assert!(file.with_extension("sqlite-wal").exists());
    drop(reading);
    writes(10, "c").await;
    assert_eq!(shell().trim(), "3");
}

#[tokio::test]
async fn invariant_01_a_connection_lost_in_the_middle_of_a_load_leaves_nothing() {
    let place = Place::postgres().await;
    let url = place.database().unwrap();
    let proxy = ChaosProxy::start(url.address().unwrap()).await.unwrap();
    let through = url.through(proxy.address()).unwrap();
    let shaky =
        Warehouses::postgres(pool(through.as_str()).await).open(place.warehouse().subscription());
    let small = || {
        admit(
            &notes(),
            Rule::Change,
            ["id", "text"],
            &[["00000".into(), Value::from("s")]],
        )
    };
    commit(&shaky, hour(8), small()).await;
    let before = everything(&place.warehouse(), &notes()).await;

    let writes = || {
        let cursor = Write::PutState {
            key: "cursor".to_owned(),
            value: Some(1.into()),
        };
        vec![cursor, Write::Admit(big("b"))]
    };
    for milliseconds in [1, 5, 20, 60] {
        let cut = async {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            proxy.cut();
        };
        let (done, ()) = tokio::join!(shaky.commit(load(hour(9), writes())), cut);
        let cursor = place.warehouse().state("cursor").await.unwrap();
        let now = everything(&place.warehouse(), &notes()).await;
        if done.is_ok() {
            break;
        }
        // An error may hide a commit whose answer was lost; rows and cursor tell the same story.
        assert_eq!(
            cursor.is_none(),
            now == before,
            "half a load after {milliseconds} ms"
        );
        if cursor.is_some() {
            break;
        }
    }
    // Done again, it converges.
    let again = shaky.commit(load(hour(9), writes())).await;
    assert!(again.is_ok(), "{again:?}");
    assert_eq!(everything(&place.warehouse(), &notes()).await.len(), 4_000);
}

#[tokio::test]
async fn what_a_person_typed_into_the_file_is_read() {
    let place = Place::sqlite();
    let warehouse = place.warehouse();
    let things = admit(&every_type(), Rule::Change, ["id"], &[[Value::from("x")]]);
    commit(&warehouse, hour(9), things).await;
    let file = Connection::open(place.file().unwrap()).unwrap();
    file.execute_batch(
        "UPDATE things SET money = '7.505', flag = 'true', day = '2026-05-01', instant = '2026-05-01 10:00', whole = '12'",
    )
    .unwrap();
    let columns = ["money", "flag", "day", "instant", "whole"];
    let row = read(&warehouse, Scan::of(&every_type()).columns(columns)).await;
    let expected = [
        Value::Decimal("7.51".parse().unwrap()),
        true.into(),
        hour(10).date_naive().into(),
        hour(10).into(),
        12.into(),
    ];
    assert_eq!(row, [expected]);
    file.execute_batch("UPDATE things SET day = 'yesterday'")
        .unwrap();
    let snapshot = warehouse.snapshot().await.unwrap();
    let scan = Scan::of(&every_type());
    let mut stream = snapshot.scan(scan).await.unwrap();
    let error = futures::StreamExt::next(&mut stream)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "table things, row x, column day: the stored value is not of the column's type"
    );
}
