//! What a vendor sent and an earlier version could not read, tried again.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use wynos::{
    control::Actor,
    warehouse::{Load, Rows, Value, Write, internal},
    yclients::hooks::{self, Retried},
};

use super::{BOTH, Bed, COMPANY, client, minute};

/// Keeps a record aside, as an earlier version did.
async fn keep_aside(
    bed: &Bed,
    (id, table, reason): (&str, &str, &str),
    body: Json,
    at: DateTime<Utc>,
) -> Result<()> {
    let table_of_parked = internal::parked();
    let mut rows = Rows::new(table_of_parked.columns.len());
    rows.push_values(&[
        id.into(),
        table.into(),
        bed.source.id.as_str().into(),
        reason.into(),
        Value::Json(body.to_string()),
        at.into(),
    ]);
    let load = Load {
        origin: "pull",
        run: id.to_owned(),
        observed_at: at,
        writes: vec![Write::Insert {
            table: table_of_parked.clone(),
            rows,
        }],
        quota: None,
    };
    let services = bed.stack.services();
    let warehouse = services.warehouses.open(&bed.stack.shop);
    warehouse.commit(load).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_04_what_a_vendor_sent_and_was_kept_aside_can_be_replayed() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let newer = client(6, "update", Some(9), json!({ "name": "newer" }));
        bed.take(&newer).await?;
        let changed = minute(1).to_rfc3339();
        let of_list = ("listed", "yclients_clients", "no_id");
        let body = json!({ "id": 5, "name": "Anna", "last_change_date": changed });
        keep_aside(&bed, of_list, body, minute(2)).await?;
        let older = ("older", "yclients_clients", "no_id");
        let body = json!({ "id": 6, "name": "older", "last_change_date": changed });
        keep_aside(&bed, older, body, minute(2)).await?;
        let event = json!({ "company_id": COMPANY, "resource": "client", "resource_id": 7, "status": "update",
            "data": { "name": "Ola" } });
        let of_event = ("event", "client", "webhook.no_table");
        keep_aside(&bed, of_event, event, minute(2)).await?;
        let of_record = ("record", "good", "webhook.no_id");
        let body = json!({ "good_id": 8, "title": "Szampon" });
        keep_aside(&bed, of_record, body, minute(2)).await?;
        let broken = ("broken", "client", "webhook.no_id");
        keep_aside(&bed, broken, json!({ "name": "x" }), minute(2)).await?;

        let services = bed.stack.services();
        let again = async |id: &str| {
            hooks::replay(&services, &bed.stack.shop, id, &Actor::CommandLine).await
        };
        for id in ["listed", "older", "event", "record"] {
            assert_eq!(again(id).await?, Some(Retried::Done), "{id}");
            assert_eq!(again(id).await?, None, "{id} is no longer kept aside");
        }
        let refused = Retried::Refused("webhook.no_id".to_owned());
        assert_eq!(again("broken").await?, Some(refused));
        let parked = bed.parked().await?;
        assert_eq!(parked.len(), 1, "{parked:?}");
        assert_eq!(
            bed.rows("yclients_clients", &["id", "name"]).await?,
            [
                ["Integer(5)", "Text(\"Anna\")"],
                ["Integer(6)", "Text(\"newer\")"],
                ["Integer(7)", "Text(\"Ola\")"]
            ]
        );
        let goods = bed.rows("yclients_goods", &["id", "title"]).await?;
        assert_eq!(goods, [["Integer(8)", "Text(\"Szampon\")"]]);
        bed.end().await?;
    }
    Ok(())
}
