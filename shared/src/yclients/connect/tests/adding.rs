use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::{
    codes, companies_page, connected, connected_at, details, place, signed_in, with_password,
};
use crate::{
    catalog::Locale,
    control::{
        Actor, CredentialState, Purpose, Source, VendorName, VendorToken,
        testing::{beds, sqlite_bed},
    },
    warehouse::{Filter, Load, Write, internal},
    yclients::{
        client::{
            COMPANY_CLOSED,
            tests::{answer, fine, refusal},
        },
        connect::{
            Add, Entry, SignIn, add, companies, discard, keep_up, open, set_table, sign_in, tables,
            tidy,
        },
        pull::{self, PullError},
    },
};

#[tokio::test]
async fn a_company_is_connected_with_all_its_tables_and_no_password_is_kept() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        assert_eq!(source.company_id, 1050);
        assert_eq!(
            (source.name.as_str(), source.title.as_str()),
            ("Ля Визаж", "Ля Визаж")
        );
        assert_eq!(
            source.time_zone, "Asia/Yekaterinburg",
            "the name, not the hours"
        );
        let seen: Vec<String> = place
            .server
            .seen()
            .iter()
            .map(|seen| seen.uri.to_string())
            .collect();
        assert_eq!(seen[0], "/api/v1/companies?my=1&page=1&count=50");
        assert_eq!(seen[2], "/api/v1/company/1050/");
        let views = tables(&place.services, &source.id).await.unwrap();
        for view in &views {
            let due = view.state.next_at.is_some();
            assert_eq!(due, pull::is_read(&view.table.name), "{}", view.table.name);
            assert!(view.state.enabled);
        }
        let (documents, by) = ("yclients_documents", Actor::CommandLine);
        for on in [false, true] {
            set_table(&place.services, &source.id, documents, Some(on), None, &by)
                .await
                .unwrap();
        }
        let views = tables(&place.services, &source.id).await.unwrap();
        let state = views.iter().find(|view| view.table.name == documents);
        assert_eq!(
            state.unwrap().state.next_at,
            None,
            "nothing reads it by itself"
        );
        let of = |name: &str| views.iter().find(|view| view.table.name == name);
        assert_eq!(of("yclients_records").unwrap().children.len(), 3);
        assert!(
            of("yclients_record_services").is_none(),
            "it comes with the records"
        );
        let credential = place
            .bed
            .control
            .credentials(&source.subscription_id)
            .get(&source.credential_id)
            .await
            .unwrap();
        assert_eq!(credential.login_masked.as_deref(), Some("+7•••67"));
        let opened = open(&place.services, &source.id, Purpose::Pull)
            .await
            .unwrap();
        let shown = format!("{credential:?} {opened:?} {:?}", with_password(&place));
        assert!(
            !shown.contains("tajn") && !shown.contains("916 123"),
            "{shown}"
        );
        let jobs = ["job.created", "job.created"].as_slice();
        let told = ["source.added", "source.table-off", "source.table-on"];
        assert_eq!(codes(&place).await, [jobs, &told].concat());
        place.bed.close().await;
    }
}

#[tokio::test]
async fn each_failure_to_connect_has_its_own_message() {
    let place = place(sqlite_bed().await).await;
    let failures = [
        (
            vec![refusal(401, "Неверный логин")],
            "vendor.wrong-password",
        ),
        (vec![fine(&json!({ "uuid": "u" }))], "vendor.two-factor"),
        (vec![signed_in(), fine(&json!([]))], "source.no-companies"),
        (
            vec![signed_in(), refusal(402, "x")],
            "vendor.licence-expired",
        ),
        (vec![refusal(503, "x")], "vendor.unavailable"),
    ];
    let mut texts = std::collections::BTreeSet::new();
    for (script, code) in failures {
        place.server.answers(script);
        let error = sign_in(&place.services, &with_password(&place))
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(code));
        for locale in Locale::ALL {
            let text = error.text(locale);
            assert!(!text.contains("problem-") && !text.contains('{'), "{text}");
            assert!(texts.insert(text), "each its own");
        }
    }
    let kept = place
        .bed
        .control
        .credentials(&place.bed.subscription.id)
        .list()
        .await
        .unwrap();
    assert_eq!(kept, [], "a failed sign-in keeps nothing");
    let source = connected(&place).await;
    let lists = || vec![fine(&companies_page()), fine(&json!([]))];
    let order = |company| Add {
        subscription: source.subscription_id.clone(),
        credential: source.credential_id.clone(),
        company,
        name: Some("Drugi".into()),
        by: Actor::System,
    };
    let licence = "Необходимо продлить лицензию в филиале с id: 1051";
    for (company, rest, code) in [
        (9, vec![], "source.no-such-company"),
        (
            1050,
            vec![fine(&details(1050)), fine(&json!([]))],
            "source.connected",
        ),
        (
            1051,
            vec![refusal(403, "Недостаточно прав")],
            "vendor.forbidden",
        ),
        (
            1051,
            vec![fine(&details(1051)), refusal(403, licence)],
            "vendor.licence-expired",
        ),
        (1051, vec![refusal(401, "x")], COMPANY_CLOSED),
        (
            1051,
            vec![fine(&details(1051)), refusal(401, "x")],
            COMPANY_CLOSED,
        ),
        (
            1051,
            vec![refusal(401, "Партнёр не найден")],
            "vendor.partner-refused",
        ),
    ] {
        let calls = 2 + rest.len();
        place.server.answers(lists().into_iter().chain(rest));
        let error = add(&place.services, &order(company)).await.unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert!(!error.text(Locale::Pl).contains("problem-"));
        assert_eq!(place.server.seen().len(), calls, "{code}: no other call");
    }
    // That records may not be read turns off a table, not the source; hours are no time zone.
    let rest = [
        fine(&json!({ "id": 1051 })),
        refusal(403, "Недостаточно прав"),
    ];
    place.server.answers(lists().into_iter().chain(rest));
    let second = add(&place.services, &order(1051)).await.unwrap().source;
    assert_eq!(
        (second.name.as_str(), second.time_zone.as_str()),
        ("Drugi", "Europe/Warsaw")
    );
    assert_eq!(second.credential_id, source.credential_id, "they share it");
    place.bed.close().await;
}

