//! A page that is read some bodies at a time gives the rows that it gives read at once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{anything::any_body, *};
use crate::yclients::streams::streams;

/// What was read, by table and columns, in an order that can be compared.
fn shown(decoded: &[Decoded]) -> BTreeMap<String, Vec<String>> {
    let cells = |rows: &Rows| -> Vec<String> {
        rows.iter()
            .map(|row| format!("{:?}", row.values().collect::<Vec<_>>()))
            .collect()
    };
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut aside = Vec::new();
    for part in decoded {
        aside.extend(part.unreadable.iter().map(|body| format!("{body:?}")));
        if part.rows.is_empty() {
            // What could not be read comes in a part of its own where nothing else was read with it.
            continue;
        }
        let name = format!("{} {} {:?}", part.table.name, part.in_passing, part.columns);
        let mut lines = cells(&part.rows);
        for children in &part.children {
            lines.push(format!("{:?}", children.counts));
            lines.extend(cells(&children.rows));
        }
        if part.table.key.len() == part.columns.len() {
            // Documents that are known by their ids alone are named once for each part.
            lines.sort();
            lines.dedup();
        }
        assert!(shown.insert(name, lines).is_none(), "rows alike are apart");
    }
    aside.sort();
    shown.insert("aside".to_owned(), aside);
    let surprises: u64 = decoded.iter().map(|part| part.surprises).sum();
    shown.insert("surprises".to_owned(), vec![surprises.to_string()]);
    shown
}

proptest! {
    #[test]
    fn bodies_read_in_parts_give_the_same_rows(
        bodies in prop::collection::vec(any_body(), 0..12),
        at_a_time in 1_usize..6,
        stream in prop::sample::select(streams().iter().collect::<Vec<_>>()),
        body in prop::sample::select(vec![Body::Full, Body::Partial]),
    ) {
        let branch = branch(chrono_tz::Europe::Moscow);
        let context = Context {
            branch: &branch,
            observed_at: observed_at(),
            categories: None,
        };
        let mut parts = stream.parts(context, body);
        for some in bodies.chunks(at_a_time) {
            parts.add(some);
        }
        let whole = stream.decode(&context, &bodies, body);
        prop_assert_eq!(shown(&parts.finish()), shown(&whole));
    }
}
