//! Reports read from a simulated vendor: each kind in each form has what the vendor has, whatever happens on the way.

mod broken;
mod erased;
mod forms;
mod held;
mod kinds;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use wynos::{
    control::{Actor, JobRun, JobRunState, PlannedJob, Report, ReportKind},
    planner::{self, Period},
    yclients::reports::{self, Definition, ReportOrder, Target},
};

use crate::pull::Bed;

/// Rows by what tells them apart: the values of the fields that are compared, in order, as words.
type Rows = BTreeMap<String, Vec<String>>;

/// Where a report's rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Fixed,
    Described,
}

const FORMS: [Form; 3] = [Form::Json, Form::Fixed, Form::Described];

/// A report that was made, and the job that refreshes it.
#[derive(Debug)]
struct Made {
    kind: ReportKind,
    form: Form,
    report: Report,
    job: PlannedJob,
}

/// The name of a report's own table.
fn table_name(kind: ReportKind, form: Form) -> String {
    match form {
        Form::Json => "yclients_reports".to_owned(),
        Form::Fixed => format!("fixed_{kind}"),
        Form::Described => format!("mine_{kind}"),
    }
}

impl Bed {
    /// Everything that the vendor has, appointments to come too.
    fn ever(&self) -> Period {
        let today = self.stack.clock.now().date_naive();
        Period {
            from: today - TimeDelta::days(800),
            to: today + TimeDelta::days(90),
        }
    }

    /// Makes a report, as its preview showed it.
    async fn report(&self, kind: ReportKind, form: Form) -> Made {
        let (services, shop) = (self.services(), &self.stack.shop);
        let name = table_name(kind, form);
        let target = match form {
            Form::Json => Target::Json,
            Form::Fixed => Target::Table { name },
            Form::Described => Target::Description {
                yaml: kinds::description(kind),
            },
        };
        let order = ReportOrder {
            name: format!("{kind} {form:?}"),
            source: self.source.clone(),
            kind,
            definition: Definition {
                fields: Vec::new(),
                target,
            },
            period: "last 7 days".parse().unwrap(),
            schedule: None,
        };
        let shown = reports::preview(&services, shop, &order).await.unwrap();
        assert!(shown.records > 0, "{kind} has no sample");
        let by = Actor::System;
        let added = reports::add(&services, shop, order, Some(&shown), &by).await;
        let (report, job) = added.unwrap();
        Made {
            kind,
            form,
            report,
            job,
        }
    }

    /// Refreshes a report over a period, or all of it where its records belong to no days, however often it takes; how it ended.
    async fn refresh_over(&self, made: &Made, period: Period) -> JobRun {
        let (services, shop) = (self.services(), &self.stack.shop);
        self.stack.clock.advance(TimeDelta::seconds(1));
        let by = Actor::System;
        let period = made.kind.has_days().then_some(period);
        let run = planner::run_now(&services, shop, &made.job.id, period, &by);
        let run = run.await.unwrap();
        let jobs = services.control.planned_jobs(shop);
        for _ in 0..20 {
            // What may pass is tried again by the next message.
            let _ = planner::run(&services, shop, &run.id).await;
            let run = jobs.get_run(&run.id).await.unwrap();
            if run.finished_at.is_some() {
                return run;
            }
            self.stack.clock.advance(TimeDelta::minutes(6));
        }
        panic!("{made:?} has no end");
    }

    async fn refresh(&self, made: &Made) {
        let run = self.refresh_over(made, self.ever()).await;
        let why = (&run.failure_code, &run.failure_details);
        assert_eq!(run.state, JobRunState::Done, "{made:?} {why:?}");
    }
}
