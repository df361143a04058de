mod removed;

use std::path::Path;

use anyhow::Context;
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId, access,
    catalog::Locale,
    control::{Actor, Cursor, PlannedJob, Report, ReportKind, ReportTable},
    journal,
    planner::JobSettings,
    services::Services,
    yclients::{
        pull::DetailsCost,
        reports::{self, Definition, Preview, ReportEdit, ReportError, ReportOrder, Target},
    },
};

use crate::{
    args::{AddReport, EditReport, ListReports, ReportCommand, ReportOptions, RunReport},
    commands::{job, known_subscription},
    failure::{Ending, Failure},
    output::{Output, counted},
};

/// Reports asked for at a time.
const PAGE: usize = 200;
/// The most bytes of a description's file that are read.
const MOST_BYTES: u64 = 1 << 20;

/// Shows, makes, refreshes, lists and removes reports.
pub(crate) async fn run(
    services: &Services,
    command: ReportCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        ReportCommand::Preview(options) => preview(services, &options, output).await,
        ReportCommand::Add(new) => add(services, *new, output).await,
        ReportCommand::Edit(change) => edit(services, *change, output).await,
        ReportCommand::Run(run) => refresh(services, &run, output).await,
        ReportCommand::List(of) if of.removed => {
            removed::list(services, &of.subscription, output).await
        }
        ReportCommand::List(of) => list(services, &of, output).await,
        ReportCommand::Remove(one) => removed::remove(services, &one, output).await,
    }
}

async fn preview(
    services: &Services,
    options: &ReportOptions,
    output: Output,
) -> anyhow::Result<Ending> {
    known_subscription(services, &options.subscription).await?;
    let order = order(options)?;
    say_sample(order.kind, output);
    let preview = reports::preview(services, &options.subscription, &order).await;
    let preview = preview.map_err(failed)?;
    note_shown(services, &options.subscription, &order).await?;
    say_cost(preview.cost, output);
    show(&preview, output);
    output.result(&described(&preview));
    Ok(Ending::Done)
}

/// Notes that rows of the vendor are shown, before any is.
async fn note_shown(
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> anyhow::Result<()> {
    let what = format!("preview of {}", order.source);
    let now = services.clock.now();
    let noted = access::note_read(
        &services.control,
        subscription,
        &what,
        &Actor::CommandLine,
        now,
    );
    Ok(noted.await?)
}

/// Says what a sample costs where each record costs a call.
fn say_sample(kind: ReportKind, output: Output) {
    if kind == ReportKind::Documents {
        output.say(format!(
            "A sample is looked at: up to {} documents, a call for each, beside the lists that name them.",
            reports::SAMPLE_DOCUMENTS
        ));
    }
}

/// Says what a refresh costs where each record costs a call.
fn say_cost(cost: Option<DetailsCost>, output: Output) {
    if let Some(cost) = cost {
        output.say(format!(
            "Each document costs a call: {} for the period as far as is known, {} at least.",
            counted(cost.calls, "call"),
            counted(cost.minutes, "minute")
        ));
        if cost.unreadable > 0 {
            output.say(format!(
                "Passed by: {} with something in the place of the id that is no number.",
                counted(cost.unreadable, "document")
            ));
        }
    }
}

fn show(preview: &Preview, output: Output) {
    output.say(format!(
        "{} records were looked at. Fields that can be chosen:",
        preview.records
    ));
    for (path, ty) in preview.fields() {
        output.say(format!("  {path}  {ty}"));
    }
    for table in &preview.tables {
        output.say(format!("Table {}, {} rows:", table.name, table.total));
        for note in table.notes(Locale::En) {
            output.say(format!("  {note}"));
        }
        for (name, ty) in &table.columns {
            output.say(format!("  {name}  {ty}"));
        }
        for row in &table.rows {
            output.say(format!("  {}", Json::Object(row.clone())));
        }
    }
}

fn described(preview: &Preview) -> Json {
    let tables = preview.tables.iter().map(|table| {
        let columns = table.columns.iter().map(|(name, ty)| json!({ "name": name, "type": ty }));
        json!({
            "name": table.name, "columns": columns.collect::<Vec<_>>(), "rows": table.rows, "total": table.total,
            "without_key": table.without_key, "same_key": table.same_key,
            "unread_records": table.unread.as_ref().map_or(0, |(_, count)| *count),
            "unread_path": table.unread.as_ref().map(|(path, _)| path),
        })
    });
    json!({
        "records": preview.records,
        "fields": preview.fields().map(|(path, ty)| json!({ "path": path, "type": ty })).collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(), "calls": preview.cost.map(|cost| cost.calls),
    })
}

async fn add(services: &Services, new: AddReport, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &new.options.subscription)
        .await?
        .id;
    let mut order = order(&new.options)?;
    order.period = new.period;
    order.schedule = new.schedule;
    let preview = match order.definition.needs_sample() {
        true => {
            say_sample(order.kind, output);
            let preview = Box::pin(reports::preview(services, &subscription, &order)).await;
            Some(preview.map_err(failed)?)
        }
        false => None,
    };
    if let Some(preview) = &preview
        && matches!(order.definition.target, Target::Table { .. })
        && !new.yes
    {
        note_shown(services, &subscription, &order).await?;
        say_cost(preview.cost, output);
        show(preview, output);
        return Err(Failure::usage("nothing was made: these are the columns that the table would have; say --yes to approve them").into());
    }
    let by = Actor::CommandLine;
    let made = reports::add(services, &subscription, order, preview.as_ref(), &by);
    let made = Box::pin(made).await;
    let (report, job) = made.map_err(failed)?;
    let cost = reports::cost_of_report(services, &report).await;
    say_cost(cost.map_err(failed)?, output);
    output.say(format!(
        "The report {} is made; the job {} refreshes it.",
        report.id, job.id
    ));
    output.result(&json!({ "id": report.id, "job": job::described(&job, None) }));
    Ok(Ending::Done)
}

