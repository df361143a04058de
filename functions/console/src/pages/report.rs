use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    control::{ControlError, JobRun, PlannedJob, Report, ReportId},
    i18n::text,
    planner::JobSettings,
    yclients::reports::{self, Definition, Paths, RemovedRows, ReportEdit, ReportError, Target},
};

use super::{
    address::Done,
    documents::cost_words,
    report_form::{MOST_BYTES, kind_name, told},
};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        DAYS, Fact, Form, Frame, JobItem, Named, RunItem, Section, page, path_refusal,
        period_refusal, period_words, read_period, read_schedule, schedule_refusal, schedule_words,
        with_period, with_schedule,
    },
};

/// Runs that the page shows.
const RUNS: usize = 20;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    base: String,
    id: String,
    may_change: bool,
    kind: String,
    job: Option<JobItem>,
    facts: Vec<Fact>,
    new_fields: Vec<String>,
    description: Option<String>,
    tables: Vec<String>,
    runs: Vec<RunItem>,
    typed: Form,
    days: [&'static str; 7],
    /// What can be chosen, where it still can.
    fields: Option<Vec<Named>>,
    /// Whether they come beside those that are there.
    adds: bool,
}

async fn own_report(app: &App, member: &Member, id: &str) -> Result<Report, Failure> {
    let id: ReportId = id.parse().map_err(|_| Kind::NotFound)?;
    Ok(app.services.control.reports(member.id()).get(&id).await?)
}

/// `GET /s/{subscription}/reports/{id}`: one report with its latest runs, and the forms that change and remove it.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let report = own_report(&app, &member, &id).await?;
    let known = [("made", "console-reports-made"), ("saved", "console-saved")];
    shown(&app, &member, &report, None, |frame| {
        done.told(frame, "good", &known)
    })
    .await
}

async fn shown(
    app: &App,
    member: &Member,
    report: &Report,
    typed: Option<Form>,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let (job, runs) = job_of(app, member, report).await?;
    let definition: Definition = serde_json::from_value(report.definition.clone())
        .map_err(|error| Failure::noted(Kind::Internal, &error))?;
    let mut frame = say(Frame::inside(member, Section::Jobs, "console-jobs-title"));
    frame.title.clone_from(&report.name);
    frame.busy = job.as_ref().is_some_and(|job| job.current_run.is_some());
    let typed = typed.unwrap_or_else(|| form_of(report, job.as_ref(), &definition));
    let last = runs
        .iter()
        .find(|run| job.as_ref().and_then(|job| job.last_run.as_ref()) == Some(&run.id));
    let description = match &definition.target {
        Target::Description { yaml } => Some(yaml.clone()),
        Target::Json | Target::Table { .. } => None,
    };
    let tables = tables_of(app, member, report).await?;
    page(&ReportPage {
        base: member.base(),
        id: report.id.to_string(),
        may_change: member.may_change(),
        kind: kind_name(locale, report.kind),
        facts: facts(
            app,
            member,
            report,
            &definition,
            job.as_ref(),
            &tables,
            &frame,
        )
        .await?,
        job: job.as_ref().map(|job| JobItem::of(member, job, last)),
        new_fields: report.offered_paths.clone(),
        description,
        tables,
        runs: runs.iter().map(|run| RunItem::of(member, run)).collect(),
        fields: choosable(report, &definition, &typed)?,
        adds: matches!(definition.target, Target::Table { .. }),
        days: DAYS,
        typed,
        frame,
    })
}

async fn job_of(
    app: &App,
    member: &Member,
    report: &Report,
) -> Result<(Option<PlannedJob>, Vec<JobRun>), Failure> {
    let planned = app.services.control.planned_jobs(member.id());
    let Some(id) = &report.job_id else {
        return Ok((None, Vec::new()));
    };
    // The job may have been removed by itself; changing the report makes it again.
    match planned.get(id).await {
        Ok(job) => {
            let runs = planned.runs(id, None, RUNS).await?.items;
            Ok((Some(job), runs))
        }
        Err(ControlError::NotFound { .. }) => Ok((None, Vec::new())),
        Err(error) => Err(error.into()),
    }
}

/// The tables that the report fills.
async fn tables_of(app: &App, member: &Member, report: &Report) -> Result<Vec<String>, Failure> {
    let kept = app.services.control.reports(member.id());
    let tables = kept.tables_of(&report.id).await?;
    let mut names: Vec<String> = tables.into_iter().map(|table| table.name).collect();
    if names.is_empty() {
        names.push("yclients_reports".to_owned());
    }
    Ok(names)
}

async fn facts(
    app: &App,
    member: &Member,
    report: &Report,
    definition: &Definition,
    job: Option<&PlannedJob>,
    tables: &[String],
    frame: &Frame,
) -> Result<Vec<Fact>, Failure> {
    let locale = frame.locale();
    let control = &app.services.control;
    let sources = control.sources(member.id()).list().await?;
    let source = sources
        .iter()
        .find(|source| source.id.as_str() == report.source_id);
    let source = source.map_or_else(|| report.source_id.clone(), |source| source.name.clone());
    let fields: Vec<String> = definition.fields.iter().map(ToString::to_string).collect();
    let form = match definition.target {
        Target::Json => "console-reports-json",
        Target::Table { .. } => "console-reports-table",
        Target::Description { .. } => "console-reports-description",
    };
    let mut facts = vec![
        Fact::new(frame.t("console-source"), source),
        Fact::new(frame.t("console-reports-form"), frame.t(form)),
        Fact::mono(frame.t("console-jobs-tables"), tables.join(", ")),
        match fields.is_empty() {
            true => Fact::new(
                frame.t("console-reports-fields"),
                frame.t("console-reports-all"),
            ),
            false => Fact::mono(frame.t("console-reports-fields"), fields.join(", ")),
        },
    ];
    let settings = job.and_then(|job| JobSettings::read(job.kind, &job.settings).ok());
    if let Some(period) = settings.and_then(|settings| settings.period()) {
        facts.push(Fact::new(
            frame.t("console-jobs-period"),
            period_words(locale, period),
        ));
    }
    if let Some(cost) = reports::cost_of_report(&app.services, report)
        .await
        .map_err(|error| Failure::noted(Kind::Unavailable, &error))?
    {
        facts.push(Fact::new(
            frame.t("console-reports-calls"),
            cost_words(locale, "console-documents-calls", cost),
        ));
    }
    let schedule = job.and_then(|job| job.schedule.as_ref());
    facts.push(Fact::new(
        frame.t("console-schedule"),
        schedule_words(locale, schedule),
    ));
    facts.push(Fact::mono(
        frame.t("console-reports-report"),
        report.id.as_str(),
    ));
    Ok(facts)
}

