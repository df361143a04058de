//! Services that moved to another category: the records that name them are given the new one.
//!
//! A record's body names its services only, and nothing at the vendor says that a record changed when one of them moves. So what
//! is held is brought along here, without a call: before records are read, the categories of services are compared with those
//! that lines were last given, and lines of the services that differ are rewritten through the one gate, as facts of the time
//! when they were seen. Whatever is newer stands. Broken off anywhere, it finds what is left by the lines themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::TryStreamExt;

use super::{
    PullError,
    followed::{Followed, behind},
    page::of_source,
    work::Work,
};
use crate::{
    SourceId,
    catalog::{self, system},
    warehouse::{Admit, Children, Filter, Operator, Rows, Rule, Scan, Value, ValueRef, Write},
    yclients::{categories, streams::Stream},
};

/// The lines that have the category of their service.
const LINES: &str = "yclients_record_services";
/// The lines of so many services are looked for in one question.
const SERVICES_AT_ONCE: usize = 500;
/// So many lines one question finds.
const LINES_AT_ONCE: usize = 5_000;
/// So many records are rewritten in one transaction.
const RECORDS_AT_ONCE: usize = 500;

/// The name that it is kept under.
fn key(source: &SourceId) -> String {
    format!("services/{source}")
}

/// Lines of these services that have another category, or none.
fn lines_of(services: &[(i64, i64)]) -> Filter {
    let values = |services: &[i64]| Filter::In {
        column: "service_id".to_owned(),
        values: services.iter().map(|id| Value::Integer(*id)).collect(),
    };
    let mut by_category: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (service, category) in services {
        by_category.entry(*category).or_default().push(*service);
    }
    let of_each = by_category.iter().map(|(category, services)| {
        values(services).and(Filter::Or(vec![
            Filter::IsNull("category_id".to_owned()),
            Filter::compare("category_id", Operator::NotEqual, *category),
        ]))
    });
    let all: Vec<i64> = services.iter().map(|(service, _)| *service).collect();
    // The lines of all of them are found by the index.
    values(&all).and(Filter::Or(of_each.collect()))
}

