use chrono::TimeDelta;
use wynos_tests::stack::Database;

use super::{Bed, small};

#[tokio::test]
async fn whoever_reads_by_a_bi_login_uses_the_sources() {
    let bed = Bed::new(Database::Postgres, small(5, "")).await;
    bed.pull_through().await;
    let services = bed.services();
    let sources = services.control.sources(&bed.stack.shop);
    let unused_for = async || {
        let source = sources.get(&bed.source).await.unwrap();
        services.clock.now() - source.last_used_at.unwrap()
    };
    bed.stack.clock.advance(TimeDelta::days(5));
    bed.pull_through().await;
    assert!(unused_for().await >= TimeDelta::days(5));
    let warehouse = services.warehouses.open(&bed.stack.shop);
    assert!(!warehouse.has_bi_login().await.unwrap());
    warehouse.renew_bi_login().await.unwrap();
    assert!(warehouse.has_bi_login().await.unwrap());
    bed.stack.clock.advance(TimeDelta::hours(25));
    bed.pull_through().await;
    assert!(unused_for().await < TimeDelta::hours(1));
    warehouse.revoke_bi_login().await.unwrap();
    assert!(!warehouse.has_bi_login().await.unwrap());
    bed.end().await;
}
