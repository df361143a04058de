use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    catalog::Locale,
    control::{Delivery, DeliveryId, FileFormat},
    delivery::{self, Condition, DeliveryError, Order, OrderProblem},
    exchange::ProfileName,
    yclients::reports,
};

use super::{
    address::{Done, Onward, older},
    export_form::shown,
    words::Words,
};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        DeliveryItem, Fact, Form, Frame, People, Section, TableCount, delivery_facts, moment, page,
        table_counts,
    },
};

/// Deliveries of one page.
const PAGE: usize = 25;

/// Conditions of one list.
const MAX_CONDITIONS: usize = 20;

#[derive(Template)]
#[template(path = "exports.html")]
struct ExportsPage {
    frame: Frame,
    base: String,
    may_order: bool,
    items: Vec<DeliveryItem>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    frame: Frame,
    base: String,
    item: DeliveryItem,
    facts: Vec<Fact>,
    counts: Vec<TableCount>,
}

/// `GET /s/{subscription}/exports`: every delivery, newest first.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(onward): Query<Onward>,
) -> Result<Response, Failure> {
    let from = onward.cursor()?;
    let found = app
        .services
        .control
        .deliveries(member.id())
        .list(from.as_ref(), PAGE)
        .await?;
    let people = People::of(&app, &member).await?;
    let now = app.services.clock.now();
    let item = |delivery: &Delivery| DeliveryItem::of(&member, &people, delivery, now);
    let items: Vec<_> = found.items.iter().map(item).collect();
    let mut frame = Frame::inside(&member, Section::Exports, "console-exports-title");
    frame.busy = items.iter().any(|item| item.busy);
    page(&ExportsPage {
        frame,
        base: member.base(),
        may_order: member.may_change(),
        next: older(&member.base(), "/exports?", found.next.as_ref()),
        items,
    })
}

/// What went wrong with the mail, with the address, for whoever can mend it.
async fn mail_fact(
    app: &App,
    member: &Member,
    frame: &Frame,
    delivery: &Delivery,
) -> Result<Option<Fact>, Failure> {
    if !member.may_change() {
        return Ok(None);
    }
    let control = &app.services.control;
    let trouble = control
        .mail_trouble(&delivery.subscription_id, &delivery.id)
        .await?;
    let (Some(trouble), Some(recipient)) = (trouble, &delivery.recipient_id) else {
        return Ok(None);
    };
    let address = control.accounts().get(recipient).await?.email;
    let key = format!("console-mail-{}", trouble.as_str());
    let text = frame.with(&key, "address", &address);
    Ok(Some(Fact::new(frame.t("console-fact-mail"), text)))
}

