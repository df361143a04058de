use chrono::TimeDelta;

use super::{
    Actor, ControlError, Role, Scope,
    database::within,
    testing::{beds, new_account, new_subscription, sqlite_bed},
};
use crate::ports::{KeyName, KeyRing, MasterKey};

#[tokio::test]
async fn accounts_differ_by_address_in_any_case() {
    for bed in beds().await {
        assert!(!bed.control.first_owner_needed().await.unwrap());
        let mut tx = bed.control.begin().await.unwrap();
        let taken = tx
            .create_account(&new_account("OLA@example.PL").await, bed.now())
            .await;
        assert!(matches!(taken, Err(ControlError::Taken { .. })));
        for bad in [
            "",
            "ola",
            "ola@",
            "a b@example.pl",
            "ola@example.pl\r\nBcc: x@example.pl",
        ] {
            let refused = tx.create_account(&new_account(bad).await, bed.now()).await;
            assert!(
                matches!(refused, Err(ControlError::Invalid { .. })),
                "{bad:?}"
            );
        }
        drop(tx);
        let found = bed
            .control
            .accounts()
            .by_email(" ola@EXAMPLE.pl")
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&bed.owner));
        assert_eq!(bed.owner.email, "Ola@Example.pl");
        let second = bed
            .control
            .create_first_owner(
                &new_subscription("x"),
                &new_account("x@example.pl").await,
                bed.now(),
            )
            .await;
        assert!(matches!(second, Err(ControlError::Taken { .. })));
        assert!(
            bed.control
                .accounts()
                .by_email("x@example.pl")
                .await
                .unwrap()
                .is_none()
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn bad_settings_of_a_subscription_are_refused_by_name() {
    let bed = sqlite_bed().await;
    let mut tx = bed.control.begin().await.unwrap();
    let mut new = new_subscription("x");
    new.time_zone = "Europe/Warszawa".into();
    let refused = tx.create_subscription(&new, bed.now()).await;
    assert!(matches!(
        refused,
        Err(ControlError::Invalid { field: "time zone" })
    ));
    drop(tx);
    assert_eq!(
        bed.control
            .subscription(&bed.subscription.id)
            .await
            .unwrap(),
        bed.subscription
    );
    bed.close().await;
}

#[tokio::test]
async fn the_last_owner_stays() {
    for bed in beds().await {
        let (here, owner) = (&bed.subscription.id, &bed.owner.id);
        let refused = async |role: Option<Role>| {
            let mut tx = bed.control.begin().await.unwrap();
            match role {
                Some(role) => tx.set_role(here, owner, role, bed.now()).await.unwrap_err(),
                None => tx.remove_member(here, owner).await.unwrap_err(),
            }
        };
        assert!(matches!(
            refused(Some(Role::Viewer)).await,
            ControlError::Invalid {
                field: "last owner"
            }
        ));
        assert!(matches!(
            refused(None).await,
            ControlError::Invalid {
                field: "last owner"
            }
        ));
        let second = bed.person("b@example.pl", Some(Role::Owner)).await;
        let mut tx = bed.control.begin().await.unwrap();
        tx.set_role(here, owner, Role::Viewer, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            bed.control.role(here, owner).await.unwrap(),
            Some(Role::Viewer)
        );
        assert_eq!(bed.control.members(here).await.unwrap().len(), 2);
        let memberships = bed.control.memberships(&second.id).await.unwrap();
        assert_eq!(
            (memberships.len(), memberships[0].name.as_str()),
            (1, "Serwis Żółw")
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_age_and_hand() {
    for bed in beds().await {
        let keys = KeyRing::derive(KeyName::Csrf, &MasterKey::new(1, [3; 32]), &[]);
        let new = bed
            .control
            .sessions()
            .create(&bed.owner.id, bed.now())
            .await
            .unwrap();
        let other = bed
            .control
            .sessions()
            .create(&bed.owner.id, bed.now())
            .await
            .unwrap();
        assert!(!format!("{new:?}").contains(new.token.reveal()));
        let find = async || {
            bed.control
                .sessions()
                .find(new.token.reveal(), bed.now())
                .await
                .unwrap()
        };
        let found = find().await.unwrap();
        assert_eq!(found, new.session);
        let form = found.csrf_token(&keys);
        assert!(found.csrf_matches(&keys, &form));
        assert!(!other.session.csrf_matches(&keys, &form) && !found.csrf_matches(&keys, ""));
        assert!(
            bed.control
                .sessions()
                .find("", bed.now())
                .await
                .unwrap()
                .is_none()
        );
        for _ in 0..72 {
            bed.clock
                .advance(TimeDelta::hours(10) - TimeDelta::seconds(1));
            assert!(find().await.is_some(), "used, so it lives on");
        }
        bed.clock.advance(TimeDelta::minutes(2));
        assert!(find().await.is_none(), "30 days are the end");
        let again = bed
            .control
            .sessions()
            .create(&bed.owner.id, bed.now())
            .await
            .unwrap();
        bed.control.sessions().end(&again.session).await.unwrap();
        assert!(
            bed.control
                .sessions()
                .find(again.token.reveal(), bed.now())
                .await
                .unwrap()
                .is_none()
        );
        let idle = bed
            .control
            .sessions()
            .create(&bed.owner.id, bed.now())
            .await
            .unwrap();
        bed.clock.advance(TimeDelta::hours(12));
        assert!(
            bed.control
                .sessions()
                .find(idle.token.reveal(), bed.now())
                .await
                .unwrap()
                .is_none()
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn an_api_token_opens_its_subscription_until_it_is_revoked() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let mut tx = bed.control.begin().await.unwrap();
        let actor = Actor::Account(bed.owner.id.clone());
        let new = tx
            .create_api_token(
                &bed.subscription.id,
                "skrypt",
                Scope::Read,
                &actor,
                bed.now(),
            )
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(new.secret.reveal().starts_with("wyn_"));
        let found = bed
            .control
            .api_token(new.secret.reveal(), bed.now())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.scope, &found.subscription_id, found.last_used_at),
            (Scope::Read, &bed.subscription.id, Some(bed.now()))
        );
        assert!(
            bed.control
                .api_token("wyn_other", bed.now())
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(bed.control.api_tokens(&other.id).list().await.unwrap(), []);
        let mut tx = bed.control.begin().await.unwrap();
        assert!(
            !tx.revoke_api_token(&other.id, &found.id, bed.now())
                .await
                .unwrap()
        );
        assert!(
            tx.revoke_api_token(&bed.subscription.id, &found.id, bed.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        assert!(
            bed.control
                .api_token(new.secret.reveal(), bed.now())
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            bed.control
                .api_tokens(&bed.subscription.id)
                .list()
                .await
                .unwrap()
                .len(),
            1
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for bed in beds().await {
        bed.control.migrate().await.unwrap();
        bed.control.ping().await.unwrap();
        let all = bed
            .control
            .housekeeping()
            .subscriptions(None, 10)
            .await
            .unwrap();
        assert_eq!(all, std::slice::from_ref(&bed.subscription.id));
        assert_eq!(
            bed.control
                .housekeeping()
                .subscriptions(Some(&all[0]), 10)
                .await
                .unwrap(),
            []
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn tables_that_a_later_version_made_are_no_hindrance() {
    const LATER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                         VALUES (9999, 'of a later version', TRUE, '', 0)";
    for bed in beds().await {
        let mut tx = bed.control.begin().await.unwrap();
        let noted = within!(tx, db => sqlx::query(LATER).execute(db).await.map(|_| ()));
        noted.unwrap();
        tx.commit().await.unwrap();
        bed.control.migrate().await.unwrap();
        bed.close().await;
    }
}
