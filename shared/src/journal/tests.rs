use chrono::TimeDelta;
use futures::StreamExt;
use serde_json::json;

use super::{
    ActorFilter, CSV_COLUMNS, Category, CodeFilter, JournalFilter, NewEntry, Severity, export_csv,
};
use crate::{
    catalog::Locale,
    control::{
        Actor, DeliveryStatus, LINK_LIFE,
        testing::{Bed, beds, ready_file},
    },
};

fn entry(bed: &Bed, category: Category, key: &str) -> NewEntry {
    NewEntry {
        at: bed.now(),
        category,
        severity: Severity::Info,
        source_id: None,
        actor: Actor::System,
        code: "export.ready".into(),
        counts: [("customers".to_owned(), 3)].into(),
        details: json!({ "delivery": "abc" }),
        dedupe_key: key.into(),
    }
}

#[tokio::test]
async fn an_entry_is_noted_once_per_subscription() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let new = entry(&bed, Category::Export, "export.ready:abc");
        let mut tx = bed.control.begin().await.unwrap();
        assert!(tx.append_journal(&bed.subscription.id, &new).await.unwrap());
        assert!(!tx.append_journal(&bed.subscription.id, &new).await.unwrap());
        assert!(tx.append_journal(&other.id, &new).await.unwrap());
        assert!(
            tx.append_journal(&other.id, &entry(&bed, Category::Export, ""))
                .await
                .is_err()
        );
        tx.commit().await.unwrap();
        let page = bed
            .control
            .journal(&other.id)
            .list(&JournalFilter::default(), None, 10)
            .await
            .unwrap();
        assert_eq!(page.items.len(), 1);
        let noted = &page.items[0];
        assert_eq!(
            (noted.at, noted.code.as_str(), noted.counts["customers"]),
            (bed.now(), "export.ready", 3)
        );
        assert_eq!(
            (&noted.details, &noted.subscription_id),
            (&json!({ "delivery": "abc" }), &other.id)
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn the_journal_is_filtered_and_paged() {
    for bed in beds().await {
        let start = bed.now();
        let mut tx = bed.control.begin().await.unwrap();
        for number in 0..10 {
            let category = if number % 2 == 0 {
                Category::Export
            } else {
                Category::Access
            };
            let mut new = entry(&bed, category, &format!("k{number}"));
            new.source_id = (number == 4).then(|| "src1".to_owned());
            new.severity = if number < 3 {
                Severity::Error
            } else {
                Severity::Info
            };
            tx.append_journal(&bed.subscription.id, &new).await.unwrap();
            bed.clock.advance(TimeDelta::minutes(1));
        }
        tx.commit().await.unwrap();
        let journal = bed.control.journal(&bed.subscription.id);
        let count = async |filter: JournalFilter| {
            journal.list(&filter, None, 100).await.unwrap().items.len()
        };
        assert_eq!(
            count(JournalFilter {
                category: Some(Category::Access),
                ..Default::default()
            })
            .await,
            5
        );
        assert_eq!(
            count(JournalFilter {
                severity: Some(Severity::Error),
                ..Default::default()
            })
            .await,
            3
        );
        assert_eq!(
            count(JournalFilter {
                source_id: Some("src1".into()),
                ..Default::default()
            })
            .await,
            1
        );
        let (since, until) = (start + TimeDelta::minutes(2), start + TimeDelta::minutes(5));
        assert_eq!(
            count(JournalFilter {
                since: Some(since),
                until: Some(until),
                ..Default::default()
            })
            .await,
            3
        );
        let exports = JournalFilter {
            category: Some(Category::Export),
            ..Default::default()
        };
        let first = journal.list(&exports, None, 3).await.unwrap();
        let second = journal
            .list(&exports, first.next.as_ref(), 3)
            .await
            .unwrap();
        assert_eq!(
            (first.items.len(), second.items.len(), second.next),
            (3, 2, None)
        );
        assert!(first.items[2].at > second.items[0].at);
        bed.close().await;
    }
}

#[tokio::test]
async fn an_outbox_entry_takes_effect_once_with_all_that_belongs_to_it() {
    for bed in beds().await {
        let ordered = bed.order(&bed.owner).await;
        let file = ready_file("exports/a.1.xml");
        for round in 0..4 {
            let mut tx = bed.control.begin().await.unwrap();
            let first = tx
                .mark_relayed(&bed.subscription.id, 17, "d", bed.now())
                .await
                .unwrap();
            assert_eq!(first, round < 2, "round {round}");
            if first {
                tx.deliveries(&bed.subscription.id)
                    .ready(&ordered.id, &file, LINK_LIFE, bed.now())
                    .await
                    .unwrap();
                tx.append_journal(&bed.subscription.id, &entry(&bed, Category::Export, "k"))
                    .await
                    .unwrap();
            }
            // The first time the process stops before the end.
            if round == 0 {
                drop(tx);
            } else {
                tx.commit().await.unwrap();
            }
            let status = bed
                .control
                .deliveries(&bed.subscription.id)
                .get(&ordered.id)
                .await
                .unwrap()
                .status;
            assert_eq!(status == DeliveryStatus::Ready, round > 0);
            let noted = bed
                .control
                .journal(&bed.subscription.id)
                .list(&JournalFilter::default(), None, 9)
                .await
                .unwrap();
            assert_eq!(noted.items.len(), usize::from(round > 0));
        }
        let mut tx = bed.control.begin().await.unwrap();
        assert_eq!(
            tx.forget_relayed(&bed.subscription.id, 17).await.unwrap(),
            1
        );
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn the_journal_is_filtered_by_who_did_what() {
    for bed in beds().await {
        let person = Actor::Account(bed.owner.id.clone());
        let mut tx = bed.control.begin().await.unwrap();
        let doings = [
            (person.clone(), "export.ordered"),
            (Actor::System, "export.built"),
            (person.clone(), "exporting"),
            (Actor::CommandLine, "export"),
        ];
        for (actor, code) in doings {
            let mut new = entry(&bed, Category::Export, code);
            (new.actor, new.code) = (actor, code.to_owned());
            tx.append_journal(&bed.subscription.id, &new).await.unwrap();
        }
        tx.commit().await.unwrap();
        let journal = bed.control.journal(&bed.subscription.id);
        let found = async |actor: &str, code: &str| {
            let of = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let filter = JournalFilter {
                actor: of(actor).map(|actor| actor.parse().unwrap()),
                code: of(code).map(|code| code.parse().unwrap()),
                ..JournalFilter::default()
            };
            let page = journal.list(&filter, None, 10).await.unwrap();
            let mut codes: Vec<_> = page.items.into_iter().map(|entry| entry.code).collect();
            codes.sort();
            codes.join(" ")
        };
        let all = "export export.built export.ordered exporting";
        assert_eq!(found("", "").await, all);
        assert_eq!(
            found("", "export").await,
            "export export.built export.ordered"
        );
        assert_eq!(
            found("", "export.").await,
            "export export.built export.ordered"
        );
        assert_eq!(found("", "export.built").await, "export.built");
        assert_eq!(found("account", "").await, "export.ordered exporting");
        assert_eq!(found(&person.to_string(), "export").await, "export.ordered");
        assert_eq!(found("cli", "").await, "export");
        assert_eq!(found("token", "").await, "");
        bed.close().await;
    }
    for text in ["", "%", "export_", "EXPORT", ".", "a b", &"a".repeat(81)] {
        assert!(text.parse::<CodeFilter>().is_err(), "{text}");
    }
    for text in ["", "root", "account:", "%", "system:1"] {
        assert!(text.parse::<ActorFilter>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn the_journal_as_a_file_has_every_entry_once_and_runs_nothing() {
    for bed in beds().await {
        let mut tx = bed.control.begin().await.unwrap();
        for number in 0..450 {
            let mut new = entry(&bed, Category::Settings, &format!("k{number}"));
            new.code = "job.created".into();
            new.source_id = Some("=cmd|' /C calc'!A0".to_owned());
            new.details = json!({ "name": "Name; \"quoted\"", "schedule": "-" });
            tx.append_journal(&bed.subscription.id, &new).await.unwrap();
            bed.clock.advance(TimeDelta::seconds(1));
        }
        tx.commit().await.unwrap();
        let filter = JournalFilter::default();
        let shop = &bed.subscription.id;
        let pieces = export_csv(&bed.control, shop, filter, Locale::Pl).collect::<Vec<_>>();
        let pieces = pieces.await;
        assert!(pieces.len() >= 3, "page by page");
        let bytes: Vec<u8> = pieces.into_iter().flat_map(Result::unwrap).collect();
        let text = String::from_utf8(bytes).unwrap();
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), CSV_COLUMNS.as_slice());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let ids: std::collections::BTreeSet<&str> = rows.iter().map(|row| &row[9]).collect();
        assert_eq!((rows.len(), ids.len()), (450, 450));
        assert!(
            rows.is_sorted_by(|one, next| one[0] >= next[0]),
            "newest first"
        );
        assert!(rows[0][3].starts_with("'="), "{}", &rows[0][3]);
        assert_eq!(&rows[0][6], "Utworzono zadanie: Name; \"quoted\", -");
        assert_eq!(&rows[0][7], r#"{"customers":3}"#);
        bed.close().await;
    }
}
