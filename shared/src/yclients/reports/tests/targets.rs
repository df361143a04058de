//! The forms of a report of each kind.

use super::super::Target;
use crate::control::ReportKind;

pub(super) fn described(kind: ReportKind) -> String {
    format!("my_{kind}")
}

pub(super) fn targets(kind: ReportKind) -> [Target; 3] {
    let child = match kind {
        ReportKind::Consumables => {
            "  - name: my_lines\n    parent: my_consumables\n    rows: consumables[]\n    columns:\n      \
             - { name: line, path: $line, type: integer, key: true }\n      - { name: amount, path: amount, type: decimal(6) }\n"
        }
        _ => "",
    };
    [
        Target::Json,
        Target::Table {
            name: format!("fixed_{kind}"),
        },
        Target::Description {
            yaml: format!(
                "tables:\n  - name: {}\n    columns:\n      - {{ name: id, path: id, type: integer, key: true }}\n{child}",
                described(kind)
            ),
        },
    ]
}
