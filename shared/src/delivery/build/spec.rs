use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    SubscriptionId,
    catalog::{self, Locale, Table},
    control::{Delivery, FileFormat, Subscription},
    delivery::{DeliveryError, OrderProblem, Selection, names},
    exchange::ProfileName,
    sheets::{Convention, CustomField, List, SheetError},
    warehouse::Filter,
};

/// What the names of custom fields begin with among a list's columns.
const CUSTOM: &str = "custom:";

/// A file to be made, wherever the wish came from.
#[derive(Debug, Clone)]
pub(in crate::delivery) struct Spec {
    pub(in crate::delivery) subscription: SubscriptionId,
    pub(in crate::delivery) format: FileFormat,
    pub(in crate::delivery) table: Option<String>,
    pub(in crate::delivery) profile: ProfileName,
    pub(in crate::delivery) locale: Locale,
    pub(in crate::delivery) zone: Tz,
    pub(in crate::delivery) selection: Selection,
    pub(in crate::delivery) passwords: bool,
    /// What the business is called, for formats that say whose data they hold.
    pub(in crate::delivery) shop: String,
    /// Where it is, ISO 3166-1 alpha-2.
    pub(in crate::delivery) country: String,
    /// The tables of the business's reports.
    pub(in crate::delivery) reports: Vec<Arc<Table>>,
}

impl Spec {
    /// What was ordered.
    pub(in crate::delivery) fn of(
        delivery: &Delivery,
        subscription: &Subscription,
        reports: Vec<Arc<Table>>,
    ) -> Result<Self, DeliveryError> {
        let profile = match &delivery.profile {
            None => ProfileName::Full,
            Some(name) => name.parse().map_err(|_| {
                DeliveryError::order("profile", OrderProblem::NoProfile(name.clone()))
            })?,
        };
        Ok(Self {
            subscription: delivery.subscription_id.clone(),
            format: delivery.format,
            table: delivery.table_name.clone(),
            profile,
            locale: delivery.locale,
            zone: delivery.time_zone.parse().unwrap_or(Tz::UTC),
            selection: Selection::from_json(&delivery.selection)?,
            passwords: delivery.include_passwords,
            shop: subscription.name.clone(),
            country: subscription.country.clone(),
            reports,
        })
    }

    /// What a browser saves the file as.
    pub(in crate::delivery) fn file_name(&self, at: DateTime<Utc>) -> String {
        let profile = self.profile.as_str();
        names::file_name(self.format, self.table.as_deref(), profile, self.zone, at)
    }

    /// Refuses what no file can be made of, as far as it can be told without reading the warehouse.
    pub(in crate::delivery) fn check(&self) -> Result<(), DeliveryError> {
        let is_list = matches!(self.format, FileFormat::Csv | FileFormat::Xlsx);
        match &self.table {
            None if is_list => {
                return Err(DeliveryError::order("table", OrderProblem::NoTable));
            }
            Some(_) if !is_list => {
                let problem = OrderProblem::AllTables(self.format);
                return Err(DeliveryError::order("table", problem));
            }
            _ => {}
        }
        let selects = self.selection.filter != Filter::All || !self.selection.columns.is_empty();
        if selects && !is_list {
            let chosen = match self.selection.columns.is_empty() {
                true => "where",
                false => "columns",
            };
            return Err(DeliveryError::order(chosen, OrderProblem::NotAList));
        }
        let can_hold = self.format == FileFormat::Xml && self.profile == ProfileName::Full;
        if self.passwords && !can_hold {
            return Err(DeliveryError::order("profile", OrderProblem::Passwords));
        }
        if is_list {
            let columns = self
                .selection
                .columns
                .iter()
                .filter(|column| !column.starts_with(CUSTOM));
            let columns: Vec<&str> = columns.map(String::as_str).collect();
            let list = self.list(&columns, Vec::new())?;
            check_filter(list.table(), &self.selection.filter)?;
        }
        Ok(())
    }

    pub(super) fn list(
        &self,
        columns: &[&str],
        fields: Vec<CustomField>,
    ) -> Result<List, DeliveryError> {
        let refused = |field| move |error: SheetError| DeliveryError::order(field, error);
        let name = self.table.as_deref().unwrap_or_default();
        let named = match self.reports.iter().find(|table| table.name == name) {
            Some(table) => List::of(table, [], fields),
            None => List::named(name, fields),
        };
        let mut list = named.map_err(refused("table"))?;
        if !columns.is_empty() {
            list = list.with_columns(columns).map_err(refused("columns"))?;
        }
        Ok(list.filter(self.selection.filter.clone()))
    }

    pub(super) fn convention(&self) -> Convention {
        if self.selection.plain {
            Convention::plain()
        } else {
            Convention::localised(self.locale, self.zone)
        }
    }
}

fn check_filter(table: &Table, filter: &Filter) -> Result<(), DeliveryError> {
    let column = match filter {
        Filter::All => return Ok(()),
        Filter::And(filters) | Filter::Or(filters) => {
            return filters
                .iter()
                .try_for_each(|filter| check_filter(table, filter));
        }
        Filter::Not(filter) => return check_filter(table, filter),
        Filter::Compare { column, .. } | Filter::In { column, .. } | Filter::Has { column, .. } => {
            column
        }
        Filter::IsNull(column) | Filter::IsNotNull(column) => column,
    };
    let known = match column.split_once('.') {
        None => table.stored_columns().any(|known| known.name == *column),
        Some((reference, name)) => table
            .column(reference)
            .and_then(|reference| catalog::table(reference.reference.as_deref()?))
            .is_some_and(|target| target.column(name).is_some()),
    };
    if known {
        Ok(())
    } else {
        let problem = OrderProblem::NoColumn {
            table: table.name.to_string(),
            column: column.clone(),
        };
        Err(DeliveryError::order("where", problem))
    }
}
