use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use serde::Deserialize;
use wynos::{
    catalog::{self, Table, TableGroup},
    control::{JobId, JobKind, PlannedJob},
    i18n::{Args, text, text_with},
    planner::{self, JobSettings, NewJob, PlannerError, RetentionSettings},
    retention::{self, RetentionError},
    yclients::reports,
};

use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        DAYS, Form, Frame, Named, Refused, Section, day, number, page, read_schedule, refusal,
        table_label, with_schedule,
    },
};

/// The most days that somebody can ask for: a hundred years.
const MOST_DAYS: u32 = 36_500;

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    frame: Frame,
    base: String,
    typed: Form,
    days: [&'static str; 7],
    sources: Vec<Named>,
    facts: Vec<Named>,
    lists: Vec<Named>,
    /// What was shown, so that nothing else is saved.
    seen: String,
    effect: Option<Effect>,
}

/// What would go now, in words.
struct Effect {
    before: String,
    tables: Vec<SweptItem>,
    total: String,
}

struct SweptItem {
    label: String,
    rows: String,
    oldest: String,
    newest: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    job: String,
}

/// `GET /s/{subscription}/retention`: what is to be removed when it grows old; of a job that is there, its settings.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Query(of): Query<Of>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let typed = match of.job.as_str() {
        "" => Form::default()
            .with(
                "name",
                text(member.visitor.locale, "console-retention-name"),
            )
            .with("older_than_days", "730")
            .with("every", "daily")
            .with("at", "03:30")
            .with("interval", "24"),
        id => filled(&own_job(&app, &member, id).await?)?,
    };
    shown(&app, &member, typed, None, |frame| frame).await
}

async fn own_job(app: &App, member: &Member, id: &str) -> Result<PlannedJob, Failure> {
    let id: JobId = id.parse().map_err(|_| Kind::NotFound)?;
    let job = app.services.control.planned_jobs(member.id());
    match job.get(&id).await? {
        job if job.kind == JobKind::Retention => Ok(job),
        _ => Err(Kind::NotFound.into()),
    }
}

fn filled(job: &PlannedJob) -> Result<Form, Failure> {
    let settings = JobSettings::read(job.kind, &job.settings);
    let Ok(JobSettings::Retention(own)) = settings else {
        return Err(Kind::NotFound.into());
    };
    let form = Form::default()
        .with("job", job.id.as_str())
        .with("name", &job.name)
        .with("source", job.source_id.clone().unwrap_or_default())
        .with("older_than_days", own.older_than_days.to_string());
    let add = |form: Form, table: &String| form.with("table", table);
    let form = own.tables.iter().fold(form, add);
    Ok(with_schedule(form, job.schedule.as_ref()))
}

/// `POST /s/{subscription}/retention`: shows what would go, and once that was seen saves it as a job, or removes it now.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let (locale, step) = (member.visitor.locale, typed.text("step").to_owned());
    let read = read(&app, &member, &typed).await?;
    let (source, settings) = match read {
        Ok(read) => read,
        Err(refused) => return again(&app, &member, typed, refused).await,
    };
    let was_seen = typed.raw("seen") == seen(source.as_deref(), &settings);
    let unsure = was_seen && step == "run" && !typed.ticked("sure");
    if step == "preview" || !was_seen || unsure {
        let effect = match weigh(&app, &member, source.as_deref(), &settings).await? {
            Ok(effect) => effect,
            Err(refused) => return again(&app, &member, typed, refused).await,
        };
        let now = Some((seen(source.as_deref(), &settings), effect));
        let form = match unsure {
            true => Form::of(typed).refused("sure", text(locale, "console-retention-unsure")),
            false => Form::of(typed),
        };
        return shown(&app, &member, form, now, |frame| {
            if step == "preview" || unsure {
                return frame;
            }
            let text = frame.t("console-retention-look-first");
            frame.say("busy", text)
        })
        .await;
    }
    match save(&app, &member, source, settings, &typed).await {
        Ok(done) => Ok(done),
        Err(error) => again(&app, &member, typed, refusal(locale, error)?).await,
    }
}

/// Makes the job, or changes the one that the form is about, and runs it where that was asked for.
async fn save(
    app: &App,
    member: &Member,
    source: Option<String>,
    settings: RetentionSettings,
    typed: &Fields,
) -> Result<Response, PlannerError> {
    let new = NewJob {
        name: typed.text("name").to_owned(),
        source,
        settings: JobSettings::Retention(settings),
        schedule: read_schedule(typed)?,
    };
    let (services, by) = (&app.services, member.actor());
    let known = typed.text("job").parse::<JobId>().ok();
    let (job, mut done) = match known {
        Some(id) => {
            let job = planner::edit(services, member.id(), &id, new, &by).await?;
            (job, "saved")
        }
        None => {
            let job = planner::add(services, member.id(), new, &by).await?;
            (job, "made")
        }
    };
    if typed.text("step") == "run" {
        done = "asked";
        match planner::run_now(services, member.id(), &job.id, None, &by).await {
            // Pressed twice, it runs once.
            Ok(_) | Err(PlannerError::UnderWay) => {}
            Err(error) => return Err(error),
        }
    }
    let to = format!("{}/jobs/{}?done={done}", member.base(), job.id);
    Ok(Redirect::to(&to).into_response())
}

