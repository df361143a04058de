//! Two workers who have the same messages, doubled and in any order.

use std::time::Duration;

use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use wynos::{
    SubscriptionId,
    control::{Import, ImportStatus},
    import::{self, Phase},
    jobs,
    ports::{Disposition, QueueName, Received},
    services::Services,
};

use super::{
    Bed, beds,
    files::sample_file,
    redelivery::{Seen, seen},
    xml,
};

/// Customers of the first file, and of the one that comes over it, which is more than one load.
const CUSTOMERS: [u64; 2] = [20, 600];
/// A message that was done by somebody else meanwhile is done by then.
const MOST_ATTEMPTS: usize = 50;

/// Does what the messages ask for, one after another, as a worker does that tries again what may pass.
async fn work(services: Services, messages: Vec<Received>) {
    for message in messages {
        let mut attempts = 0;
        loop {
            let done = jobs::run(&services, QueueName::Import, message.clone()).await;
            match done.as_ref().map_err(jobs::JobError::disposition) {
                Ok(()) | Err(Disposition::Drop) => break,
                Err(Disposition::Retry) if attempts < MOST_ATTEMPTS => attempts += 1,
                Err(_) => panic!("{message:?}: {done:?}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Those who work on an import, and every message that they ever had.
struct Workers {
    had: Vec<Received>,
    /// Whether each message comes once and in order, to one of them.
    calm: bool,
    draw: StdRng,
}

impl Workers {
    /// Works off what waits; messages of steps before come again with it.
    async fn work(&mut self, bed: &Bed) {
        let mut new = Vec::new();
        loop {
            let hidden = Duration::from_secs(3_600);
            let received = bed.services.queue.receive(QueueName::Import, 10, hidden);
            let received = received.await.unwrap();
            if received.is_empty() {
                break;
            }
            for message in received {
                let queue = &bed.services.queue;
                let settled = queue.ack(QueueName::Import, &message.receipt);
                settled.await.unwrap();
                new.push(message);
            }
        }
        assert!(!new.is_empty(), "nothing was asked for");
        if self.calm {
            return work(bed.services.clone(), new).await;
        }
        self.had.append(&mut new);
        let mut hands = [self.had.clone(), self.had.clone()];
        for hand in &mut hands {
            hand.shuffle(&mut self.draw);
        }
        let workers = hands.map(|hand| tokio::spawn(work(bed.services.clone(), hand)));
        for worker in workers {
            worker.await.unwrap();
        }
    }

    /// Two files, one after the other, each read, written, and the second taken back; what is seen after each step.
    async fn import(&mut self, bed: &Bed, shop: &SubscriptionId) -> Vec<Seen> {
        let mut steps = Vec::new();
        for customers in CUSTOMERS {
            let path = bed.file(&format!("{customers}.xml"), &sample_file(customers));
            let import: Import = bed.begun(shop, xml(&path)).await;
            let (services, id) = (&bed.services, &import.id);
            import::uploaded(services, shop, id, None).await.unwrap();
            self.work(bed).await;
            steps.push(seen(bed, &import, Phase::Validate).await);
            import::start_apply(services, shop, id).await.unwrap();
            self.work(bed).await;
            steps.push(seen(bed, &import, Phase::Apply).await);
            if customers == CUSTOMERS[1] {
                import::start_undo(services, shop, id).await.unwrap();
                self.work(bed).await;
                steps.push(seen(bed, &import, Phase::Undo).await);
            }
        }
        steps
    }
}

async fn imported(bed: &Bed, seed: Option<u64>) -> Vec<Seen> {
    let shop = bed.subscription().await;
    let mut workers = Workers {
        had: Vec::new(),
        calm: seed.is_none(),
        draw: StdRng::seed_from_u64(seed.unwrap_or_default()),
    };
    workers.import(bed, &shop).await
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_02_messages_of_an_import_come_doubled_and_disordered_to_two_workers_at_once() {
    for (seed, bed) in (1..).zip(beds().await) {
        let calm = imported(&bed, None).await;
        let statuses: Vec<_> = calm.iter().map(|seen| seen.status).collect();
        let expected = [
            ImportStatus::Previewed,
            ImportStatus::Applied,
            ImportStatus::Previewed,
            ImportStatus::Applied,
            ImportStatus::Undone,
        ];
        assert_eq!(statuses, expected);
        let wild = imported(&bed, Some(seed)).await;
        for (step, (calm, wild)) in calm.iter().zip(&wild).enumerate() {
            assert!(calm == wild, "step {step}: {}", told(calm, wild));
        }
    }
}

/// In what two differ, shortly.
fn told(calm: &Seen, wild: &Seen) -> String {
    let (calm, wild) = (format!("{calm:#?}"), format!("{wild:#?}"));
    let (calm, wild): (Vec<_>, Vec<_>) = (calm.lines().collect(), wild.lines().collect());
    let differing = calm.iter().zip(&wild).filter(|(calm, wild)| calm != wild);
    let lines: Vec<_> = differing
        .take(10)
        .map(|(calm, wild)| format!("\n  {}, and not {}", wild.trim(), calm.trim()))
        .collect();
    format!("{} and {} lines{}", calm.len(), wild.len(), lines.concat())
}
