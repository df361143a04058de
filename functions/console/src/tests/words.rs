use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::{catalog::Locale, control::Scope};

use super::{Site, api::Program};

#[tokio::test]
async fn columns_and_conditions_are_typed_as_the_list_calls_them() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/exports/new")).await;
    let status = wynos::catalog::table("repairs").unwrap();
    let status = status.column("status").unwrap();
    let closed = match &status.ty {
        wynos::catalog::ColumnType::Choice(choices) => choices.iter(),
        other => panic!("{other:?}"),
    }
    .find(|choice| choice.value == "CLOSED")
    .unwrap();
    let (status, closed) = (status.label.get(Locale::En), closed.label.get(Locale::En));
    let fields = [
        ("format", "csv".to_owned()),
        ("table", "repairs".to_owned()),
        ("columns", format!("{status}, customer: phone, rma")),
        (
            "where",
            format!("{status}={}\nrma>=2", closed.to_uppercase()),
        ),
    ];
    let fields = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect::<Vec<_>>();
    let ordered = anna.post(&format!("/s/{shop}/exports"), &fields).await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.body);
    let deliveries = site.services.control.deliveries(&shop);
    let delivery = deliveries.list(None, 1).await.unwrap().items.remove(0);
    let said = delivery.selection.to_string();
    assert_eq!(
        delivery.selection["columns"],
        serde_json::json!(["status", "customer_id.phone", "rma"])
    );
    assert!(said.contains("\"CLOSED\""), "{said}");
    let wrong = [("format", "csv"), ("table", "repairs"), ("columns", "Hue")];
    let refused = anna.post(&format!("/s/{shop}/exports"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_files_profile_is_told_in_the_readers_language() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/exports/new")).await;
    let order = [("format", "xml"), ("profile", "full")];
    let ordered = anna.post(&format!("/s/{shop}/exports"), &order).await;
    let file = ordered.location().to_owned();
    anna.post("/account/language", &[("locale", "pl")]).await;
    let page = anna.get(&file).await;
    assert!(page.body.contains("XML, pełny"), "{}", page.body);
}

#[tokio::test]
async fn an_order_that_cannot_be_done_names_its_field_and_what_is_wrong() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let csv = |more: Value| {
        let mut order = json!({ "format": "csv", "table": "customers" });
        let more = more.as_object().unwrap().clone();
        order.as_object_mut().unwrap().extend(more);
        order
    };
    let list = |table: Value| json!({ "file_name": "x.csv", "format": "csv", "table": table });
    let wrong = [
        ("exports", csv(json!({ "table": null })), "table", "table"),
        ("exports", csv(json!({ "table": "nope" })), "table", "nope"),
        (
            "exports",
            csv(json!({ "columns": ["hue"] })),
            "columns",
            "hue",
        ),
        (
            "exports",
            csv(json!({ "where": { "hue": "1" } })),
            "where",
            "hue",
        ),
        (
            "exports",
            csv(json!({ "purpose": "x".repeat(2_000) })),
            "purpose",
            "characters",
        ),
        ("imports", list(Value::Null), "table", "part_deliveries"),
        ("imports", list("nope".into()), "table", "part_deliveries"),
    ];
    for (what, body, field, word) in wrong {
        let path = format!("/api/v1/{what}");
        let (status, problem) = program.ask(Method::POST, &path, Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem["field"], field, "{problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(word),
            "{problem}"
        );
    }
    let right = Some(list("customers".into()));
    let (_, begun) = program.ask(Method::POST, "/api/v1/imports", right).await;
    let path = format!("/api/v1/imports/{}", begun["id"].as_str().unwrap());
    let start = format!("{path}/start");
    let (status, early) = program.ask(Method::POST, &start, None).await;
    assert_eq!(
        (status, &early["code"]),
        (StatusCode::CONFLICT, &json!("import.no-file"))
    );
    let (_, import) = program.ask(Method::GET, &path, None).await;
    assert_eq!(import["status"], "waiting", "it can still be started");
}

#[tokio::test]
async fn columns_are_ticked_by_what_people_call_them() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let form = format!("/s/{shop}/exports/new?table=warehouse");
    let form = anna.get(&form).await.body;
    assert!(form.contains("name=\"columns_of\" value=\"warehouse\""));
    let path = format!("/s/{shop}/exports");
    let list = |more: &[(&'static str, &'static str)]| {
        let mut typed = vec![("format", "csv"), ("table", "customers")];
        typed.extend(more);
        typed
    };
    let other = list(&[("columns_of", "warehouse"), ("column", "id")]);
    let refused = anna.post(&path, &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("were of another table"));
    let shown = anna.post(&path, &list(&[("step", "columns")])).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown
            .body
            .contains("name=\"columns_of\" value=\"customers\"")
    );

    // Every column that is offered can be had.
    let all = shown.body.split("name=\"column\" value=\"").skip(1);
    let all: Vec<&str> = all.filter_map(|rest| rest.split('"').next()).collect();
    assert!(
        all.contains(&"group_id.name") && all.contains(&"group_id"),
        "{all:?}"
    );
    let mut typed = list(&[("columns_of", "customers")]);
    typed.extend(all.iter().map(|name| ("column", *name)));
    let ordered = anna.post(&path, &typed).await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.body);
    let deliveries = site.services.control.deliveries(&shop);
    let delivery = deliveries.list(None, 1).await.unwrap().items.remove(0);
    assert_eq!(delivery.selection["columns"], serde_json::json!(all));
}