/// `POST /s/{subscription}/exports`: orders a file, or shows the columns of the list that is chosen.
pub(super) async fn order(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    if typed.text("step") == "columns" {
        return shown(&app, &member, Form::of(typed), |frame| frame).await;
    }
    if ticks_another(&typed) {
        let answer = shown(&app, &member, Form::of(typed), |frame| {
            let text = frame.t("console-export-columns-other");
            frame.say("bad", text)
        });
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer.await?).into_response());
    }
    let ordered = match read(&app, &member, &typed).await? {
        Ok(order) => delivery::order(&app.services, order).await,
        Err(refused) => Err(refused),
    };
    match ordered {
        Ok(delivery) => {
            let to = format!("{}/exports/{}?done=ordered", member.base(), delivery.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(DeliveryError::Order { problem, .. }) => {
            let answer = shown(&app, &member, Form::of(typed), |frame| {
                let problem = problem.say(frame.locale());
                let text = frame.with("console-export-wrong", "problem", &problem);
                frame.say("bad", text)
            })
            .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether columns are ticked of another list than the one that is ordered.
fn ticks_another(typed: &Fields) -> bool {
    let is_list = matches!(typed.text("format"), "csv" | "xlsx");
    let counts = typed.text("columns").is_empty() && typed.all("column").next().is_some();
    is_list && counts && typed.text("columns_of") != typed.text("table")
}

/// The order that a form describes.
async fn read(
    app: &App,
    member: &Member,
    typed: &Fields,
) -> Result<Result<Order, DeliveryError>, Failure> {
    let format: FileFormat = typed
        .text("format")
        .parse()
        .map_err(|_| Failure::field("format"))?;
    let list = matches!(format, FileFormat::Csv | FileFormat::Xlsx);
    let exchange = format == FileFormat::Xml;
    let profile = match typed.text("profile") {
        "basic" if exchange => ProfileName::Basic,
        _ => ProfileName::Full,
    };
    // This file alone can carry them; a box that stayed ticked behind another choice asks for nothing.
    let carries = exchange && profile == ProfileName::Full;
    let mut order = Order {
        table: typed
            .optional("table")
            .filter(|_| list)
            .map(ToOwned::to_owned),
        profile,
        locale: Locale::parse(typed.text("locale")).unwrap_or(member.visitor.locale),
        include_passwords: carries && typed.ticked("passwords"),
        purpose: typed.optional("purpose").map(ToOwned::to_owned),
        idempotency_key: typed.optional("order").map(ToOwned::to_owned),
        ..Order::new(member.id().clone(), member.actor(), format)
    };
    if list {
        let reports = reports::tables(&app.services.control, member.id()).await?;
        let words = Words::of(app, member, typed.text("table"), &reports).await?;
        let in_order = typed.text("columns").split(',').map(str::trim);
        let in_order = in_order
            .filter(|name| !name.is_empty())
            .map(|name| words.column(name).to_owned());
        let mut columns: Vec<String> = in_order.collect();
        if columns.is_empty() {
            columns.extend(typed.all("column").map(ToOwned::to_owned));
        }
        let conditions = conditions(typed.text("where")).map(|typed| {
            let named = typed.into_iter().map(|typed| words.condition(typed));
            named.collect::<Vec<_>>()
        });
        let narrowed = conditions
            .and_then(|conditions| order.narrow(columns, conditions, member.zone, &reports));
        if let Err(refused) = narrowed {
            return Ok(Err(refused));
        }
    }
    Ok(Ok(order))
}

/// Conditions as they are typed: one a line, a column, how it compares, and with what.
fn conditions(text: &str) -> Result<Vec<Condition<'_>>, DeliveryError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut conditions = Vec::new();
    for line in lines {
        let problem = match Condition::parse(line) {
            Some(condition) if conditions.len() < MAX_CONDITIONS => {
                conditions.push(condition);
                continue;
            }
            Some(_) => OrderProblem::TooManyConditions(MAX_CONDITIONS),
            None => OrderProblem::NoCondition(line.to_owned()),
        };
        return Err(DeliveryError::order("where", problem));
    }
    Ok(conditions)
}

/// `GET /s/{subscription}/exports/{id}`: one delivery.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let id: DeliveryId = id.parse().map_err(|_| Kind::NotFound)?;
    let delivery = app
        .services
        .control
        .deliveries(member.id())
        .get(&id)
        .await?;
    let people = People::of(&app, &member).await?;
    let item = DeliveryItem::of(&member, &people, &delivery, app.services.clock.now());
    let mut frame = Frame::inside(&member, Section::Exports, "console-exports-title");
    frame.title.clone_from(&item.what);
    frame.busy = item.busy;
    if item.busy {
        let known = [("ordered", "console-export-ordered-notice")];
        frame = done.told(frame, "good", &known);
    }
    let mut facts = delivery_facts(&member, &delivery);
    facts.extend(mail_fact(&app, &member, &frame, &delivery).await?);
    if item.busy
        && let Some(at) = delivery::expected_at(&app.services, &delivery).await?
    {
        facts.push(Fact::new(
            frame.t("console-fact-expected"),
            moment(&member, at),
        ));
    }
    page(&ExportPage {
        facts,
        counts: table_counts(frame.locale(), &delivery.counts),
        base: member.base(),
        frame,
        item,
    })
}
