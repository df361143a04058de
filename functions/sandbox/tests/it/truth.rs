use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use wynos::ports::Clock;
use wynos_sandbox::{Options, TABLES};

use crate::caller::{COMPANY, Caller, EASTERN, kopecks, number};

fn fixed() -> Result<Clock> {
    Ok(Clock::fixed(
        DateTime::from_timestamp(1_800_000_000, 0).context("no such time")?,
    ))
}

#[tokio::test]
async fn equal_seeds_give_equal_businesses() -> Result<()> {
    let options = |seed| -> Result<Options> {
        Ok(Options {
            records: 300,
            seed,
            clock: fixed()?,
            ..Options::default()
        })
    };
    let (first, second) = (
        Caller::new(options(7)?).await?,
        Caller::new(options(7)?).await?,
    );
    let other = Caller::new(options(8)?).await?;
    for caller in [&first, &second, &other] {
        caller
            .steer("/step", json!({ "events": 150, "seconds": 600 }))
            .await?;
    }
    for table in TABLES {
        let truth = first.truth_lines(table, COMPANY).await?;
        assert!(!truth.is_empty(), "{table} is empty");
        assert_eq!(truth, second.truth_lines(table, COMPANY).await?, "{table}");
    }
    let path = "/records/4564?count=200&include_consumables=1";
    assert_eq!(first.good(path).await?, second.good(path).await?);
    assert_ne!(first.good(path).await?, other.good(path).await?);
    Ok(())
}

#[tokio::test]
async fn records_show_what_the_truth_says() -> Result<()> {
    for (company, hours) in [(COMPANY, 3), (EASTERN, 5)] {
        let caller = Caller::small().await?;
        caller
            .steer("/step", json!({ "events": 300, "seconds": 7_200 }))
            .await?;
        let shown = caller
            .all(&format!(
                "/records/{company}?count=200&with_deleted=1&include_consumables=1"
            ))
            .await?;
        let truth = caller.truth("yclients_records", company).await?;
        assert_eq!(shown.len(), truth.len());
        let services = caller
            .truth_lines("yclients_record_services", company)
            .await?;
        let consumables = caller
            .truth_lines("yclients_record_consumables", company)
            .await?;
        let (mut lines, mut used) = (services.iter(), 0);
        for row in shown.iter().rev() {
            let meant = &truth[&number(&row["id"])];
            same_record(row, meant, hours)?;
            for service in row["services"].as_array().context("no services")? {
                let line = lines.next().context("a line is missing")?;
                assert_eq!(number(&line["record_id"]), number(&row["id"]));
                assert_eq!(number(&line["service_id"]), number(&service["id"]));
                assert_eq!(kopecks(&line["cost"]), kopecks(&service["cost"]));
            }
            used += row["consumables"]
                .as_array()
                .context("no consumables")?
                .len();
        }
        assert_eq!(lines.next(), None);
        assert_eq!(used, consumables.len());
        assert!(used > 50);
    }
    Ok(())
}

