use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::super::{
    BasePullSettings, JobSettings, NewJob, PlannerError, RunMessage, Totals, WorkError, Worked,
    add,
    run::{self, Task},
};
use crate::{
    SubscriptionId,
    control::{
        Actor, JobRun, JobRunId, PlannedJob,
        sources_testing::connected_first,
        testing::{Bed, beds},
    },
    embedded::{DirectoryObjects, MailFolder, SqliteQueue},
    journal::JournalFilter,
    ports::{KeyName, KeyRing, MasterKey, QueueName},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};

pub(super) const BY: Actor = Actor::CommandLine;

/// Everything that jobs work with, around a control database.
pub(crate) struct Plant {
    pub(crate) bed: Bed,
    pub(crate) services: Services,
    pub(crate) folder: tempfile::TempDir,
}

pub(super) async fn plants() -> Vec<Plant> {
    let mut plants = Vec::new();
    for bed in beds().await {
        connected_first(&bed).await;
        plants.push(plant(bed, VendorSettings::default()));
    }
    plants
}

/// Services around a control database, with warehouses in the same kind of database.
pub(crate) fn plant(bed: Bed, vendor: VendorSettings) -> Plant {
    let folder = tempfile::tempdir().unwrap();
    let ring = |name| KeyRing::derive(name, &MasterKey::new(1, [7; 32]), &[]);
    let url: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    let at = |name: &str| folder.path().join(name);
    let clock = bed.clock.clone();
    let services = Services {
        stop: crate::stop::Stop::default(),
        clock: clock.clone(),
        control: bed.control.clone(),
        warehouses: match bed.database_url() {
            Some(url) => Warehouses::postgres(sqlx::PgPool::connect_lazy(url).unwrap()),
            None => Warehouses::sqlite(at("warehouses")),
        },
        queue: Arc::new(SqliteQueue::open(&at("queue.sqlite"), clock.clone()).unwrap()),
        objects: Arc::new(
            DirectoryObjects::open(
                &at("objects"),
                url.clone(),
                ring(KeyName::Csrf),
                clock.clone(),
            )
            .unwrap(),
        ),
        mailer: Arc::new(
            MailFolder::open(&at("mail"), "a@example.com".parse().unwrap(), clock).unwrap(),
        ),
        vendor: Vendor::new(vendor),
        keys: Keys {
            links: bed.links.clone(),
            csrf: ring(KeyName::Csrf),
            fields: crate::control::credentials_testing::cipher(),
            suppression: ring(KeyName::Suppression),
            webhook: ring(KeyName::Webhook),
        },
        settings: Arc::new(Settings::new(url, at("work"))),
    };
    Plant {
        bed,
        services,
        folder,
    }
}

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn totals(rows: i64) -> Totals {
    Totals {
        rows,
        counts: BTreeMap::from([("records".to_owned(), rows)]),
    }
}

/// A run whose work is this.
pub(super) async fn run_with(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobRunId,
    work: impl AsyncFn(Task<'_>) -> Result<Worked, WorkError>,
) -> Result<(), PlannerError> {
    let Some((lease, job)) = run::take(services, subscription, id).await? else {
        return Ok(());
    };
    let outcome = match run::prepare(services, &job, &lease).await {
        Ok(task) => work(task).await,
        Err(error) => Err(error),
    };
    run::conclude(&lease, job.kind, outcome).await
}

impl Plant {
    pub(super) fn source(&self) -> Option<String> {
        Some(format!("{}-source01", self.bed.subscription.id))
    }

    pub(super) fn new_job(&self, schedule: &str) -> NewJob {
        NewJob {
            name: "Ночная загрузка".into(),
            source: self.source(),
            settings: JobSettings::BasePull(BasePullSettings::default()),
            schedule: (!schedule.is_empty()).then(|| schedule.parse().unwrap()),
        }
    }

    pub(super) async fn add(&self, schedule: &str) -> PlannedJob {
        add(
            &self.services,
            &self.bed.subscription.id,
            self.new_job(schedule),
            &BY,
        )
        .await
        .unwrap()
    }

    pub(super) async fn job(&self, job: &PlannedJob) -> PlannedJob {
        self.services
            .control
            .planned_jobs(&job.subscription_id)
            .get(&job.id)
            .await
            .unwrap()
    }

    pub(super) async fn runs(&self, job: &PlannedJob) -> Vec<JobRun> {
        self.services
            .control
            .planned_jobs(&job.subscription_id)
            .runs(&job.id, None, 100)
            .await
            .unwrap()
            .items
    }

    /// The runs whose messages wait, taken off the queue.
    pub(super) async fn messages(&self, queue: QueueName, kind: &str) -> Vec<JobRunId> {
        let mut runs = Vec::new();
        for message in self
            .services
            .queue
            .receive(queue, 100, Duration::from_secs(60))
            .await
            .unwrap()
        {
            assert_eq!(message.envelope.kind, kind);
            let body: RunMessage = serde_json::from_value(message.envelope.body.clone()).unwrap();
            self.services
                .queue
                .ack(queue, &message.receipt)
                .await
                .unwrap();
            runs.push(body.run);
        }
        runs
    }

    pub(super) async fn work(
        &self,
        run: &JobRunId,
        outcome: impl Fn() -> Result<Worked, WorkError>,
    ) -> Result<(), PlannerError> {
        run_with(&self.services, &self.bed.subscription.id, run, async |_| {
            outcome()
        })
        .await
    }

    pub(crate) async fn journal(&self, code: &str) -> usize {
        let journal = self.services.control.journal(&self.bed.subscription.id);
        let entries = journal
            .list(&JournalFilter::default(), None, 200)
            .await
            .unwrap()
            .items;
        entries.iter().filter(|entry| entry.code == code).count()
    }

    pub(super) fn to(&self, at: &str) {
        self.bed.clock.set(utc(at));
    }

    pub(crate) async fn close(self) {
        self.bed.close().await;
        self.folder.close().unwrap();
    }
}
