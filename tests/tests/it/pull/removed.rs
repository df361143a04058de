//! Sources that were removed with their rows kept.

use chrono::TimeDelta;
use futures::TryStreamExt;
use wynos::{
    catalog,
    warehouse::{Filter, Rows, Scan},
    yclients::connect::{self, Cleared},
};

use super::{
    Bed,
    copy::{ALL, assert_equal},
    on_both, small,
    truth::differences,
};

impl Bed {
    async fn remove_and_keep(&self) {
        let (services, by) = (self.services(), self.stack.actor());
        connect::remove(&services, &self.source, false, &by)
            .await
            .unwrap();
    }

    /// How many rows of the vendor's tables there are, tombstones included: of this source, and of all.
    async fn rows_there(&self) -> (usize, usize) {
        let services = self.services();
        let warehouse = services.warehouses.open(&self.stack.shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        let (mut of_source, mut of_all) = (0, 0);
        for table in ALL.map(|name| catalog::table(name).unwrap()) {
            for (filter, count) in [
                (
                    Filter::equal("_source_id", self.source.as_str()),
                    &mut of_source,
                ),
                (Filter::All, &mut of_all),
            ] {
                let scan = Scan::of(table)
                    .columns(["_source_id"])
                    .filter(filter)
                    .with_deleted();
                let found = snapshot.scan(scan).await.unwrap();
                let found: Vec<Rows> = found.try_collect().await.unwrap();
                *count += found.iter().map(|rows| rows.iter().count()).sum::<usize>();
            }
        }
        (of_source, of_all)
    }
}

on_both! {
    async fn a_company_that_is_connected_again_has_no_row_twice_and_is_the_truth(bed: Bed, small(250, "")) {
        bed.pull_through().await;
        bed.history().await;
        assert_equal(&bed).await;
        bed.remove_and_keep().await;
        // Rows come, change and go at the vendor while nobody looks.
        bed.live(150, TimeDelta::days(20));
        let again = crate::pull::connect(&bed.services(), &bed.stack.shop, bed.company).await;
        assert_eq!(again, bed.source);
        let read = bed.pull_through().await;
        assert!(read.loaded.total() > 0, "{read:?}");
        assert_equal(&bed).await;
        let (of_source, of_all) = bed.rows_there().await;
        assert_eq!(of_source, of_all);
        // From there on it is read as any source.
        bed.live(40, TimeDelta::hours(25));
        bed.pull_through().await;
        bed.live(0, TimeDelta::hours(25));
        bed.pull_through().await;
        // Movements of goods that are older than a week and were taken back are found by a comparison, as of any source.
        let told = [
            "yclients_records",
            "yclients_clients",
            "yclients_goods",
            "yclients_finance_transactions",
        ];
        let found = differences(&bed, &told).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn rows_that_were_kept_go_later_and_none_is_left(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        bed.history().await;
        bed.remove_and_keep().await;
        let services = bed.services();
        assert_eq!(connect::clear(&services, &bed.source).await.unwrap(), Cleared::Done);
        let (kept, _) = bed.rows_there().await;
        assert!(kept > 100, "{kept}");
        bed.stack.clock.advance(TimeDelta::days(20));
        for _ in 0..2 {
            connect::erase_kept(&services, &bed.source, &bed.stack.actor()).await.unwrap();
            assert_eq!(connect::clear(&services, &bed.source).await.unwrap(), Cleared::Done);
            assert_eq!(bed.rows_there().await, (0, 0));
        }
        let another = crate::pull::connect(&services, &bed.stack.shop, bed.company).await;
        assert_ne!(another, bed.source, "nothing is left to go on with");
        let bed = Bed { source: another, ..bed };
        bed.pull_through().await;
        bed.history().await;
        assert_equal(&bed).await;
        bed.end().await;
    }
}
