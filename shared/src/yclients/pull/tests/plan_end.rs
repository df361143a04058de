//! The mails about the end of a plan, to the owners of whom something is loaded.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;

use super::options;
use crate::{
    catalog::Locale,
    control::{Actor, Source, testing::beds},
    jobs,
    journal::{self, JournalFilter},
    ports::{Handed, Mail, Mailer, MailerError, QueueName},
    yclients::{
        client::tests::fine,
        connect::{
            self,
            tests::{Place, connected, place},
        },
        pull::{PullError, run},
    },
};

/// Keeps every mail that is handed over.
#[derive(Debug, Default)]
struct Letters(Mutex<Vec<Mail>>);

impl Mailer for Letters {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        async move {
            self.0.lock().unwrap().push(mail.clone());
            Ok(Handed::default())
        }
        .boxed()
    }
}

impl Letters {
    /// What was handed over since this was asked last.
    fn taken(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Reads what is due, then sends the mails that wait; whether anything was read.
async fn read(place: &Place, source: &Source) -> bool {
    place.server.answers([fine(&json!([]))]);
    let done = run(&place.services, &source.id, options(&[])).await;
    let (services, queue) = (&place.services, &place.services.queue);
    let lease = Duration::from_secs(60);
    for message in queue.receive(QueueName::Mail, 10, lease).await.unwrap() {
        let receipt = message.receipt.clone();
        let work = Box::pin(jobs::run(services, QueueName::Mail, message));
        work.await.unwrap();
        queue.ack(QueueName::Mail, &receipt).await.unwrap();
    }
    match done {
        Ok(_) => true,
        Err(PullError::PlanEnded | PullError::NotActive) => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// How often the journal tells of each of the two, with every entry a sentence in every language.
async fn noted(place: &Place) -> [usize; 2] {
    let journal = place.bed.control.journal(&place.bed.subscription.id);
    let filter = JournalFilter::default();
    let entries = journal.list(&filter, None, 200).await.unwrap().items;
    ["plan.ending", "plan.ended"].map(|code| {
        let of_code = entries.iter().filter(|entry| entry.code == code);
        for entry in of_code.clone() {
            for locale in Locale::ALL {
                let text = journal::message(locale, entry);
                assert!(text.contains("2026-03-15"), "{text}");
            }
        }
        of_code.count()
    })
}

#[tokio::test]
async fn owners_are_mailed_once_before_their_plan_ends_and_once_when_it_has() {
    for bed in beds().await {
        let mut place = place(bed).await;
        let letters = Arc::new(Letters::default());
        place.services.mailer = letters.clone();
        let source = connected(&place).await;
        let begun = place.bed.now();
        // Hours since the plan of fourteen days began, whether anything is read then, and what the mail is about.
        for (hours, reads, about) in [
            (0, true, None),
            (10 * 24, true, None),
            (11 * 24 - 1, true, None),
            (11 * 24 + 1, true, Some("plan kończy się 15.03.2026")),
            (11 * 24 + 30, true, None),
            (14 * 24 - 1, true, None),
            (14 * 24, false, Some("plan skończył się 15.03.2026")),
            (14 * 24 + 2, false, None),
            (20 * 24, false, None),
            (100 * 24, false, None),
        ] {
            place.bed.clock.set(begun + TimeDelta::hours(hours));
            assert_eq!(read(&place, &source).await, reads, "{hours}");
            let mails = letters.taken();
            let Some(about) = about else {
                assert_eq!(mails, [], "{hours}");
                continue;
            };
            let [mail] = mails.as_slice() else {
                panic!("{hours}: {mails:?}")
            };
            assert_eq!(mail.to, place.bed.owner.email);
            assert!(mail.text.contains(about), "{hours}: {}", mail.text);
            assert!(mail.text.contains("Serwis Żółw"), "{}", mail.text);
        }
        assert_eq!(noted(&place).await, [1, 1]);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn an_end_that_moved_is_told_of_anew_and_nobody_hears_of_what_is_not_loaded() {
    for bed in beds().await {
        let mut place = place(bed).await;
        let letters = Arc::new(Letters::default());
        place.services.mailer = letters.clone();
        let source = connected(&place).await;
        let (begun, by) = (place.bed.now(), Actor::CommandLine);
        let days = |place: &mut Place, days: Option<u32>| {
            let mut settings = place.services.settings.as_ref().clone();
            settings.plans.trial.days = days;
            place.services.settings = Arc::new(settings);
        };
        // A plan as short as the notice is not told of before its end.
        place.bed.clock.set(begun + TimeDelta::days(2));
        days(&mut place, Some(3));
        assert!(read(&place, &source).await);
        days(&mut place, Some(14));
        place.bed.clock.set(begun + TimeDelta::days(12));
        connect::pause(&place.services, &source.id, &by)
            .await
            .unwrap();
        assert!(!read(&place, &source).await);
        connect::resume(&place.services, &source.id, &by)
            .await
            .unwrap();
        days(&mut place, None);
        assert!(read(&place, &source).await);
        assert_eq!(
            letters.taken(),
            [],
            "short, then paused, then without an end"
        );
        for (hour, plan, told) in [(2, 14, 1), (4, 15, 1), (6, 14, 0), (8, 3, 1), (10, 15, 0)] {
            place
                .bed
                .clock
                .set(begun + TimeDelta::days(12) + TimeDelta::hours(hour));
            days(&mut place, Some(plan));
            assert_eq!(read(&place, &source).await, plan > 12, "{plan}");
            assert_eq!(letters.taken().len(), told, "{hour}: {plan}");
        }
        place.bed.close().await;
    }
}
