//! The form that says which column of a list is which.

use axum::{
    extract::{Path, State},
    response::Response,
};
use wynos::{
    catalog::{self, Column, ColumnType, Locale, Table},
    control::{Import, ImportFormat, ImportStatus},
    import,
    sheets::{self, ColumnMapping, DateOrder, Encoding, Mapping, Separator, Target},
};

use super::import::{back, load};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::Named,
};

/// What somebody can say of how a list is read.
pub(super) struct MappingForm {
    pub(super) columns: Vec<MappedColumn>,
    /// Values for columns that no row can do without and that the file does not have.
    pub(super) constants: Vec<Constant>,
    /// Of a CSV file.
    pub(super) encodings: Vec<Named>,
    pub(super) separators: Vec<Named>,
}

/// A column of the file.
pub(super) struct MappedColumn {
    pub(super) header: String,
    pub(super) targets: Vec<Named>,
    /// What may come first in its days, where it holds days.
    pub(super) orders: Vec<Named>,
}

/// A value that every row gets.
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) value: String,
    /// What it can be, where that is a few things.
    pub(super) choices: Vec<Named>,
}

/// What comes first in days such as `01-03-2016`.
const ORDERS: [(Option<DateOrder>, &str, &str); 3] = [
    (None, "guess", "console-import-order-guess"),
    (Some(DateOrder::DayFirst), "day", "console-import-order-day"),
    (
        Some(DateOrder::MonthFirst),
        "month",
        "console-import-order-month",
    ),
];

/// Where each column of a list goes, as chosen, else as guessed from the headers; `None` when there is nothing to choose.
pub(super) async fn form(
    app: &App,
    member: &Member,
    import: &Import,
) -> Result<Option<MappingForm>, Failure> {
    let open = matches!(
        import.status,
        ImportStatus::Previewed | ImportStatus::Failed
    ) && import.applied_at.is_none();
    let list = matches!(import.format, ImportFormat::Csv | ImportFormat::Xlsx);
    if !(open && list && import.size.is_some() && member.may_change()) {
        return Ok(None);
    }
    // A file whose headers cannot be read has no guess: the reason is that the import failed, which the page tells.
    let Some((mapping, table)) = mapping_of(import) else {
        return Ok(None);
    };
    let fields = import::list_fields(&app.services, member.id(), table).await?;
    let locale = member.visitor.locale;
    let known = sheets::targets(table, &fields, locale);
    let column = |column: &ColumnMapping| MappedColumn {
        header: column.header.clone(),
        targets: targets(&known, column.target.as_deref()),
        orders: orders(table, column, locale),
    };
    Ok(Some(MappingForm {
        columns: mapping.columns.iter().map(column).collect(),
        constants: constants(&mapping, table, locale),
        encodings: encodings(&mapping),
        separators: separators(&mapping, locale),
    }))
}

/// The mapping as far as it is known, with the table it is for.
fn mapping_of(import: &Import) -> Option<(Mapping, &'static Table)> {
    let mapping = import::mapping(import)?;
    let table = catalog::table(&mapping.table)?;
    Some((mapping, table))
}

fn targets(known: &[Target], chosen: Option<&str>) -> Vec<Named> {
    let named = |path: &str, label: &str| Named {
        name: path.to_owned(),
        label: label.to_owned(),
        chosen: chosen == Some(path),
    };
    let mut targets: Vec<Named> = known
        .iter()
        .map(|target| named(&target.path, &target.label))
        .collect();
    // What is shown for people alone goes nowhere, and stays chosen.
    if let Some(other) = chosen.filter(|path| known.iter().all(|target| target.path != *path)) {
        targets.push(named(other, other));
    }
    targets
}

fn orders(table: &Table, column: &ColumnMapping, locale: Locale) -> Vec<Named> {
    let target = column.target.as_deref().and_then(|name| table.column(name));
    let holds_days =
        target.is_some_and(|to| matches!(to.ty, ColumnType::Date | ColumnType::Timestamp));
    let named = |(order, word, key): &(Option<DateOrder>, &str, &str)| Named {
        name: (*word).to_owned(),
        label: wynos::i18n::text(locale, key),
        chosen: column.date_order == *order,
    };
    let known = ORDERS.iter().filter(|_| holds_days);
    known.map(named).collect()
}

