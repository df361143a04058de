//! What the planner refuses, as an answer of the API.

use wynos::{catalog::Locale, i18n::text, planner::PlannerError};

use crate::{
    http::{About, Failure, Kind},
    view::planner_refusal,
};

/// The field of a request, where it is another one than that of the form.
fn field_of(error: &PlannerError) -> Option<&'static str> {
    matches!(error, PlannerError::OtherReport).then_some("settings")
}

/// What the planner refuses, with the field at fault and the reason.
pub(crate) fn failure(error: PlannerError) -> Failure {
    let conflict = |key: &str| Failure {
        about: Some(About::said(|locale| text(locale, key))),
        ..Failure::of(Kind::Conflict)
    };
    match error {
        PlannerError::Control(error) => error.into(),
        PlannerError::UnderWay => conflict("problem-planner-under-way"),
        PlannerError::Held => conflict("problem-planner-held"),
        PlannerError::OfReport => conflict("problem-planner-of-report"),
        error => match planner_refusal(Locale::En, &error) {
            Some((field, _)) => Failure::said(field_of(&error).unwrap_or(field), |locale| {
                planner_refusal(locale, &error).map_or_else(String::new, |(_, words)| words)
            }),
            None => Failure::noted(Kind::Unavailable, &error),
        },
    }
}
