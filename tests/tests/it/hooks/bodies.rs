use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use wynos::{
    control::Source,
    yclients::{hooks, streams},
};
use wynos_tests::stack::Database;

use super::{BOTH, Bed, client, connect, post};

/// Every body of a webhook in the folder of examples, where there is one.
fn examples() -> Result<Vec<(String, Json)>> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/examples/yclients");
    let Ok(files) = fs::read_dir(&folder) else {
        println!("skipped: there are no example bodies beside the project");
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for file in files {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if name.starts_with("webhook.doc.") || name.starts_with("webhook.live.") {
            let body = serde_json::from_slice(&fs::read(file.path())?).context(name.clone())?;
            found.push((name, body));
        }
    }
    Ok(found)
}

/// The source of a company, connected when it is first asked for.
pub async fn connected(
    bed: &Bed,
    sources: &mut BTreeMap<i64, Source>,
    company: i64,
) -> Result<Source> {
    if let Some(source) = sources.get(&company) {
        return Ok(source.clone());
    }
    let source = connect(&bed.stack, company).await?;
    sources.insert(company, source.clone());
    Ok(source)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_body_of_a_webhook_is_taken_in() -> Result<()> {
    let examples = examples()?;
    for database in BOTH {
        let mut bed = Bed::new(database).await?;
        let mut sources = BTreeMap::new();
        for (name, body) in &examples {
            // To the source of the company that it is of: what is inside says so too.
            let company = body["company_id"].as_i64().context(name.clone())?;
            let source = connected(&bed, &mut sources, company).await?;
            bed.source = source;
            bed.take(body).await?;
            let resource = body["resource"].as_str().unwrap_or_default();
            let Some(stream) = streams::of_resource(resource) else {
                let parked = bed.parked().await?;
                let kept = parked
                    .iter()
                    .any(|row| row[0].contains(resource) && row[1].contains("no_table"));
                assert!(kept, "{name}: {parked:?}");
                continue;
            };
            let rows = bed.rows(stream.table, &["id"]).await?;
            let id = body["data"]["id"].as_i64().or(body["resource_id"].as_i64());
            let expected = format!("Integer({})", id.context(name.clone())?);
            assert!(
                rows.iter().any(|row| row[0] == expected),
                "{name}: {rows:?}"
            );
        }
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn partial_bodies_fill_and_deletes_become_tombstones_to_be_confirmed() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        bed.take(&client(
            1,
            "create",
            Some(1),
            json!({ "name": "Anna", "phone": "+48600100200" }),
        ))
        .await?;
        bed.take(&client(
            1,
            "update",
            Some(2),
            json!({ "email": "a@example.com" }),
        ))
        .await?;
        bed.take(&client(1, "update", Some(3), json!({ "name": null })))
            .await?;
        let columns = ["name", "phone", "email", "_deleted_at"];
        let rows = bed.rows("yclients_clients", &columns).await?;
        assert_eq!(
            rows,
            [[
                "Text(\"Anna\")",
                "Text(\"+48600100200\")",
                "Text(\"a@example.com\")",
                "Null"
            ]]
        );
        bed.take(&client(1, "delete", Some(4), json!({}))).await?;
        let rows = bed.rows("yclients_clients", &columns).await?;
        assert_eq!(rows[0][0], "Text(\"Anna\")", "what was known stays");
        assert_ne!(rows[0][3], "Null");

        let good = json!({ "company_id": super::COMPANY, "resource": "good", "resource_id": 9, "status": "delete",
            "data": { "good_id": 9, "title": "Szampon" } });
        bed.take(&good).await?;
        assert_ne!(
            bed.rows("yclients_goods", &["_deleted_at"]).await?,
            [["Null"]],
            "by the status alone"
        );

        let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
        let snapshot = warehouse.snapshot().await?;
        let deletes = hooks::unconfirmed_deletes(&snapshot, &bed.source.id, None).await?;
        // It holds a connection, which the end of everything would wait for.
        drop(snapshot);
        let deletes: Vec<_> = deletes
            .iter()
            .map(|one| (one.table.as_str(), one.id))
            .collect();
        assert_eq!(deletes, [("yclients_clients", 1), ("yclients_goods", 9)]);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_is_kept_aside_with_its_reason() -> Result<()> {
    let bed = Bed::new(Database::Sqlite).await?;
    let event = |resource: &str, id: i64, data: Json| json!({ "company_id": super::COMPANY, "resource": resource, "resource_id": id, "status": "update", "data": data });
    let batch = json!([
        3,
        { "salon_id": 1, "event": "uninstall" },
        event("schedule", 101, json!([])),
        event("schedule", 101, json!([])),
        event("comet", 5, json!({ "employee": { "passport_series": "4509" }, "tail": 1 })),
        event("record", 6, json!([])),
        event("client", 7, json!({ "name": "A" })),
    ]);
    bed.take(&batch).await?;
    assert_eq!(
        post(&bed.stack, &bed.address(1), "<html>".to_owned()).await?,
        StatusCode::OK
    );
    bed.work().await?;
    let parked = bed.parked().await?;
    let mut reasons: Vec<_> = parked.iter().map(|row| row[1].as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(
        reasons,
        [
            "Text(\"webhook.no_body\")",
            "Text(\"webhook.no_company\")",
            "Text(\"webhook.no_table\")",
            "Text(\"webhook.no_table\")",
            "Text(\"webhook.not_an_event\")",
            "Text(\"webhook.unreadable\")",
        ]
    );
    assert!(!format!("{parked:?}").contains("4509"));
    assert_eq!(
        bed.rows("yclients_clients", &["id"]).await?,
        [["Integer(7)"]]
    );
    bed.end().await
}
