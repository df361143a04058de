//! Details of a source's documents: what they cost is shown before they are read.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use wynos::{
    catalog::Locale,
    control::Source,
    i18n::{Args, text_with},
    planner::Period,
    yclients::pull::{self, DetailsCost, PullError},
};

use super::{source::own_source, sources::told};
use crate::{
    App,
    http::{Failure, Fields, Member},
    view::{Frame, Section, page},
};

#[derive(Template)]
#[template(path = "documents.html")]
struct DocumentsPage {
    frame: Frame,
    base: String,
    id: String,
    source: String,
    may_change: bool,
    from: String,
    to: String,
    /// What it would cost, in words; `None` where the days are none.
    cost: Option<String>,
    /// Whether there is anything to be read.
    some: bool,
}

/// The days that are asked for; none for all.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    done: String,
}

impl Asked {
    fn period(&self) -> Result<Option<Period>, PullError> {
        let day = |text: &str| text.trim().parse().map_err(|_| PullError::Period);
        match (self.from.trim(), self.to.trim()) {
            ("", "") => Ok(None),
            (from, to) => Ok(Some(Period {
                from: day(from)?,
                to: day(to)?,
            })),
        }
    }
}

/// What asking for each of so many documents costs, in words, and how many are passed by where there are any.
pub(super) fn cost_words(locale: Locale, key: &str, cost: DetailsCost) -> String {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let args = Args::new()
        .with("calls", whole(cost.calls))
        .with("minutes", whole(cost.minutes));
    let words = text_with(locale, key, &args);
    if cost.unreadable == 0 {
        return words;
    }
    let passed = Args::new().with("count", whole(cost.unreadable));
    let passed = text_with(locale, "console-documents-unreadable", &passed);
    format!("{words} ({passed})")
}

/// `GET /s/{subscription}/sources/{id}/documents`: what the details of documents cost of which only the id is known.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let source = own_source(&app, &member, &id).await?;
    shown(&app, &member, &source, asked, |frame| frame).await
}

async fn shown(
    app: &App,
    member: &Member,
    source: &Source,
    asked: Asked,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let title = "console-documents-title";
    let mut frame = say(Frame::inside(member, Section::Sources, title));
    let cost = match asked.period() {
        Ok(period) => pull::details_cost(&app.services, &source.id, period).await,
        Err(error) => Err(error),
    };
    let cost = match cost {
        Ok(cost) => Some(cost),
        Err(error) if frame.notice.is_some() || matches!(error, PullError::Period) => {
            let text = told(member, error)?;
            frame = frame.say("bad", text);
            None
        }
        Err(error) => return Err(error.into()),
    };
    if asked.done == "ordered" {
        let text = frame.t("console-documents-ordered");
        frame = frame.say("good", text);
    }
    let locale = frame.locale();
    page(&DocumentsPage {
        base: member.base(),
        id: source.id.to_string(),
        source: source.name.clone(),
        may_change: member.may_change(),
        cost: cost.map(|cost| cost_words(locale, "console-documents-cost", cost)),
        some: cost.is_some_and(|cost| cost.calls > 0),
        from: asked.from,
        to: asked.to,
        frame,
    })
}

/// `POST /s/{subscription}/sources/{id}/documents`: orders them.
pub(super) async fn order(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let source = own_source(&app, &member, &id).await?;
    let asked = Asked {
        from: typed.text("from").to_owned(),
        to: typed.text("to").to_owned(),
        done: String::new(),
    };
    let ordered = match asked.period() {
        Ok(period) => pull::order_details(&app.services, &source.id, period, member.actor()).await,
        Err(error) => Err(error),
    };
    match ordered {
        Ok(_) => {
            let to = format!("{}/sources/{}/documents", member.base(), source.id);
            let mut query = Serializer::new(String::new());
            let said = [
                ("from", &*asked.from),
                ("to", &asked.to),
                ("done", "ordered"),
            ];
            query.extend_pairs(said);
            Ok(Redirect::to(&format!("{to}?{}", query.finish())).into_response())
        }
        Err(error) => {
            let text = told(&member, error)?;
            shown(&app, &member, &source, asked, |frame| {
                frame.say("bad", text)
            })
            .await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_are_passed_by_are_told_of_where_there_are_any() {
        let cost = |unreadable| DetailsCost {
            calls: 3,
            minutes: 1,
            unreadable,
        };
        for key in [
            "console-documents-cost",
            "console-documents-calls",
            "console-reports-cost",
        ] {
            let none = cost_words(Locale::En, key, cost(0));
            assert!(!none.contains("passed by"), "{none}");
            for (locale, some) in [
                (Locale::En, "2 documents are passed by"),
                (Locale::Pl, "2 dokumenty są pomijane"),
                (Locale::Ru, "2 документа пропускаются"),
            ] {
                let told = cost_words(locale, key, cost(2));
                assert!(told.contains(some) && told.contains('3'), "{told}");
            }
        }
    }
}
