use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{PullError, outcome};
use crate::{
    control::{
        Actor, ControlError, Credential, Purpose, RunId, Source, SourceState, SourceTable, Spender,
        Tx,
    },
    plans::Terms,
    services::Services,
    storage,
    warehouse::{Filter, Quota, Warehouse},
    yclients::{
        categories,
        client::{Caller, VendorError},
        connect,
        decode::Branch,
        hooks::Hint,
        selection,
        streams::Stream,
    },
};

/// The origin of loads of a history that somebody ordered: what retention removed comes back by them.
pub(super) const HISTORY: &str = "history";

/// How long a run has its source without a sign of life: longer than the most patient call.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// A sign of life is given when less than this is left.
const RENEW: TimeDelta = TimeDelta::minutes(9);

/// What a run has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Loaded {
    /// Rows that are new or changed, child rows included, by table.
    pub rows: BTreeMap<String, i64>,
    /// Rows that were found to be gone.
    pub gone: i64,
    /// Records that were set aside.
    pub parked: i64,
    /// Values of a surprising kind.
    pub surprises: i64,
}

impl Loaded {
    /// All rows that are new or changed.
    pub fn total(&self) -> i64 {
        self.rows.values().sum()
    }
}

/// Told of every step of a run, for whoever shows it.
pub type Watch = Arc<dyn Fn(&str, &Loaded) + Send + Sync>;

/// One run's hold of a source: the lease, the caller, and what is to be read.
pub(in crate::yclients) struct Work<'a> {
    pub services: &'a Services,
    pub source: Source,
    pub credential: Credential,
    pub branch: Arc<Branch>,
    pub caller: Caller,
    pub warehouse: Warehouse,
    pub terms: Terms,
    pub run: RunId,
    pub origin: &'static str,
    pub deadline: Option<DateTime<Utc>>,
    pub tables: BTreeMap<String, SourceTable>,
    pub filters: BTreeMap<String, Arc<Filter>>,
    pub categories: Option<Arc<HashMap<i64, i64>>>,
    /// What else is known of services; nothing until it was looked up.
    pub(super) known: Option<categories::Known>,
    /// Whether their list was asked for because of services that were not known: once is enough for a turn.
    pub(super) services_asked: bool,
    /// How often categories of services moved while records named them.
    pub(super) moves: u64,
    /// What events said is to be read again, by table.
    pub hints: BTreeMap<String, Vec<Hint>>,
    /// Whether the vendor was asked whose refusal it was that a call was answered with: once is enough for a run.
    asked_whose: bool,
    pub loaded: Loaded,
    /// Records that were set aside before the page that is being committed.
    pub(super) parked_before: i64,
    pub watch: Option<Watch>,
    /// Of a history: windows that were read in the tables before, and those of the table that is being read.
    pub windows: (i64, i64),
    windows_done: i64,
    rows_before: i64,
    /// When a person ordered the run; `None` where nobody did, or it is not made yet.
    pub(super) ordered_at: Option<DateTime<Utc>>,
    /// Who has the source.
    holder: String,
    lease_until: DateTime<Utc>,
}

/// What a run is begun with.
pub(in crate::yclients) struct Beginning {
    pub source: Source,
    pub terms: Terms,
    pub run: RunId,
    pub purpose: Purpose,
    pub origin: &'static str,
    pub deadline: Option<DateTime<Utc>>,
    pub watch: Option<Watch>,
}

/// The terms of the source's subscription; an error where loading stands still.
pub(in crate::yclients) async fn terms(
    services: &Services,
    source: &Source,
) -> Result<Terms, PullError> {
    if source.state != SourceState::Active {
        return Err(PullError::NotActive);
    }
    let now = services.clock.now();
    let subscription = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let terms = *services.settings.plans.terms(subscription.plan);
    if !terms.runs(&subscription, now) {
        return Err(PullError::PlanEnded);
    }
    let quota = terms.quota(now);
    let used = services
        .control
        .usage(&subscription.id, &quota.month)
        .await?;
    if u64::try_from(used.rows).unwrap_or(0) >= quota.rows {
        return Err(PullError::RowsUsed);
    }
    if !storage::has_room::<PullError>(services, &subscription.id, &terms).await? {
        return Err(PullError::StorageUsed);
    }
    Ok(terms)
}

