//! The form by which a file is ordered.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use wynos::{
    catalog::{self, Locale, Table, TableGroup},
    control::{FileFormat, Role},
    delivery::{self, human},
    ports::random_text,
    yclients::reports,
};

use super::words::Words;
use crate::{
    App,
    http::{Failure, Member},
    view::{Choice, Form, Frame, Named, Section, page, table_label},
};

/// The tables that are offered first: the lists that shops ask for.
const FIRST: [&str; 3] = ["repairs", "tickets", "customers"];
/// The prepared list that is no table: parts with their deliveries.
const WAREHOUSE: &str = "warehouse";

#[derive(Template)]
#[template(path = "export_new.html")]
struct OrderPage {
    frame: Frame,
    base: String,
    typed: Form,
    owner: bool,
    formats: Vec<Choice>,
    /// What can leave as a list, by where it comes from.
    tables: Vec<Offer>,
    /// The list whose columns can be ticked.
    ticked: String,
    /// Its own columns.
    own: Vec<Named>,
    /// What else it can have.
    more: Vec<Named>,
    is_more_chosen: bool,
    /// How long a file of each format is going to take.
    expected: Vec<(&'static str, String)>,
}

/// Lists that come from one place.
#[derive(Debug)]
struct Offer {
    /// The key of what the place is called.
    from: &'static str,
    tables: Vec<Named>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// The table that the list is wanted of.
    #[serde(default)]
    table: String,
}

/// `GET /s/{subscription}/exports/new`: what can be ordered.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    member.must_change()?;
    // A list, where it is known of which table.
    let (format, table) = match wanted.table.as_str() {
        "" => ("xml", "repairs"),
        table => ("xlsx", table),
    };
    let first = Form::default()
        .with("format", format)
        .with("table", table)
        .with("profile", "full")
        // Sent twice, the form still orders once.
        .with("order", random_text::<20>());
    shown(&app, &member, first, |frame| frame).await
}

/// The form as it is filled in.
pub(super) async fn shown(
    app: &App,
    member: &Member,
    typed: Form,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let reports = reports::tables(&app.services.control, member.id()).await?;
    let frame = say(Frame::inside(
        member,
        Section::Exports,
        "console-export-new",
    ));
    let mut expected = Vec::new();
    for &format in FileFormat::ALL {
        let expectation = delivery::expected(&app.services, member.id(), format).await?;
        let text = match expectation.expected {
            Some(span) => frame.with(
                "console-export-expected",
                "span",
                &human::span(frame.locale(), span),
            ),
            None => frame.t("console-export-expected-unknown"),
        };
        expected.push((format.as_str(), text));
    }
    let sources = app.services.control.sources(member.id());
    let connected = !sources.with_rows().await?.is_empty();
    let ticked = typed.text("table").to_owned();
    let words = Words::of(app, member, &ticked, &reports).await?;
    // Columns of another list can be called alike.
    let is_same = typed.is("columns_of", &ticked);
    let (own, more) = words.offered();
    let tick = |(label, path): (&str, &str)| Named {
        name: path.to_owned(),
        label: label.to_owned(),
        chosen: is_same && typed.has("column", path),
    };
    let more: Vec<Named> = more.into_iter().map(tick).collect();
    page(&OrderPage {
        base: member.base(),
        own: own.into_iter().map(tick).collect(),
        is_more_chosen: more.iter().any(|column| column.chosen),
        more,
        ticked,
        owner: member.role == Role::Owner,
        formats: formats(&typed),
        tables: tables(frame.locale(), connected, &reports, &typed),
        expected,
        typed,
        frame,
    })
}

fn formats(typed: &Form) -> Vec<Choice> {
    let choice = |value, name, text| Choice {
        value,
        name,
        text,
        chosen: typed.is("format", value),
    };
    vec![
        choice("xml", "console-format-xml", "console-format-xml-text"),
        choice("csv", "console-format-csv", "console-format-csv-text"),
        choice("xlsx", "console-format-xlsx", "console-format-xlsx-text"),
        choice(
            "sqlite",
            "console-format-sqlite",
            "console-format-sqlite-text",
        ),
        choice("ords", "console-format-ords", "console-format-ords-text"),
    ]
}

/// What can leave as a list: the shop's tables, those asked for most at the top, the vendor's where a company is or was
/// connected, and those of reports.
fn tables(locale: Locale, connected: bool, reports: &[Arc<Table>], typed: &Form) -> Vec<Offer> {
    let named = |table: &Arc<Table>| Named {
        name: table.name.to_string(),
        label: table.label.get(locale).to_owned(),
        chosen: typed.is("table", &table.name),
    };
    let of =
        |group| catalog::tables_of(group).filter(|table| !FIRST.contains(&table.name.as_ref()));
    let first = FIRST.iter().filter_map(|name| catalog::table(name));
    let warehouse = Named {
        name: WAREHOUSE.to_owned(),
        label: table_label(locale, WAREHOUSE),
        chosen: typed.is("table", WAREHOUSE),
    };
    let shop = first.map(named).chain([warehouse]);
    let mut offers = vec![Offer {
        from: "console-tables-shop",
        tables: shop.chain(of(TableGroup::RepairShop).map(named)).collect(),
    }];
    let vendor: Vec<Named> = of(TableGroup::Yclients).map(named).collect();
    if connected || vendor.iter().any(|table| table.chosen) {
        offers.push(Offer {
            from: "console-tables-vendor",
            tables: vendor,
        });
    }
    if !reports.is_empty() {
        offers.push(Offer {
            from: "console-tables-reports",
            tables: reports.iter().map(named).collect(),
        });
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_without_a_vendor_is_offered_its_own_lists_alone() {
        let offered = |connected, typed: &Form| -> Vec<String> {
            let offers = tables(Locale::Pl, connected, &[], typed);
            let tables = offers.iter().flat_map(|offer| &offer.tables);
            tables.map(|table| table.name.clone()).collect()
        };
        let form = Form::default();
        let own = offered(false, &form);
        assert_eq!(own[..4], ["repairs", "tickets", "customers", "warehouse"]);
        let is_vendors = |name: &String| name.starts_with("yclients_");
        assert!(!own.iter().any(is_vendors), "{own:?}");
        assert!(offered(true, &form).iter().any(is_vendors));
        let wanted = Form::default().with("table", "yclients_records");
        assert!(offered(false, &wanted).iter().any(is_vendors));
        let all = offered(true, &form);
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
