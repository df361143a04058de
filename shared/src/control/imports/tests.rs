use chrono::TimeDelta;
use serde_json::json;

use super::{By, ImportFormat, ImportStatus, NewImport, Retention};
use crate::control::{
    Actor, ControlError, Failure, Import, ImportWriter,
    testing::{Bed, beds},
};

fn new_import(bed: &Bed) -> NewImport {
    NewImport {
        created_by: Actor::Account(bed.owner.id.clone()),
        file_name: "klienci.csv".into(),
        object_key: "imports/a".parse().unwrap(),
        format: ImportFormat::Csv,
        table: Some("customers".into()),
        mapping: json!({}),
        merge: true,
        options: json!({ "encoding": "utf-8" }),
    }
}

async fn to(
    writer: &mut ImportWriter<'_>,
    import: &Import,
    status: ImportStatus,
) -> Result<Import, ControlError> {
    let (id, now, counts) = (
        &import.id,
        import.created_at,
        json!({ "customers": { "new": 2 } }),
    );
    match status {
        ImportStatus::Waiting => unreachable!("nothing leads there"),
        ImportStatus::Uploaded => writer.uploaded(id, 10, By::Work, now).await,
        ImportStatus::Validating => {
            writer
                .validating(id, Some(&json!({ "Imię": "name" })), By::Work, now)
                .await
        }
        ImportStatus::Previewed => writer.previewed(id, import.asked, &counts, now).await,
        ImportStatus::Applying => writer.applying(id, By::Work, now).await,
        ImportStatus::Applied => writer.applied(id, &counts, now).await,
        ImportStatus::Undoing => writer.undoing(id, By::Work, now).await,
        ImportStatus::Undone => writer.undone(id, &counts, now).await,
        ImportStatus::Failed => {
            writer
                .fail(
                    id,
                    &Failure {
                        code: "broken".into(),
                        details: json!({ "line": 3 }),
                    },
                    now,
                )
                .await
        }
        ImportStatus::Abandoned => writer.abandon(id, now).await,
    }
}

/// Every state that can follow on each state, but for itself.
fn followers(status: ImportStatus) -> &'static [ImportStatus] {
    use ImportStatus::*;
    match status {
        Waiting => &[Uploaded, Failed, Abandoned],
        Uploaded => &[Validating, Failed, Abandoned],
        Validating => &[Previewed, Failed],
        Previewed => &[Validating, Applying, Abandoned],
        Applying => &[Applied, Failed],
        Applied => &[Undoing],
        Undoing => &[Undone, Failed],
        Failed => &[Validating, Abandoned],
        Undone | Abandoned => &[],
    }
}

#[tokio::test]
async fn only_legal_steps_are_taken() {
    use ImportStatus::*;
    let ways: [&[ImportStatus]; 10] = [
        &[],
        &[Uploaded],
        &[Uploaded, Validating],
        &[Uploaded, Validating, Previewed],
        &[Uploaded, Validating, Previewed, Applying],
        &[Uploaded, Validating, Previewed, Applying, Applied],
        &[Uploaded, Validating, Previewed, Applying, Applied, Undoing],
        &[
            Uploaded, Validating, Previewed, Applying, Applied, Undoing, Undone,
        ],
        &[Uploaded, Validating, Failed],
        &[Uploaded, Abandoned],
    ];
    for bed in beds().await {
        for way in ways {
            let from = way.last().copied().unwrap_or(Waiting);
            for next in ImportStatus::ALL
                .iter()
                .copied()
                .filter(|next| *next != Waiting && *next != from)
            {
                let mut tx = bed.control.begin().await.unwrap();
                let mut writer = tx.imports(&bed.subscription.id);
                let import = writer
                    .create(&new_import(&bed), None, bed.now())
                    .await
                    .unwrap();
                for step in way {
                    assert_eq!(to(&mut writer, &import, *step).await.unwrap().status, *step);
                }
                let legal = followers(from).contains(&next);
                match to(&mut writer, &import, next).await {
                    Ok(after) => assert!(legal && after.status == next, "{from} became {next}"),
                    Err(ControlError::Transition { .. }) => {
                        assert!(!legal, "{from} did not become {next}");
                    }
                    Err(error) => panic!("{error:?}"),
                }
                tx.rollback().await.unwrap();
            }
        }
        bed.close().await;
    }
}

