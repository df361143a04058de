use super::bed::{bed, counts, sample_file, xml};
use crate::{
    control::ImportStatus,
    import::{ImportError, Phase, apply, undo},
    warehouse::{WarehouseError, internal},
};

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_killed_at_any_moment_it_ends_as_if_it_had_not_been() {
    let bed = bed().await;
    let (calm, killed) = (bed.subscription().await, bed.subscription().await);
    let path = bed.file("shop.xml", &sample_file(600));
    let whole = bed.applied(&calm, xml(path.clone())).await;
    let import = bed.validated(&killed, xml(path)).await;
    let mut kills = 0;
    let done = loop {
        let moment = std::time::Duration::from_millis(5 + 7 * kills);
        match tokio::time::timeout(moment, apply(&bed.services, &killed, &import.id)).await {
            // What was committed by the one before came after it was killed: it is begun anew.
            Ok(Err(ImportError::Warehouse(WarehouseError::Moved { .. }))) => {}
            Ok(done) => break done.unwrap(),
            Err(_) => kills += 1,
        }
    };
    assert!(kills > 3, "it was broken off {kills} times only");
    assert_eq!(counts(&done), counts(&whole));
    assert_eq!(bed.contents(&killed).await, bed.contents(&calm).await);
    assert_eq!(
        bed.findings(&done, Phase::Apply).await,
        bed.findings(&whole, Phase::Apply).await
    );
    let log = internal::personal_data_log();
    assert_eq!(bed.count(&killed, log).await, bed.count(&calm, log).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_leaves_what_somebody_touched_and_what_that_needs() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    bed.enter(
        &shop,
        "customers",
        &["id", "type", "person"],
        &[&[Some("us:1"), Some("PERSONAL"), Some("Nasz")]],
    )
    .await;
    let before = bed.contents(&shop).await;
    let import = bed
        .applied(&shop, xml(bed.file("shop.xml", &sample_file(40))))
        .await;
    let undone = undo(&bed.services, &shop, &import.id).await.unwrap();
    assert_eq!(undone.status, ImportStatus::Undone);
    assert_eq!(bed.contents(&shop).await, before);

    let import = bed
        .applied(&shop, xml(bed.file("shop.xml", &sample_file(40))))
        .await;
    let repair = "sampleshop:r00000003";
    bed.change(&shop, "repairs", repair, "diagnosis", "nowa")
        .await;
    bed.later();
    let undone = undo(&bed.services, &shop, &import.id).await.unwrap();
    let kept: Vec<_> = counts(&undone)
        .tables
        .into_iter()
        .filter(|(_, counts)| counts.kept > 0)
        .map(|(name, _)| name)
        .collect();
    assert!(
        kept.contains(&"repairs".to_owned()) && kept.contains(&"customers".to_owned()),
        "{kept:?}"
    );
    assert_eq!(
        bed.value(&shop, "repairs", repair, "diagnosis")
            .await
            .as_deref(),
        Some("nowa")
    );
    let customer = bed
        .value(&shop, "repairs", repair, "customer_id")
        .await
        .unwrap();
    assert_eq!(
        bed.value(&shop, "customers", &customer, "id").await,
        Some(customer)
    );
    let codes: Vec<_> = bed
        .findings(&undone, Phase::Undo)
        .await
        .into_iter()
        .map(|finding| finding.code)
        .collect();
    assert!(
        codes.iter().any(|code| code == "undo_touched")
            && codes.iter().any(|code| code == "undo_needed"),
        "{codes:?}"
    );
    assert_eq!(
        undo(&bed.services, &shop, &import.id).await.unwrap().counts,
        undone.counts
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_personal_data_log_gets_a_line_of_each_step() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let import = bed
        .applied(&shop, xml(bed.file("shop.xml", &sample_file(30))))
        .await;
    let lines = bed.count(&shop, internal::personal_data_log()).await;
    assert_eq!(lines, 30);
    undo(&bed.services, &shop, &import.id).await.unwrap();
    assert_eq!(bed.count(&shop, internal::personal_data_log()).await, 60);
    // Doing it again says nothing new.
    apply(&bed.services, &shop, &import.id).await.unwrap();
    assert_eq!(bed.count(&shop, internal::personal_data_log()).await, 60);
}

/// A warehouse that is lost for good after so many commits.
#[derive(Debug)]
struct LostAfter(std::sync::atomic::AtomicU64);

impl crate::ports::Interruptions for LostAfter {
    fn before(&self, call: &'static str, _: crate::ports::CallKind) -> std::io::Result<u64> {
        use std::sync::atomic::Ordering::SeqCst;
        if call != "warehouse.commit" {
            return Ok(0);
        }
        let left = |left: u64| left.checked_sub(1);
        match self.0.fetch_update(SeqCst, SeqCst, left) {
            Ok(_) => Ok(0),
            Err(_) => Err(std::io::Error::other("it is lost")),
        }
    }

    fn after(&self, _: u64) -> std::io::Result<()> {
        Ok(())
    }
}

fn lost_after(bed: &super::bed::Bed, commits: u64) -> crate::services::Services {
    let mut services = bed.services.clone();
    services.warehouses = services
        .warehouses
        .interrupted_by(std::sync::Arc::new(LostAfter(commits.into())));
    services
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_07_customers_of_an_import_that_never_ends_are_in_the_log() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let import = bed
        .validated(&shop, xml(bed.file("shop.xml", &sample_file(300))))
        .await;
    let customers = crate::catalog::table("customers").unwrap();
    let mut cut = 0;
    while apply(&lost_after(&bed, 1), &shop, &import.id)
        .await
        .is_err()
    {
        let here = bed.count(&shop, customers).await;
        let lines = bed.count(&shop, internal::personal_data_log()).await;
        assert_eq!(lines, here, "each customer that is here has its line");
        cut += u64::from(here > 0);
    }
    assert!(cut > 0, "it was never broken off after customers came");
    let all = bed.count(&shop, internal::personal_data_log()).await;
    assert_eq!(all, 300);
    let mut taken = 0;
    while undo(&lost_after(&bed, 1), &shop, &import.id).await.is_err() {
        let left = bed.count(&shop, customers).await;
        let lines = bed.count(&shop, internal::personal_data_log()).await;
        assert!(lines >= all + 300 - left, "{lines} lines, {left} left");
        taken += u64::from(left < 300);
    }
    assert!(
        taken > 0,
        "it was never broken off after customers were taken back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_bad_rows_is_settled_load_by_load() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let mut list = "id,type,person\n".to_owned();
    for number in 0..3_000 {
        list += &format!("c{number},ALIEN,Nobody\n");
    }
    let mut order = super::bed::order(
        bed.file("bad.csv", list.as_bytes()),
        crate::control::ImportFormat::Csv,
    );
    order.table = Some("customers".into());
    let import = bed.validated(&shop, order).await;
    let mut broken = 0;
    let done = loop {
        match apply(&lost_after(&bed, 2), &shop, &import.id).await {
            Ok(done) => break done,
            Err(_) => broken += 1,
        }
    };
    assert!(broken > 2, "{broken} loads hold all of the bad rows");
    assert_eq!(counts(&done).tables["customers"].rejected, 3_000);
    assert_eq!(bed.findings(&done, Phase::Apply).await.len(), 3_000);
}
