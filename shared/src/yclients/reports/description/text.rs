//! The document as it is written, every part with its place.

use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::{Error, Location, Spanned, UserMessageFormatter};

use super::{
    LONGEST,
    fault::{Fault, Problem},
};

/// What is told of a name that somebody wrote, in characters.
const MOST_OF_A_NAME: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub tables: Vec<Spanned<TableText>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableText {
    pub name: Spanned<String>,
    pub rows: Option<Spanned<String>>,
    pub parent: Option<Spanned<String>>,
    pub columns: Vec<Spanned<ColumnText>>,
    #[serde(default, rename = "where")]
    pub conditions: Vec<Spanned<ConditionText>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnText {
    pub name: Spanned<String>,
    pub path: Spanned<String>,
    #[serde(rename = "type")]
    pub ty: Spanned<String>,
    #[serde(default)]
    pub key: bool,
    pub default: Option<Spanned<Json>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionText {
    pub path: Spanned<String>,
    pub equals: Option<Json>,
    pub not: Option<Json>,
    pub one_of: Option<Vec<Json>>,
    pub none_of: Option<Vec<Json>>,
    pub above: Option<Json>,
    pub below: Option<Json>,
    pub empty: Option<bool>,
}

/// Reads the document; the first place that is not YAML, or not of this shape, is the fault.
pub(super) fn parse(yaml: &str) -> Result<Document, Fault> {
    if yaml.len() > LONGEST {
        return Err(Fault {
            line: 1,
            column: 1,
            problem: Problem::TooLong { limit: LONGEST },
        });
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        // Nothing in a description repeats; what does would only serve to make a small document a large one.
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 0,
            max_replay_stack_depth: 0,
            max_alias_expansions_per_anchor: 0,
        },
    };
    serde_saphyr::from_str_with_options(yaml, options).map_err(|error| {
        let location = error.location().unwrap_or(Location::UNKNOWN);
        Fault {
            line: location.line().max(1),
            column: location.column().max(1),
            problem: problem(&error),
        }
    })
}

/// What the reader found, where people can be told of it in their language, and its own words otherwise.
fn problem(error: &Error) -> Problem {
    if repeats(error) {
        return Problem::Repeats;
    }
    match error.without_snippet() {
        Error::SerdeUnknownField {
            field, expected, ..
        } => Problem::UnknownField {
            field: field.chars().take(MOST_OF_A_NAME).collect(),
            known: expected.join(", "),
        },
        Error::SerdeMissingField { field, .. } => Problem::MissingField {
            field: (*field).to_owned(),
        },
        Error::DuplicateMappingKey {
            key: Some(field), ..
        } => Problem::FieldTwice {
            field: field.chars().take(MOST_OF_A_NAME).collect(),
        },
        Error::Unexpected {
            expected: "sequence start",
            ..
        } => Problem::NoList,
        Error::Unexpected {
            expected: "mapping start",
            ..
        } => Problem::NoFields,
        _ => Problem::Syntax {
            reason: own_words(error),
        },
    }
}

/// Whether the fault is an alias that would repeat what an anchor names.
fn repeats(error: &Error) -> bool {
    match error.without_snippet() {
        Error::AliasError { error, .. } => repeats(error),
        Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => true,
        _ => false,
    }
}

/// The reason alone: the place stands beside it already.
fn own_words(error: &Error) -> String {
    let reason = error
        .without_snippet()
        .render_with_formatter(&UserMessageFormatter);
    let line = reason.lines().next();
    line.and_then(|line| line.split(" at line ").next())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_repeats_is_told_as_what_it_is() {
        let alias = "tables:\n- &one\n  name: visits\n  columns: []\n- *one\n";
        let many = format!(
            "tables:\n- &one\n  name: a\n  columns: []\n{}",
            "- *one\n".repeat(50)
        );
        for yaml in [alias, &many] {
            let fault = parse(yaml).unwrap_err();
            assert_eq!((fault.line, fault.problem), (5, Problem::Repeats));
        }
        let nowhere = parse("tables: *none\n").unwrap_err();
        assert_eq!(nowhere.line, 1, "{nowhere:?}");
    }

    #[test]
    fn fields_that_are_wrong_are_named() {
        let found = |yaml: &str| parse(yaml).unwrap_err().problem;
        let unknown = found("tables:\n- name: a\n  colums: []\n");
        let Problem::UnknownField { field, known } = &unknown else {
            panic!("{unknown:?}")
        };
        assert_eq!(field, "colums");
        assert!(
            known.contains("columns") && known.contains("where"),
            "{known}"
        );
        let field = "columns".to_owned();
        assert_eq!(
            found("tables:\n- name: a\n"),
            Problem::MissingField { field }
        );
        let field = "name".to_owned();
        assert_eq!(
            found("tables:\n- name: a\n  name: b\n  columns: []\n"),
            Problem::FieldTwice { field }
        );
        assert!(matches!(found("tables: [\n"), Problem::Syntax { .. }));
        let condition =
            "tables:\n- name: a\n  columns: []\n  where:\n  - { path: id, one_of: x }\n";
        let fault = parse(condition).unwrap_err();
        assert_eq!((fault.line, fault.problem), (5, Problem::NoList));
        assert_eq!(found("tables: 5\n"), Problem::NoList);
        assert_eq!(found("tables:\n- visits\n"), Problem::NoFields);
    }
}
