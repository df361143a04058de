//! Bodies of events that say they are of something else than their envelopes.

use anyhow::{Result, ensure};
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use wynos::{
    control::{Actor, SourceSettings},
    journal::{self, Entry, JournalFilter},
    warehouse::{Scan, internal},
    yclients::hooks::{self, Retried},
};

use super::{BOTH, Bed, COMPANY};

fn event(resource: &str, id: i64, status: &str, data: Json) -> Json {
    json!({ "company_id": COMPANY, "resource": resource, "resource_id": id, "status": status, "data": data })
}

/// Rows that events are about, and rows that others could be mistaken for.
async fn filled(bed: &Bed) -> Result<()> {
    bed.take(&json!([
        event("client", 1, "create", json!({ "id": 1, "name": "Anna" })),
        event("client", 2, "create", json!({ "id": 2, "name": "Ola" })),
        event(
            "record",
            5,
            "create",
            json!({ "id": 5, "company_id": COMPANY, "comment": "a" })
        ),
        event(
            "record",
            6,
            "create",
            json!({ "id": 6, "company_id": COMPANY, "comment": "b" })
        ),
        event(
            "good",
            7,
            "create",
            json!({ "good_id": 7, "salon_id": COMPANY, "title": "Szampon" })
        ),
        event(
            "good",
            8,
            "create",
            json!({ "good_id": 8, "salon_id": COMPANY, "title": "Odżywka" })
        ),
        event(
            "finances_operation",
            9,
            "create",
            json!({ "id": 9, "amount": 10 })
        ),
        event(
            "finances_operation",
            10,
            "create",
            json!({ "id": 10, "amount": 20 })
        ),
        event(
            "goods_operations_sale",
            11,
            "create",
            json!({ "id": 11, "cost": 5 })
        ),
        event(
            "goods_operations_sale",
            12,
            "create",
            json!({ "id": 12, "cost": 6 })
        ),
        event(
            "salon",
            COMPANY,
            "update",
            json!({ "id": COMPANY, "title": "Salon" })
        ),
    ]))
    .await
}

/// Everything there is of the rows that could be touched.
async fn all(bed: &Bed) -> Result<Vec<Vec<String>>> {
    let mut all = Vec::new();
    for (table, column) in [
        ("yclients_clients", "name"),
        ("yclients_records", "comment"),
        ("yclients_goods", "title"),
        ("yclients_finance_transactions", "amount"),
        ("yclients_goods_transactions", "cost"),
        ("yclients_companies", "title"),
    ] {
        all.extend(
            bed.rows(table, &["id", column, "_deleted_at", "_extra"])
                .await?,
        );
    }
    Ok(all)
}

/// How many rows are said to be deleted, and how many entities to be read again.
async fn marks(bed: &Bed) -> Result<(usize, usize)> {
    let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
    let snapshot = warehouse.snapshot().await?;
    let deletes = hooks::unconfirmed_deletes(&snapshot, &bed.source.id, None).await?;
    let scan = Scan::of(internal::state()).columns(["key"]);
    let states: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
    let keys = states.iter().flat_map(wynos::warehouse::Rows::iter);
    let hints = keys.filter(|row| {
        let key = row.get(0).as_str();
        key.is_some_and(|key| key.starts_with("webhook.hint/"))
    });
    let hints = hints.count();
    drop(snapshot);
    Ok((deletes.len(), hints))
}

/// The journal's entries about contradictions, the newest first.
async fn told(bed: &Bed) -> Result<Vec<Entry>> {
    let services = bed.stack.services();
    journal::relay_all(&services).await?;
    let filter = JournalFilter {
        code: Some("webhook.contradicted".parse()?),
        ..JournalFilter::default()
    };
    let journal = services.control.journal(&bed.stack.shop);
    Ok(journal.list(&filter, None, 100).await?.items)
}

