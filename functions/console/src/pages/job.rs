use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    control::{ControlError, JobId, JobKind, PlannedJob},
    planner::{self, JobSettings, Period, PlannerError},
};

use super::{
    address::Done,
    job_form::{FormPage, form_of, is_for},
};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        Fact, Form, Frame, JobItem, RunItem, Section, job_kind, page, period_refusal, refusal,
        settings_words,
    },
};

/// Runs that the page shows.
const RUNS: usize = 30;

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    frame: Frame,
    base: String,
    may_change: bool,
    job: JobItem,
    facts: Vec<Fact>,
    runs: Vec<RunItem>,
    takes_period: bool,
    report: Option<String>,
    /// Where it is changed, if not here.
    elsewhere: Option<String>,
    period: Form,
    form: Option<FormPage>,
}

/// `GET /s/{subscription}/jobs/{id}`: one job with its latest runs, and the forms that change it.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let job = own_job(&app, &member, &id).await?;
    let form = form_of(&job)?;
    let known = [
        ("made", "console-jobs-made"),
        ("saved", "console-saved"),
        ("asked", "console-jobs-asked"),
    ];
    let none = Form::default();
    shown(&app, &member, &job, form, none, |frame| {
        done.told(frame, "good", &known)
    })
    .await
}

async fn own_job(app: &App, member: &Member, id: &str) -> Result<PlannedJob, Failure> {
    let id: JobId = id.parse().map_err(|_| Kind::NotFound)?;
    let planned = app.services.control.planned_jobs(member.id());
    Ok(planned.get(&id).await?)
}

async fn shown(
    app: &App,
    member: &Member,
    job: &PlannedJob,
    form: Form,
    period: Form,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let planned = app.services.control.planned_jobs(member.id());
    let runs = planned.runs(&job.id, None, RUNS).await?.items;
    let last = runs
        .iter()
        .find(|run| job.last_run.as_ref() == Some(&run.id));
    let settings = JobSettings::read(job.kind, &job.settings).ok();
    let mut frame = say(Frame::inside(member, Section::Jobs, "console-jobs-title"));
    frame.title.clone_from(&job.name);
    frame.busy = job.current_run.is_some();
    let report = match &settings {
        Some(JobSettings::Report(own)) => Some(own.report.to_string()),
        _ => None,
    };
    let sweeps = job.kind == JobKind::Retention;
    let takes_period = !sweeps && takes_period(app, member, settings.as_ref()).await?;
    let elsewhere = sweeps.then(|| format!("{}/retention?job={}", member.base(), job.id));
    let form = match is_for(job.kind) {
        true => Some(FormPage::of(app, member, form, Some(job.kind)).await?),
        false => None,
    };
    page(&JobPage {
        base: member.base(),
        may_change: member.may_change(),
        facts: facts(app, member, job, settings.as_ref(), &frame).await?,
        job: JobItem::of(member, job, last),
        runs: runs
            .iter()
            .map(|run| RunItem::of_job(member, job, run))
            .collect(),
        takes_period,
        report,
        elsewhere,
        period,
        form,
        frame,
    })
}

