//! Events about rows that a retention job removed.

use anyhow::Result;
use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    control::Actor,
    planner::{self, JobSettings, NewJob, RetentionSettings},
};

use super::{BOTH, Bed, client};

impl Bed {
    /// Removes clients that were received more than a day ago.
    async fn sweep_clients(&self) -> Result<i64> {
        self.stack.clock.advance(TimeDelta::days(2));
        let (services, by) = (self.stack.services(), Actor::System);
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: vec!["yclients_clients".to_owned()],
        };
        let new = NewJob {
            name: "Old".to_owned(),
            source: Some(self.source.id.to_string()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        };
        let shop = &self.stack.shop;
        let job = planner::add(&services, shop, new, &by).await?;
        let asked = planner::run_now(&services, shop, &job.id, None, &by).await?;
        planner::run(&services, shop, &asked.id).await?;
        let run = services
            .control
            .planned_jobs(shop)
            .get_run(&asked.id)
            .await?;
        Ok(run.row_count)
    }
}

#[tokio::test]
async fn an_event_brings_a_swept_row_back_only_when_it_tells_of_a_later_change() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let event = |changed, name: &str| client(1, "update", changed, json!({ "name": name }));
        bed.take(&event(Some(5), "A")).await?;
        assert_eq!(bed.sweep_clients().await?, 1);
        for changed in [Some(5), Some(4), None] {
            bed.take(&event(changed, "B")).await?;
            assert!(bed.rows("yclients_clients", &["name"]).await?.is_empty());
        }
        bed.take(&event(Some(6), "C")).await?;
        assert_eq!(
            bed.rows("yclients_clients", &["name"]).await?,
            [["Text(\"C\")"]]
        );
        bed.end().await?;
    }
    Ok(())
}