#[tokio::test]
async fn a_token_of_an_application_needs_no_password() {
    let place = place(sqlite_bed().await).await;
    place
        .server
        .answers([fine(&companies_page()), fine(&json!([]))]);
    let order = SignIn {
        entry: Entry::Token(VendorToken::new("app-token")),
        ..with_password(&place)
    };
    let (credential, listed) = sign_in(&place.services, &order).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].time_zone, Some(chrono_tz::Europe::Moscow));
    let seen = place.server.seen().remove(0);
    assert_eq!(
        seen.headers["authorization"],
        "Bearer partner-tajny, User app-token"
    );
    place.server.answers([refusal(401, "x")]);
    let id = &place.bed.subscription.id;
    let error = companies(&place.services, id, &credential.id)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("vendor.unauthorized"));
    let after = place
        .bed
        .control
        .credentials(id)
        .get(&credential.id)
        .await
        .unwrap();
    assert_eq!(after.state, CredentialState::Refused);
    discard(&place.services, id, &credential.id).await.unwrap();
    assert_eq!(place.bed.control.credentials(id).list().await.unwrap(), []);
    place.bed.close().await;
}

#[tokio::test]
async fn a_sign_in_that_led_to_nothing_is_forgotten_after_a_day() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    place
        .server
        .answers([fine(&companies_page()), fine(&json!([]))]);
    let another = SignIn {
        entry: Entry::Token(VendorToken::new("app-token")),
        ..with_password(&place)
    };
    sign_in(&place.services, &another).await.unwrap();
    let kept = async || {
        let credentials = place.bed.control.credentials(&source.subscription_id);
        credentials.list().await.unwrap().len()
    };
    tidy(&place.services.dispatcher()).await.unwrap();
    assert_eq!(kept().await, 2);
    place.bed.clock.advance(TimeDelta::hours(25));
    tidy(&place.services.dispatcher()).await.unwrap();
    assert_eq!(kept().await, 1, "the one that is used stays");
    place.bed.close().await;
}

#[tokio::test]
async fn an_account_that_signs_in_again_shares_the_sign_in_of_its_sources() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let sign_in_with = async |token: &str| {
            let data = json!({ "id": 1, "user_token": token });
            let entered = answer(201, &json!({ "success": true, "data": data, "meta": [] }));
            let seen = [fine(&companies_page()), fine(&json!([]))];
            place.server.answers(std::iter::once(entered).chain(seen));
            let (credential, _) = sign_in(&place.services, &with_password(&place))
                .await
                .unwrap();
            credential.id
        };
        assert_eq!(sign_in_with("token-tajny").await, source.credential_id);
        // Logins that look alike are not taken for one account, nor is what nobody uses given to two.
        let other = sign_in_with("token-inny").await;
        assert_ne!(other, source.credential_id);
        assert_ne!(sign_in_with("token-inny").await, other);
        discard(
            &place.services,
            &source.subscription_id,
            &source.credential_id,
        )
        .await
        .unwrap();
        let opened = open(&place.services, &source.id, Purpose::Pull).await;
        assert!(opened.is_ok(), "it is in use");
        place.bed.close().await;
    }
}

#[tokio::test]
async fn the_warehouse_knows_whose_clients_a_source_counts() {
    for (vendor, elsewhere) in [(VendorName::Yclients, false), (VendorName::Altegio, true)] {
        let place = place(sqlite_bed().await).await;
        let source = connected_at(&place, vendor).await;
        let warehouse = place.services.warehouses.open(&source.subscription_id);
        let knows = async || {
            let known = warehouse.snapshot().await.unwrap().elsewhere().await;
            known.unwrap().contains(source.id.as_str())
        };
        assert_eq!(knows().await, elsewhere);
        // As it is where the source was connected before the warehouse was told.
        let forget = Write::Remove {
            table: Arc::clone(internal::vendors()),
            filter: Filter::All,
            limit: None,
        };
        let load = Load {
            origin: "test",
            run: "1".to_owned(),
            observed_at: place.bed.now(),
            writes: vec![forget],
            quota: None,
        };
        warehouse.commit(load).await.unwrap();
        assert!(!knows().await);
        let jobs = codes(&place).await;
        keep_up::<PullError>(&place.services, &source)
            .await
            .unwrap();
        assert_eq!(knows().await, elsewhere);
        assert_eq!(codes(&place).await, jobs, "it has its comparisons");
        let before = Source {
            compared: false,
            ..source.clone()
        };
        keep_up::<PullError>(&place.services, &before)
            .await
            .unwrap();
        assert_eq!(codes(&place).await, jobs, "and is given them once");
    }
}
