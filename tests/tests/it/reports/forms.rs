use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use wynos::control::ReportKind;

use super::{FORMS, Form, Made, Rows, kinds};
use crate::pull::{Bed, on_both, small};

impl Bed {
    /// Compares what a report holds with what it has to; in JSON, times are as the vendor wrote them.
    async fn assert_whole(&self, made: &Made) {
        let mut expected = self.expected(made.kind).await;
        assert!(!expected.is_empty(), "{:?} has no truth", made.kind);
        let mut held = self.kept(made).await;
        leave_times(made, &mut expected, &mut held);
        let other = |(key, values): &(&String, &Vec<String>)| expected.get(*key) != Some(*values);
        let wrong: Vec<_> = held.iter().filter(other).take(5).collect();
        let missing: Vec<_> = expected
            .keys()
            .filter(|key| !held.contains_key(*key))
            .take(5)
            .collect();
        let truth: Vec<_> = wrong.iter().map(|(key, _)| expected.get(*key)).collect();
        assert!(
            wrong.is_empty() && missing.is_empty(),
            "{:?} {:?}: {} held, {} in truth\nwrong {wrong:#?}\nin truth {truth:#?}\nmissing {missing:?}",
            made.kind,
            made.form,
            held.len(),
            expected.len()
        );
    }
}

/// Times that one of the sides does not tell as an instant are not compared.
fn leave_times(made: &Made, expected: &mut Rows, held: &mut Rows) {
    if made.kind == ReportKind::Consumables {
        return;
    }
    let times = kinds::fields(made.kind).iter().enumerate();
    let times = times.filter(|(_, field)| field.is == kinds::Is::Time);
    for (at, _) in times {
        let told = held.values().any(|values| !values[at].is_empty());
        assert!(
            told || made.form != Form::Described,
            "{made:?} has no times"
        );
        if !told {
            expected.values_mut().for_each(|values| values[at].clear());
        }
    }
}

on_both! {
    async fn every_kind_in_every_form_has_what_the_vendor_has(bed: Bed, small(120, "")) {
        let mut all = Vec::new();
        for kind in ReportKind::ALL.iter().copied() {
            for form in FORMS {
                let made = bed.report(kind, form).await;
                bed.refresh(&made).await;
                bed.assert_whole(&made).await;
                all.push(made);
            }
        }
        // Things change, come and go at the vendor; what is refreshed follows, and again changes nothing.
        bed.live(150, TimeDelta::days(3));
        for made in &all {
            bed.refresh(made).await;
            bed.assert_whole(made).await;
        }
        for made in all.iter().filter(|made| made.form == Form::Described) {
            bed.refresh(made).await;
            bed.assert_whole(made).await;
        }
        bed.end().await;
    }

    async fn a_refresh_is_seen_whole_with_its_lines_or_not_at_all(bed: Bed, small(150, "")) {
        for form in FORMS {
            let made = bed.report(ReportKind::Consumables, form).await;
            bed.refresh(&made).await;
            let before = bed.kept(&made).await;
            bed.live(120, TimeDelta::days(2));
            let warehouse = bed.services().warehouses.open(&bed.stack.shop);
            let early = warehouse.snapshot().await.unwrap();
            let over = AtomicBool::new(false);
            let refreshed = async {
                bed.refresh(&made).await;
                over.store(true, Ordering::SeqCst);
            };
            let watched = async {
                let mut seen = Vec::new();
                while !over.load(Ordering::SeqCst) {
                    seen.push(bed.kept(&made).await);
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
                seen
            };
            let ((), seen) = tokio::join!(refreshed, watched);
            let after = bed.kept(&made).await;
            assert_ne!(before, after, "nothing happened");
            bed.assert_whole(&made).await;
            assert!(seen.len() > 3, "nobody looked");
            assert!(seen.iter().all(|rows| *rows == before || *rows == after), "{form:?} was seen half");
            assert_eq!(bed.kept_in(&early, &made).await, before, "who began to read before sees what was");
            drop(early);
        }
        bed.end().await;
    }

    async fn other_days_stay_as_they_were(bed: Bed, small(200, "")) {
        let made = bed.report(ReportKind::Consumables, Form::Described).await;
        bed.refresh(&made).await;
        let before = bed.kept(&made).await;
        bed.live(200, TimeDelta::days(1));
        let whole = bed.expected(ReportKind::Consumables).await;
        assert_ne!(before, whole);
        let mut last = bed.ever();
        last.from = bed.stack.clock.now().date_naive() - TimeDelta::days(2);
        bed.refresh_over(&made, last).await;
        let after = bed.kept(&made).await;
        // Each row is as it was, or as it is now; what is new is of these days, and the rest is refreshed by the whole.
        for (key, values) in &after {
            assert!(before.get(key) == Some(values) || whole.get(key) == Some(values), "{key}");
        }
        let fresh = after.iter().filter(|(key, values)| before.get(*key) != Some(values)).count();
        assert!(fresh > 0, "nothing of these days was refreshed");
        bed.refresh(&made).await;
        bed.assert_whole(&made).await;
        bed.end().await;
    }
}
