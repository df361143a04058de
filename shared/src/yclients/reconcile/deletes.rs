//! Deletes that came by webhook: the vendor signs nothing, so each is asked about.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::{
    compare::{DELETED, Kind, Line, PRESENT, ROW},
    gauge::Subject,
    notes,
    plan::Progress,
    window::{Read, Window},
};
use crate::{
    catalog::system,
    warehouse::Outcome,
    yclients::{
        client::VendorError,
        decode::{Body, Context},
        hooks::{self, UnconfirmedDelete},
        lists::{self, Answer},
        pull::{
            PullError,
            page::{Page, Tail},
            work::Work,
        },
        streams::{self, Stream},
    },
};

impl Work<'_> {
    /// Asks about every delete that came by webhook and that nobody has asked about; a row that the vendor still has comes
    /// back. What the vendor refuses to tell, or does not tell in words that can be read, is left for the next run.
    pub(super) async fn confirm_deletes(
        &mut self,
        subjects: &[Subject],
        progress: &mut Progress,
    ) -> Result<Read, PullError> {
        let mut refused = BTreeSet::new();
        loop {
            let snapshot = self.warehouse.snapshot().await?;
            let after = progress.mark.as_deref();
            let marks = hooks::unconfirmed_deletes(&snapshot, &self.source.id, after).await?;
            drop(snapshot);
            if marks.is_empty() {
                return Ok(Read::Whole);
            }
            for mark in marks {
                if self.out_of_time() {
                    return Ok(Read::Broken);
                }
                if !refused.contains(&mark.table) {
                    match self.confirm(subjects, &mark).await {
                        Err(PullError::Vendor(VendorError::Forbidden)) => {
                            refused.insert(mark.table.clone());
                        }
                        // It is about this row alone: the vendor answers for others.
                        Ok(())
                        | Err(PullError::Vendor(
                            VendorError::Invalid { .. }
                            | VendorError::Malformed { .. }
                            | VendorError::TooLarge { .. },
                        )) => {}
                        Err(error) => return Err(error),
                    }
                }
                progress.mark = Some(self.name_of(&mark));
            }
        }
    }

    async fn confirm(
        &mut self,
        subjects: &[Subject],
        mark: &UnconfirmedDelete,
    ) -> Result<(), PullError> {
        self.keep().await?;
        let stream = streams::stream(&mark.table);
        let Some(stream) = stream.filter(|stream| stream.one.is_some()) else {
            return Ok(());
        };
        if !self.enabled(stream.table) {
            return Ok(());
        }
        let subject = subjects
            .iter()
            .find(|each| each.stream.table == stream.table);
        match subject {
            Some(subject) => self.confirm_compared(subject, mark).await,
            None => self.confirm_other(stream, mark).await,
        }
    }

    async fn confirm_compared(
        &mut self,
        subject: &Subject,
        mark: &UnconfirmedDelete,
    ) -> Result<(), PullError> {
        let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let mut ever = Window::new(subject, year(1970), year(2200));
        self.ask(&mut ever, mark.id).await?;
        if ever.lacks.is_some() {
            return Ok(());
        }
        self.forget(mark).await
    }

    async fn confirm_other(
        &mut self,
        stream: &'static Stream,
        mark: &UnconfirmedDelete,
    ) -> Result<(), PullError> {
        let company = self.branch.company_id;
        let answer = lists::one(&self.caller, company, stream, mark.id).await?;
        let Some(answer) = answer.filter(|answer| !answer.is_of_deleted(stream)) else {
            return self.forget(mark).await;
        };
        if !self.comes_back(stream, &answer).await? {
            return self.forget(mark).await;
        }
        let line = Line {
            gauge: 0,
            key: mark.id.to_string(),
            kind: Kind::Missing,
            field: ROW.to_owned(),
            held: Some(DELETED.to_owned()),
            vendor: Some(PRESENT.to_owned()),
        };
        let about = notes::About {
            run: self.run.as_str(),
            source: self.source.id.as_str(),
            mended: true,
            at: self.services.clock.now(),
        };
        let day = mark.at.with_timezone(&self.branch.time_zone).date_naive();
        let note = notes::differences(&[stream.table], &about, &[(day, vec![line])]);
        let page = Page {
            stream,
            records: &answer.records,
            body: Body::Partial,
            asked: true,
            observed_at: answer.observed_at,
        };
        let tail = Tail {
            states: vec![self.mark(mark)],
            notes: vec![note],
            ..Tail::default()
        };
        self.commit(page, &tail).await
    }

    /// Whether the vendor has the row, and the warehouse would let it in again.
    async fn comes_back(&self, stream: &Stream, answer: &Answer) -> Result<bool, PullError> {
        let context = Context {
            branch: &self.branch,
            observed_at: answer.observed_at,
            categories: self.categories.as_deref(),
        };
        for decoded in stream.decode(&context, &answer.records, Body::Partial) {
            if decoded.in_passing || decoded.table.name != stream.table {
                continue;
            }
            let mut columns = decoded.columns.iter();
            let flag = columns.position(|column| column == system::DELETED_AT);
            let is_deleted =
                flag.is_some_and(|place| decoded.rows.iter().any(|row| !row.get(place).is_null()));
            if is_deleted {
                return Ok(false);
            }
            let admit = self.admit(decoded, true);
            let outcomes = self.warehouse.weigh(admit, answer.observed_at).await?;
            return Ok(outcomes
                .iter()
                .any(|outcome| matches!(outcome, Outcome::New | Outcome::Changed)));
        }
        Ok(false)
    }

    fn mark(&self, mark: &UnconfirmedDelete) -> (String, Option<Json>) {
        (self.name_of(mark), None)
    }

    fn name_of(&self, mark: &UnconfirmedDelete) -> String {
        hooks::mark_of(&self.source.id, &mark.table, mark.id)
    }

    async fn forget(&mut self, mark: &UnconfirmedDelete) -> Result<(), PullError> {
        let tail = Tail {
            states: vec![self.mark(mark)],
            ..Tail::default()
        };
        let now = self.services.clock.now();
        self.commit_tail(now, &tail).await
    }
}