impl Work<'_> {
    /// Brings the categories of lines, and of the records that they belong to, up to those that their services have now, in
    /// transactions of bounded size; `false` where the time is over and something is left. It asks the vendor for nothing.
    ///
    /// Nothing is taken from lines of a service of which no category is known any more.
    pub(super) async fn follow_services(&mut self, stream: &Stream) -> Result<bool, PullError> {
        if !categories::are_needed_by(stream) {
            return Ok(true);
        }
        self.learn_categories(stream).await?;
        let kept = self.warehouse.state(&key(&self.source.id)).await?;
        // What cannot be read is found again by the lines.
        let followed = kept.and_then(|kept| serde_json::from_value(kept).ok());
        let mut followed: Followed = followed.unwrap_or_default();
        self.moves = followed.moves;
        let Some(categories) = self.categories.clone() else {
            return Ok(true);
        };
        let now = self.services.clock.now();
        let behind = behind(&followed, &categories, now);
        if behind.is_empty() {
            return Ok(true);
        }
        let moved: BTreeSet<i64> = behind
            .iter()
            .filter(|&(id, to)| followed.given.get(id).is_some_and(|from| from != to))
            .map(|(id, _)| *id)
            .collect();
        if !moved.is_empty() {
            followed.count();
        }
        let behind: Vec<(i64, i64)> = behind.into_iter().collect();
        for some in behind.chunks(SERVICES_AT_ONCE) {
            if !self.bring_along(some, &categories, &mut followed).await? {
                return Ok(false);
            }
        }
        followed.follows(&categories, moved, now);
        self.moves = followed.moves;
        self.keep_followed(&followed).await?;
        Ok(true)
    }

    async fn bring_along(
        &mut self,
        services: &[(i64, i64)],
        categories: &HashMap<i64, i64>,
        followed: &mut Followed,
    ) -> Result<bool, PullError> {
        let mut after = None;
        loop {
            self.keep().await?;
            let (records, next) = self.records_of(services, after.take()).await?;
            // Before the first of them changes: whoever goes on finds fewer lines, and may find none.
            if !records.is_empty() && followed.begins() {
                self.keep_followed(followed).await?;
            }
            let records: Vec<i64> = records.into_iter().collect();
            let mut parts = records.chunks(RECORDS_AT_ONCE).peekable();
            while let Some(part) = parts.next() {
                self.keep().await?;
                self.recategorise(part, categories).await?;
                if self.out_of_time() && (parts.peek().is_some() || next.is_some()) {
                    return Ok(false);
                }
            }
            if next.is_none() {
                return Ok(true);
            }
            after = next;
        }
    }

    /// Records with lines of these services that are not of their categories, and where to look on.
    async fn records_of(
        &self,
        services: &[(i64, i64)],
        after: Option<Vec<Value>>,
    ) -> Result<(BTreeSet<i64>, Option<Vec<Value>>), PullError> {
        let mut records = BTreeSet::new();
        let Some(lines) = catalog::table(LINES) else {
            return Ok((records, None));
        };
        let mut scan = Scan::of(lines)
            .columns(["record_id", "line"])
            .filter(of_source(self.source.id.as_str()).and(lines_of(services)))
            .limit(LINES_AT_ONCE as u64)
            .tolerant()
            .named();
        scan.after = after;
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let (mut found, mut last) = (0, None);
        while let Some(rows) = batches.try_next().await? {
            found += rows.len();
            for row in rows.iter() {
                records.extend(row.get(0).as_integer());
                last = Some((row.get(0).to_owned(), row.get(1).to_owned()));
            }
        }
        let next = last.filter(|_| found >= LINES_AT_ONCE);
        let next = next.map(|(record, line)| vec![self.source.id.as_str().into(), record, line]);
        Ok((records, next))
    }

    /// Gives the lines of these records, and the records, the categories of their services. A record that changed since it was
    /// looked at stays as it is then: it was decoded by what is known now.
    async fn recategorise(
        &mut self,
        records: &[i64],
        categories: &HashMap<i64, i64>,
    ) -> Result<(), PullError> {
        let Some(admit) = self.recategorised(records, categories).await? else {
            return Ok(());
        };
        self.commit_held(vec![Write::Admit(admit)]).await
    }

    async fn recategorised(
        &self,
        records: &[i64],
        categories: &HashMap<i64, i64>,
    ) -> Result<Option<Admit>, PullError> {
        let tables = catalog::table("yclients_records").zip(catalog::table(LINES));
        let Some((table, lines)) = tables else {
            return Ok(None);
        };
        let of = |column: &str| {
            of_source(self.source.id.as_str()).and(Filter::In {
                column: column.to_owned(),
                values: records.iter().map(|id| Value::Integer(*id)).collect(),
            })
        };
        let snapshot = self.warehouse.snapshot().await?;
        let mut held: BTreeMap<i64, Vec<(Value, Option<i64>)>> = BTreeMap::new();
        let scan = Scan::of(lines)
            .columns(["record_id", "line", "service_id", "category_id"])
            .filter(of("record_id"))
            .tolerant()
            .named();
        let mut batches = snapshot.scan(scan).await?;
        while let Some(rows) = batches.try_next().await? {
            for row in rows.iter() {
                let service = row.get(2).as_integer();
                let category = service.and_then(|service| categories.get(&service).copied());
                let category = category.or_else(|| row.get(3).as_integer());
                if let Some(record) = row.get(0).as_integer() {
                    let own = held.entry(record).or_default();
                    own.push((row.get(1).to_owned(), category));
                }
            }
        }
        let mut rows = Rows::new(4);
        let mut line_rows = Rows::new(3);
        let mut counts = Vec::new();
        let scan = Scan::of(table)
            .columns(["id", system::OBSERVED_AT, system::CHANGED_AT])
            .filter(of("id"))
            .tolerant()
            .named();
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            // A row of which it cannot be read how new it is waits until it is read again.
            for row in batch.iter().filter(|row| !row.any_unreadable()) {
                let id = row.get(0);
                let Some(own) = id.as_integer().and_then(|id| held.get(&id)) else {
                    continue;
                };
                let ids: BTreeSet<i64> = own.iter().filter_map(|(_, category)| *category).collect();
                let ids = serde_json::to_string(&ids)?;
                rows.push_row([id, ValueRef::Json(&ids), row.get(1), row.get(2)]);
                for (line, category) in own {
                    let category = category.map_or(ValueRef::Null, ValueRef::Integer);
                    line_rows.push_row([id, line.as_ref(), category]);
                }
                counts.push(u32::try_from(own.len()).ok());
            }
        }
        let names =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        Ok((!rows.is_empty()).then(|| Admit {
            table: table.clone(),
            source_id: self.source.id.to_string(),
            columns: names(&[
                "id",
                "service_category_ids",
                system::OBSERVED_AT,
                system::CHANGED_AT,
            ]),
            rows,
            rule: Rule::Newest,
            undo: None,
            personal_data_event: None,
            children: vec![Children {
                table: lines.clone(),
                columns: names(&["record_id", "line", "category_id"]),
                rows: line_rows,
                counts,
            }],
            // What falls out by it goes as by a filter that changed.
            filter: None,
        }))
    }

    async fn keep_followed(&mut self, followed: &Followed) -> Result<(), PullError> {
        self.commit_held(vec![Write::PutState {
            key: key(&self.source.id),
            value: Some(serde_json::to_value(followed)?),
        }])
        .await
    }
}
