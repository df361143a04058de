use super::{CredentialKind, CredentialState, NewCredential, VendorToken};
use crate::{
    control::{
        Actor, ControlError, SourceState, VendorName,
        sources::tests::{connected, new_source},
        testing::{beds, sqlite_bed},
    },
    ports::{Cipher, CipherError, KeyName, KeyRing, MasterKey},
};

pub(crate) fn cipher() -> Cipher {
    Cipher::new(KeyRing::derive(
        KeyName::Field,
        &MasterKey::new(1, [3; 32]),
        &[],
    ))
}

pub(crate) fn new_credential(token: &str) -> NewCredential {
    NewCredential {
        vendor: VendorName::Yclients,
        base_url: None,
        kind: CredentialKind::Login,
        login_masked: Some("+7•••67".into()),
        token: VendorToken::new(token),
        created_by: Actor::System,
    }
}

#[tokio::test]
async fn a_token_is_kept_encrypted_and_shows_nowhere() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.credentials(id);
        let new = new_credential("tajny-token");
        let made = writer.create(&new, &cipher(), bed.now()).await.unwrap();
        tx.commit().await.unwrap();
        let read = bed.control.credentials(id).get(&made.id).await.unwrap();
        assert_eq!(read, made);
        assert_eq!(read.token(&cipher()).unwrap().reveal(), "tajny-token");
        assert!(!read.sealed_token.as_deref().unwrap().contains("tajny"));
        for shown in [format!("{read:?}"), format!("{new:?}")] {
            assert!(
                !shown.contains("tajny") && !shown.contains("enc:v1"),
                "{shown}"
            );
        }
        let other = bed.other_subscription().await;
        assert!(matches!(
            bed.control.credentials(&other.id).get(&made.id).await,
            Err(ControlError::NotFound { .. })
        ));
        assert_eq!(bed.control.credentials(&other.id).list().await.unwrap(), []);
        bed.close().await;
    }
}

#[tokio::test]
async fn a_refused_credential_stops_its_sources_until_it_is_renewed() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let source = connected(&bed, 1).await;
        let paused = connected(&bed, 2).await;
        let mut tx = bed.control.begin().await.unwrap();
        tx.sources(id)
            .set_paused(&paused.id, true, bed.now())
            .await
            .unwrap();
        let mut writer = tx.credentials(id);
        for (version, changes) in [(2, false), (1, true), (1, false)] {
            let changed = writer
                .refused(&source.credential_id, version, bed.now())
                .await
                .unwrap();
            assert_eq!(changed, changes && version == 1);
        }
        tx.commit().await.unwrap();
        let state = async |id| bed.control.source(id).await.unwrap().state;
        assert_eq!(state(&source.id).await, SourceState::NeedsCredential);
        let mut tx = bed.control.begin().await.unwrap();
        let renewed = tx
            .credentials(id)
            .renew(
                &source.credential_id,
                &new_credential("nowy"),
                &cipher(),
                bed.now(),
            )
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            (renewed.version, renewed.state, renewed.refused_at),
            (2, CredentialState::Good, None)
        );
        assert_eq!(renewed.token(&cipher()).unwrap().reveal(), "nowy");
        assert_eq!(state(&source.id).await, SourceState::Active);
        bed.close().await;
    }
}

#[tokio::test]
async fn a_credential_is_forgotten_with_its_last_source() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let first = connected(&bed, 1).await;
        let mut tx = bed.control.begin().await.unwrap();
        let mut new = new_source(&first.credential_id, 2);
        new.name = "Druga".into();
        let second = tx.sources(id).create(&new, bed.now()).await.unwrap();
        for (source, forgotten) in [(&first, false), (&second, true)] {
            tx.sources(id)
                .remove(&source.id, false, bed.now())
                .await
                .unwrap();
            let done = tx
                .credentials(id)
                .forget_unused(&source.credential_id)
                .await;
            assert_eq!(done.unwrap(), forgotten);
        }
        tx.commit().await.unwrap();
        let left = bed
            .control
            .credentials(id)
            .get(&first.credential_id)
            .await
            .unwrap();
        assert_eq!(left.token(&cipher()), Err(CipherError::Malformed));
        assert_eq!(bed.control.credentials(id).list().await.unwrap(), []);
        bed.close().await;
    }
}

#[tokio::test]
async fn a_token_copied_to_another_credential_opens_nothing() {
    let bed = sqlite_bed().await;
    let mut tx = bed.control.begin().await.unwrap();
    let mut writer = tx.credentials(&bed.subscription.id);
    let mut one = writer
        .create(&new_credential("a"), &cipher(), bed.now())
        .await
        .unwrap();
    let other = writer
        .create(&new_credential("b"), &cipher(), bed.now())
        .await
        .unwrap();
    one.sealed_token = other.sealed_token;
    assert_eq!(one.token(&cipher()), Err(CipherError::Tampered));
    tx.commit().await.unwrap();
    bed.close().await;
}
