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