/// Whether a run of such a job can be over days that somebody names: not of a report whose records belong to none.
async fn takes_period(
    app: &App,
    member: &Member,
    settings: Option<&JobSettings>,
) -> Result<bool, Failure> {
    let Some(JobSettings::Report(own)) = settings else {
        return Ok(true);
    };
    let reports = app.services.control.reports(member.id());
    match reports.get(&own.report).await {
        Ok(report) => Ok(report.kind.has_days()),
        Err(ControlError::NotFound { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

async fn facts(
    app: &App,
    member: &Member,
    job: &PlannedJob,
    settings: Option<&JobSettings>,
    frame: &Frame,
) -> Result<Vec<Fact>, Failure> {
    let locale = frame.locale();
    let sources = app.services.control.sources(member.id()).list().await?;
    let source = match &job.source_id {
        None => frame.t("console-jobs-all-sources"),
        Some(id) => sources
            .iter()
            .find(|source| source.id.as_str() == id)
            .map_or_else(|| id.clone(), |source| source.name.clone()),
    };
    let mut facts = vec![
        Fact::new(
            frame.t("console-jobs-kind"),
            job_kind(locale, job.kind.as_str()),
        ),
        Fact::new(frame.t("console-source"), source),
    ];
    let words = settings.map(|settings| settings_words(locale, settings));
    let words = words.into_iter().flatten();
    facts.extend(words.map(|(name, value)| Fact::new(name, value)));
    facts.push(Fact::mono(frame.t("console-jobs-id"), job.id.as_str()));
    Ok(facts)
}

fn to_job(member: &Member, id: &JobId, done: &str) -> Response {
    Redirect::to(&format!("{}/jobs/{id}?done={done}", member.base())).into_response()
}

/// `POST /s/{subscription}/jobs/{id}`: runs a job now, over a period where one is named, pauses it, lets it go on, or
/// removes it.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let job = own_job(&app, &member, &id).await?;
    let (services, by) = (&app.services, member.actor());
    let done = match typed.text("action") {
        "run" => return run(&app, &member, &job, typed).await,
        "pause" => planner::pause(services, member.id(), &job.id, &by).await,
        "resume" => planner::resume(services, member.id(), &job.id, &by).await,
        "remove" if job.kind == JobKind::Report => return Err(Kind::Conflict.into()),
        "remove" if !typed.ticked("sure") => return Err(Failure::field("sure")),
        "remove" => {
            let removed = planner::remove(services, member.id(), &job.id, &by).await;
            removed.map_err(unavailable)?;
            let to = format!("{}/jobs?done=job", member.base());
            return Ok(Redirect::to(&to).into_response());
        }
        _ => return Err(Failure::field("action")),
    };
    done.map_err(unavailable)?;
    Ok(to_job(&member, &job.id, "saved"))
}

fn unavailable(error: PlannerError) -> Failure {
    match error {
        PlannerError::Control(error) => error.into(),
        error => Failure::noted(Kind::Unavailable, &error),
    }
}

async fn run(
    app: &App,
    member: &Member,
    job: &PlannedJob,
    typed: Fields,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let day = |name| typed.text(name).parse::<chrono::NaiveDate>().ok();
    let said = !typed.text("from").is_empty() || !typed.text("to").is_empty();
    let period = day("from").zip(day("to"));
    let period = period.map(|(from, to)| Period { from, to });
    let refused = async |text: String| {
        let period = Form::of(typed.clone()).refused("period", text);
        shown(app, member, job, form_of(job)?, period, |frame| frame).await
    };
    if said && period.is_none() {
        let unreadable = planner::PeriodError::Unreadable {
            text: String::new(),
        };
        return refused(period_refusal(locale, &unreadable)).await;
    }
    let by = member.actor();
    match planner::run_now(&app.services, member.id(), &job.id, period, &by).await {
        // Pressed twice, it runs once.
        Ok(_) | Err(PlannerError::UnderWay) => Ok(to_job(member, &job.id, "asked")),
        Err(error) => {
            let (_, text) = refusal(locale, error)?;
            refused(text).await
        }
    }
}

/// `POST /s/{subscription}/jobs/{id}/edit`: changes its name, settings and schedule.
pub(super) async fn edit(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let job = own_job(&app, &member, &id).await?;
    if !is_for(job.kind) {
        return Err(Kind::Conflict.into());
    }
    let by = member.actor();
    let edited = match super::job_form::read(job.kind, &typed) {
        Ok(new) => planner::edit(&app.services, member.id(), &job.id, new, &by).await,
        Err(error) => Err(error),
    };
    match edited {
        Ok(job) => Ok(to_job(&member, &job.id, "saved")),
        Err(error) => {
            let (field, text) = refusal(member.visitor.locale, error)?;
            let form = Form::of(typed).refused(field, text.clone());
            let none = Form::default();
            shown(&app, &member, &job, form, none, |frame| {
                frame.say("bad", text)
            })
            .await
        }
    }
}
