//! Messages that come more than once.

use std::time::Duration;

use wynos::{
    SubscriptionId,
    control::{Import, ImportStatus},
    import::{self, ConflictPolicy, Phase},
    jobs,
    journal::JournalFilter,
    ports::QueueName,
    warehouse::{Value, internal},
};

use super::{
    Bed, beds, counts,
    files::{customer, sample_file, small_file},
    xml,
};

/// What can be seen of a shop and of its import.
#[derive(Debug, PartialEq)]
pub struct Seen {
    pub status: ImportStatus,
    pub counts: import::Counts,
    contents: Vec<String>,
    findings: Vec<(String, String)>,
    logged: u64,
    parked: u64,
    journal: Vec<String>,
}

pub async fn seen(bed: &Bed, import: &Import, phase: Phase) -> Seen {
    let shop = &import.subscription_id;
    wynos::journal::relay(&bed.services, shop).await.unwrap();
    let import = bed
        .services
        .control
        .imports(shop)
        .get(&import.id)
        .await
        .unwrap();
    let journal = bed.services.control.journal(shop);
    let journal = journal
        .list(&JournalFilter::default(), None, 200)
        .await
        .unwrap();
    let mut journal: Vec<String> = journal.items.into_iter().map(|entry| entry.code).collect();
    journal.sort();
    Seen {
        status: import.status,
        counts: counts(&import),
        contents: bed.contents(shop).await,
        findings: bed.codes(&import, phase).await,
        logged: bed.count(shop, internal::personal_data_log()).await,
        parked: bed.count(shop, internal::parked()).await,
        journal,
    }
}

/// Does what the one waiting message asks for, this often, as if it had not been deleted after the first time.
async fn work(bed: &Bed, times: usize) {
    let queue = &bed.services.queue;
    let received = queue
        .receive(QueueName::Import, 10, Duration::from_secs(3_600))
        .await
        .unwrap();
    let [message] = received.as_slice() else {
        panic!("{received:?}")
    };
    for _ in 0..times {
        jobs::run(&bed.services, QueueName::Import, message.clone())
            .await
            .unwrap();
        bed.later();
    }
    queue
        .ack(QueueName::Import, &message.receipt)
        .await
        .unwrap();
}

/// A whole import through its messages, each worked on this often; what is seen after each step.
async fn imported(bed: &Bed, shop: &SubscriptionId, times: usize) -> Vec<Seen> {
    let files = [
        bed.file("shop.xml", &sample_file(20)),
        bed.file(
            "small.xml",
            &small_file(&[(
                "customers",
                vec![
                    customer(
                        "o:c1",
                        &[("email", "nasz@example.pl"), ("tax_id", "1234567890")],
                    ),
                    customer("o:c2", &[("person", "Nowa")]),
                    customer("sampleshop:c00000001", &[("person", "Inna")]),
                ],
            )]),
        ),
    ];
    let own = [
        ("id", "us:1"),
        ("type", "PERSONAL"),
        ("email", "nasz@example.pl"),
    ];
    let own = own.map(|(name, text)| (name, Value::from(text)));
    bed.change(shop, "customers", &own).await;
    let mut steps = Vec::new();
    for path in files {
        let mut order = xml(&path);
        order.merge = true;
        order.conflict = ConflictPolicy::TakeTheirs;
        let import = bed.begun(shop, order).await;
        import::uploaded(&bed.services, shop, &import.id, None)
            .await
            .unwrap();
        work(bed, times).await;
        steps.push(seen(bed, &import, Phase::Validate).await);
        import::start_apply(&bed.services, shop, &import.id)
            .await
            .unwrap();
        work(bed, times).await;
        steps.push(seen(bed, &import, Phase::Apply).await);
        if path.ends_with("small.xml") {
            import::start_undo(&bed.services, shop, &import.id)
                .await
                .unwrap();
            work(bed, times).await;
            steps.push(seen(bed, &import, Phase::Undo).await);
        }
    }
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_02_every_message_of_an_import_may_come_twice() {
    for bed in beds().await {
        let (once, twice) = (bed.subscription().await, bed.subscription().await);
        let calm = imported(&bed, &once, 1).await;
        let statuses: Vec<_> = calm.iter().map(|seen| seen.status).collect();
        let expected = [
            ImportStatus::Previewed,
            ImportStatus::Applied,
            ImportStatus::Previewed,
            ImportStatus::Applied,
            ImportStatus::Undone,
        ];
        assert_eq!(statuses, expected);
        assert_eq!(calm[3].counts.tables["customers"].merged, 1);
        assert_eq!(calm[4].contents, calm[1].contents);
        assert_ne!(calm[3].contents, calm[1].contents);
        for (calm, repeated) in calm.iter().zip(imported(&bed, &twice, 2).await) {
            assert_eq!(*calm, repeated);
        }
    }
}
