//! Rows of several events that bring the same columns: they are admitted together.

use std::sync::Arc;

use crate::{
    SourceId,
    warehouse::{Admit, Children, Filter, Rows, Rule},
    yclients::decode::{Decoded, DecodedChildren},
};

/// Rows that bring the same columns of one table of one source.
pub(super) type Place = (SourceId, String, Vec<String>);

/// Rows of several events, to be admitted together.
#[derive(Debug)]
pub(super) struct Merged {
    /// Which rows these are.
    pub place: Place,
    /// The rows with their lines.
    pub decoded: Decoded,
    /// Which of them are loaded.
    pub filter: Option<Arc<Filter>>,
}

/// The admission of the rows: the newest fact of each stands.
pub(super) fn admit(merged: Merged) -> Admit {
    let (source, _, _) = merged.place;
    let Decoded {
        table,
        columns,
        rows,
        children,
        ..
    } = merged.decoded;
    let children = children.into_iter().map(|lines| Children {
        table: lines.table,
        columns: lines.columns,
        rows: lines.rows,
        counts: lines.counts,
    });
    Admit {
        table,
        source_id: source.to_string(),
        columns,
        rows,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: children.collect(),
        filter: merged.filter,
    }
}

/// Adds rows with their lines to others of the same columns.
pub(super) fn append(all: &mut Decoded, more: Decoded) {
    push_all(&mut all.rows, &more.rows);
    for (all, more) in all.children.iter_mut().zip(more.children) {
        append_lines(all, more);
    }
}

fn append_lines(all: &mut DecodedChildren, more: DecodedChildren) {
    push_all(&mut all.rows, &more.rows);
    all.counts.extend(more.counts);
}

fn push_all(all: &mut Rows, more: &Rows) {
    for row in more.iter() {
        all.push_row(row.values());
    }
}
