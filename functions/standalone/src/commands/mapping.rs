use std::path::Path;

use anyhow::Context;
use wynos::{control::ImportFormat, sheets::Mapping};

use crate::{args::Import, failure::Failure};

/// The largest column mapping that is read.
const MAX_MAPPING: u64 = 1 << 20;

/// What a command states of how a list is read; nothing where all of it is to be guessed.
pub(super) fn stated(command: &Import, format: ImportFormat) -> anyhow::Result<Option<Mapping>> {
    let mapping = command.mapping.as_deref().map(read_mapping).transpose()?;
    if command.encoding.is_none() && command.separator.is_none() {
        return Ok(mapping);
    }
    if format != ImportFormat::Csv {
        let problem = "only a CSV list has an encoding and a separator that can be stated";
        return Err(Failure::usage(problem).into());
    }
    let table = command.table.clone().unwrap_or_default();
    let stated = Mapping::guessed(table, command.encoding, command.separator);
    Ok(Some(match mapping {
        Some(mapping) => Mapping {
            encoding: stated.encoding.or(mapping.encoding),
            separator: stated.separator.or(mapping.separator),
            ..mapping
        },
        None => stated,
    }))
}

fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let unreadable = || format!("the mapping {} cannot be read", path.display());
    let size = std::fs::metadata(path).with_context(unreadable)?.len();
    if size > MAX_MAPPING {
        return Err(Failure::usage(format!(
            "the mapping {} is larger than any mapping",
            path.display()
        ))
        .into());
    }
    let text = std::fs::read_to_string(path).with_context(unreadable)?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "the mapping {} is not one: {error}",
            path.display()
        ))
        .into()
    })
}
