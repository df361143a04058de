use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use wynos::{
    control::{AccountMail, FileFormat, MailTrouble, Role},
    delivery,
    journal::JournalFilter,
    warehouse::{Load, Rows, Value, Write, internal},
};

use super::{PASSWORD, Site};

#[tokio::test]
async fn an_owner_lets_people_in_changes_their_role_and_takes_them_out() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let people = format!("/s/{shop}/people");
    anna.get(&people).await;
    let new = |role| {
        [
            ("email", "jan@example.com"),
            ("name", "Jan"),
            ("password", PASSWORD),
            ("role", role),
        ]
    };
    let added = anna.post(&people, &new("viewer")).await;
    assert!(added.location().ends_with("done=saved"), "{}", added.body);
    let page = anna.get(&people).await;
    assert!(page.body.contains("jan@example.com"), "{}", page.body);
    let mut jan = site.signed_in("jan@example.com").await;
    assert_eq!(
        jan.get(&people).await.status,
        StatusCode::FORBIDDEN,
        "only owners"
    );
    assert!(
        !jan.get(&format!("/s/{shop}"))
            .await
            .body
            .contains("/people\"")
    );
    let control = &site.services.control;
    let id = control
        .accounts()
        .by_email("jan@example.com")
        .await
        .unwrap()
        .unwrap()
        .id;
    let one = format!("{people}/{id}");
    anna.get(&people).await;
    anna.post(&one, &[("role", "manager")]).await;
    assert_eq!(control.role(&shop, &id).await.unwrap(), Some(Role::Manager));
    anna.post(&one, &[("role", "manager"), ("remove", "yes")])
        .await;
    assert_eq!(control.role(&shop, &id).await.unwrap(), None);
    let mine = control
        .accounts()
        .by_email("anna@example.com")
        .await
        .unwrap()
        .unwrap()
        .id;
    let last = anna
        .post(&format!("{people}/{mine}"), &[("role", "viewer")])
        .await;
    assert!(
        last.location().ends_with("done=last-owner"),
        "{}",
        last.body
    );
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/people")).await;
    let made = anna
        .post(
            &format!("/s/{shop}/tokens"),
            &[("name", "till"), ("scope", "read")],
        )
        .await;
    let start = made.body.find("wyn_").expect("the token");
    let secret: String = made.body[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let again = anna.get(&format!("/s/{shop}/people")).await;
    assert!(again.body.contains("till") && !again.body.contains("wyn_"));
    let bearer = format!("Bearer {secret}");
    let auth = [("authorization", bearer.as_str())];
    let mut program = site.browser();
    let list = "/api/v1/customers";
    let answer = program
        .request(Method::GET, list, Body::empty(), &auth)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let id = site
        .services
        .control
        .api_tokens(&shop)
        .list()
        .await
        .unwrap()[0]
        .id
        .clone();
    anna.post(&format!("/s/{shop}/tokens/{id}/revoke"), &[])
        .await;
    let answer = program
        .request(Method::GET, list, Body::empty(), &auth)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_list_is_narrowed_and_its_customers_show_in_the_log() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan"), ("c2", "Ewa")]).await;
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("/s/{shop}/exports/new")).await;
    let order = |narrow| {
        [
            ("format", "csv"),
            ("table", "customers"),
            ("locale", "en"),
            ("purpose", "audit"),
            ("columns", "id, person"),
            ("where", narrow),
        ]
    };
    let refused = anna
        .post(&format!("/s/{shop}/exports"), &order("person"))
        .await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    anna.get(&format!("/s/{shop}/exports/new")).await;
    let ordered = anna
        .post(&format!("/s/{shop}/exports"), &order("person=Jan"))
        .await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.body);
    site.work().await;
    let delivery = site
        .services
        .control
        .deliveries(&shop)
        .list(None, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (delivery.format, delivery.counts["customers"]),
        (FileFormat::Csv, 1)
    );
    let log = format!("/s/{shop}/personal-data?customer=");
    let told = anna.get(&format!("{log}c1")).await.body;
    assert!(
        told.contains("left in a file") && told.contains("audit"),
        "{told}"
    );
    let nothing = anna.get(&format!("{log}c2")).await.body;
    assert!(nothing.contains("Nothing is noted"), "{nothing}");
}

