use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{Days, NaiveDate};
use wynos::{
    control::{Cursor, Run, RunKind, RunState, Source},
    i18n::text,
    journal,
    yclients::reconcile::{self, Ordered},
};

use super::{
    address::{Onward, older},
    source::own_source,
    sources::told,
};
use crate::{
    App,
    http::{Failure, Fields, Member},
    view::{Frame, Section, moment, number, page, period},
};

/// Comparisons of one page.
const PAGE: usize = 50;
/// Days that the form proposes.
const PROPOSED: u64 = 7;

#[derive(Template)]
#[template(path = "reconciliations.html")]
struct ReconciliationsPage {
    frame: Frame,
    base: String,
    source: String,
    name: String,
    may_change: bool,
    from: String,
    to: String,
    runs: Vec<RunItem>,
    next: Option<String>,
}

/// A comparison, in words.
pub(super) struct RunItem {
    pub(super) id: String,
    pub(super) period: String,
    pub(super) tone: &'static str,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) when: String,
    pub(super) days: String,
    pub(super) rows: String,
}

impl RunItem {
    pub(super) fn of(member: &Member, run: &Run) -> Self {
        let locale = member.visitor.locale;
        let tone = match run.state {
            RunState::Waiting | RunState::Running | RunState::Paused => "busy",
            RunState::Done => "good",
            RunState::Partial | RunState::Failed => "bad",
        };
        let waits = run.waits_for_source();
        // The reason speaks to whoever has to try again: this one is tried by itself.
        let reason = run.failure_code.as_deref().filter(|_| !waits);
        let state = match reason {
            _ if waits => "state-source-busy",
            Some("reconciliation.nothing-compared") => "state-nothing",
            _ => run.state.as_str(),
        };
        Self {
            id: run.id.to_string(),
            period: period(locale, run.period_from, run.period_to),
            tone,
            state: text(locale, &format!("console-reconciliation-{state}")),
            reason: reason.map_or_else(String::new, |code| {
                journal::reason(locale, code, run.failure_details.as_ref())
            }),
            when: moment(member, run.finished_at.unwrap_or(run.created_at)),
            days: format!("{} / {}", run.windows_done, run.windows_total),
            rows: number(locale, run.rows),
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.tone == "busy"
    }
}

/// `GET /s/{subscription}/sources/{id}/reconciliations`: comparisons of a source, newest first.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(onward): Query<Onward>,
) -> Result<Response, Failure> {
    let source = own_source(&app, &member, &id).await?;
    let from = onward.cursor()?;
    shown(&app, &member, &source, from.as_ref(), |frame| frame).await
}

async fn shown(
    app: &App,
    member: &Member,
    source: &Source,
    from: Option<&Cursor>,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let runs = app.services.control.runs(member.id());
    let kind = Some(RunKind::Reconciliation);
    let found = runs.list(Some(&source.id), kind, from, PAGE).await?;
    let runs: Vec<RunItem> = found
        .items
        .iter()
        .map(|run| RunItem::of(member, run))
        .collect();
    let zone = source.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let today = app.services.clock.now().with_timezone(&zone).date_naive();
    let title = "console-reconciliations-title";
    let mut frame = say(Frame::inside(member, Section::Sources, title));
    frame.busy = runs.iter().any(RunItem::is_busy);
    let path = format!("/sources/{}/reconciliations?", source.id);
    page(&ReconciliationsPage {
        base: member.base(),
        source: source.id.to_string(),
        name: source.name.clone(),
        may_change: member.may_change(),
        from: (today - Days::new(PROPOSED - 1)).to_string(),
        to: today.to_string(),
        next: older(&member.base(), &path, found.next.as_ref()),
        runs,
        frame,
    })
}

/// `POST /s/{subscription}/sources/{id}/reconciliations`: compares a period.
pub(super) async fn order(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let source = own_source(&app, &member, &id).await?;
    let day = |name: &str| -> Result<NaiveDate, Failure> {
        typed.text(name).parse().map_err(|_| Failure::field(name))
    };
    let ordered = Ordered {
        from: day("from")?,
        to: day("to")?,
        tables: Vec::new(),
        actor: member.actor(),
    };
    let error = match reconcile::order(&app.services, &source.id, ordered).await {
        Ok(run) => {
            let to = format!("{}/reconciliations/{}", member.base(), run.id);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) => error,
    };
    let words = told(&member, error)?;
    shown(&app, &member, &source, None, |frame| {
        frame.say("bad", words)
    })
    .await
}
