use serde_json::json;

use super::{codes, companies_page, connected, place};
use crate::{
    control::{
        Actor, Purpose, SourceState, VendorToken,
        testing::{beds, sqlite_bed},
    },
    journal::JournalFilter,
    yclients::{
        client::tests::fine,
        connect::{Change, Entry, change, open, pause, refused, renew, resume, set_table, tables},
    },
};

#[tokio::test]
async fn a_refused_source_waits_until_its_credential_is_renewed() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        let source = connected(&place).await;
        let opened = open(services, &source.id, Purpose::Pull).await.unwrap();
        for _ in 0..2 {
            refused(services, &opened).await.unwrap();
        }
        let error = open(services, &source.id, Purpose::Pull).await.unwrap_err();
        assert_eq!(error.code(), Some("source.not-active"));
        let entry = Entry::Token(VendorToken::new("nowy"));
        place
            .server
            .answers([fine(&json!([{ "id": 77, "title": "x" }])), fine(&json!([]))]);
        let error = renew(services, &source.id, entry.clone(), &by)
            .await
            .unwrap_err();
        assert_eq!(
            error.code(),
            Some("source.no-such-company"),
            "another account"
        );
        place
            .server
            .answers([fine(&companies_page()), fine(&json!([]))]);
        let renewed = renew(services, &source.id, entry, &by).await.unwrap();
        assert_eq!(renewed.source.state, SourceState::Active);
        assert_eq!(renewed.closed, []);
        refused(services, &opened).await.unwrap();
        let again = open(services, &source.id, Purpose::Pull).await.unwrap();
        assert_eq!(
            again.credential_version, 2,
            "the refusal was of the token before"
        );
        assert_eq!(
            codes(&place).await,
            [
                "job.created",
                "job.created",
                "source.added",
                "source.refused",
                "source.renewed"
            ]
        );
        place.bed.close().await;
    }
}

#[tokio::test]
async fn settings_change_and_people_reach_known_hosts_only() {
    let place = place(sqlite_bed().await).await;
    let (services, by) = (&place.services, Actor::Account(place.bed.owner.id.clone()));
    let source = connected(&place).await;
    let to = |address: &str| Change {
        base_url: Some(Some(address.into())),
        hints: Some(true),
        ..Change::default()
    };
    let inner = to("http://169.254.169.254/latest");
    let error = change(services, &source.id, &inner, &by).await.unwrap_err();
    assert_eq!(error.code(), Some("source.address"));
    let known = to("https://api.yclients.ru/api/v1");
    let changed = change(services, &source.id, &known, &by).await.unwrap();
    assert!(changed.hints && changed.base_url.as_deref() == Some("https://api.yclients.ru/api/v1"));
    let credentials = place.bed.control.credentials(&source.subscription_id);
    let credential = credentials.get(&source.credential_id).await.unwrap();
    assert_eq!(
        credential.base_url, changed.base_url,
        "it moves with its sources"
    );
    let elsewhere = to("http://127.0.0.1:9/api/v1");
    change(services, &source.id, &elsewhere, &Actor::CommandLine)
        .await
        .unwrap();
    let paused = pause(services, &source.id, &by).await.unwrap();
    assert_eq!(paused.state, SourceState::Paused);
    pause(services, &source.id, &by).await.unwrap();
    assert_eq!(
        resume(services, &source.id, &by).await.unwrap().state,
        SourceState::Active
    );
    let filter = json!({ "column": "staff_id", "is": "equal", "value": 1 });
    let set = async |table, enabled, filter| {
        set_table(services, &source.id, table, enabled, filter, &by).await
    };
    set("yclients_staff", Some(false), None).await.unwrap();
    set("yclients_records", None, Some(Some(&filter)))
        .await
        .unwrap();
    for (table, filter) in [
        ("customers", None),
        ("yclients_records", Some(Some(&json!(7)))),
    ] {
        assert!(set(table, None, filter).await.is_err());
    }
    let views = tables(services, &source.id).await.unwrap();
    let of = |name: &str| views.iter().find(|view| view.table.name == name).unwrap();
    assert!(!of("yclients_staff").state.enabled);
    let journal = services.control.journal(&source.subscription_id);
    let noted = journal.list(&JournalFilter::default(), None, 100).await;
    let mut noted = noted.unwrap().items.into_iter();
    let noted = noted.find(|entry| entry.code == "source.filtered");
    assert_eq!(noted.unwrap().details["filter"], filter, "which one it was");
    assert_eq!(of("yclients_records").state.filter, Some(filter));
    let expected = [
        "job.created",
        "job.created",
        "source.added",
        "source.changed",
        "source.changed",
        "source.filtered",
        "source.paused",
        "source.resumed",
        "source.table-off",
    ];
    // Both changes of settings came at the same moment of the fixed clock, and are one entry.
    let noted = codes(&place).await;
    assert_eq!(
        noted,
        expected
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != 3)
            .map(|(_, c)| *c)
            .collect::<Vec<_>>()
    );
    place.bed.close().await;
}
