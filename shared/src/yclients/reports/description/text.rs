//! The document as it is written, every part with its place.

use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::{Error, Location, Spanned, UserMessageFormatter};

use super::{
    LONGEST,
    fault::{Fault, Problem},
};

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
        let reason = match repeats(&error) {
            true => "anchors and aliases are not read here; write it out".to_owned(),
            false => own_words(&error),
        };
        Fault {
            line: location.line().max(1),
            column: location.column().max(1),
            problem: Problem::Syntax { reason },
        }
    })
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
            let Problem::Syntax { reason } = &fault.problem else {
                panic!("{fault:?}")
            };
            assert!(reason.starts_with("anchors and aliases"), "{reason}");
            assert_eq!(fault.line, 5, "{fault:?}");
        }
        let nowhere = parse("tables: *none\n").unwrap_err();
        assert_eq!(nowhere.line, 1, "{nowhere:?}");
    }
}