/// What an event's body says that its envelope does not: the envelope's resource and id, the body, and the reason.
fn contradicting() -> Vec<(&'static str, i64, Json, &'static str)> {
    vec![
        (
            "client",
            1,
            json!({ "id": 2, "name": "Ewa" }),
            "other_entity",
        ),
        (
            "client",
            1,
            json!([{ "id": "2", "name": "Ewa" }]),
            "other_entity",
        ),
        (
            "record",
            5,
            json!({ "id": 6, "comment": "Ewa" }),
            "other_entity",
        ),
        (
            "record",
            5,
            json!({ "id": 5, "company_id": 1, "comment": "Ewa" }),
            "other_company",
        ),
        (
            "good",
            7,
            json!({ "good_id": 8, "title": "Ewa" }),
            "other_entity",
        ),
        (
            "good",
            7,
            json!({ "good_id": 7, "salon_id": 1, "title": "Ewa" }),
            "other_company",
        ),
        (
            "finances_operation",
            9,
            json!({ "id": 10, "amount": 99, "comment": "Ewa" }),
            "other_entity",
        ),
        (
            "goods_operations_sale",
            11,
            json!({ "id": 12, "cost": 99, "comment": "Ewa" }),
            "other_entity",
        ),
        (
            "salon",
            COMPANY,
            json!({ "id": 1, "title": "Ewa" }),
            "other_company",
        ),
        ("company", 1, json!({ "title": "Ewa" }), "other_company"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_contradicts_its_envelope_is_nobodys_row() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        filled(&bed).await?;
        let before = all(&bed).await?;
        let mut expected = Vec::new();
        for status in ["create", "update", "delete"] {
            for (resource, id, data, reason) in contradicting() {
                bed.take(&event(resource, id, status, data)).await?;
                expected.push(format!("Text(\"webhook.{reason}\")"));
            }
        }
        assert_eq!(all(&bed).await?, before);
        assert_eq!(marks(&bed).await?, (0, 0), "nothing is said to be deleted");

        let parked = bed.parked().await?;
        let mut reasons: Vec<_> = parked.iter().map(|row| row[1].clone()).collect();
        reasons.sort_unstable();
        expected.sort_unstable();
        assert_eq!(reasons, expected);

        let told = told(&bed).await?;
        assert_eq!(told.len(), 30);
        let details = told.iter().map(|entry| entry.details.to_string());
        let details: Vec<_> = details.collect();
        let said = |what: &str| details.iter().any(|text| text.contains(what));
        for what in [
            "client 1 ≠ 2",
            "record 5: company 4564 ≠ 1",
            "good 7 ≠ 8",
            "finances_operation 9 ≠ 10",
            "goods_operations_sale 11 ≠ 12",
            "salon 4564: company 4564 ≠ 1",
        ] {
            assert!(said(what), "{what} is not in {details:?}");
        }
        assert!(!said("Ewa"), "ids alone: {details:?}");
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_contradicts_keeps_no_other_out_and_is_refused_again() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let both = json!([{ "id": 2, "name": "Ewa" }, { "id": 1, "name": "Anna" }]);
        bed.take(&json!([
            event("client", 1, "update", both),
            event("client", 3, "update", json!({ "name": "Ola" })),
        ]))
        .await?;
        let rows = bed.rows("yclients_clients", &["id", "name"]).await?;
        assert_eq!(
            rows,
            [
                ["Integer(1)", "Text(\"Anna\")"],
                ["Integer(3)", "Text(\"Ola\")"]
            ]
        );
        let services = bed.stack.services();
        let warehouse = services.warehouses.open(&bed.stack.shop);
        let kept = wynos::parked::records(&warehouse, None, 10).await?;
        ensure!(kept.len() == 1, "{kept:?}");
        let by = Actor::CommandLine;
        let again = hooks::replay(&services, &bed.stack.shop, &kept[0].id, &by).await?;
        let refused = Retried::Refused("webhook.other_entity".to_owned());
        assert_eq!(again, Some(refused));
        assert_eq!(bed.rows("yclients_clients", &["id"]).await?.len(), 2);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_is_about_what_the_envelope_names() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let services = bed.stack.services();
        let mut tx = services.control.begin().await?;
        let now = services.clock.now();
        let settings = SourceSettings {
            hints: Some(true),
            ..SourceSettings::default()
        };
        tx.sources(&bed.stack.shop)
            .change(&bed.source.id, &settings, now)
            .await?;
        tx.commit().await?;
        let foreign = json!({ "id": 2, "company_id": 1, "name": "Ewa" });
        bed.take(&event("client", 1, "delete", foreign)).await?;
        assert!(bed.rows("yclients_clients", &["id"]).await?.is_empty());
        assert_eq!(
            marks(&bed).await?,
            (0, 1),
            "it is asked for, and not believed"
        );
        bed.end().await?;
    }
    Ok(())
}
