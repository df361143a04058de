//! What comparisons came to, of a source that is removed.

use chrono::TimeDelta;
use wynos::{
    control::Actor,
    yclients::{
        connect::{self, Cleared},
        reconcile,
    },
};

use super::{compare, found, ids_of, last_days, load};
use crate::pull::{Bed, on_both, small};

on_both! {
    async fn results_go_with_the_rows_of_the_source(bed: Bed, small(200, "")) {
        load(&bed).await;
        let days = last_days(&bed, 20);
        let money = ids_of(&bed, "yclients_finance_transactions", "date", days).await;
        let sql = |id: &i64| format!("UPDATE @yclients_finance_transactions SET amount = amount + 1 WHERE id = {id}");
        bed.stack.tamper(&money.iter().map(sql).collect::<Vec<_>>()).await.unwrap();
        let done = compare(&bed, days).await;
        assert_eq!(found(&bed, &done.run).await.len(), money.len());
        let services = bed.services();
        connect::remove(&services, &bed.source, true, &Actor::System).await.unwrap();
        bed.stack.clock.advance(TimeDelta::minutes(11));
        for _ in 0..2 {
            let cleared = connect::clear(&services, &bed.source).await.unwrap();
            assert_eq!(cleared, Cleared::Done);
            assert_eq!(found(&bed, &done.run).await, []);
            let warehouse = services.warehouses.open(&bed.stack.shop);
            let days = reconcile::days(&warehouse, &done.run, None, 10).await.unwrap();
            assert_eq!(days, []);
        }
        bed.end().await;
    }
}
