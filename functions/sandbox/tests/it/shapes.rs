use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};
use wynos_sandbox::{MANAGER_EMAIL, Options, PASSWORD, TWO_FACTOR_EMAIL};

use crate::caller::{COMPANY, Caller, EASTERN, number};

#[tokio::test]
async fn every_list_answers_in_its_shape() -> Result<()> {
    let caller = Caller::small().await?;
    let lists: [(&str, &[&str]); 14] = [
        ("/companies?my=1", &["id", "title", "timezone_name"]),
        (
            "/company/4564/staff",
            &["id", "name", "position", "services_links", "employee"],
        ),
        ("/staff/4564", &["id", "name", "position", "fired"]),
        (
            "/company/4564/service_categories",
            &["id", "title", "staff"],
        ),
        (
            "/company/4564/services",
            &["id", "category_id", "price_min", "duration", "staff"],
        ),
        (
            "/clients/4564?count=200",
            &["id", "phone", "spent", "last_change_date", "custom_fields"],
        ),
        (
            "/records/4564?count=200",
            &["id", "services", "client", "datetime", "date", "documents"],
        ),
        ("/labels/4564/2", &["id", "title", "deleted"]),
        (
            "/goods/4564?count=100",
            &["good_id", "title", "cost", "actual_amounts"],
        ),
        ("/goods_categories/4564/0", &["id", "title"]),
        ("/storages/4564", &["id", "title", "for_sale"]),
        ("/accounts/4564", &["id", "title", "type"]),
        (
            "/storages/transactions/4564?count=200",
            &["id", "type_id", "good", "amount", "create_date"],
        ),
        (
            "/transactions/4564?count=200",
            &["id", "expense", "amount", "account", "sold_item_type"],
        ),
    ];
    for (path, keys) in lists {
        let body = caller.good(path).await?;
        let rows = body["data"]
            .as_array()
            .with_context(|| format!("{path}: no list"))?;
        assert!(!rows.is_empty(), "{path} is empty");
        for key in keys {
            assert!(
                rows.iter().all(|row| row.get(key).is_some()),
                "{path} lacks {key}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn single_rows_are_those_of_the_lists() -> Result<()> {
    let caller = Caller::small().await?;
    let first = async |path: &str, key: &str| -> Result<i64> {
        Ok(number(&caller.good(path).await?["data"][0][key]))
    };
    let record = first("/records/4564", "id").await?;
    let client = first("/clients/4564", "id").await?;
    let good = first("/goods/4564", "good_id").await?;
    let moved = first("/storages/transactions/4564", "id").await?;
    let paid = first("/transactions/4564", "id").await?;
    let document = first("/storages/transactions/4564", "document_id").await?;
    let service = first("/company/4564/services", "id").await?;
    for (path, key, id) in [
        (
            format!("/record/4564/{record}?include_consumables=1"),
            "id",
            record,
        ),
        (format!("/client/4564/{client}"), "id", client),
        (format!("/goods/4564/{good}"), "good_id", good),
        (
            format!("/storage_operations/goods_transactions/4564/{moved}"),
            "id",
            moved,
        ),
        (format!("/finance_transactions/4564/{paid}"), "id", paid),
        (
            format!("/storage_operations/documents/4564/{document}"),
            "id",
            document,
        ),
        (format!("/company/4564/services/{service}"), "id", service),
    ] {
        let data = caller.good(&path).await?["data"].clone();
        // Some are documented both as an object and as a list of one.
        let row = if data.is_array() {
            data[0].clone()
        } else {
            data
        };
        assert_eq!(number(&row[key]), id, "{path}");
    }
    let lines = caller
        .good(&format!(
            "/storage_operations/documents/goods_transactions/{document}"
        ))
        .await?;
    assert_eq!(number(&lines["data"][0]["document_id"]), document);
    Ok(())
}

#[tokio::test]
async fn quirks_are_there_and_can_be_left_out() -> Result<()> {
    let strange = Caller::small().await?;
    let plain = Caller::new(Options {
        records: 600,
        quirks: false,
        ..Options::default()
    })
    .await?;
    let path = "/records/4564?count=200&include_consumables=1&include_finance_transactions=1";
    let forms = |rows: &[Value]| {
        let strings = rows
            .iter()
            .filter(|row| row["visit_id"].is_string())
            .count();
        let lists = rows.iter().filter(|row| row["client"].is_array()).count();
        (strings > 0, lists > 0)
    };
    assert_eq!(forms(&strange.all(path).await?), (true, true));
    assert_eq!(forms(&plain.all(path).await?), (false, false));

    let record = &strange.all(path).await?[0];
    let created = record["create_date"].as_str().context("no create_date")?;
    assert!(created.ends_with("+0300"), "{created}");
    let eastern = strange.all(&path.replace("4564", "5681")).await?;
    assert!(
        eastern[0]["create_date"]
            .as_str()
            .is_some_and(|date| date.ends_with("+0500"))
    );
    assert!(
        record["date"]
            .as_str()
            .is_some_and(|date| date.len() == 19 && !date.contains('T'))
    );
    Ok(())
}

#[tokio::test]
async fn goods_fall_back_to_25_and_a_short_page_is_not_the_last() -> Result<()> {
    let caller = Caller::small().await?;
    let many = caller.good("/goods/4564?count=101").await?;
    assert!(many["data"].as_array().is_some_and(|rows| rows.len() <= 25));
    let first = caller.good("/goods/4564?count=100").await?;
    assert!(
        first["data"]
            .as_array()
            .is_some_and(|rows| rows.len() < 100),
        "the first page is full"
    );
    let rows = caller.all("/goods/4564?count=100").await?;
    let truth = caller.truth("yclients_goods", COMPANY).await?;
    let alive = truth
        .values()
        .filter(|row| row["_deleted"] == json!(false))
        .count();
    assert_eq!(rows.len(), alive);
    assert!(rows.len() > 200);
    Ok(())
}

#[tokio::test]
async fn deleted_records_show_only_when_asked_for() -> Result<()> {
    let caller = Caller::small().await?;
    let shown = caller.all("/records/4564?count=200").await?;
    assert!(shown.iter().all(|row| row["deleted"] == json!(false)));
    let all = caller.all("/records/4564?count=200&with_deleted=1").await?;
    let deleted = all
        .iter()
        .filter(|row| row["deleted"] == json!(true))
        .count();
    assert!(deleted > 0);
    assert_eq!(all.len(), shown.len() + deleted);
    Ok(())
}

#[tokio::test]
async fn a_search_for_clients_gives_only_known_fields_that_were_asked_for() -> Result<()> {
    let caller = Caller::small().await?;
    let body = json!({ "page": 1, "page_size": 500, "fields": ["id", "name", "last_change_date"] });
    let answer = caller.post("/company/4564/clients/search", body).await?;
    let found: Value = answer.json().await?;
    let rows = found["data"].as_array().context("no list")?;
    assert!(!rows.is_empty() && rows.len() <= 200);
    assert!(
        rows.iter()
            .all(|row| row.as_object().is_some_and(|row| row.len() == 2))
    );

    let wrong = json!({ "filters": [{ "type": "weather", "state": {} }] });
    let refused = caller.post("/company/4564/clients/search", wrong).await?;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn signing_in_has_three_ends() -> Result<()> {
    let caller = Caller::small().await?;
    assert_eq!(
        caller.sign_in(MANAGER_EMAIL, "wrong").await?.status(),
        StatusCode::UNAUTHORIZED
    );
    let challenge = caller.sign_in(TWO_FACTOR_EMAIL, PASSWORD).await?;
    assert_eq!(challenge.status(), StatusCode::OK);
    assert!(challenge.json::<Value>().await?["data"]["uuid"].is_string());

    let manager: Value = caller
        .sign_in(MANAGER_EMAIL, PASSWORD)
        .await?
        .json()
        .await?;
    let token = manager["data"]["user_token"].as_str().context("no token")?;
    let manager = Caller {
        token: token.to_owned(),
        ..Caller::small().await?
    };
    assert_eq!(
        manager.good("/companies?my=1").await?["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let foreign = manager.get(&format!("/records/{EASTERN}")).await?;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);

    let nobody = Caller {
        token: "nobody".to_owned(),
        ..Caller::small().await?
    };
    assert_eq!(
        nobody.get("/records/4564").await?.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        caller.get("/records/1").await?.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        caller.get("/nowhere").await?.status(),
        StatusCode::NOT_FOUND
    );
    Ok(())
}
