//! A vendor that fails in the middle of a report.

use chrono::TimeDelta;
use serde_json::json;
use wynos::control::{JobRunState, ReportKind};

use super::{FORMS, Form};
use crate::pull::{Bed, on_both, small};

/// What befalls the calls of a kind, and after how many that go well: lists that come whole end in the middle of their body,
/// the others between two of their pages or records.
const fn middle(kind: ReportKind) -> (&'static str, &'static str, u32) {
    match kind {
        ReportKind::Documents => ("gateway", "/storage_operations/documents/", 4),
        ReportKind::Consumables => ("gateway", "/records/", 7),
        ReportKind::GoodsTransactions => ("html", "/storages/transactions/", 7),
        ReportKind::FinanceTransactions => ("reset", "/transactions/", 7),
        ReportKind::RecordCategories => ("truncate", "/labels/", 0),
        ReportKind::Services => ("truncate", "/services", 0),
    }
}

impl Bed {
    async fn order_faults(&self, order: serde_json::Value) {
        let url = format!("{}/sandbox/faults", self.sandbox.control_url);
        let sent = reqwest::Client::new().post(url).json(&order).send().await;
        assert!(sent.unwrap().status().is_success());
    }
}

on_both! {
    async fn a_vendor_that_fails_in_the_middle_leaves_what_was_there(bed: Bed, small(120, "")) {
        let mut all = Vec::new();
        for kind in ReportKind::ALL.iter().copied() {
            for form in FORMS {
                let made = bed.report(kind, form).await;
                bed.refresh(&made).await;
                all.push(made);
            }
        }
        bed.live(150, TimeDelta::days(3));
        for made in &all {
            let before = bed.kept(made).await;
            let (fault, path, after) = middle(made.kind);
            let next = json!([{ "fault": fault, "path": path, "after": after, "times": 1_000 }]);
            bed.order_faults(json!({ "next": next })).await;
            let run = bed.refresh_over(made, bed.ever()).await;
            assert_eq!(run.state, JobRunState::Failed, "{made:?}");
            assert!(run.failure_code.as_deref().is_some_and(|code| code.starts_with("vendor.")), "{run:?}");
            assert_eq!(bed.kept(made).await, before, "{:?} {:?} was touched", made.kind, made.form);
            bed.order_faults(json!({ "forget": true })).await;
        }
        // Once the vendor is well again, everything follows: what broke off is in nobody's way.
        for made in all.iter().filter(|made| made.form != Form::Fixed) {
            bed.refresh(made).await;
            let held = bed.kept(made).await;
            let expected = bed.expected(made.kind).await;
            assert!(held.keys().eq(expected.keys()), "{:?} {:?}", made.kind, made.form);
        }
        bed.end().await;
    }
}
