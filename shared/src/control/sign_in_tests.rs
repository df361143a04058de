use std::net::IpAddr;

use chrono::TimeDelta;

use super::{
    Password, SignIn,
    testing::{beds, sqlite_bed},
};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

#[tokio::test]
async fn guessing_gets_slower_and_the_owner_gets_in_again() {
    for bed in beds().await {
        let attempt = async |password: &str| {
            bed.control
                .sign_in("OLA@example.pl", password, HOME, bed.now())
                .await
                .unwrap()
        };
        assert_eq!(
            attempt("dobre hasło 1").await,
            SignIn::Granted(bed.owner.clone())
        );
        for _ in 0..5 {
            assert_eq!(attempt("złe hasło 123").await, SignIn::Wrong);
        }
        let until = bed.now() + TimeDelta::seconds(5);
        assert_eq!(
            attempt("dobre hasło 1").await,
            SignIn::Throttled { until },
            "even the right one waits"
        );
        bed.clock.advance(TimeDelta::seconds(5));
        assert_eq!(attempt("złe hasło 123").await, SignIn::Wrong);
        let until = bed.now() + TimeDelta::seconds(15);
        assert_eq!(attempt("złe hasło 123").await, SignIn::Throttled { until });
        bed.clock.advance(TimeDelta::seconds(15));
        assert_eq!(
            attempt("dobre hasło 1").await,
            SignIn::Granted(bed.owner.clone())
        );
        assert_eq!(
            attempt("złe hasło 123").await,
            SignIn::Wrong,
            "counted afresh"
        );
        let nobody = bed
            .control
            .sign_in("nikt@example.pl", "dobre hasło 1", HOME, bed.now())
            .await
            .unwrap();
        assert_eq!(nobody, SignIn::Wrong);
        bed.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_are_throttled_like_one_after_another() {
    for bed in beds().await {
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let (control, now) = (bed.control.clone(), bed.now());
            guesses.spawn(async move {
                control
                    .sign_in("ola@example.pl", "zgaduję hasło", HOME, now)
                    .await
                    .unwrap()
            });
        }
        let outcomes = guesses.join_all().await;
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == SignIn::Wrong)
                .count(),
            5
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn one_address_cannot_try_account_after_account() {
    let bed = sqlite_bed().await;
    let (here, mut wrong) = ("2001:db8::1".parse().unwrap(), 0);
    loop {
        let email = format!("osoba{wrong}@example.pl");
        match bed
            .control
            .sign_in(&email, "zgaduję hasło", here, bed.now())
            .await
            .unwrap()
        {
            SignIn::Wrong => wrong += 1,
            SignIn::Throttled { .. } => break,
            SignIn::Granted(_) => panic!("let in"),
        }
    }
    assert_eq!(wrong, 31);
    let neighbour = "2001:db8::2".parse().unwrap();
    let outcome = bed
        .control
        .sign_in("ola@example.pl", "dobre hasło 1", neighbour, bed.now())
        .await
        .unwrap();
    assert!(matches!(outcome, SignIn::Throttled { .. }), "the same /64");
    let elsewhere = bed
        .control
        .sign_in("ola@example.pl", "dobre hasło 1", HOME, bed.now())
        .await
        .unwrap();
    assert_eq!(elsewhere, SignIn::Granted(bed.owner.clone()));
    bed.close().await;
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let bed = sqlite_bed().await;
    let session = bed
        .control
        .sessions()
        .create(&bed.owner.id, bed.now())
        .await
        .unwrap();
    let password = Password::hash("zupełnie nowe hasło").await.unwrap();
    let mut tx = bed.control.begin().await.unwrap();
    tx.set_password(&bed.owner.id, &password).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        bed.control
            .sessions()
            .find(session.token.reveal(), bed.now())
            .await
            .unwrap()
            .is_none()
    );
    let old = bed
        .control
        .sign_in("ola@example.pl", "dobre hasło 1", HOME, bed.now())
        .await
        .unwrap();
    assert_eq!(old, SignIn::Wrong);
    let new = bed
        .control
        .sign_in("ola@example.pl", "zupełnie nowe hasło", HOME, bed.now())
        .await
        .unwrap();
    assert!(matches!(new, SignIn::Granted(_)));
    bed.close().await;
}
