//! Numbers that are longer than programs hold: they stay the numbers that the vendor sent.

use anyhow::{Result, ensure};
use axum::http::StatusCode;
use serde_json::{Value as Json, value::RawValue};
use std::collections::BTreeMap;
use wynos::{control::Actor, yclients::hooks};

use super::{BOTH, Bed, COMPANY, post};

const LONG: &str = "12345678901234567890123.456";

/// The text of a JSON value as it is shown by the rows of a test.
fn json(shown: &str) -> BTreeMap<String, Box<RawValue>> {
    let text = shown
        .strip_prefix("Json(")
        .and_then(|text| text.strip_suffix(')'));
    let text: String = serde_json::from_str(text.unwrap_or_default()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn take(bed: &Bed, resource: &str, id: i64, data: &str) -> Result<()> {
    let body = format!(
        r#"{{"company_id":{COMPANY},"resource":"{resource}","resource_id":{id},"status":"update","data":{data}}}"#
    );
    bed.stack.clock.advance(chrono::TimeDelta::seconds(1));
    let status = post(&bed.stack, &bed.address(1), body).await?;
    ensure!(status == StatusCode::OK, "{status}");
    bed.work().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_any_length_stays_the_same_number() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let body = format!(r#"{{"unknown":{LONG},"far":1e400,"custom_fields":{{"a":-{LONG}}}}}"#);
        take(&bed, "client", 1, &body).await?;
        // Another body fills in beside it, and what was there is written again.
        take(
            &bed,
            "client",
            1,
            r#"{"name":"Anna","other":0.30000000000000000001}"#,
        )
        .await?;
        let rows = bed
            .rows("yclients_clients", &["_extra", "custom_fields"])
            .await?;
        let extra = json(&rows[0][0]);
        let said = |name: &str| extra.get(name).map(|raw| raw.get().to_owned());
        assert_eq!(said("unknown").as_deref(), Some(LONG), "{rows:?}");
        assert_eq!(said("far").as_deref(), Some("1e400"));
        assert_eq!(said("other").as_deref(), Some("0.30000000000000000001"));
        let custom = json(&rows[0][1]);
        assert_eq!(custom["a"].get(), format!("-{LONG}"));
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_keeps_its_numbers_and_can_be_tried_again() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        take(
            &bed,
            "comet",
            5,
            &format!(r#"{{"tail":{LONG},"far":1e400}}"#),
        )
        .await?;
        take(&bed, "client", 7, &format!(r#"{{"id":8,"tail":{LONG}}}"#)).await?;
        let parked = bed.parked().await?;
        assert_eq!(parked.len(), 2);
        for row in &parked {
            let event = json(&row[2]);
            let data: BTreeMap<String, Box<RawValue>> = serde_json::from_str(event["data"].get())?;
            assert_eq!(data["tail"].get(), LONG, "{row:?}");
        }
        let services = bed.stack.services();
        let warehouse = services.warehouses.open(&bed.stack.shop);
        let kept = wynos::parked::records(&warehouse, None, 10).await?;
        for record in kept {
            // Whoever looks at it sees digits.
            assert_eq!(record.body["data"]["tail"], Json::from(LONG));
            let by = Actor::CommandLine;
            hooks::replay(&services, &bed.stack.shop, &record.id, &by).await?;
        }
        let again = bed.parked().await?;
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|row| row[2].contains(LONG)), "{again:?}");
        bed.end().await?;
    }
    Ok(())
}