impl<'a> Work<'a> {
    /// Takes the source for a run that one worker goes on with at a time; [`PullError::Busy`] where somebody else has it.
    pub async fn begin(services: &'a Services, of: Beginning) -> Result<Self, PullError> {
        let holder = of.run.to_string();
        Self::begin_as(services, of, holder).await
    }

    /// The same for one of those who may go on with the run: the others find the source taken.
    pub(super) async fn begin_as(
        services: &'a Services,
        of: Beginning,
        holder: String,
    ) -> Result<Self, PullError> {
        let source = &of.source;
        let now = services.clock.now();
        let lease_until = now + LEASE;
        let mut tx = services.control.begin().await?;
        let taken = tx
            .lease_source(&source.id, &holder, lease_until, now)
            .await?;
        tx.commit().await?;
        if !taken {
            return Err(PullError::Busy);
        }
        let id = source.id.clone();
        let refused = match Self::equip(services, of, holder.clone(), lease_until).await {
            Ok(work) => return Ok(work),
            Err(error) => error,
        };
        // The lease alone would keep others off the source for a while.
        let mut tx = services.control.begin().await?;
        tx.release_source(&id, &holder).await?;
        tx.commit().await?;
        Err(refused)
    }

    /// Looks up what the work needs, once the source is held.
    async fn equip(
        services: &'a Services,
        of: Beginning,
        holder: String,
        lease_until: DateTime<Utc>,
    ) -> Result<Self, PullError> {
        let (source, subscription) = (&of.source, &of.source.subscription_id);
        let credential = services
            .control
            .credentials(subscription)
            .get(&source.credential_id)
            .await?;
        let token = match credential.token(&services.keys.fields) {
            Ok(token) => token,
            Err(error) => {
                let error = PullError::Credential(error);
                outcome::cannot_call(services, source, &error).await?;
                return Err(error);
            }
        };
        let spender = Spender {
            subscription: subscription.clone(),
            source: Some(source.id.clone()),
            purpose: of.purpose,
        };
        let made = services.vendor.caller(
            &services.control,
            &services.clock,
            spender,
            source.vendor,
            source.base_url.as_deref(),
            Some(&token),
        );
        let caller = match made {
            Ok(caller) => caller,
            Err(error) => {
                let error = PullError::Vendor(error);
                outcome::cannot_call(services, source, &error).await?;
                return Err(error);
            }
        };
        let sources = services.control.sources(subscription);
        let tables = sources.tables(&source.id).await?;
        // Looked up after them: who changes it later makes tables due that were taken up before.
        let time_zone = sources.get(&source.id).await?.time_zone;
        let filters = selection::filters(&tables);
        let (rows_before, ordered_at) = match services.control.runs(subscription).get(&of.run).await
        {
            Err(ControlError::NotFound { .. }) => (0, None),
            run => {
                let run = run?;
                let by_person = run.created_by != Actor::System;
                (run.rows, by_person.then_some(run.created_at))
            }
        };
        Ok(Self {
            services,
            credential,
            branch: Arc::new(Branch {
                source_id: source.id.clone(),
                company_id: source.company_id,
                time_zone: time_zone.parse().unwrap_or(Tz::UTC),
            }),
            caller,
            warehouse: services.warehouses.open(subscription),
            terms: of.terms,
            run: of.run,
            origin: of.origin,
            deadline: of.deadline,
            tables: tables
                .into_iter()
                .map(|table| (table.table_name.clone(), table))
                .collect(),
            filters,
            categories: None,
            known: None,
            services_asked: false,
            moves: 0,
            hints: BTreeMap::new(),
            asked_whose: false,
            loaded: Loaded::default(),
            parked_before: 0,
            watch: of.watch,
            windows: (0, 0),
            windows_done: 0,
            rows_before,
            ordered_at,
            holder,
            lease_until,
            source: Source {
                time_zone,
                ..of.source
            },
        })
    }

