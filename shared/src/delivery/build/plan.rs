//! What to read for a file and how to write it.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;

use super::{countries::three_letters, secrets::Secrets, spec::Spec};
use crate::{
    catalog::{self, Column, Table, TableGroup, repair_shop::PASSWORD, system},
    control::FileFormat,
    delivery::DeliveryError,
    exchange::{Header, Profile},
    ports::Cipher,
    progress::Progress,
    sheets::{
        Cards, Convention, CustomField, List,
        ords::{OrdsOrigin, OrdsWriter},
    },
    warehouse::{Filter, Scan, Snapshot, Value, internal},
};

/// The most custom fields a shop can have in a file.
const MAX_FIELDS: u64 = 10_000;

/// The system columns that people can make use of; the others are bookkeeping.
const TOLD: [&str; 5] = [
    system::SOURCE_ID,
    system::RECEIVED_AT,
    system::OBSERVED_AT,
    system::CHANGED_AT,
    system::EXTRA,
];

/// What to read, in this order, and how to write it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parts: Vec<Part>,
    pub(super) recipe: Recipe,
    /// Who watches how many rows are read.
    pub(super) progress: Progress,
}

/// One table or list of a file.
#[derive(Debug)]
pub(super) struct Part {
    /// What its rows are counted under.
    pub(super) name: String,
    pub(super) scan: Scan,
    /// Where in a row the id of the customer is whom it speaks of.
    pub(super) subject: Option<usize>,
    /// The stock cards that follow as rows of the same columns.
    pub(super) cards: Option<Cards>,
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

impl Plan {
    /// The same, watched: rows of all parts.
    pub(super) async fn watched(
        mut self,
        progress: &Progress,
        snapshot: &Snapshot,
    ) -> Result<Self, DeliveryError> {
        if progress.is_watched() {
            let mut rows = 0;
            for part in &self.parts {
                rows += snapshot.count(&part.scan.table, &part.scan.filter).await?;
            }
            progress.expect(rows);
            self.progress = progress.clone();
        }
        Ok(self)
    }

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
            FileFormat::Sqlite => database(spec, snapshot).await,
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
            cards: None,
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
        progress: Progress::default(),
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
        cards: list.cards(),
    };
    let convention = spec.convention();
    let recipe = match spec.format {
        FileFormat::Xlsx => Recipe::Xlsx { list, convention },
        _ => Recipe::Csv { list, convention },
    };
    Ok(Plan {
        parts: vec![part],
        recipe,
        progress: Progress::default(),
    })
}

async fn database(spec: &Spec, snapshot: &Snapshot) -> Result<Plan, DeliveryError> {
    let fields = secret_fields(snapshot).await?;
    let secrets = Secrets::new(fields, None);
    let log = internal::personal_data_log();
    let mut parts = Vec::new();
    let mut tables = Vec::new();
    for table in catalog::tables()
        .iter()
        .filter(|table| table.name != log.name)
        .chain(&spec.reports)
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
            cards: None,
        });
        tables.push((Arc::clone(table), columns));
    }
    Ok(Plan {
        parts,
        recipe: Recipe::Database { tables, secrets },
        progress: Progress::default(),
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
        cards: None,
    };
    Ok(Plan {
        parts: vec![part],
        recipe: Recipe::Ords { origin },
        progress: Progress::default(),
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
