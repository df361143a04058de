use std::collections::BTreeSet;

use wynos::{
    catalog,
    control::{DeliveryStatus, FileFormat},
    delivery::{self},
    warehouse::internal,
};

use super::{Bed, FORMATS, beds};

/// The customers that a file of that kind speaks of.
async fn customers(bed: &Bed, format: FileFormat, table: Option<&str>) -> BTreeSet<String> {
    let whole = ["customers", "customer_addresses", "repairs", "tickets"];
    let tables: &[&str] = match (format, table) {
        (FileFormat::Ords, _) => &["repairs"],
        (_, Some(table)) => &whole[whole.iter().position(|name| *name == table).unwrap()..][..1],
        (_, None) => &whole,
    };
    let mut customers = BTreeSet::new();
    for name in tables {
        let table = catalog::table(name).unwrap();
        let rows = bed.rows(table, &[table.subject.as_deref().unwrap()]).await;
        customers.extend(rows.into_iter().filter_map(|row| row[0].clone()));
    }
    customers
}

/// A customer in a finished file is in the log, for every format; nobody else is.
#[tokio::test]
async fn invariant_07_a_customer_in_a_file_is_in_the_log() {
    for bed in beds().await {
        for (format, table) in FORMATS {
            let delivery = bed.delivered(bed.order(format, table)).await;
            assert_eq!(delivery.status, DeliveryStatus::Ready);
            let event = format!("export:{}:1", delivery.id);
            let logged: BTreeSet<String> = bed
                .logged()
                .await
                .into_iter()
                .filter(|line| line.0 == event)
                .map(|line| line.1)
                .collect();
            assert_eq!(
                logged,
                customers(&bed, format, table).await,
                "{format} {table:?}"
            );
            assert!(!logged.is_empty());

            let told = ["id", "kind", "purpose", "file", "actor", "details"];
            let events = bed.rows(internal::personal_data_events(), &told).await;
            let told = events
                .into_iter()
                .find(|row| row[0].as_deref() == Some(event.as_str()))
                .unwrap();
            let told: Vec<String> = told.into_iter().map(Option::unwrap).collect();
            assert_eq!(
                (told[1].as_str(), told[2].as_str()),
                ("export", "przenosiny")
            );
            assert_eq!(Some(&told[3]), delivery.file_name.as_ref());
            assert_eq!(told[4], format!("account:{}", bed.owner.id));
            assert!(
                told[5].contains(delivery.sha256.as_deref().unwrap()),
                "{}",
                told[5]
            );
        }
    }
}

/// Two workers build the same delivery at once: one file counts, and the log has the lines of that one alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attempts_that_overlap_leave_one_file_and_its_log() {
    for bed in beds().await {
        for _ in 0..3 {
            let before = (bed.logged().await.len(), bed.objects().await.len());
            let ordered = delivery::order(&bed.services, bed.order(FileFormat::Xml, None))
                .await
                .unwrap();
            let builds = (0..3).map(|_| {
                let (services, shop, id) =
                    (bed.services.clone(), bed.shop.clone(), ordered.id.clone());
                tokio::spawn(async move { delivery::build(&services, &shop, &id).await })
            });
            for build in futures::future::join_all(builds).await {
                build.unwrap().unwrap();
            }
            bed.work().await;
            let delivery = bed.get(&ordered).await;
            assert_eq!(delivery.status, DeliveryStatus::Ready);
            let logged = bed.logged().await;
            assert_eq!(
                (
                    logged.len() - before.0,
                    bed.objects().await.len() - before.1
                ),
                (60, 1)
            );
            let key = delivery.object_key.unwrap();
            let attempt = key.as_str().split('/').nth(3).unwrap();
            let event = format!("export:{}:{attempt}", delivery.id);
            assert_eq!(logged.iter().filter(|line| line.0 == event).count(), 60);
            let subjects = bed
                .rows(internal::personal_data_subjects(), &["event_id"])
                .await;
            assert_eq!(subjects.len(), logged.len(), "customers noted for no file");
        }
    }
}