    /// The day it is at the branch.
    pub fn today(&self) -> NaiveDate {
        let now = self.services.clock.now();
        now.with_timezone(&self.branch.time_zone).date_naive()
    }

    /// Whether the table is to be loaded: tables that nothing is said of are.
    pub fn enabled(&self, table: &str) -> bool {
        self.tables.get(table).is_none_or(|table| table.enabled)
    }

    /// Whether the run is to end and be continued.
    pub fn out_of_time(&self) -> bool {
        self.services.stop.is_asked()
            || self
                .deadline
                .is_some_and(|deadline| self.services.clock.now() >= deadline)
    }

    /// What may be loaded at this time.
    pub fn quota(&self) -> Quota {
        self.terms.quota(self.services.clock.now())
    }

    /// Keeps the source; an error where somebody else may have it by now.
    pub async fn keep(&mut self) -> Result<(), PullError> {
        let now = self.services.clock.now();
        if self.lease_until - now > RENEW {
            return Ok(());
        }
        let until = now + LEASE;
        let mut tx = self.services.control.begin().await?;
        let kept = tx
            .renew_lease(&self.source.id, &self.holder, until, now)
            .await?;
        self.show_life(&mut tx, now).await?;
        tx.commit().await?;
        if !kept {
            return Err(PullError::LeaseLost);
        }
        self.lease_until = until;
        Ok(())
    }

    /// Notes how far the run has come: whoever looks sees it move, and nobody takes it for one that broke off.
    async fn show_life(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), PullError> {
        // A comparison counts its rows itself.
        let rows =
            (self.origin != "reconciliation").then(|| self.rows_before + self.loaded.total());
        tx.runs(&self.source.subscription_id)
            .lives(&self.run, rows, Some(self.windows_done), now)
            .await?;
        Ok(())
    }

    /// Notes that so many windows of the table are left to read, where a period of the past is read.
    pub(super) async fn window_read(&mut self, left: usize) -> Result<(), PullError> {
        let (before, of_table) = self.windows;
        if of_table == 0 {
            return Ok(());
        }
        self.windows_done = before + of_table - i64::try_from(left).unwrap_or(of_table);
        let mut tx = self.services.control.begin().await?;
        self.show_life(&mut tx, self.services.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the source back.
    pub async fn end(&self) -> Result<(), PullError> {
        let mut tx = self.services.control.begin().await?;
        tx.release_source(&self.source.id, &self.holder).await?;
        Ok(tx.commit().await?)
    }

    /// Looks up the category of each service, where rows of the stream need it.
    pub async fn learn_categories(&mut self, stream: &Stream) -> Result<(), PullError> {
        if self.known.is_none() && categories::are_needed_by(stream) {
            let now = self.services.clock.now();
            let known = categories::of(&self.warehouse, &self.source.id, now).await?;
            self.categories.clone_from(&known.by_service);
            self.known = Some(known);
        }
        Ok(())
    }

    /// The error with which a call for the company ended; of a refused token it is told whether the whole account is refused
    /// or this company alone, which costs one call.
    pub async fn told_apart(&mut self, error: PullError) -> PullError {
        if !matches!(error, PullError::Vendor(VendorError::Unauthorized)) {
            return error;
        }
        if std::mem::replace(&mut self.asked_whose, true) {
            // It could not be told before: otherwise nothing else would have been asked for.
            return connect::not_told().into();
        }
        connect::whose_refusal(&self.caller).await.into()
    }

    /// Tells whoever watches.
    pub fn tell(&self, table: &str) {
        if let Some(watch) = &self.watch {
            watch(table, &self.loaded);
        }
    }
}
