use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    catalog::{self, Locale, TableGroup},
    control::{Delivery, Import},
    i18n::{Args, text, text_with},
    plans::UNLIMITED,
    storage::{self, Used},
    warehouse::Filter,
    yclients::{pull, reports},
};

use crate::{
    App,
    http::{Failure, Kind, Member, SignedIn},
    view::{DeliveryItem, Frame, ImportItem, People, Section, SourceItem, number, page, size},
};

/// How many of the latest exports and imports are shown.
const LATEST: usize = 4;

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose {
    frame: Frame,
    choices: Vec<SubscriptionChoice>,
}

struct SubscriptionChoice {
    id: String,
    name: String,
    role: &'static str,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    base: String,
    business: String,
    may_import: bool,
    may_export: bool,
    tables: Vec<TableTile>,
    used: String,
    sources: Vec<SourceItem>,
    exports: Vec<DeliveryItem>,
    imports: Vec<ImportItem>,
}

/// A table with rows in it, and where they are shown.
struct TableTile {
    name: String,
    label: String,
    count: String,
}

/// `GET /`: the one subscription, or the choice among several.
pub(super) async fn start(
    State(app): State<App>,
    person: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let memberships = app.services.control.memberships(&person.account.id).await?;
    if let ([only], None) = (memberships.as_slice(), &query) {
        return Ok(Redirect::to(&format!("/s/{}", only.subscription_id)).into_response());
    }
    let choice = |one: &wynos::control::Membership| SubscriptionChoice {
        id: one.subscription_id.to_string(),
        name: one.name.clone(),
        role: match one.role.as_str() {
            "owner" => "console-role-owner",
            "manager" => "console-role-manager",
            _ => "console-role-viewer",
        },
    };
    page(&Choose {
        frame: Frame::of(&person.visitor, "console-choose-title"),
        choices: memberships.iter().map(choice).collect(),
    })
}

/// `GET /s/{subscription}`: what is kept, and the latest exports and imports.
pub(super) async fn show(State(app): State<App>, member: Member) -> Result<Response, Failure> {
    let people = People::of(&app, &member).await?;
    let control = &app.services.control;
    let deliveries = control
        .deliveries(member.id())
        .list(None, LATEST)
        .await?
        .items;
    let imports = control.imports(member.id()).list(None, LATEST).await?.items;
    let now = app.services.clock.now();
    let export = |delivery: &Delivery| DeliveryItem::of(&member, &people, delivery, now);
    let import = |import: &Import| ImportItem::of(&member, &people, import);
    let used = storage::used(&app.services, member.id()).await?;
    let locale = member.visitor.locale;
    let mut frame = Frame::inside(&member, Section::Overview, "console-overview-title");
    if let Some(code) = used.stands_still {
        let why = text(locale, &format!("problem-{}", code.replace('.', "-")));
        frame = frame.say("bad", why);
    }
    let outlook = pull::outlook(&app.services, member.id()).await?;
    let sources = control.sources(member.id());
    let of_sources = sources.all_tables().await?;
    let source = |source| SourceItem::of(&member, source, &of_sources, used.stands_still, &outlook);
    page(&Overview {
        frame,
        used: of_plan(locale, &used),
        base: member.base(),
        business: member.subscription.name.clone(),
        may_import: member.may_change(),
        may_export: member.may_change(),
        tables: counts(&app, &member).await?,
        sources: sources.list().await?.iter().map(source).collect(),
        exports: deliveries.iter().map(export).collect(),
        imports: imports.iter().map(import).collect(),
    })
}

/// What is used of the plan, in a sentence.
fn of_plan(locale: Locale, used: &Used) -> String {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let allowed = |limit: u64, written: String| {
        if limit < UNLIMITED {
            written
        } else {
            "∞".to_owned()
        }
    };
    let rows = |rows: u64| number(locale, signed(rows));
    let bytes = |bytes: u64| size(locale, Some(signed(bytes)));
    let args = Args::new()
        .with("bytes", bytes(used.bytes))
        .with(
            "most_bytes",
            allowed(used.bytes_allowed, bytes(used.bytes_allowed)),
        )
        .with("month", used.month.as_str())
        .with("rows", rows(used.rows))
        .with(
            "most_rows",
            allowed(used.rows_allowed, rows(used.rows_allowed)),
        );
    text_with(locale, "console-overview-used", &args)
}

async fn counts(app: &App, member: &Member) -> Result<Vec<TableTile>, Failure> {
    let gone = |error| Failure::noted(Kind::Unavailable, &error);
    let warehouse = app.services.warehouses.open(member.id());
    let snapshot = warehouse.snapshot().await.map_err(gone)?;
    let existing = snapshot.tables().await.map_err(gone)?;
    let reports = reports::tables(&app.services.control, member.id()).await?;
    let mut counts = Vec::new();
    for table in catalog::tables()
        .iter()
        .filter(|table| table.group != TableGroup::Internal)
        .chain(&reports)
        .filter(|table| existing.contains(table.name.as_ref()))
    {
        let rows = snapshot.count(table, &Filter::All).await.map_err(gone)?;
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        if rows > 0 {
            counts.push(TableTile {
                name: table.name.to_string(),
                label: table.label.get(member.visitor.locale).to_owned(),
                count: number(member.visitor.locale, rows),
            });
        }
    }
    Ok(counts)
}
