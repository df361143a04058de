use std::fmt::{self, Write};

use super::views::{self, View};
use crate::catalog::{Column, ColumnType, Indicator, Table, TableGroup, tables_of};

/// The description of every table and column for people who query a warehouse, as `docs/warehouse.md` holds it.
///
/// It follows from the catalog, and a test keeps it so.
pub const DOCUMENT: &str = include_str!("../../../docs/warehouse.md");

/// Describes the tables as the catalog declares them.
pub fn generate_document() -> String {
    let mut text = String::from(INTRODUCTION);
    // Writing into a text cannot fail.
    let _ = write_tables(&mut text);
    text
}

const INTRODUCTION: &str = include_str!("document.md");

fn write_tables(text: &mut String) -> fmt::Result {
    for (group, title, about) in [
        (TableGroup::RepairShop, "The repair shop's own tables", SHOP),
        (TableGroup::Yclients, "The copy of YCLIENTS", COPY),
    ] {
        writeln!(text, "\n## {title}\n\n{about}")?;
        for table in tables_of(group) {
            write_table(text, table)?;
        }
    }
    writeln!(text, "\n## Views for analysis\n\n{VIEWS}")?;
    for view in views::views() {
        write_view(text, &view)?;
    }
    Ok(())
}

fn write_view(text: &mut String, view: &View) -> fmt::Result {
    writeln!(text, "\n### `{}`\n", view.name)?;
    writeln!(
        text,
        "Over `{}`.\n\n| column | meaning |\n|---|---|",
        view.table.name
    )?;
    for column in &view.columns {
        writeln!(
            text,
            "| `{}` | {} |",
            column.name,
            column.meaning.replace('|', "\\|")
        )?;
    }
    Ok(())
}

const VIEWS: &str = "\
A star over the copy of YCLIENTS, in both databases: dimensions `bi_<name>` and facts `bi_<name>_facts`, joined by `source_id` \
and the vendor's own ids. A view is there once its table is.

* No relation is missing: an id that leads nowhere is 0, and every dimension has a row 0 per source (`—`); facts have none. Only \
ids of a table that is not there at all, because nothing of it was ever loaded, stand as they were sent.
* Deleted rows stay, with `is_deleted` 1, because older facts speak of them.
* Money is in major units of the company's currency with 2 digits, prices of one have 4, quantities 6; durations are in seconds.
* Instants are in UTC, each with what the company's clock showed, as text, under its name and `_local` (`date` for `datetime` of \
records). `date_id` is the day of what took place in `bi_dates`, and `created_date_id` that on which it was written down, where \
that is another one.
* Texts as they were sent (`…_raw`) and JSON stay in the tables.

### `bi_dates`

Every day from 2010 to 2039, and the day 0 of facts without one: `id` (as a number, 20260331), `full_date`, `year`, `quarter`, \
`month`, `week` (ISO 8601), `weekday` (1 is Monday), `day`.";

const SHOP: &str = "Their `_source_id` is `local`. An `id` is a text, `<subscription>:<id>`.";

const COPY: &str = "\
One `_source_id` is one company (branch). Ids are the vendor's, and whole numbers. Names are the vendor's too, flattened: \
`expense.title` is `expense_title`; `good_id` of goods is `id`. Money is in major units of the company's currency, durations \
are in seconds. An id of 0 in a column that refers to a table means that there is none, and is null here.

The vendor's times came with offsets that have been seen wrong, so the text stands beside the instant: `create_date` is in \
UTC by the offset that was told, `create_date_raw` is what was sent. `datetime` of records is computed from the branch's \
wall clock (`date`) and its time zone; the offset in `datetime_raw` is not used.

`service_category_ids` of records and `category_id` of their services are the categories that the services have now, as \
far as `yclients_services` tells: a record names its services only. A service that is not held yet is asked for first; of \
one that was never held and that the vendor does not give out (it was deleted, or `yclients_services` is off or denied) \
there is none. A service that moves to another category takes all its records along when records are read next, whatever \
their age, and without a call: sums by category are those of today's price list. A filter by category is then applied \
again, as one that was changed: records that it keeps out now go, and those of the last month and of the time to come \
that it lets in are read again; older ones come back by ordering their period.";

fn write_table(text: &mut String, table: &Table) -> fmt::Result {
    writeln!(text, "\n### `{}`\n", table.name)?;
    let names = |names: &[std::borrow::Cow<'static, str>]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    write!(
        text,
        "{}. Key: `_source_id`, {}.",
        table.label.en,
        names(&table.key)
    )?;
    if let Some(parent) = &table.parent {
        write!(
            text,
            " Parts of `{parent}`, which come, change and go with it."
        )?;
    }
    if table.group == TableGroup::Yclients {
        let kind = if table.facts { "Facts" } else { "A dimension" };
        write!(text, " {kind}.")?;
    }
    if !table.indexes.is_empty() {
        let indexes: Vec<_> = table.indexes.iter().map(|index| names(index)).collect();
        write!(text, " Indexed by {}.", indexes.join("; "))?;
    }
    writeln!(
        text,
        "\n\n| column | type | meaning | marks |\n|---|---|---|---|"
    )?;
    for column in &table.columns {
        write_column(text, table, column)?;
    }
    Ok(())
}

fn write_column(text: &mut String, table: &Table, column: &Column) -> fmt::Result {
    let mut marks = Vec::new();
    if table.key.contains(&column.name) {
        marks.push("key".to_owned());
    } else if column.required {
        marks.push("required".to_owned());
    }
    if let Some(target) = &column.reference {
        marks.push(format!("→ `{target}`"));
    }
    if column.personal {
        marks.push("personal".to_owned());
    }
    if table.subject.as_ref() == Some(&column.name) {
        marks.push("customer".to_owned());
    }
    let indicators = table.indicators.iter();
    marks.extend(
        indicators
            .filter(|(_, name)| *name == column.name)
            .map(|(indicator, _)| indicator_name(*indicator).to_owned()),
    );
    writeln!(
        text,
        "| `{}` | {} | {} | {} |",
        column.name,
        type_name(&column.ty),
        column.label.en.replace('|', "\\|"),
        marks.join(", ")
    )
}

fn type_name(ty: &ColumnType) -> String {
    match ty {
        ColumnType::Text => "text".to_owned(),
        ColumnType::Integer => "integer".to_owned(),
        ColumnType::Decimal { scale } => format!("decimal, {scale}"),
        ColumnType::Boolean => "boolean".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Timestamp => "instant".to_owned(),
        ColumnType::Json => "json".to_owned(),
        ColumnType::CustomValues => "json: values by the id of the custom field".to_owned(),
        ColumnType::Choice(choices) => {
            let values: Vec<_> = choices
                .iter()
                .map(|choice| format!("`{}`", choice.value))
                .collect();
            format!("text: {}", values.join(", "))
        }
        ColumnType::List { fields, .. } => {
            let fields: Vec<_> = fields
                .iter()
                .map(|field| format!("`{}`", field.name))
                .collect();
            format!("json: list of {}", fields.join(", "))
        }
    }
}

const fn indicator_name(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::TotalCost => "compared: total cost",
        Indicator::Quantity => "compared: quantity",
        Indicator::InitialCost => "compared: initial cost",
        Indicator::UnitPrice => "compared: unit price",
        Indicator::Status => "compared: status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_catalog_says() {
        assert!(
            generate_document() == DOCUMENT,
            "run: cargo run -p wynos --example warehouse_document > docs/warehouse.md"
        );
    }
}
