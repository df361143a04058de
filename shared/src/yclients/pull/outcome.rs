//! What the end of a table means for it, for the others, and for the source.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{PullError, closed, fresh::is_read, freshness, work::Work};
use crate::{
    control::{Actor, Source, SourceTable, TableResult, Tx},
    journal::{Category, NewEntry, Severity},
    services::Services,
    storage::stands_still,
    warehouse::WarehouseError,
    yclients::{
        client::VendorError,
        hooks,
        streams::{Cadence, Stream},
    },
};

/// How the run goes on after a table that was not read.
pub(in crate::yclients) enum After {
    /// With the next one.
    NextTable,
    /// Not at all.
    Stop,
    /// With this one, after so long.
    Later(Option<Duration>),
}

impl Work<'_> {
    /// Notes that a table was read to its end.
    pub(super) async fn note_done(&mut self, stream: &Stream, rows: i64) -> Result<(), PullError> {
        let now = self.services.clock.now();
        // What is read when somebody asks may have cost no call, and proves nothing.
        if stream.cadence != Cadence::OnDemand {
            self.note_answered(stream).await?;
        }
        let was_denied = self
            .tables
            .get(stream.table)
            .is_some_and(|table| table.forbidden_since.is_some());
        if was_denied {
            self.tell_problem("load.table-on", Some(stream.table), "done")
                .await?;
        }
        let next = freshness::next(
            &self.source.id,
            stream.cadence,
            self.source.last_used_at,
            now,
        );
        let result = TableResult {
            outcome: "done".to_owned(),
            last_at: Some(now),
            last_rows: Some(rows),
            next_at: Some(next),
            forbidden_since: None,
        };
        let before = self.tables.get(stream.table);
        let stood_still = stands_still(before.and_then(|table| table.outcome.as_deref()));
        self.note(stream.table, &result).await?;
        if stood_still.is_some() {
            // There is room again: events that wait need not do so until they are asked for by time.
            hooks::request_drain(self.services, &self.source.id).await?;
        }
        Ok(())
    }

    /// Notes that the vendor answered for a table: a company that was closed to the account may be open again by that, or its
    /// licence be good.
    pub(super) async fn note_answered(&mut self, stream: &Stream) -> Result<(), PullError> {
        if let Some(problem) = closed::ended_by(self.tables.values(), stream.table) {
            self.go_on_after(problem).await?;
        }
        Ok(())
    }

    /// Notes why a table was not read, and tells whoever should know. Errors of the databases and the queue come back.
    pub(in crate::yclients) async fn note_failed(
        &mut self,
        stream: &Stream,
        error: PullError,
    ) -> Result<After, PullError> {
        let code = error.code();
        let table = stream.table;
        match error {
            PullError::Vendor(error) => self.vendor_failed(table, code, error).await,
            PullError::Warehouse(error) if error.is_no_room() => {
                let why = match error {
                    WarehouseError::OverStorage { .. } => PullError::StorageUsed,
                    over => PullError::Warehouse(over),
                };
                super::usage::stand_still(self.services, &self.source, &why, Some(table)).await?;
                Ok(After::Stop)
            }
            other => Err(other),
        }
    }

    async fn vendor_failed(
        &mut self,
        table: &'static str,
        code: &'static str,
        error: VendorError,
    ) -> Result<After, PullError> {
        match error {
            VendorError::Throttled { retry_after } => Ok(After::Later(retry_after)),
            VendorError::Unauthorized => {
                self.refuse_credential(code).await?;
                Ok(After::Stop)
            }
            VendorError::CompanyClosed => {
                self.close_company().await?;
                Ok(After::Stop)
            }
            VendorError::LicenceExpired => {
                closed::licence_expired(self.services, &self.source).await?;
                self.tell_problem("load.paused", None, code).await?;
                Ok(After::Stop)
            }
            VendorError::PartnerRefused | VendorError::NotConfigured | VendorError::BadAddress => {
                self.put_off(None, code, freshness::DENIED).await?;
                // Read because somebody asked, it need not be due.
                self.put_off(Some(table), code, freshness::DENIED).await?;
                self.tell_problem("load.paused", None, code).await?;
                Ok(After::Stop)
            }
            VendorError::Forbidden | VendorError::NotFound | VendorError::Unrouted => {
                self.deny(table, code).await?;
                Ok(After::NextTable)
            }
            VendorError::Unavailable { .. } => {
                self.put_off(Some(table), code, freshness::SOON).await?;
                self.tell_problem("load.failed", Some(table), code).await?;
                Ok(After::Stop)
            }
            VendorError::Ledger(error) => Err(error.into()),
            VendorError::WrongPassword
            | VendorError::TwoFactor
            | VendorError::NothingFound
            | VendorError::Invalid { .. }
            | VendorError::Malformed { .. }
            | VendorError::TooLarge { .. } => {
                self.put_off(Some(table), code, freshness::SOON).await?;
                self.tell_problem("load.failed", Some(table), code).await?;
                Ok(After::NextTable)
            }
        }
    }

    /// The token opens nothing any more: the sources of the credential wait for a new one.
    async fn refuse_credential(&mut self, code: &'static str) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let mut tx = self.services.control.begin().await?;
        let news = tx
            .credentials(&self.source.subscription_id)
            .refused(&self.credential.id, self.credential.version, now)
            .await?;
        tx.commit().await?;
        self.put_off(None, code, freshness::SOON).await?;
        if news {
            self.tell_problem("load.credential-refused", None, code)
                .await?;
        }
        Ok(())
    }

    /// The company is closed to the account: its source alone stands still.
    async fn close_company(&mut self) -> Result<(), PullError> {
        let version = self.credential.version;
        if closed::found_closed(self.services, &self.source, version).await? {
            return Ok(());
        }
        let code = VendorError::Unauthorized.code();
        self.put_off(None, code, freshness::SOON).await
    }

    /// What the source alone stood still for is over: all that says so is due now.
    async fn go_on_after(&mut self, problem: &str) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let mut tx = self.services.control.begin().await?;
        closed::go_on(&mut tx, &self.source, problem, now).await?;
        tx.commit().await?;
        for table in self.tables.values_mut() {
            if table.outcome.as_deref() == Some(problem) {
                table.outcome = None;
                table.next_at = table.next_at.map(|_| now);
            }
        }
        Ok(())
    }

    /// The vendor denies a table: it is off until a daily trial finds it open.
    async fn deny(&mut self, table: &'static str, code: &'static str) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let since = self
            .tables
            .get(table)
            .and_then(|table| table.forbidden_since);
        if since.is_none() {
            self.tell_problem("load.table-off", Some(table), code)
                .await?;
        }
        let result = TableResult {
            outcome: code.to_owned(),
            last_at: None,
            last_rows: None,
            next_at: Some(now + freshness::DENIED),
            forbidden_since: Some(since.unwrap_or(now)),
        };
        self.note(table, &result).await
    }

    /// Puts off a table, or all that are due.
    async fn put_off(
        &mut self,
        table: Option<&str>,
        code: &str,
        by: chrono::TimeDelta,
    ) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let due = self.tables.values().filter(|each| match table {
            Some(table) => each.table_name == table,
            None => each.enabled && each.next_at.is_some_and(|at| at <= now),
        });
        let put_off = due.map(|each| {
            // A trial that failed otherwise does not say that a closed company is open, or its licence good.
            let outcome = closed::problem_of(each).unwrap_or(code);
            let result = TableResult {
                outcome: outcome.to_owned(),
                last_at: None,
                last_rows: None,
                next_at: Some(now + by),
                forbidden_since: each.forbidden_since,
            };
            (each.table_name.clone(), result)
        });
        let put_off: Vec<(String, TableResult)> = put_off.collect();
        for (table, result) in put_off {
            self.note(&table, &result).await?;
        }
        Ok(())
    }

    /// Notes it where the table was taken up as it is known here, and knows it from now on.
    async fn note(&mut self, table: &str, result: &TableResult) -> Result<(), PullError> {
        // What is read only when somebody asks is never due.
        let result = TableResult {
            next_at: result.next_at.filter(|_| is_read(table)),
            ..result.clone()
        };
        let taken_up = self.tables.get(table).and_then(|known| known.next_at);
        let mut tx = self.services.control.begin().await?;
        tx.sources(&self.source.subscription_id)
            .table_result(&self.source.id, table, &result, taken_up)
            .await?;
        tx.commit().await?;
        if let Some(known) = self.tables.get_mut(table) {
            // Where somebody made it due meanwhile this is not what is kept, by which it stays due whatever is noted next.
            known.next_at = result.next_at;
            known.outcome = Some(result.outcome);
        }
        Ok(())
    }
}

