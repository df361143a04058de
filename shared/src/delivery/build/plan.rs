//! What to read for a file and how to write it.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures::TryStreamExt;

use super::{countries::three_letters, secrets::Secrets};
use crate::{
    SubscriptionId,
    catalog::{self, Column, Locale, Table, TableGroup, repair_shop::PASSWORD, system},
    control::{Delivery, FileFormat, Subscription},
    delivery::{DeliveryError, Selection, names},
    exchange::{Header, Profile, ProfileName},
    ports::Cipher,
    sheets::{
        Convention, CustomField, List,
        ords::{OrdsOrigin, OrdsWriter},
    },
    warehouse::{Filter, Scan, Snapshot, Value, internal},
};

/// The most custom fields a shop can have in a file.
const MAX_FIELDS: u64 = 10_000;

/// What the names of custom fields begin with among a list's columns.
const CUSTOM: &str = "custom:";

/// The system columns that people can make use of; the others are bookkeeping.
const TOLD: [&str; 5] = [
    system::SOURCE_ID,
    system::RECEIVED_AT,
    system::OBSERVED_AT,
    system::CHANGED_AT,
    system::EXTRA,
];

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
}

/// What to read, in this order, and how to write it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parts: Vec<Part>,
    pub(super) recipe: Recipe,
}

/// One table or list of a file.
#[derive(Debug)]
pub(super) struct Part {
    /// What its rows are counted under.
    pub(super) name: String,
    pub(super) scan: Scan,
    /// Where in a row the id of the customer is whom it speaks of.
    pub(super) subject: Option<usize>,
}

/// How a file is written.
#[derive(Debug)]
pub(super) enum Recipe {
    Exchange {
        header: Header,
        /// Set when passwords are to leave.
        secrets: Option<Secrets>,
    },
    Csv {
        list: List,
        convention: Convention,
    },
    Xlsx {
        list: List,
        convention: Convention,
    },
    Database {
        /// The tables of the parts with their columns, in the same order.
        tables: Vec<(Arc<Table>, Vec<Column>)>,
        secrets: Secrets,
    },
    Ords {
        origin: OrdsOrigin,
    },
}