#[tokio::test]
async fn the_log_of_a_customer_goes_from_the_newest_line_to_the_oldest() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let lines = 430_i64;
    let mut events = Rows::new(internal::personal_data_events().columns.len());
    let mut subjects = Rows::new(2);
    for line in 0..lines {
        // Their order by name is not that by time.
        let event = format!("e{:03}", line * 7 % lines);
        let at = site.services.clock.now() - chrono::TimeDelta::minutes(line);
        let purpose = format!("purpose {line}.");
        events.push_values(&[
            event.as_str().into(),
            at.into(),
            "api".into(),
            purpose.as_str().into(),
            Value::Null,
            Value::Null,
            Value::Null,
        ]);
        subjects.push_values(&[event.as_str().into(), "c1".into()]);
    }
    let load = Load {
        origin: "test",
        run: "test".to_owned(),
        observed_at: site.services.clock.now(),
        writes: vec![
            Write::Insert {
                table: internal::personal_data_subjects().clone(),
                rows: subjects,
            },
            Write::Insert {
                table: internal::personal_data_events().clone(),
                rows: events,
            },
        ],
        quota: None,
    };
    let warehouse = site.services.warehouses.open(&shop);
    warehouse.commit(load).await.unwrap();

    let mut anna = site.signed_in("anna@example.com").await;
    let mut path = Some(format!("/s/{shop}/personal-data?customer=c1"));
    let mut seen = Vec::new();
    while let Some(next) = path {
        let body = anna.get(&next).await.body;
        let told = body.split("<td>purpose ").skip(1);
        seen.extend(told.map(|rest| rest.split('.').next().unwrap().parse::<i64>().unwrap()));
        let older = body
            .split("<div class=\"pager\"><a class=\"button second\" href=\"")
            .nth(1);
        path = older.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
    }
    assert_eq!(seen, (0..lines).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_address_that_warnings_did_not_reach_is_shown_until_a_mail_reaches_it() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let (services, people) = (&site.services, format!("/s/{shop}/people"));
    let control = &services.control;
    let account = control.accounts().by_email("anna@example.com").await;
    let about = AccountMail {
        subscription: shop.clone(),
        account: account.unwrap().unwrap().id,
        kind: "mail.usage".to_owned(),
    };
    let mut now = services.clock.now();
    let mut sent = async |name: &str| {
        now += TimeDelta::seconds(1);
        let mut tx = control.begin().await.unwrap();
        tx.account_mail_sent(&about, name, now).await.unwrap();
        tx.commit().await.unwrap();
        now
    };
    let at = sent("ses-1").await;
    let says = "The mail to anna@example.com did not arrive";
    assert!(!anna.get(&people).await.body.contains(says));
    for _ in 0..2 {
        let told = delivery::mail_failed_later(services, "ses-1", MailTrouble::Bounced, at);
        assert!(told.await.unwrap());
    }
    let unknown = delivery::mail_failed_later(services, "ses-0", MailTrouble::Bounced, at);
    assert!(!unknown.await.unwrap());
    let page = anna.get(&people).await;
    assert!(page.body.contains(says), "{}", page.body);
    let journal = control.journal(&shop);
    let journal = journal.list(&JournalFilter::default(), None, 50).await;
    let journal = journal.unwrap().items;
    let told = journal
        .iter()
        .filter(|entry| entry.code == "mail.account-bounced");
    assert_eq!(told.count(), 1);
    sent("ses-2").await;
    assert!(!anna.get(&people).await.body.contains(says));
}
