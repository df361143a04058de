use axum::http::{Method, StatusCode};
use serde_json::json;
use wynos::{
    control::Scope,
    warehouse::{Filter, internal},
};

use super::{Site, api::Program};

#[tokio::test]
async fn what_others_refer_to_is_not_deleted_and_what_belongs_to_a_record_goes_with_it() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan")]).await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let repair = json!({"rma": "1", "status": "CLOSED", "customer_id": "c1"});
    let path = "/api/v1/repairs/r1";
    program.ask(Method::PUT, path, Some(repair)).await;
    let repair = format!("{shop}:r1");
    let action = [("id", "a1"), ("repair_id", &repair), ("name", "x")];
    site.row(&shop, "repair_actions", &action, Some("done"))
        .await;
    let (status, problem) = program
        .ask(Method::DELETE, "/api/v1/customers/c1", None)
        .await;
    assert_eq!(
        (status, &problem["code"], &problem["field"]),
        (
            StatusCode::CONFLICT,
            &json!("in-use"),
            &json!(format!("repairs/{shop}:r1"))
        ),
        "{problem}"
    );
    for path in [path, "/api/v1/customers/c1"] {
        let (status, _) = program.ask(Method::DELETE, path, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{path}");
    }
    let open = site.services.warehouses.open(&shop);
    let snapshot = open.snapshot().await.unwrap();
    let actions = wynos::catalog::table("repair_actions").unwrap();
    assert_eq!(snapshot.count(actions, &Filter::All).await.unwrap(), 0);
    let done = Filter::equal("event_id", "done").and(Filter::equal("customer_id", "c1"));
    let subjects = internal::personal_data_subjects();
    assert_eq!(
        snapshot.count(subjects, &done).await.unwrap(),
        1,
        "an action is its customer's"
    );
}