/// What tells one choice from another: what was shown is what is saved.
fn seen(source: Option<&str>, settings: &RetentionSettings) -> String {
    let mut tables = settings.tables.clone();
    tables.sort();
    let source = source.unwrap_or_default();
    format!("{source} {} {}", settings.older_than_days, tables.join(","))
}

async fn again(
    app: &App,
    member: &Member,
    typed: Fields,
    (field, text): Refused,
) -> Result<Response, Failure> {
    let form = Form::of(typed).refused(field, text.clone());
    shown(app, member, form, None, |frame| frame.say("bad", text)).await
}

/// The source, if one is chosen, and what is to be removed of it, as a form says.
async fn read(
    app: &App,
    member: &Member,
    typed: &Fields,
) -> Result<Result<(Option<String>, RetentionSettings), Refused>, Failure> {
    let locale = member.visitor.locale;
    let wrong = |field, key: &str| Ok(Err((field, text(locale, key))));
    let source = typed.optional("source").map(ToOwned::to_owned);
    let sources = app.services.control.sources(member.id()).list().await?;
    let own = |id: &String| sources.iter().any(|source| source.id.as_str() == id);
    if !source.iter().all(own) {
        return wrong("source", "problem-planner-source");
    }
    let days = typed.text("older_than_days").parse();
    let Some(older_than_days) = days.ok().filter(|days| (1..=MOST_DAYS).contains(days)) else {
        return wrong("older_than_days", "console-retention-days-wrong");
    };
    let known = choosable(app, member).await?;
    let tables: Vec<String> = typed.all("table").map(ToOwned::to_owned).collect();
    if let Some(unknown) = tables
        .iter()
        .find(|name| known.iter().all(|table| table.name != **name))
    {
        let args = Args::new().with("table", unknown.as_str());
        return Ok(Err((
            "tables",
            text_with(locale, "problem-retention-table", &args),
        )));
    }
    let settings = RetentionSettings {
        older_than_days,
        tables,
    };
    Ok(Ok((source, settings)))
}

/// The tables whose rows can be removed by age, those of reports among them; rows of others go with these.
async fn choosable(app: &App, member: &Member) -> Result<Vec<Arc<Table>>, Failure> {
    let reports = reports::tables(&app.services.control, member.id()).await?;
    let all = catalog::tables().iter().chain(&reports);
    let by_age = all.filter(|table| {
        matches!(table.group, TableGroup::Yclients | TableGroup::Report) && table.parent.is_none()
    });
    Ok(by_age.cloned().collect())
}

/// What would go if it ran now.
async fn weigh(
    app: &App,
    member: &Member,
    source: Option<&str>,
    settings: &RetentionSettings,
) -> Result<Result<Effect, Refused>, Failure> {
    let (services, locale) = (&app.services, member.visitor.locale);
    let now = services.clock.now();
    let scope = retention::scope(services, member.id(), source, settings, now).await;
    let found = match scope {
        Ok(scope) => {
            let found = retention::preview(services, member.id(), &scope).await;
            found.map(|found| (scope.before, found))
        }
        Err(error) => Err(error),
    };
    let (before, found) = match found {
        Ok(found) => found,
        Err(RetentionError::Control(error)) => return Err(error.into()),
        Err(RetentionError::Table { table, .. }) => {
            let args = Args::new().with("table", table);
            let text = text_with(locale, "problem-retention-table", &args);
            return Ok(Err(("tables", text)));
        }
        Err(error) => return Err(Failure::noted(Kind::Unavailable, &error)),
    };
    let of = |at: chrono::DateTime<chrono::Utc>| -> NaiveDate {
        at.with_timezone(&member.zone).date_naive()
    };
    let count = |rows: u64| number(locale, i64::try_from(rows).unwrap_or(i64::MAX));
    let total = found.iter().map(|swept| swept.rows).sum();
    let tables = found.iter().map(|swept| SweptItem {
        label: table_label(locale, &swept.table),
        rows: count(swept.rows),
        oldest: day(locale, of(swept.oldest)),
        newest: day(locale, of(swept.newest)),
    });
    Ok(Ok(Effect {
        before: day(locale, of(before)),
        tables: tables.collect(),
        total: count(total),
    }))
}

async fn shown(
    app: &App,
    member: &Member,
    typed: Form,
    effect: Option<(String, Effect)>,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let sources = app.services.control.sources(member.id()).list().await?;
    let sources = sources.into_iter().map(|source| Named {
        chosen: typed.is("source", source.id.as_str()),
        name: source.id.to_string(),
        label: source.name,
    });
    let tables = choosable(app, member).await?;
    let choice = |table: &Arc<Table>| Named {
        name: table.name.to_string(),
        label: table.label.get(locale).to_owned(),
        chosen: typed.has("table", &table.name),
    };
    let chosen = |facts: bool| {
        let own = tables.iter().filter(move |table| table.facts == facts);
        own.map(choice).collect::<Vec<_>>()
    };
    let (seen, effect) = effect.unzip();
    page(&RetentionPage {
        frame: say(Frame::inside(
            member,
            Section::Jobs,
            "console-retention-title",
        )),
        base: member.base(),
        days: DAYS,
        sources: sources.collect(),
        facts: chosen(true),
        lists: chosen(false),
        seen: seen.unwrap_or_default(),
        effect,
        typed,
    })
}
