use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::json;
use wynos::{
    catalog::{Locale, Table},
    control::{Actor, FileFormat, Subscription},
    delivery::{self, Condition, DeliveryError, Order},
    exchange::ProfileName,
    progress::Progress,
    services::Services,
    yclients::{pull, reports},
};

use crate::{
    args::{Export, ExportFormat, Profile},
    commands::known_subscription,
    failure::{Ending, Failure},
    output::{Counted, Output},
};

/// What a list is written in for programs.
const PLAIN: &str = "plain";

/// Makes a file of a subscription's data right here. It is entered in the personal-data log and the journal like a file
/// that is delivered; when anything fails, nothing of it is left.
pub(crate) async fn run(
    services: &Services,
    export: Export,
    output: Output,
) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &export.subscription).await?;
    let reports = reports::tables(&services.control, &subscription.id).await?;
    let order = order(&export, &subscription, &reports)?;
    pull::used(services, &subscription.id, None).await;
    let build = async |progress: &Progress| {
        delivery::build_to_watched(services, &order, &export.output, progress).await
    };
    let made = output.watch("exporting", Counted::Rows, build);
    let made = made.await.map_err(refused)?;
    for (table, rows) in &made.counts {
        output.say(format!("{rows:>10}  {table}"));
    }
    output.say(format!(
        "{} has {} bytes; its SHA-256 is {}",
        export.output.display(),
        made.digested.size,
        made.digested.sha256
    ));
    output.result(&json!({
        "id": made.id, "size": made.digested.size, "sha256": made.digested.sha256, "counts": made.counts,
    }));
    Ok(Ending::Done)
}

fn order(
    export: &Export,
    subscription: &Subscription,
    reports: &[Arc<Table>],
) -> Result<Order, Failure> {
    let format = match export.format {
        ExportFormat::Xml => FileFormat::Xml,
        ExportFormat::Csv => FileFormat::Csv,
        ExportFormat::Xlsx => FileFormat::Xlsx,
        ExportFormat::Sqlite => FileFormat::Sqlite,
        ExportFormat::Ords => FileFormat::Ords,
    };
    let mut order = Order::new(subscription.id.clone(), Actor::CommandLine, format);
    order.table = export.table.clone();
    order.profile = match export.profile {
        Profile::Basic => ProfileName::Basic,
        Profile::Full => ProfileName::Full,
    };
    order.plain = export.locale.as_deref() == Some(PLAIN);
    order.locale = match export.locale.as_deref() {
        None | Some(PLAIN) => subscription.locale,
        Some(tag) => Locale::parse(tag).ok_or_else(|| {
            Failure::usage(format!(
                "there are no conventions for {tag}: use en, pl, ru or plain"
            ))
        })?,
    };
    order.include_passwords = export.with_passwords;
    order.purpose = export.purpose.clone();
    let conditions = export.conditions.iter();
    let conditions = conditions.filter_map(|text| Condition::parse(text));
    let zone = subscription.time_zone.parse().unwrap_or(Tz::UTC);
    order
        .narrow(export.columns.clone(), conditions, zone, reports)
        .map_err(|error| Failure::usage(format!("{error}; nothing was made")))?;
    Ok(order)
}

fn refused(error: DeliveryError) -> anyhow::Error {
    match &error {
        DeliveryError::Order { .. } | DeliveryError::PasswordsForOwners => {
            Failure::usage(error.to_string()).into()
        }
        _ => anyhow::Error::new(error).context("the file was not made and nothing was left of it"),
    }
}
