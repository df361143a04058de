//! What a reconciliation tells the journal: days with differences, days that were not checked, and what it came to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::{
    gauge::Subject,
    notes::{Day, Examples},
    plan::Progress,
    results,
};
use crate::{
    control::Run,
    journal::{Category, NewEntry, Severity},
    warehouse::{Load, Write},
    yclients::pull::{PullError, page::Tail, work::Work},
};

/// What the tables of one day came to together. What could not be mended is among what differs.
fn counts_of(tables: &[&Day]) -> [(&'static str, i64); 4] {
    let sum = |count: fn(&Day) -> i64| tables.iter().map(|day| count(day)).sum::<i64>();
    [
        ("missing", sum(|day| day.found.missing)),
        ("extra", sum(|day| day.found.extra)),
        ("differing", sum(|day| day.found.differing)),
        ("not_mended", sum(|day| day.found.not_mended)),
    ]
}

impl Work<'_> {
    /// An entry for every day on which anything differs, with totals and some of the differences.
    pub(super) fn entries_of(
        &self,
        subject: &Subject,
        days: &[Day],
        examples: &Examples,
    ) -> Vec<NewEntry> {
        let mut by_day: BTreeMap<NaiveDate, Vec<&Day>> = BTreeMap::new();
        for day in days {
            by_day.entry(day.day).or_default().push(day);
        }
        by_day.retain(|_, days| days.iter().any(|day| day.found.any()));
        let entry = |(day, of_day): (NaiveDate, Vec<&Day>)| {
            let counts = counts_of(&of_day);
            let tables: BTreeMap<&str, Json> = of_day
                .iter()
                .map(|day| {
                    let rows = json!({ "held": day.rows_held, "vendor": day.rows_vendor });
                    (
                        day.table.as_str(),
                        json!({ "rows": rows, "totals": day.totals }),
                    )
                })
                .collect();
            let details = json!({
                "day": day, "tables": tables, "differences": examples.get(&day),
            });
            let key = format!(
                "reconciliation.day:{}:{}:{day}",
                self.run, subject.stream.table
            );
            self.entry("reconciliation.day", subject, &counts, details, key)
        };
        by_day.into_iter().map(entry).collect()
    }

    /// The entry of days that were not checked.
    pub(super) fn entry_of_broken(
        &self,
        subject: &Subject,
        (from, to): (NaiveDate, NaiveDate),
        code: &'static str,
    ) -> NewEntry {
        let details = json!({ "from": from, "to": to, "failure": code });
        let counts = [("not_checked", (to - from).num_days() + 1)];
        let table = subject.stream.table;
        let key = format!("reconciliation.not-checked:{}:{table}:{from}", self.run);
        self.entry("reconciliation.not-checked", subject, &counts, details, key)
    }

    fn entry(
        &self,
        code: &str,
        subject: &Subject,
        counts: &[(&str, i64)],
        mut details: Json,
        dedupe_key: String,
    ) -> NewEntry {
        if let Some(details) = details.as_object_mut() {
            details.insert("source".to_owned(), json!(self.source.name));
            details.insert("table".to_owned(), json!(subject.stream.table));
            details.insert("run".to_owned(), json!(self.run));
        }
        NewEntry {
            at: self.services.clock.now(),
            category: Category::Reconciliation,
            severity: Severity::Warning,
            source_id: Some(self.source.id.to_string()),
            actor: crate::control::Actor::System,
            code: code.to_owned(),
            counts: counts
                .iter()
                .map(|(name, rows)| ((*name).to_owned(), *rows))
                .collect(),
            details,
            dedupe_key,
        }
    }

    /// Tells what the run came to.
    pub(super) async fn tell_end(
        &mut self,
        ordered: &Run,
        progress: &mut Progress,
    ) -> Result<(), PullError> {
        let summary = results::summary(&self.warehouse, &self.run).await?;
        let all_is_well = summary.not_checked
            + summary.missing
            + summary.extra
            + summary.differing
            + summary.restored
            == 0;
        let counts = [
            ("checked", summary.checked),
            ("not_checked", summary.not_checked),
            ("missing", summary.missing),
            ("extra", summary.extra),
            ("differing", summary.differing),
            ("restored", summary.restored),
        ];
        let now = self.services.clock.now();
        let code = match summary.is_empty() {
            true => results::NOTHING,
            false => "reconciliation.done",
        };
        let entry = NewEntry {
            at: now,
            category: Category::Reconciliation,
            severity: if all_is_well && !summary.is_empty() {
                Severity::Info
            } else {
                Severity::Warning
            },
            source_id: Some(self.source.id.to_string()),
            actor: ordered.created_by.clone(),
            code: code.to_owned(),
            counts: counts.map(|(name, rows)| (name.to_owned(), rows)).into(),
            details: json!({
                "source": self.source.name, "run": self.run, "from": ordered.period_from, "to": ordered.period_to,
                "tables": summary.tables,
            }),
            dedupe_key: format!("reconciliation.done:{}", self.run),
        };
        progress.told = true;
        let tail = Tail {
            states: vec![(self.progress_key(), Some(serde_json::to_value(&*progress)?))],
            entries: vec![entry],
            ..Tail::default()
        };
        self.commit_tail(now, &tail).await
    }

    /// Forgets how far the run was, once it has ended.
    pub(super) async fn forget_progress(&self) -> Result<(), PullError> {
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::PutState {
                key: self.progress_key(),
                value: None,
            }],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            compare::{Kind, Line, PRESENT, ROW},
            notes,
            window::Window,
        },
        *,
    };
    use crate::{
        catalog::Locale,
        control::{Actor, JournalId, testing::beds},
        journal::{self, Entry},
        planner::tests::bed::plant,
        yclients::client::VendorSettings,
    };

    const MOVEMENTS: &str = "yclients_goods_transactions";

    #[tokio::test]
    async fn rows_that_could_not_be_taken_are_counted_by_themselves() {
        for bed in beds().await {
            let plant = plant(bed, VendorSettings::default());
            let (now, shop) = (plant.bed.now(), &plant.bed.subscription.id);
            let subject = Subject::of(&[MOVEMENTS.to_owned()], |_| true).remove(0);
            let day: NaiveDate = "2026-02-20".parse().unwrap();
            let noted = |mended: bool, keys: &[&str]| {
                let about = notes::About {
                    run: "run",
                    source: "source",
                    mended,
                    at: now,
                };
                let fields = ["cost", ROW];
                let lines = keys.iter().flat_map(|key| {
                    fields.map(|field| Line {
                        gauge: 0,
                        key: (*key).to_owned(),
                        kind: Kind::Missing,
                        field: field.to_owned(),
                        held: None,
                        vendor: Some(PRESENT.to_owned()),
                    })
                });
                let lines = [(day, lines.collect::<Vec<_>>())];
                let (table, rows) = notes::differences(&[MOVEMENTS], &about, &lines);
                Write::Insert { table, rows }
            };
            let load = Load {
                origin: "reconciliation",
                run: "run".to_owned(),
                observed_at: now,
                writes: vec![noted(true, &["1", "2", "4"]), noted(false, &["3"])],
                quota: None,
            };
            let warehouse = plant.services.warehouses.open(shop);
            warehouse.commit(load).await.unwrap();
            let snapshot = warehouse.snapshot().await.unwrap();
            let window = Window::new(&subject, day, day);
            let (days, _) = notes::closed(&snapshot, "run", &window).await.unwrap();
            drop(snapshot);
            let counts = counts_of(&days.iter().collect::<Vec<_>>());
            let expected = [
                ("missing", 4),
                ("extra", 0),
                ("differing", 0),
                ("not_mended", 1),
            ];
            assert_eq!(counts, expected);
            plant.close().await;
        }
    }

    fn told(locale: Locale, not_mended: Option<i64>) -> String {
        let counts = [("missing", 40), ("extra", 0), ("differing", 0)];
        let counts = counts.map(|(name, count)| (name.to_owned(), count));
        let mut counts = BTreeMap::from(counts);
        counts.extend(not_mended.map(|count| ("not_mended".to_owned(), count)));
        let entry = Entry {
            id: JournalId::random(),
            subscription_id: "sampleshop".parse().unwrap(),
            at: chrono::DateTime::UNIX_EPOCH,
            category: Category::Reconciliation,
            severity: Severity::Warning,
            source_id: None,
            actor: Actor::System,
            code: "reconciliation.day".to_owned(),
            counts,
            details: json!({ "source": "Salon", "table": MOVEMENTS, "day": "4004-04-04" }),
        };
        journal::message(locale, &entry)
    }

    #[test]
    fn a_day_is_told_to_be_mended_only_where_all_of_it_is() {
        for locale in Locale::ALL {
            let mended = told(locale, Some(0));
            assert!(!mended.contains(['{', '$']), "{mended}");
            // Entries of before this was counted read as they did.
            assert_eq!(told(locale, None), mended);
            for count in [1, 3, 25] {
                let partly = told(locale, Some(count));
                let sound = partly.contains(&count.to_string()) && !partly.contains(['{', '$']);
                assert!(sound && partly != mended, "{partly}");
            }
        }
        assert!(told(Locale::En, Some(0)).ends_with("; mended"));
    }
}