fn same_record(row: &Value, meant: &Value, hours: i64) -> Result<()> {
    for key in ["staff_id", "visit_id", "attendance", "length", "paid_full"] {
        assert_eq!(number(&row[key]), number(&meant[key]), "{key}");
    }
    for key in ["deleted", "online", "comment", "date"] {
        assert_eq!(row[key], meant[key], "{key}");
    }
    let wall = row["date"].as_str().context("no date")?;
    let wall = NaiveDateTime::parse_from_str(wall, "%Y-%m-%d %H:%M:%S")?;
    let instant = wall.and_utc() - TimeDelta::hours(hours);
    assert_eq!(meant["datetime"].as_str(), Some(utc(instant).as_str()));
    let changed = row["last_change_date"].as_str().context("no change date")?;
    let changed = DateTime::parse_from_str(changed, "%Y-%m-%dT%H:%M:%S%z")?;
    assert_eq!(
        meant["last_change_date"].as_str(),
        Some(utc(changed.to_utc()).as_str())
    );
    Ok(())
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[tokio::test]
async fn lists_show_what_the_truth_says_is_not_deleted() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer("/step", json!({ "events": 1_500, "seconds": 86_400 }))
        .await?;
    for (path, key, table, amount) in [
        ("/company/4564/staff", "id", "yclients_staff", None),
        (
            "/company/4564/services",
            "id",
            "yclients_services",
            Some("price_max"),
        ),
        ("/storages/4564", "id", "yclients_storages", None),
        ("/accounts/4564", "id", "yclients_accounts", None),
    ] {
        let shown = caller.good(path).await?["data"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        compare(&caller, &shown, key, table, amount).await?;
    }
    for (path, key, table, amount) in [
        (
            "/clients/4564?count=200",
            "id",
            "yclients_clients",
            Some("paid"),
        ),
        (
            "/goods/4564?count=100",
            "good_id",
            "yclients_goods",
            Some("cost"),
        ),
        (
            "/transactions/4564?count=200",
            "id",
            "yclients_finance_transactions",
            Some("amount"),
        ),
        (
            "/storages/transactions/4564?count=200",
            "id",
            "yclients_goods_transactions",
            Some("cost"),
        ),
    ] {
        let shown = caller.all(path).await?;
        compare(&caller, &shown, key, table, amount).await?;
    }
    Ok(())
}

async fn compare(
    caller: &Caller,
    shown: &[Value],
    key: &str,
    table: &str,
    amount: Option<&str>,
) -> Result<()> {
    let truth = caller.truth(table, COMPANY).await?;
    let alive = truth
        .values()
        .filter(|row| row["_deleted"] == json!(false))
        .count();
    assert_eq!(shown.len(), alive, "{table}");
    for row in shown {
        let meant = &truth[&number(&row[key])];
        assert_eq!(meant["_deleted"], json!(false), "{table}");
        if let Some(amount) = amount {
            assert_eq!(
                kopecks(&row[amount]),
                kopecks(&meant[amount]),
                "{table}: {row}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn changes_are_found_by_their_time() -> Result<()> {
    let caller = Caller::small().await?;
    let before = caller.control("").await?["now"]
        .as_str()
        .context("no time")?
        .to_owned();
    caller
        .steer("/step", json!({ "events": 0, "seconds": 60 }))
        .await?;
    caller
        .steer("/step", json!({ "events": 400, "seconds": 3_600 }))
        .await?;
    for (path, table) in [
        ("/records/4564?count=200&with_deleted=1", "yclients_records"),
        ("/clients/4564?count=200", "yclients_clients"),
        (
            "/transactions/4564?count=200",
            "yclients_finance_transactions",
        ),
    ] {
        let shown = caller
            .all(&format!("{path}&changed_after={before}"))
            .await?;
        let truth = caller.truth(table, COMPANY).await?;
        let vanishes = table != "yclients_records";
        let changed = truth.values().filter(|row| {
            let is_new = row["_changed_at"].as_str() > Some(before.as_str());
            is_new && !(vanishes && row["_deleted"] == json!(true))
        });
        assert_eq!(shown.len(), changed.count(), "{table}");
        assert!(!shown.is_empty(), "{table}");
    }
    Ok(())
}

#[tokio::test]
async fn life_goes_on_by_itself() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer("/live", json!({ "events_per_minute": 60_000 }))
        .await?;
    let begin = std::time::Instant::now();
    while caller.control("").await?["events"].as_u64() < Some(100) {
        assert!(begin.elapsed().as_secs() < 20, "nothing happens");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

#[tokio::test]
async fn the_truth_has_columns_of_the_catalog_only() -> Result<()> {
    let caller = Caller::small().await?;
    for name in TABLES {
        let mut tables = wynos::catalog::tables().iter();
        let table = tables
            .find(|table| table.name == name)
            .context("no such table")?;
        for row in caller.truth_lines(name, COMPANY).await? {
            for column in row.as_object().context("no object")?.keys() {
                let is_declared = table
                    .columns
                    .iter()
                    .any(|declared| declared.name == *column);
                assert!(is_declared || column.starts_with('_'), "{name}.{column}");
            }
        }
    }
    Ok(())
}