fn form_of(report: &Report, job: Option<&PlannedJob>, definition: &Definition) -> Form {
    let form = Form::default().with("name", &report.name);
    let form = with_schedule(form, job.and_then(|job| job.schedule.as_ref()));
    let settings = job.and_then(|job| JobSettings::read(job.kind, &job.settings).ok());
    let period = settings.and_then(|settings| settings.period());
    let form = match period {
        Some(period) => with_period(form, period),
        None => form.with("rule", "days").with("count", "7"),
    };
    let form = match &definition.target {
        Target::Description { yaml } => form.with("description", yaml),
        Target::Json | Target::Table { .. } => form,
    };
    let add = |form: Form, path: &reports::Path| form.with("field", path.to_string());
    definition.fields.iter().fold(form, add)
}

/// The fields that the JSON rows of a report can have, or that its table can gain columns for; tables of a description are
/// settled.
fn choosable(
    report: &Report,
    definition: &Definition,
    typed: &Form,
) -> Result<Option<Vec<Named>>, Failure> {
    let item = |name: String| Named {
        chosen: typed.has("field", &name),
        label: name.clone(),
        name,
    };
    match definition.target {
        Target::Json => {}
        Target::Table { .. } => {
            let offered = report.offered_paths.iter().cloned();
            return Ok(Some(offered.map(item).collect()));
        }
        Target::Description { .. } => return Ok(None),
    }
    let known: Paths = serde_json::from_value(report.known_paths.clone())
        .map_err(|error| Failure::noted(Kind::Internal, &error))?;
    let known = known.iter().filter(|(path, _)| !path.is_root());
    let mut names: std::collections::BTreeSet<String> =
        known.map(|(path, _)| path.to_string()).collect();
    names.extend(report.offered_paths.iter().cloned());
    Ok(Some(names.into_iter().map(item).collect()))
}

/// `POST /s/{subscription}/reports/{id}/edit`: changes its name, fields, period and schedule.
pub(super) async fn edit(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let report = own_report(&app, &member, &id).await?;
    let locale = member.visitor.locale;
    let edited = match read(locale, &typed) {
        Ok(new) => {
            let by = member.actor();
            let edited = reports::edit(&app.services, member.id(), &report.id, new, &by).await;
            match edited {
                Ok(_) => Ok(()),
                Err(error) => Err(told(locale, error)?),
            }
        }
        Err(refused) => Err(refused),
    };
    match edited {
        Ok(_) => {
            let to = format!("{}/reports/{}?done=saved", member.base(), report.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err((field, text)) => {
            let form = Form::of(typed).refused(field, text.clone());
            shown(&app, &member, &report, Some(form), |frame| {
                frame.say("bad", text)
            })
            .await
        }
    }
}

fn read(
    locale: wynos::catalog::Locale,
    typed: &Fields,
) -> Result<ReportEdit, (&'static str, String)> {
    let fields = typed.all("field").map(str::parse::<reports::Path>);
    let fields = fields
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| ("fields", path_refusal(locale, &error)))?;
    Ok(ReportEdit {
        name: typed.text("name").to_owned(),
        fields: typed.ticked("choose").then_some(fields),
        description: match typed.raw("description") {
            "" => None,
            long if long.len() > MOST_BYTES => {
                return Err(("description", text(locale, "problem-reports-long")));
            }
            yaml => Some(yaml.replace("\r\n", "\n")),
        },
        period: read_period(typed).map_err(|error| ("period", period_refusal(locale, &error)))?,
        schedule: read_schedule(typed)
            .map_err(|error| ("schedule", schedule_refusal(locale, &error)))?,
    })
}

/// `POST /s/{subscription}/reports/{id}/remove`: removes it, keeping or deleting its rows; or deletes those that were kept when it
/// was removed.
pub(super) async fn remove(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    if !typed.ticked("sure") {
        return Err(Failure::field("sure"));
    }
    let rows = match typed.text("rows") {
        "keep" => RemovedRows::Kept,
        "delete" => RemovedRows::Deleted,
        _ => return Err(Failure::field("rows")),
    };
    let id: ReportId = id.parse().map_err(|_| Kind::NotFound)?;
    let done = match app.services.control.reports(member.id()).get(&id).await {
        Ok(_) => "report",
        // One that is removed by now, or never was.
        Err(ControlError::NotFound { .. }) => "cleared",
        Err(error) => return Err(error.into()),
    };
    let by = member.actor();
    match reports::remove(&app.services, member.id(), &id, rows, &by).await {
        Ok(_) => {
            let to = format!("{}/jobs?done={done}", member.base());
            Ok(Redirect::to(&to).into_response())
        }
        Err(ReportError::Control(error)) => Err(error.into()),
        Err(error) => Err(Failure::noted(Kind::Unavailable, &error)),
    }
}
