//! Who reads while pulls and events write sees whole loads, and a snapshot that was taken stays as it was.

use anyhow::Result;
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use wynos::{
    catalog,
    warehouse::{Scan, Snapshot},
};

use super::{BOTH, Bed, COMPANY, minute, order::pull_into};

/// Versions of the record that are written while somebody reads.
const VERSIONS: i64 = 24;

/// A record that says in its comment, and in every one of its services, which version it is.
fn record(version: i64) -> Json {
    let lines = (0..=version % 3).map(|id| json!({ "id": id + 1, "title": format!("v{version}") }));
    json!({ "id": 7, "comment": format!("v{version}"), "services": lines.collect::<Vec<_>>(),
        "last_change_date": minute(version).to_rfc3339() })
}

/// What a column says in all rows of a table.
async fn said(snapshot: &Snapshot, table: &str, column: &str) -> Result<Vec<String>> {
    let scan = Scan::of(catalog::table(table).unwrap()).columns([column]);
    let batches: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
    let rows = batches.iter().flat_map(wynos::warehouse::Rows::iter);
    Ok(rows
        .map(|row| row.get(0).as_str().unwrap_or_default().to_owned())
        .collect())
}

/// The version that a snapshot sees, which all of its rows are of.
async fn version(snapshot: &Snapshot) -> Result<i64> {
    let comment = said(snapshot, "yclients_records", "comment")
        .await?
        .concat();
    let lines = said(snapshot, "yclients_record_services", "title").await?;
    assert!(
        lines.iter().all(|line| *line == comment),
        "{comment}: {lines:?}"
    );
    let version: i64 = comment.trim_start_matches('v').parse()?;
    assert_eq!(i64::try_from(lines.len())?, version % 3 + 1, "{comment}");
    Ok(version)
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_05_nobody_sees_half_of_a_pull_or_an_event() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        pull_into(&bed, "yclients_records", minute(0), record(0)).await?;
        let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
        let before = warehouse.snapshot().await?;
        assert_eq!(version(&before).await?, 0);
        let write = async {
            for version in 1..=VERSIONS {
                if version % 2 == 0 {
                    pull_into(&bed, "yclients_records", minute(version), record(version)).await?;
                } else {
                    let event = json!({ "company_id": COMPANY, "resource": "record", "resource_id": 7,
                        "status": "update", "data": record(version) });
                    bed.stack.clock.set(minute(version));
                    bed.post(&event).await?;
                    bed.work().await?;
                }
            }
            anyhow::Ok(())
        };
        let read = async {
            let mut seen = 0;
            while seen < VERSIONS {
                let snapshot = warehouse.snapshot().await?;
                let now = version(&snapshot).await?;
                assert!(now >= seen, "{now} after {seen}");
                seen = now;
                tokio::task::yield_now().await;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(write, read)?;
        assert_eq!(version(&before).await?, 0, "as when it was taken");
        drop(before);
        bed.end().await?;
    }
    Ok(())
}