async fn edit(services: &Services, change: EditReport, output: Output) -> anyhow::Result<Ending> {
    let one = &change.report;
    let subscription = known_subscription(services, &one.subscription).await?.id;
    let reports_of = services.control.reports(&subscription);
    let report = reports_of.get(&one.report).await;
    let report = report.map_err(ReportError::from).map_err(failed)?;
    let jobs = services.control.planned_jobs(&subscription);
    let kept = match &report.job_id {
        Some(job) => jobs.get(job).await.ok(),
        None => None,
    };
    let schedule = match change.schedule {
        None if !change.by_hand => kept.as_ref().and_then(|job| job.schedule.clone()),
        schedule => schedule,
    };
    let period = match change.period {
        Some(period) => period,
        None => reports::period_of(services, &report)
            .await
            .map_err(failed)?,
    };
    let description = change
        .description
        .as_deref()
        .map(described_in)
        .transpose()?;
    let new = ReportEdit {
        description,
        name: change.name.unwrap_or_else(|| report.name.clone()),
        fields: change.fields,
        period,
        schedule,
    };
    if let Some(job) = kept.filter(|job| changes_nothing(&report, job, &new)) {
        output.say("Nothing was to change: the report is so already.");
        output.result(&json!({ "id": report.id, "job": job::described(&job, None) }));
        return Ok(Ending::Done);
    }
    let by = Actor::CommandLine;
    let edited = reports::edit(services, &subscription, &report.id, new, &by).await;
    let (report, job) = edited.map_err(failed)?;
    output.say("The report is changed. Rows that are there follow with the next refresh.");
    output.result(&json!({ "id": report.id, "job": job::described(&job, None) }));
    Ok(Ending::Done)
}

/// Whether a report and its job are already what they are to become.
fn changes_nothing(report: &Report, job: &PlannedJob, new: &ReportEdit) -> bool {
    let Ok(kept) = serde_json::from_value::<Definition>(report.definition.clone()) else {
        return false;
    };
    let settings = JobSettings::read(job.kind, &job.settings).ok();
    let period = settings.and_then(|settings| settings.period());
    let fields = new.fields.as_ref();
    let described = match (&new.description, &kept.target) {
        (None, _) => true,
        (Some(yaml), Target::Description { yaml: own }) => yaml == own,
        (Some(_), Target::Json | Target::Table { .. }) => false,
    };
    described
        && fields.is_none_or(|fields| *fields == kept.fields)
        && report.name == new.name.trim()
        && job.name == report.name
        && period == Some(new.period)
        && job.schedule == new.schedule
}

