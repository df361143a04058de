use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    catalog::{self, Table, TableGroup},
    control::{JobKind, PlannedJob},
    planner::{
        self, BasePullSettings, JobSettings, NewJob, PeriodRule, PlannerError,
        ReconciliationSettings, SettingsFault,
    },
    yclients::pull,
};

use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        DAYS, Form, Frame, Named, Section, page, read_period, read_schedule, refusal, with_period,
        with_schedule,
    },
};

/// The kinds of jobs that this form makes; reports and the removal of old data have pages of their own.
const KINDS: [JobKind; 2] = [JobKind::BasePull, JobKind::Reconciliation];

/// What the fields of a job's form are filled in with and choose from.
pub(super) struct FormPage {
    pub(super) typed: Form,
    /// The kind of a job that is there already.
    pub(super) kind: Option<&'static str>,
    pub(super) kinds: [&'static str; 2],
    pub(super) sources: Vec<Named>,
    pub(super) tables: Vec<TableChoices>,
    pub(super) days: [&'static str; 7],
}

/// The tables that a kind of job can be confined to.
pub(super) struct TableChoices {
    pub(super) kind: &'static str,
    pub(super) tables: Vec<Named>,
}

impl TableChoices {
    pub(super) fn any_chosen(&self) -> bool {
        self.tables.iter().any(|table| table.chosen)
    }

    /// What it means to choose none.
    pub(super) fn hint(&self) -> &'static str {
        match self.kind {
            "base_pull" => "console-jobs-all-chosen",
            _ => "console-jobs-all-compared",
        }
    }
}

#[derive(Template)]
#[template(path = "job_new.html")]
struct NewPage {
    frame: Frame,
    base: String,
    form: FormPage,
}

impl FormPage {
    pub(super) async fn of(
        app: &App,
        member: &Member,
        typed: Form,
        kind: Option<JobKind>,
    ) -> Result<Self, Failure> {
        let sources = app.services.control.sources(member.id()).list().await?;
        let sources = sources.into_iter().map(|source| Named {
            chosen: typed.is("source", source.id.as_str()),
            name: source.id.to_string(),
            label: source.name,
        });
        let locale = member.visitor.locale;
        let choices = |of: JobKind| TableChoices {
            kind: of.as_str(),
            tables: choosable(of)
                .map(|table| Named {
                    name: table.name.to_string(),
                    label: table.label.get(locale).to_owned(),
                    chosen: typed.has(of.as_str(), &table.name),
                })
                .collect(),
        };
        let own = |of: &JobKind| kind.is_none_or(|kind| kind == *of);
        Ok(Self {
            sources: sources.collect(),
            tables: KINDS.into_iter().filter(own).map(choices).collect(),
            kind: kind.map(JobKind::as_str),
            kinds: KINDS.map(JobKind::as_str),
            days: DAYS,
            typed,
        })
    }
}

/// The tables that a job of a kind can be confined to.
fn choosable(kind: JobKind) -> impl Iterator<Item = &'static Table> {
    let all = catalog::tables()
        .iter()
        .filter(|table| table.group == TableGroup::Yclients);
    all.filter(move |table| match kind {
        JobKind::Reconciliation => !table.indicators.is_empty(),
        _ => table.parent.is_none() && pull::is_read(&table.name),
    })
    .map(AsRef::as_ref)
}

/// Whether jobs of this kind are changed by this form.
pub(super) fn is_for(kind: JobKind) -> bool {
    KINDS.contains(&kind)
}

/// A form filled in with a job of such a kind.
pub(super) fn form_of(job: &PlannedJob) -> Result<Form, Failure> {
    let form = Form::default()
        .with("name", &job.name)
        .with("source", job.source_id.clone().unwrap_or_default());
    let form = with_schedule(form, job.schedule.as_ref());
    let kind = job.kind.as_str();
    let tables = |form: Form, tables: &[String]| {
        let add = |form: Form, name: &String| form.with(kind, name);
        tables.iter().fold(form, add)
    };
    let settings = JobSettings::read(job.kind, &job.settings);
    let settings = settings.map_err(|error| Failure::noted(Kind::Internal, &error))?;
    Ok(match settings {
        JobSettings::BasePull(own) => tables(form, &own.tables),
        JobSettings::Reconciliation(own) => tables(with_period(form, own.period), &own.tables),
        JobSettings::Report(_) | JobSettings::Retention(_) => form,
    })
}

/// The job that a form describes.
pub(super) fn read(kind: JobKind, typed: &Fields) -> Result<NewJob, PlannerError> {
    let tables: Vec<String> = typed.all(kind.as_str()).map(ToOwned::to_owned).collect();
    let known = |name: &String| choosable(kind).any(|table| table.name == **name);
    if let Some(unknown) = tables.iter().find(|name| !known(name)) {
        return Err(PlannerError::OtherTable {
            table: unknown.chars().take(100).collect(),
            kind: kind.as_str(),
        });
    }
    let settings = match kind {
        JobKind::BasePull => JobSettings::BasePull(BasePullSettings { tables }),
        JobKind::Reconciliation => JobSettings::Reconciliation(ReconciliationSettings {
            period: read_period(typed)?,
            tables,
        }),
        JobKind::Report | JobKind::Retention => {
            let reason = kind.to_string();
            return Err(SettingsFault::Other { reason }.into());
        }
    };
    Ok(NewJob {
        name: typed.text("name").to_owned(),
        source: typed.optional("source").map(ToOwned::to_owned),
        settings,
        schedule: read_schedule(typed)?,
    })
}

/// `GET /s/{subscription}/jobs/new`: the form of a new job.
pub(super) async fn form(State(app): State<App>, member: Member) -> Result<Response, Failure> {
    member.must_change()?;
    let first = Form::default()
        .with("kind", JobKind::Reconciliation.as_str())
        .with("every", "daily")
        .with("at", "03:30")
        .with("interval", "60");
    let first = with_period(first, PeriodRule::LastDays(7));
    new_page(&app, &member, first, |frame| frame).await
}

async fn new_page(
    app: &App,
    member: &Member,
    typed: Form,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    page(&NewPage {
        frame: say(Frame::inside(
            member,
            Section::Jobs,
            "console-jobs-new-title",
        )),
        base: member.base(),
        form: FormPage::of(app, member, typed, None).await?,
    })
}

/// `POST /s/{subscription}/jobs`: makes a job.
pub(super) async fn add(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let kind = KINDS
        .into_iter()
        .find(|kind| kind.as_str() == typed.text("kind"))
        .ok_or_else(|| Failure::field("kind"))?;
    let by = member.actor();
    let made = match read(kind, &typed) {
        Ok(new) => planner::add(&app.services, member.id(), new, &by).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(job) => {
            let to = format!("{}/jobs/{}?done=made", member.base(), job.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            let (field, text) = refusal(member.visitor.locale, error)?;
            let form = Form::of(typed).refused(field, text.clone());
            new_page(&app, &member, form, |frame| frame.say("bad", text)).await
        }
    }
}