/// No call can be made for the source, by what this installation or the source's credential lacks: every table that is due
/// says why and is looked at again within the hour, which costs no call; the journal tells of it once a day.
pub(super) async fn cannot_call(
    services: &Services,
    source: &Source,
    why: &PullError,
) -> Result<(), PullError> {
    let now = services.clock.now();
    let subscription = &source.subscription_id;
    let sources = services.control.sources(subscription);
    let tables = sources.tables(&source.id).await?;
    let mut tx = services.control.begin().await?;
    put_off(&mut tx, source, (tables, None), why, now).await?;
    let entry = NewEntry {
        at: now,
        category: Category::Problem,
        severity: Severity::Warning,
        source_id: Some(source.id.to_string()),
        actor: Actor::System,
        code: "load.paused".to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "source": source.name, "failure": why.code() }),
        dedupe_key: format!(
            "load.paused:{}:-:{}:{}",
            source.id,
            why.code(),
            now.date_naive()
        ),
    };
    tx.append_journal(subscription, &entry).await?;
    Ok(tx.commit().await?)
}

/// Every one of the source's tables that is due, or was refused though it was not, says why it is not read, and is looked at
/// again within the hour, which costs no call; gives those tables.
pub(super) async fn put_off(
    tx: &mut Tx,
    source: &Source,
    (tables, refused): (Vec<SourceTable>, Option<&str>),
    why: &PullError,
    now: DateTime<Utc>,
) -> Result<Vec<String>, PullError> {
    let mut put_off = Vec::new();
    for table in tables {
        let Some(next) = table.next_at.filter(|_| table.enabled) else {
            continue;
        };
        if next > now && refused != Some(table.table_name.as_str()) {
            continue;
        }
        let result = TableResult {
            outcome: why.code().to_owned(),
            last_at: None,
            last_rows: None,
            next_at: Some(now + freshness::PLAN),
            forbidden_since: table.forbidden_since,
        };
        tx.sources(&source.subscription_id)
            .table_result(&source.id, &table.table_name, &result, Some(next))
            .await?;
        put_off.push(table.table_name);
    }
    Ok(put_off)
}
