use chrono::TimeDelta;

use super::{connected, new_source};
use crate::{
    SourceId,
    control::{
        ControlError, CredentialId, NewSource, RowsLeft, Source, SourceState, VendorName,
        credentials_testing::{cipher, new_credential},
        testing::{Bed, beds},
    },
};

async fn remove(bed: &Bed, id: &SourceId, rows: bool) -> Source {
    let mut tx = bed.control.begin().await.unwrap();
    let mut sources = tx.sources(&bed.subscription.id);
    let removed = sources.remove(id, rows, bed.now()).await.unwrap();
    tx.commit().await.unwrap();
    removed
}

async fn credential(bed: &Bed) -> CredentialId {
    let mut tx = bed.control.begin().await.unwrap();
    let made = tx
        .credentials(&bed.subscription.id)
        .create(&new_credential("another"), &cipher(), bed.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    made.id
}

async fn take_up(
    bed: &Bed,
    id: &SourceId,
    new: &NewSource,
    name: Option<&str>,
) -> Result<Option<Source>, ControlError> {
    let mut tx = bed.control.begin().await.unwrap();
    let mut sources = tx.sources(&bed.subscription.id);
    let taken = sources.take_up(id, new, name, bed.now()).await;
    tx.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn a_removed_source_whose_rows_are_kept_is_taken_up_again() {
    for bed in beds().await {
        let before = connected(&bed, 7).await;
        let id = &before.id;
        let sources = bed.control.sources(&bed.subscription.id);
        let kept = async || sources.kept_of(VendorName::Yclients, 7).await.unwrap();
        let again = new_source(&credential(&bed).await, 7);
        assert_eq!((kept().await, before.rows_left()), (None, None));
        assert_eq!(take_up(&bed, id, &again, None).await.unwrap(), None);
        bed.clock.advance(TimeDelta::days(1));
        let removed = remove(&bed, id, false).await;
        assert_eq!(removed.rows_left(), Some(RowsLeft::Kept));
        assert_eq!(
            sources.removed().await.unwrap(),
            std::slice::from_ref(&removed)
        );
        assert_eq!(kept().await, Some(removed));
        let elsewhere = sources.kept_of(VendorName::Altegio, 7).await.unwrap();
        assert_eq!(elsewhere, None);
        let of_nobody = NewSource {
            credential_id: CredentialId::random(),
            ..again.clone()
        };
        let of_another = new_source(&again.credential_id, 8);
        for other in [of_nobody, of_another] {
            assert_eq!(take_up(&bed, id, &other, None).await.unwrap(), None);
        }
        let unnamed = take_up(&bed, id, &again, Some(" ")).await;
        assert!(matches!(unnamed, Err(ControlError::Invalid { .. })));
        bed.clock.advance(TimeDelta::days(1));
        let taken = take_up(&bed, id, &again, None).await.unwrap().unwrap();
        assert_eq!(
            (&taken.id, taken.state, taken.removed_at, taken.rows_left()),
            (id, SourceState::Active, None, None)
        );
        assert_eq!(
            (&taken.name, &taken.time_zone, taken.created_at),
            (&before.name, &before.time_zone, before.created_at)
        );
        assert_eq!(taken.credential_id, again.credential_id);
        assert_eq!((taken.webhook_oldest, taken.webhook_version), (2, 2));
        assert_eq!((taken.changed_at, taken.compared), (bed.now(), true));
        assert_eq!(
            (kept().await, sources.removed().await.unwrap()),
            (None, vec![])
        );
        remove(&bed, id, false).await;
        let named = take_up(&bed, id, &again, Some(" Drugi ")).await.unwrap();
        assert_eq!(named.unwrap().name, "Drugi");
        bed.close().await;
    }
}

#[tokio::test]
async fn rows_that_are_given_up_are_no_longer_kept_and_those_of_a_connected_source_are_not_given_up()
 {
    for bed in beds().await {
        let source = connected(&bed, 7).await;
        let id = &source.id;
        let give_up = async || {
            let mut tx = bed.control.begin().await.unwrap();
            let mut sources = tx.sources(&bed.subscription.id);
            let given_up = sources.give_up_rows(id, bed.now()).await;
            tx.commit().await.unwrap();
            given_up
        };
        assert!(matches!(
            give_up().await,
            Err(ControlError::NotFound { .. })
        ));
        remove(&bed, id, false).await;
        bed.clock.advance(TimeDelta::days(1));
        let given_up = give_up().await.unwrap();
        assert_eq!(given_up.rows_left(), Some(RowsLeft::Going));
        bed.clock.advance(TimeDelta::days(1));
        assert_eq!(
            give_up().await.unwrap(),
            given_up,
            "again, it changes nothing"
        );
        let sources = bed.control.sources(&bed.subscription.id);
        let kept = sources.kept_of(VendorName::Yclients, 7).await.unwrap();
        assert_eq!(kept, None);
        let again = new_source(&source.credential_id, 7);
        assert_eq!(take_up(&bed, id, &again, None).await.unwrap(), None);
        assert_eq!(sources.removed().await.unwrap(), [given_up]);
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(&bed.subscription.id);
        writer.cleared(id, bed.now()).await.unwrap();
        tx.commit().await.unwrap();
        let cleared = sources.get(id).await.unwrap();
        assert_eq!(cleared.rows_left(), Some(RowsLeft::Gone));
        assert_eq!(sources.removed().await.unwrap(), []);
        bed.close().await;
    }
}

#[tokio::test]
async fn of_two_sources_of_a_company_that_were_kept_the_latest_goes_on() {
    for bed in beds().await {
        let first = connected(&bed, 7).await;
        remove(&bed, &first.id, false).await;
        // As it was before kept rows were gone on with.
        let second = connected(&bed, 7).await;
        let sources = bed.control.sources(&bed.subscription.id);
        let kept = async || sources.kept_of(VendorName::Yclients, 7).await.unwrap();
        assert_eq!(kept().await, None, "it is connected");
        let again = new_source(&second.credential_id, 7);
        let taken = take_up(&bed, &first.id, &again, None).await.unwrap();
        assert_eq!(taken, None);
        bed.clock.advance(TimeDelta::days(1));
        remove(&bed, &second.id, false).await;
        assert_eq!(kept().await.map(|source| source.id), Some(second.id));
        bed.close().await;
    }
}
