//! Which rows of a table of a source are kept.

use serde_json::json;
use wynos::{
    control::{Actor, Source},
    services::Services,
    yclients::{
        connect::{self, ConnectError},
        selection::{self, ComesBack, FilterPreview, SelectionError},
    },
};

use super::{failed, known_source};
use crate::{
    args::SourceFilter,
    failure::{Ending, Failure},
    output::{Output, counted},
};

/// Shows the filter of a table, or what another one would do; and saves it.
pub(super) async fn run(
    services: &Services,
    asked: &SourceFilter,
    output: Output,
) -> anyhow::Result<Ending> {
    let source = known_source(services, &asked.source).await?;
    let filter = asked.filter.as_ref();
    if filter.is_none() && !asked.none {
        if asked.preview {
            return Err(Failure::usage("--preview goes with --filter or --none").into());
        }
        return show(services, &source, &asked.table, output).await;
    }
    let all = json!("all");
    let table = asked.table.as_str();
    let seen = selection::preview(services, &source.id, table, filter.unwrap_or(&all)).await;
    let seen = seen.map_err(|error| failed(refused(error)))?;
    say_effect(&seen, &asked.table, output);
    if !asked.preview {
        let by = Actor::CommandLine;
        connect::set_table(services, &source.id, table, None, Some(filter), &by)
            .await
            .map_err(failed)?;
    }
    output.say(match asked.preview {
        true => "Nothing was changed.",
        false => "It is saved, and the table is read at once.",
    });
    output.result(&json!({
        "id": source.id, "table": table, "filter": filter, "saved": !asked.preview,
        "held": seen.held, "kept": seen.kept, "gone": seen.held.saturating_sub(seen.kept),
        "comes_back": match seen.comes_back {
            ComesBack::All => "all",
            ComesBack::LastMonth => "last_month",
        },
    }));
    Ok(Ending::Done)
}

async fn show(
    services: &Services,
    source: &Source,
    table: &str,
    output: Output,
) -> anyhow::Result<Ending> {
    let views = connect::tables(services, &source.id).await?;
    let view = views
        .into_iter()
        .find(|view| view.state.table_name == table);
    let view = view.ok_or_else(|| {
        failed(ConnectError::NoSuchTable {
            table: table.to_owned(),
        })
    })?;
    let filter = view.state.filter;
    output.say(match &filter {
        Some(filter) => format!("Rows of {table} are kept that meet {filter}."),
        None => format!("All rows of {table} are kept."),
    });
    output.result(&json!({ "id": source.id, "table": table, "filter": filter }));
    Ok(Ending::Done)
}

/// What saving does to rows that are there and to those that are not.
fn say_effect(seen: &FilterPreview, table: &str, output: Output) {
    let gone = seen.held.saturating_sub(seen.kept);
    output.say(format!(
        "Of {} in {table}, {} stay and {gone} become tombstones: they count as deleted everywhere, and retention takes them away.",
        counted(seen.held, "row"),
        seen.kept,
    ));
    output.say(match seen.comes_back {
        ComesBack::All => "Rows that it lets in and that are not here come with the next reading.",
        ComesBack::LastMonth => {
            "Rows of the last month that it lets in and that are not here come with the next reading; order the history of older ones."
        }
    });
}

/// A table that there is not is told as by the other commands.
fn refused(error: SelectionError) -> ConnectError {
    match error {
        SelectionError::Table { table } => ConnectError::NoSuchTable { table },
        other => other.into(),
    }
}