#[tokio::test]
async fn what_failed_goes_on_where_it_broke_off() {
    use ImportStatus::*;
    for bed in beds().await {
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.imports(&bed.subscription.id);
        let import = writer
            .create(&new_import(&bed), None, bed.now())
            .await
            .unwrap();
        let early = writer
            .checkpoint(&import.id, &json!({ "row": 1 }), &json!({}), bed.now())
            .await;
        assert!(matches!(early, Err(ControlError::Transition { .. })));
        for step in [Uploaded, Validating, Previewed, Applying] {
            to(&mut writer, &import, step).await.unwrap();
        }
        writer
            .checkpoint(
                &import.id,
                &json!({ "row": 500 }),
                &json!({ "done": 500 }),
                bed.now(),
            )
            .await
            .unwrap();
        let failed = to(&mut writer, &import, Failed).await.unwrap();
        assert_eq!(
            (failed.failure_code.as_deref(), failed.size),
            (Some("broken"), Some(10))
        );
        assert!(
            to(&mut writer, &import, Abandoned).await.is_err(),
            "rows were written"
        );
        assert!(
            to(&mut writer, &import, Validating).await.is_err(),
            "rows were written"
        );
        let resumed = to(&mut writer, &import, Applying).await.unwrap();
        assert_eq!(
            (resumed.checkpoint, resumed.failure_code),
            (Some(json!({ "row": 500 })), None)
        );
        assert_eq!(resumed.mapping, json!({ "Imię": "name" }));
        let applied = to(&mut writer, &import, Applied).await.unwrap();
        assert_eq!(applied.applied_at, Some(bed.now()));
        assert_eq!(
            to(&mut writer, &import, Undoing).await.unwrap().checkpoint,
            None,
            "undoing starts at its start"
        );
        writer
            .checkpoint(&import.id, &json!({ "row": 3 }), &json!({}), bed.now())
            .await
            .unwrap();
        to(&mut writer, &import, Failed).await.unwrap();
        assert!(
            to(&mut writer, &import, Applying).await.is_err(),
            "it was applied"
        );
        assert_eq!(
            to(&mut writer, &import, Undoing).await.unwrap().checkpoint,
            Some(json!({ "row": 3 }))
        );
        assert_eq!(
            to(&mut writer, &import, Undone).await.unwrap().undone_at,
            Some(bed.now())
        );
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn an_import_is_made_once_under_its_key_and_belongs_to_one_subscription() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let mut new = new_import(&bed);
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.imports(&bed.subscription.id);
        let first = writer.create(&new, Some("k"), bed.now()).await.unwrap();
        new.object_key = "imports/b".parse().unwrap();
        assert_eq!(
            writer.create(&new, Some("k"), bed.now()).await.unwrap(),
            first
        );
        new.merge = false;
        assert!(matches!(
            writer.create(&new, Some("k"), bed.now()).await,
            Err(ControlError::IdempotencyMismatch)
        ));
        assert!(matches!(
            tx.imports(&other.id)
                .uploaded(&first.id, 1, By::Work, bed.now())
                .await,
            Err(ControlError::NotFound { .. })
        ));
        tx.commit().await.unwrap();
        assert_eq!(
            bed.control
                .imports(&bed.subscription.id)
                .list(None, 10)
                .await
                .unwrap()
                .items,
            std::slice::from_ref(&first)
        );
        assert_eq!(
            bed.control
                .imports(&bed.subscription.id)
                .get(&first.id)
                .await
                .unwrap(),
            first
        );
        assert_eq!(
            bed.control
                .imports(&other.id)
                .list(None, 10)
                .await
                .unwrap()
                .items,
            []
        );
        assert!(matches!(
            bed.control.imports(&other.id).get(&first.id).await,
            Err(ControlError::NotFound { .. })
        ));
        bed.close().await;
    }
}