impl Spec {
    /// What was ordered.
    pub(in crate::delivery) fn of(
        delivery: &Delivery,
        subscription: &Subscription,
    ) -> Result<Self, DeliveryError> {
        let profile = match &delivery.profile {
            None => ProfileName::Full,
            Some(name) => name
                .parse()
                .map_err(|_| order(format!("there is no profile {name}")))?,
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
            None if is_list => return Err(order("a list needs the name of a table".to_owned())),
            Some(_) if !is_list => {
                return Err(order(format!(
                    "a file in the format {} has no single table",
                    self.format
                )));
            }
            _ => {}
        }
        let selects = self.selection.filter != Filter::All || !self.selection.columns.is_empty();
        if selects && !is_list {
            return Err(order("only lists have chosen rows and columns".to_owned()));
        }
        let can_hold = match self.format {
            FileFormat::Xml => self.profile == ProfileName::Full,
            FileFormat::Sqlite => true,
            FileFormat::Csv | FileFormat::Xlsx | FileFormat::Ords => false,
        };
        if self.passwords && !can_hold {
            return Err(order(
                "passwords leave only in an exchange file of the profile full or a database file"
                    .to_owned(),
            ));
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

    fn list(&self, columns: &[&str], fields: Vec<CustomField>) -> Result<List, DeliveryError> {
        let refused = |error: crate::sheets::SheetError| order(error.to_string());
        let named = List::named(self.table.as_deref().unwrap_or_default(), fields.clone());
        let list = named.map_err(refused)?;
        let list = if columns.is_empty() {
            list
        } else {
            List::of(list.table(), columns.iter().copied(), fields).map_err(refused)?
        };
        Ok(list.filter(self.selection.filter.clone()))
    }

    fn convention(&self) -> Convention {
        if self.selection.plain {
            Convention::plain()
        } else {
            Convention::localised(self.locale, self.zone)
        }
    }
}

impl Plan {
    /// What to read from this snapshot and how to write it.
    pub(super) async fn of(
        spec: &Spec,
        snapshot: &Snapshot,
        cipher: &Cipher,
        at: DateTime<Utc>,
    ) -> Result<Self, DeliveryError> {
        spec.check()?;
        match spec.format {
            FileFormat::Xml => exchange(spec, snapshot, cipher, at).await,
            FileFormat::Csv | FileFormat::Xlsx => list(spec, snapshot).await,
            FileFormat::Sqlite => database(spec, snapshot, cipher).await,
            FileFormat::Ords => ords(spec),
        }
    }
}

async fn exchange(
    spec: &Spec,
    snapshot: &Snapshot,
    cipher: &Cipher,
    at: DateTime<Utc>,
) -> Result<Plan, DeliveryError> {
    let profile = Profile::of(spec.profile);
    let parts = profile.sections.iter().map(|section| {
        let scan = section.scan();
        let subject = subject_among(&section.table, &scan.columns);
        Part {
            name: section.table.name.to_string(),
            scan,
            subject,
        }
    });
    let header = Header::new(spec.subscription.clone(), at, spec.profile);
    let secrets = match spec.passwords {
        true => Some(Secrets::new(
            secret_fields(snapshot).await?,
            Some(cipher.clone()),
        )),
        // The writer leaves them out by itself.
        false => None,
    };
    Ok(Plan {
        parts: parts.collect(),
        recipe: Recipe::Exchange { header, secrets },
    })
}

async fn list(spec: &Spec, snapshot: &Snapshot) -> Result<Plan, DeliveryError> {
    let columns: Vec<&str> = spec.selection.columns.iter().map(String::as_str).collect();
    let forms = forms(spec.list(&[], Vec::new())?.table());
    let list = spec.list(&columns, custom_fields(snapshot, forms).await?)?;
    let part = Part {
        name: list.name().to_owned(),
        scan: list.scan(),
        subject: list.subject(),
    };
    let convention = spec.convention();
    let recipe = match spec.format {
        FileFormat::Xlsx => Recipe::Xlsx { list, convention },
        _ => Recipe::Csv { list, convention },
    };
    Ok(Plan {
        parts: vec![part],
        recipe,
    })
}

async fn database(
    spec: &Spec,
    snapshot: &Snapshot,
    cipher: &Cipher,
) -> Result<Plan, DeliveryError> {
    let fields = secret_fields(snapshot).await?;
    let secrets = Secrets::new(fields, spec.passwords.then(|| cipher.clone()));
    let log = internal::personal_data_log();
    let mut parts = Vec::new();
    let mut tables = Vec::new();
    for table in catalog::tables()
        .iter()
        .filter(|table| table.name != log.name)
        .chain([log])
    {
        let columns: Vec<Column> = table
            .columns
            .iter()
            .chain(
                table
                    .system_columns()
                    .iter()
                    .filter(|column| TOLD.contains(&column.name.as_ref())),
            )
            .cloned()
            .collect();
        let scan = Scan::of(table).columns(columns.iter().map(|column| column.name.clone()));
        let subject = subject_among(table, &scan.columns);
        parts.push(Part {
            name: table.name.to_string(),
            scan,
            subject,
        });
        tables.push((Arc::clone(table), columns));
    }
    Ok(Plan {
        parts,
        recipe: Recipe::Database { tables, secrets },
    })
}

fn ords(spec: &Spec) -> Result<Plan, DeliveryError> {
    let mut scan = OrdsWriter::<Vec<u8>>::scan(Filter::All)?;
    // The writer takes its own columns and passes over the one that tells whom a row speaks of.
    let subject = scan.table.subject.as_deref().map(|subject| {
        scan.columns.push(subject.to_owned());
        scan.columns.len() - 1
    });
    let origin = OrdsOrigin {
        data_provider: spec.shop.clone(),
        country: three_letters(&spec.country).to_owned(),
        zone: spec.zone,
    };
    let part = Part {
        name: "repairs".to_owned(),
        scan,
        subject,
    };
    Ok(Plan {
        parts: vec![part],
        recipe: Recipe::Ords { origin },
    })
}

/// The ids of PASSWORD fields, those that were deleted since included: their values are still there.
async fn secret_fields(snapshot: &Snapshot) -> Result<HashSet<String>, DeliveryError> {
    let secret = Filter::equal("type", PASSWORD);
    let fields = fields(snapshot, secret, true).await?;
    Ok(fields.into_iter().map(|field| field.id).collect())
}

/// The forms whose custom fields stand in rows of a table.
fn forms(table: &Table) -> &'static [&'static str] {
    match table.name.as_ref() {
        "customers" => &["CUSTOMER"],
        "repairs" => &["REPAIR"],
        "tickets" => &["TICKET", "DEVICE"],
        _ => &[],
    }
}

async fn custom_fields(
    snapshot: &Snapshot,
    forms: &[&str],
) -> Result<Vec<CustomField>, DeliveryError> {
    if forms.is_empty() {
        return Ok(Vec::new());
    }
    let of_forms = Filter::In {
        column: "form".to_owned(),
        values: forms.iter().copied().map(Value::from).collect(),
    };
    fields(snapshot, of_forms, false).await
}

async fn fields(
    snapshot: &Snapshot,
    filter: Filter,
    with_deleted: bool,
) -> Result<Vec<CustomField>, DeliveryError> {
    let Some(table) = catalog::table("custom_fields") else {
        return Ok(Vec::new());
    };
    let mut scan = Scan::of(table)
        .columns(["id", "name", "type"])
        .filter(filter)
        .limit(MAX_FIELDS);
    scan.with_deleted = with_deleted;
    let mut found = Vec::new();
    let mut batches = snapshot.scan(scan).await?;
    while let Some(rows) = batches.try_next().await? {
        found.extend(rows.iter().map(|row| {
            let text = |column: usize| row.get(column).as_str().unwrap_or_default().to_owned();
            CustomField {
                id: text(0),
                name: text(1),
                ty: text(2),
            }
        }));
    }
    Ok(found)
}

/// Where the id of the customer is whom a row speaks of, among these columns of its table.
fn subject_among(table: &Table, columns: &[String]) -> Option<usize> {
    let own = match table.group {
        TableGroup::Internal => "customer_id",
        _ => table.subject.as_deref()?,
    };
    columns.iter().position(|column| column == own)
}

fn check_filter(table: &Table, filter: &Filter) -> Result<(), DeliveryError> {
    let column = match filter {
        Filter::All => return Ok(()),
        Filter::And(filters) | Filter::Or(filters) => {
            return filters
                .iter()
                .try_for_each(|filter| check_filter(table, filter));
        }
        Filter::Compare { column, .. } | Filter::In { column, .. } => column,
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
        Err(order(format!(
            "table {} has no column {column}",
            table.name
        )))
    }
}

fn order(problem: String) -> DeliveryError {
    DeliveryError::Order { problem }
}
