use std::sync::{Arc, Mutex};

use futures::{FutureExt, future::BoxFuture};

use super::*;
use crate::ports::{Handed, Mail, Mailer, MailerError};

/// Takes mails, but to one address.
#[derive(Debug)]
struct Picky {
    refused: &'static str,
    handed: Mutex<Vec<String>>,
}

impl Mailer for Picky {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        async move {
            if mail.to == self.refused {
                let source = std::io::Error::other("busy").into();
                return Err(MailerError::Unavailable { source });
            }
            self.handed.lock().unwrap().push(mail.to.clone());
            Ok(Handed::default())
        }
        .boxed()
    }
}

#[tokio::test]
async fn one_owner_who_cannot_be_reached_keeps_no_other_from_hearing_and_nobody_hears_twice() {
    for mut plant in plants().await {
        for email in ["anna@example.pl", "zofia@example.pl"] {
            plant.bed.person(email, Some(Role::Owner)).await;
        }
        let picky = Arc::new(Picky {
            refused: "anna@example.pl",
            handed: Mutex::default(),
        });
        plant.services.mailer = picky.clone();
        let job = plant.add("every 5 minutes").await;
        let mut asked = Vec::new();
        while asked.is_empty() {
            plant.bed.clock.set(plant.job(&job).await.next_at.unwrap());
            tick(&plant.services.dispatcher()).await.unwrap();
            let run = plant.messages(QueueName::Pull, RUN).await.remove(0);
            plant
                .work(&run, || Err(WorkError::hopeless("job.gave-up", json!({}))))
                .await
                .unwrap();
            asked = plant.messages(QueueName::Mail, MAIL_FAILING).await;
        }
        for _ in 0..3 {
            let sent = send_failing_mail(&plant.services, &job.subscription_id, &asked[0]).await;
            assert_eq!(sent.unwrap_err().disposition(), Disposition::Retry);
        }
        let mut handed = picky.handed.lock().unwrap().clone();
        handed.sort();
        assert!(
            handed.contains(&"zofia@example.pl".to_owned()),
            "{handed:?}"
        );
        let before = handed.len();
        handed.dedup();
        assert_eq!(handed.len(), before, "{handed:?}");
        plant.close().await;
    }
}