async fn refresh(services: &Services, run: &RunReport, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &run.report.subscription)
        .await?
        .id;
    let report = services
        .control
        .reports(&subscription)
        .get(&run.report.report)
        .await;
    let report = report.map_err(ReportError::from).map_err(failed)?;
    let period = run.from.zip(run.to);
    let period = period.map(|(from, to)| wynos::planner::Period { from, to });
    let cost = match period.zip(report.source_id.parse().ok()) {
        Some((period, source)) => reports::cost(services, &source, report.kind, period).await,
        None => reports::cost_of_report(services, &report).await,
    };
    let cost = cost.map_err(failed)?;
    say_cost(cost, output);
    let job = report.job_id.context("the report has no job")?;
    job::run_to_its_end(services, &subscription, &job, period, output).await
}

async fn list(services: &Services, of: &ListReports, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &of.subscription).await?.id;
    let reports = services.control.reports(&subscription);
    let sources = services.control.sources(&subscription).list().await?;
    let mut shown = Vec::new();
    let mut from: Option<Cursor> = None;
    loop {
        let page = reports.list(from.as_ref(), PAGE).await?;
        for report in &page.items {
            let tables = reports.tables_of(&report.id).await?;
            let tables = names(tables);
            let waits = !sources
                .iter()
                .any(|source| source.id.as_str() == report.source_id);
            output.say(format!(
                "{}  {}  {}  {}",
                report.id,
                report.kind,
                report.name,
                tables.join(", ")
            ));
            if waits {
                output.say("  waits until its removed source is connected again");
            }
            if !report.offered_paths.is_empty() {
                output.say(format!("  new fields: {}", report.offered_paths.join(", ")));
            }
            shown.push(json!({
                "id": report.id, "kind": report.kind, "name": report.name, "source": report.source_id,
                "job": report.job_id, "tables": tables, "new_fields": report.offered_paths,
                "definition": report.definition, "waits_for_source": waits,
            }));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    if shown.is_empty() {
        output.say("There are no reports.");
    }
    output.result(&json!({ "reports": shown }));
    Ok(Ending::Done)
}

/// The names of a report's tables: that of JSON rows where it has none of its own.
fn names(tables: Vec<ReportTable>) -> Vec<String> {
    if tables.is_empty() {
        return vec!["yclients_reports".to_owned()];
    }
    tables.into_iter().map(|table| table.name).collect()
}

fn order(options: &ReportOptions) -> anyhow::Result<ReportOrder> {
    let target = match (&options.table, &options.description) {
        (Some(name), _) => Target::Table { name: name.clone() },
        (None, Some(file)) => Target::Description {
            yaml: described_in(file)?,
        },
        (None, None) => Target::Json,
    };
    Ok(ReportOrder {
        name: options.name.clone(),
        source: options.source.clone(),
        kind: options.kind,
        definition: Definition {
            fields: options.fields.clone(),
            target,
        },
        period: wynos::planner::PeriodRule::LastDays(7),
        schedule: None,
    })
}

/// The description in a file.
fn described_in(file: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(file).map(|file| file.len());
    let text = match size {
        Ok(..=MOST_BYTES) => std::fs::read_to_string(file),
        Ok(_) => return Err(Failure::usage("the description is too long").into()),
        Err(error) => Err(error),
    };
    text.map_err(|error| {
        let file = file.display();
        Failure::usage(format!("the description {file} cannot be read: {error}")).into()
    })
}

fn failed(error: ReportError) -> anyhow::Error {
    let code = error.code();
    let (usage, message) = match error {
        ReportError::Planner(error) => return job::failed(error),
        ReportError::Work(error) => {
            let reason = journal::reason(Locale::En, error.code, Some(&error.details));
            (false, reason)
        }
        ReportError::Control(error) if code == "report_failed" => return error.into(),
        other => (true, other.to_string()),
    };
    Failure {
        code: if usage { code } else { "report_failed" },
        message,
        usage,
    }
    .into()
}