#[tokio::test]
async fn what_was_written_in_part_goes_on_or_back_but_not_on_after_it_began_to_go_back() {
    use ImportStatus::*;
    for bed in beds().await {
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.imports(&bed.subscription.id);
        let new = new_import(&bed);
        let import = writer.create(&new, None, bed.now()).await.unwrap();
        for step in [Uploaded, Validating, Previewed, Applying] {
            to(&mut writer, &import, step).await.unwrap();
        }
        let place = json!({ "row": 500 });
        writer
            .checkpoint(&import.id, &place, &json!({}), bed.now())
            .await
            .unwrap();
        let failed = to(&mut writer, &import, Failed).await.unwrap();
        assert!(failed.may_apply() && failed.may_undo() && !failed.may_validate());
        to(&mut writer, &import, Undoing).await.unwrap();
        let failed = to(&mut writer, &import, Failed).await.unwrap();
        assert!(!failed.may_apply() && failed.may_undo());
        assert!(to(&mut writer, &import, Applying).await.is_err());
        to(&mut writer, &import, Undoing).await.unwrap();
        to(&mut writer, &import, Undone).await.unwrap();
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn asking_again_is_the_same_request_and_a_preview_is_of_what_was_asked_last() {
    for bed in beds().await {
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.imports(&bed.subscription.id);
        let id = writer
            .create(&new_import(&bed), None, bed.now())
            .await
            .unwrap()
            .id;
        for _ in 0..2 {
            let uploaded = writer.uploaded(&id, 10, By::Request, bed.now()).await;
            assert_eq!(uploaded.unwrap().asked, 1);
        }
        for by in [By::Request, By::Work] {
            let validating = writer.validating(&id, None, by, bed.now()).await;
            assert_eq!(validating.unwrap().asked, 1);
        }
        let other = json!({ "Imię": "name" });
        let chosen = writer.validating(&id, Some(&other), By::Request, bed.now());
        assert_eq!(chosen.await.unwrap().asked, 2);
        let stale = writer.previewed(&id, 1, &json!({}), bed.now()).await;
        assert!(matches!(stale, Err(ControlError::Transition { .. })));
        writer
            .previewed(&id, 2, &json!({}), bed.now())
            .await
            .unwrap();
        let applying = writer.applying(&id, By::Request, bed.now()).await;
        assert_eq!(applying.unwrap().asked, 3);
        tx.commit().await.unwrap();
        let waiting = bed.control.housekeeping();
        let before = bed.now() + TimeDelta::seconds(1);
        let waiting = waiting.imports_under_way(before, 10).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].import, id);
        bed.close().await;
    }
}

#[tokio::test]
async fn what_is_not_needed_any_more_is_found_by_state_and_time() {
    use ImportStatus::*;
    let retention = Retention {
        settled_file: TimeDelta::days(1),
        open_file: TimeDelta::days(14),
        rows: TimeDelta::days(90),
    };
    // The way of an import, days after which its file may go, and days after which its rows may.
    let ways: [(&[ImportStatus], i64, Option<i64>); 4] = [
        (&[Uploaded, Validating, Previewed], 14, None),
        (&[Uploaded, Validating, Failed], 14, Some(90)),
        (&[Uploaded, Abandoned], 1, Some(90)),
        (
            &[Uploaded, Validating, Previewed, Applying, Applied],
            1,
            Some(90),
        ),
    ];
    for bed in beds().await {
        for (way, file, rows) in ways {
            let mut tx = bed.control.begin().await.unwrap();
            let mut writer = tx.imports(&bed.subscription.id);
            let new = new_import(&bed);
            let import = writer.create(&new, None, bed.now()).await.unwrap();
            for step in way {
                to(&mut writer, &import, *step).await.unwrap();
            }
            tx.commit().await.unwrap();
            let at = |days| import.created_at + TimeDelta::days(days);
            let house = bed.control.housekeeping();
            let files = async |days| {
                house
                    .unneeded_uploads(&retention, at(days), 10)
                    .await
                    .unwrap()
            };
            let found = async |days| house.unneeded_rows(&retention, at(days), 10).await.unwrap();
            assert!(files(file - 1).await.is_empty(), "{way:?}");
            assert_eq!(files(file).await.len(), 1, "{way:?}");
            assert!(found(89).await.is_empty(), "{way:?}");
            assert_eq!(
                found(90).await.len(),
                usize::from(rows.is_some()),
                "{way:?}"
            );
            let mut tx = bed.control.begin().await.unwrap();
            let mut writer = tx.imports(&bed.subscription.id);
            writer.file_removed(&import.id, at(1)).await.unwrap();
            let may = writer.sweeping(&import.id, at(90)).await.unwrap();
            assert_eq!(may, rows.is_some());
            assert!(
                to(&mut writer, &import, Undoing).await.is_err(),
                "it is swept"
            );
            writer.swept(&import.id, at(90)).await.unwrap();
            tx.commit().await.unwrap();
            assert!(files(file).await.is_empty() && found(90).await.is_empty());
        }
        bed.close().await;
    }
}
