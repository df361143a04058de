use aws_sdk_ses::Client;
use wynos::ports::{Clock, Disposition, Mail, Mailer};
use wynos_runtime::SesMailer;
use wynos_tests::aws::{Moto, cloud};

fn mail(id: &str) -> Mail {
    Mail {
        message_id: id.to_owned(),
        to: "ola@example.pl".to_owned(),
        subject: "Plik gotowy: żółw".to_owned(),
        text: "Otwórz https://example.pl/d/abc".to_owned(),
        html: "<p>Otwórz</p>".to_owned(),
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_whole_and_its_name_is_known() {
    let moto = Moto::shared().unwrap();
    let cloud = cloud(moto.endpoint()).await;
    let verify = Client::new(&cloud).verify_email_identity();
    verify
        .email_address("mailer@example.com")
        .send()
        .await
        .unwrap();
    let from = "Wynos <mailer@example.com>".parse().unwrap();
    let mailer = SesMailer::new(&cloud, from, None, Clock::System);
    let handed = mailer.send(&mail("delivery-abc.1")).await.unwrap();
    let name = handed.name.unwrap();
    let sent = moto.mails().await.unwrap();
    let sent = sent.iter().find(|sent| sent.id == name).unwrap();
    assert!(sent.to.iter().eq(["ola@example.pl"]), "{:?}", sent.to);
    assert!(
        sent.raw
            .contains("Message-ID: <delivery-abc.1@example.com>"),
        "{}",
        sent.raw
    );
    assert!(sent.raw.contains("multipart/alternative"), "{}", sent.raw);
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    let cloud_here = cloud(Moto::shared().unwrap().endpoint()).await;
    // This one answers with a rejection that names no verification.
    let unverified = "Wynos <nobody-knows@example.net>".parse().unwrap();
    let mailer = SesMailer::new(&cloud_here, unverified, None, Clock::System);
    let refused = mailer.send(&mail("a")).await.unwrap_err();
    assert_eq!(refused.disposition(), Disposition::Park, "{refused:?}");

    let nobody = cloud("http://127.0.0.1:9").await;
    let from = "Wynos <mailer@example.com>".parse().unwrap();
    let mailer = SesMailer::new(&nobody, from, None, Clock::System);
    let away = mailer.send(&mail("a")).await.unwrap_err();
    assert_eq!(away.disposition(), Disposition::Retry, "{away:?}");
}
