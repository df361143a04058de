//! Work that is broken off at any moment and begun again.

use std::time::Duration;

use wynos::{
    SubscriptionId,
    control::{Import, ImportStatus},
    import::{self, ImportError, Phase},
    ports::Disposition,
    warehouse::internal,
};

use super::{Bed, beds, counts, files::sample_file, xml};

/// Drops the work after ever longer whiles, until it comes to its end; and how often it was dropped.
async fn until_done(work: impl AsyncFn() -> Result<Import, ImportError>) -> (Import, u32) {
    let mut moment = Duration::from_millis(2);
    let mut drops = 0;
    let mut refusals = 0;
    loop {
        match tokio::time::timeout(moment, work()).await {
            Ok(Ok(done)) => return (done, drops),
            // A connection whose work was dropped in the middle may refuse the next: that has to pass by itself.
            Ok(Err(error)) => {
                assert_eq!(error.disposition(), Disposition::Retry, "{error:?}");
                refusals += 1;
                assert!(refusals < 20, "{error:?}");
            }
            Err(_) => drops += 1,
        }
        moment = moment.mul_f64(1.3);
    }
}

async fn same(bed: &Bed, one: &SubscriptionId, other: &SubscriptionId) {
    assert_eq!(bed.contents(one).await, bed.contents(other).await);
    for table in [
        internal::personal_data_log(),
        internal::parked(),
        internal::undo(),
    ] {
        let (one, other) = (bed.count(one, table).await, bed.count(other, table).await);
        assert_eq!(one, other, "{}", table.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_broken_off_anywhere_an_import_and_its_undoing_end_as_if_not() {
    for bed in beds().await {
        let (calm, broken) = (bed.subscription().await, bed.subscription().await);
        let path = bed.file("shop.xml", &sample_file(1_200));
        let whole = bed.applied(&calm, xml(&path)).await;
        let rows: u64 = counts(&whole).tables.values().map(|table| table.rows).sum();
        assert!(rows > 8_000, "{rows} rows make no more than two loads");

        let import = bed.validated(&broken, xml(&path)).await;
        let apply = async || import::apply(&bed.services, &broken, &import.id).await;
        let (done, drops) = until_done(apply).await;
        assert!(drops > 3, "it was broken off {drops} times only");
        assert_eq!(done.status, ImportStatus::Applied);
        assert_eq!(counts(&done), counts(&whole));
        let found = bed.findings(&done, Phase::Apply).await;
        assert_eq!(found, bed.findings(&whole, Phase::Apply).await);
        same(&bed, &broken, &calm).await;

        bed.later();
        let undone = import::undo(&bed.services, &calm, &whole.id).await.unwrap();
        let undo = async || import::undo(&bed.services, &broken, &import.id).await;
        let (done, drops) = until_done(undo).await;
        assert!(drops > 3, "it was broken off {drops} times only");
        assert_eq!(done.status, ImportStatus::Undone);
        assert_eq!(counts(&done), counts(&undone));
        assert!(bed.contents(&broken).await.is_empty());
        same(&bed, &broken, &calm).await;
    }
}
