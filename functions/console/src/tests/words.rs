use axum::http::StatusCode;
use wynos::catalog::Locale;

use super::Site;

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
