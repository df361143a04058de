use super::{DescriptionError, Fault, Problem};
use crate::catalog::Locale;

/// One of each, as people meet them.
fn problems() -> Vec<Problem> {
    let text = str::to_owned;
    let nothing = |what| Problem::Nothing { what };
    let too_many = |what, limit| Problem::TooMany { what, limit };
    vec![
        Problem::Syntax {
            reason: text("did not find expected node content"),
        },
        Problem::Repeats,
        Problem::UnknownField {
            field: text("colums"),
            known: text("name, rows, parent, columns, where"),
        },
        Problem::MissingField {
            field: text("columns"),
        },
        Problem::FieldTwice {
            field: text("name"),
        },
        Problem::TooLong { limit: 65_536 },
        nothing("tables"),
        nothing("columns"),
        too_many("tables", 20),
        too_many("columns", 300),
        too_many("conditions", 50),
        Problem::Name {
            name: text("9 lives"),
        },
        Problem::Reserved {
            name: text("yclients_sales"),
        },
        Problem::Taken {
            name: text("sales"),
        },
        Problem::Twice {
            name: text("sales"),
        },
        Problem::Path {
            path: text("id; --"),
        },
        Problem::UnknownPath {
            path: text("clent.name"),
            nearest: None,
        },
        Problem::UnknownPath {
            path: text("clent.name"),
            nearest: Some(text("client.name")),
        },
        Problem::RowsOfOne {
            path: text("client"),
        },
        Problem::Type {
            ty: text("varchar"),
        },
        Problem::TypeDoesNotFit {
            path: text("client.name"),
            ty: text("integer"),
            fitting: text("text"),
        },
        Problem::Many {
            path: text("services[].title"),
        },
        Problem::Default {
            ty: text("timestamp"),
        },
        Problem::NoParent {
            name: text("visits"),
        },
        Problem::ParentWithoutKey {
            name: text("visits"),
        },
        Problem::OutsideParent {
            parent: text("visits"),
            rows: text("services[]"),
        },
        Problem::Tests,
        Problem::Comparison,
        Problem::NoList,
        Problem::NoFields,
    ]
}

#[test]
fn every_fault_reads_as_its_own_sentence_in_every_language() {
    let faults = (1..).zip(problems()).map(|(line, problem)| Fault {
        line,
        column: 7,
        problem,
    });
    let error = DescriptionError {
        faults: faults.collect(),
    };
    for locale in Locale::ALL {
        let said = error.say(locale);
        assert!(!said.contains(['$', '{']), "{said}");
        for line in said.lines() {
            let alike = said.lines().filter(|other| *other == line);
            assert_eq!(alike.count(), 1, "{line}");
        }
        insta::assert_snapshot!(format!("faults_{}", locale.code()), error.say(locale));
    }
    assert_eq!(
        error.to_string(),
        error.say(Locale::En),
        "programs that show it as it is speak English"
    );
}
