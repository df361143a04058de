//! Tables of a source of which only a list can be read that tells less.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::{
    SubscriptionId,
    warehouse::{Load, Write},
};

use super::{Site, api::Program, source_work::connected};

const TABLE: &str = "yclients_clients";

/// Notes that the clients of a source were read from a list that tells less.
async fn read_poorly(site: &Site, shop: &SubscriptionId, source: &str) {
    let cursor = json!({
        "loaded_to": "2026-11-21T10:00:00Z", "endpoint": 1, "turned_away_at": "2026-11-21T09:00:00Z",
    });
    let load = Load {
        origin: "test",
        run: "test".to_owned(),
        observed_at: site.services.clock.now(),
        writes: vec![Write::PutState {
            key: format!("pull/{source}/{TABLE}"),
            value: Some(cursor),
        }],
        quota: None,
    };
    let warehouse = site.services.warehouses.open(shop);
    warehouse.commit(load).await.unwrap();
}

/// What a program is told of every table that is read so, by name.
async fn told(program: &mut Program, tables: &str) -> Vec<(String, Value)> {
    let (status, list) = program.ask(Method::GET, tables, None).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    let tables = list["items"].as_array().unwrap().iter();
    let poorer = tables.filter(|table| !table["poorer"].is_null());
    poorer
        .map(|table| {
            let name = table["name"].as_str().unwrap();
            (name.to_owned(), table["poorer"].clone())
        })
        .collect()
}

#[tokio::test]
async fn a_table_that_is_read_from_a_poorer_list_says_what_may_be_missing_and_what_to_do() {
    let (site, shop, mut program, made) = connected().await;
    let id = made["id"].as_str().unwrap();
    let tables = format!("/api/v1/sources/{id}/tables");
    assert!(told(&mut program, &tables).await.is_empty());
    read_poorly(&site, &shop, id).await;
    let poorer = told(&mut program, &tables).await;
    assert_eq!(poorer.len(), 1, "{poorer:?}");
    let (table, clients) = &poorer[0];
    assert_eq!(
        (table.as_str(), &clients["refused_at"], &clients["rows"]),
        (TABLE, &json!("2026-11-21T09:00:00Z"), &json!(false))
    );
    let columns = clients["columns"].as_array().unwrap();
    assert!(columns.contains(&json!("surname")) && !columns.contains(&json!("phone")));
    let text = clients["text"].as_str().unwrap();
    assert!(
        !text.is_empty() && !text.contains("source-poorer"),
        "{text}"
    );

    let mut anna = site.signed_in("anna@example.com").await;
    let page = format!("/s/{shop}/sources/{id}");
    for (language, begins, column, remedy) in [
        (
            "pl",
            "Czytana jest uboższa lista",
            "Nazwisko",
            "zaloguj się ponownie",
        ),
        (
            "ru",
            "Читается менее подробный список",
            "Фамилия",
            "войдите снова",
        ),
        (
            "en",
            "read from a list that tells less",
            "Surname",
            "sign in again",
        ),
    ] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        let shown = anna.get(&page).await.body;
        for words in [begins, column, remedy] {
            assert!(shown.contains(words), "{language} {words}: {shown}");
        }
        assert_eq!(shown.matches(begins).count(), 1, "{shown}");
    }

    let change = Some(json!({ "enabled": false }));
    let path = format!("{tables}/{TABLE}");
    let (status, changed) = program.ask(Method::PATCH, &path, change).await;
    assert_eq!((status, &changed["poorer"]), (StatusCode::OK, &Value::Null));
    let off = told(&mut program, &tables).await;
    assert!(off.is_empty(), "{off:?}");
}