fn constants(mapping: &Mapping, table: &Table, locale: Locale) -> Vec<Constant> {
    let missing: Vec<&Column> = mapping.missing(table).collect();
    let wanted = |column: &&Column| {
        let missing = missing.iter().any(|missing| missing.name == column.name);
        missing || mapping.constants.contains_key(column.name.as_ref())
    };
    let constant = |column: &Column| {
        let value = mapping.constants.get(column.name.as_ref());
        let choices = match &column.ty {
            ColumnType::Choice(choices) => choices.as_slice(),
            _ => &[],
        };
        let choice = |choice: &catalog::Choice| Named {
            name: choice.value.to_string(),
            label: choice.label.get(locale).to_owned(),
            chosen: value.is_some_and(|value| *value == choice.value),
        };
        Constant {
            name: column.name.to_string(),
            label: column.label.get(locale).to_owned(),
            choices: choices.iter().map(choice).collect(),
            value: value.cloned().unwrap_or_default(),
        }
    };
    table.columns.iter().filter(wanted).map(constant).collect()
}

fn encodings(mapping: &Mapping) -> Vec<Named> {
    let known = Encoding::ALL.iter().filter(|_| mapping.encoding.is_some());
    let named = |encoding: &Encoding| Named {
        name: encoding.name().to_owned(),
        label: encoding.name().to_owned(),
        chosen: mapping.encoding == Some(*encoding),
    };
    known.map(named).collect()
}

fn separators(mapping: &Mapping, locale: Locale) -> Vec<Named> {
    // A file of one column has any of them, or one that nobody can state.
    let known = Separator::ALL
        .iter()
        .filter(|_| mapping.separator.is_some());
    let named = |separator: &Separator| Named {
        name: separator.as_str().to_owned(),
        label: match separator {
            Separator::Tab => wynos::i18n::text(locale, "console-import-separator-tab"),
            other => other.as_str().to_owned(),
        },
        chosen: mapping.separator == Some(*separator),
    };
    known.map(named).collect()
}

/// `POST …/imports/{id}/mapping`: has the file read and compared again, with the columns as chosen.
pub(super) async fn choose(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let import = load(&app, &member, &id).await?;
    let (mapping, table) = mapping_of(&import).ok_or(Kind::Conflict)?;
    let mapping = chosen(mapping, table, &typed)?;
    let import = import::uploaded(&app.services, member.id(), &import.id, Some(&mapping)).await?;
    Ok(back(&member, &import))
}

/// The mapping that the form describes.
fn chosen(mut mapping: Mapping, table: &Table, typed: &Fields) -> Result<Mapping, Failure> {
    for column in &table.columns {
        let field = format!("constant-{}", column.name);
        if let Some(value) = typed.optional(&field) {
            mapping
                .constants
                .insert(column.name.to_string(), value.to_owned());
        } else if typed.all(&field).next().is_some() {
            mapping.constants.remove(column.name.as_ref());
        }
    }
    let encoding = read(typed, "encoding", Encoding::parse)?.or(mapping.encoding);
    let separator = read(typed, "separator", Separator::parse)?.or(mapping.separator);
    if (encoding, separator) != (mapping.encoding, mapping.separator) {
        // Other bytes make other headers: which column is which is guessed anew.
        return Ok(Mapping {
            constants: mapping.constants,
            ..Mapping::guessed(mapping.table, encoding, separator)
        });
    }
    for (position, column) in mapping.columns.iter_mut().enumerate() {
        column.target = typed
            .optional(&format!("column-{position}"))
            .map(ToOwned::to_owned);
        let said = typed.text(&format!("order-{position}"));
        if let Some((order, ..)) = ORDERS.iter().find(|(_, word, _)| *word == said) {
            column.date_order = *order;
        }
    }
    Ok(mapping)
}

/// A choice that is not always there.
fn read<T>(
    typed: &Fields,
    field: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let Some(text) = typed.optional(field) else {
        return Ok(None);
    };
    let value = parse(text).ok_or_else(|| Failure::field(field))?;
    Ok(Some(value))
}
