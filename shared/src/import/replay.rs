use std::{collections::BTreeMap, sync::Arc};

use data_encoding::HEXLOWER;
use futures::StreamExt;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{
    ConflictPolicy, ImportError,
    admits::{Admission, remembered},
    apply::ORIGIN,
    finding::{At, Finding, Severity},
    intake::{About, Tools},
    park::{Body, PREFIX},
    portion::{Batch, Portion},
    source,
    steps::{event_id, event_of_first},
    validate::weigh,
};
use crate::{
    SubscriptionId, access,
    catalog::{self, Column, Storage, Table, TableGroup},
    control::{Actor, ControlError, Import, ImportId, ImportStatus},
    journal::{self, Category},
    services::Services,
    warehouse::{Filter, Load, Outcome, Rows, Scan, Value, Warehouse, Write, internal},
};

/// What became of a row that was kept aside and tried again.
#[derive(Debug)]
pub enum Replayed {
    /// It came in.
    Done,
    /// It is still kept aside, for these reasons.
    Refused(Vec<Finding>),
}

/// A row that an import kept aside.
struct Kept {
    id: String,
    table: Arc<Table>,
    body: Body,
    import: Import,
}

/// Tries a row again that an import kept aside, as it was or with other values for some of its columns, given as text: an
/// empty one leaves the column out. It comes in as part of its import, so that undoing that takes it back too. `None` when
/// no import that was written keeps a row of this id.
pub async fn replay(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
    corrections: &BTreeMap<String, String>,
    by: &Actor,
) -> Result<Option<Replayed>, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let Some(kept) = kept(services, subscription, &warehouse, id).await? else {
        return Ok(None);
    };
    let batch = match kept.batch(subscription, corrections) {
        Ok(batch) => batch,
        Err(findings) => return Ok(Some(Replayed::Refused(findings))),
    };
    let tools = Tools {
        merge: kept.import.merge,
        ..source::tools(services, subscription).await?
    };
    let judged = tokio::task::spawn_blocking(move || tools.assay_list()?.take(batch));
    let portion = judged.await.map_err(|_| ImportError::Stopped)??;
    if !portion.rejected.is_empty() {
        return Ok(Some(Replayed::Refused(errors_of(portion.findings))));
    }
    kept.write(services, &warehouse, portion, by)
        .await
        .map(Some)
}

/// The row of this id, where an import keeps it that was written.
async fn kept(
    services: &Services,
    subscription: &SubscriptionId,
    warehouse: &Warehouse,
    id: &str,
) -> Result<Option<Kept>, ImportError> {
    let import = id
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once(':'));
    let Some(import) = import.and_then(|(import, _)| import.parse::<ImportId>().ok()) else {
        return Ok(None);
    };
    let import = match services.control.imports(subscription).get(&import).await {
        Ok(import) if import.status == ImportStatus::Applied => import,
        Ok(_) | Err(ControlError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let scan = Scan::of(internal::parked())
        .columns(["table", "body"])
        .filter(Filter::equal("id", id));
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    while let Some(rows) = batches.next().await {
        let rows = rows?;
        let Some(row) = rows.get(0) else { continue };
        let table = row.get(0).as_str().and_then(catalog::table);
        let body = row.get(1).as_str().unwrap_or_default();
        let body: Body = serde_json::from_str(body).map_err(ImportError::Checkpoint)?;
        let table = table.filter(|table| table.group == TableGroup::RepairShop);
        return Ok(table.map(|table| Kept {
            id: id.to_owned(),
            table: Arc::clone(table),
            body,
            import,
        }));
    }
    Ok(None)
}

impl Kept {
    /// The row with its corrections, or what is still wrong with it.
    fn batch(
        &self,
        subscription: &SubscriptionId,
        corrections: &BTreeMap<String, String>,
    ) -> Result<Batch, Vec<Finding>> {
        let mut findings = Vec::new();
        if self.body.unread {
            for fault in &self.body.problems {
                let Some(field) = &fault.field else { continue };
                let column = field.split('/').next().unwrap_or(field);
                if !corrections.contains_key(column) {
                    let found = self.finding("not_corrected", field);
                    findings.push(found.expected(&fault.expected).found(&fault.found));
                }
            }
        }
        let mut said = self.body.values.clone();
        for name in corrections.keys() {
            // A row that was named is now given by its id.
            said.retain(|key, _| key != name && key.split('.').next() != Some(name));
        }
        let mut values: BTreeMap<&str, Value> = BTreeMap::new();
        let corrected = corrections.iter().filter(|(_, text)| !text.is_empty());
        let corrected = corrected.map(|(name, text)| (name, Json::from(text.as_str())));
        for (name, json) in said
            .iter()
            .map(|(name, json)| (name, json.clone()))
            .chain(corrected)
        {
            let column = self.table.column(name);
            match column.and_then(|column| Some((column, read(column, &json)?))) {
                Some((column, value)) => {
                    values.insert(&column.name, value);
                }
                None => {
                    let found = json
                        .as_str()
                        .map_or_else(|| json.to_string(), str::to_owned);
                    findings.push(self.finding("not_corrected", name).found(&found));
                }
            }
        }
        values
            .entry("id")
            .or_insert_with(|| derived_id(subscription, &self.id).into());
        let required = self.table.columns.iter().filter(|column| column.required);
        for column in required.filter(|column| !values.contains_key(&*column.name)) {
            if !findings
                .iter()
                .any(|finding| finding.field.as_deref() == Some(&*column.name))
            {
                findings.push(self.finding("missing", &column.name));
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let mut rows = Rows::new(values.len());
        rows.push_row(values.values().map(Value::as_ref));
        Ok(Batch {
            table: Arc::clone(&self.table),
            columns: values.keys().map(|name| (*name).to_owned()).collect(),
            rows,
            lines: self.body.line.into_iter().collect(),
        })
    }

    fn finding(&self, code: &'static str, field: &str) -> Finding {
        let at = At {
            id: self.body.values.get("id").and_then(Json::as_str),
            line: self.body.line,
        };
        Finding::of(Severity::Error, code, &self.table.name, &at).field(field)
    }

    async fn write(
        &self,
        services: &Services,
        warehouse: &Warehouse,
        mut portion: Portion,
        by: &Actor,
    ) -> Result<Replayed, ImportError> {
        let now = services.clock.now();
        let import = Import {
            created_by: by.clone(),
            ..self.import.clone()
        };
        let event = format!("{}:{}", event_id(&import.id, "replay"), self.id);
        let mut admission = Admission::new(
            &About::default(),
            &import.subscription_id,
            ConflictPolicy::KeepOurs,
        );
        admission.undo = Some(import.id.to_string());
        admission.event = Some(event.clone());
        let mut writes = remembered(&portion, import.id.as_str());
        let lines = std::mem::take(&mut portion.lines);
        if let Some(admit) = admission.own_rows(&mut portion) {
            let (admit, outcomes, conflicts) = weigh(warehouse, admit, &lines, now).await?;
            if outcomes.contains(&Outcome::Conflict) {
                return Ok(Replayed::Refused(conflicts));
            }
            writes.push(Write::Admit(admit));
        }
        writes.extend(
            admission
                .fillings(&mut portion)
                .into_iter()
                .map(Write::Admit),
        );
        let mut logged = false;
        let told = event_of_first(&mut logged, &writes, &import, &event, ORIGIN, now);
        writes.extend(told);
        writes.push(Write::Remove {
            table: internal::parked().clone(),
            filter: Filter::equal("id", self.id.as_str()),
            limit: None,
        });
        let details =
            json!({ "table": self.table.name, "import": import.id, "file": import.file_name });
        let mut entry = access::entry("parked.replayed", details, by, now);
        entry.category = Category::Import;
        writes.push(journal::emit(&entry).map_err(ImportError::Checkpoint)?);
        let load = Load {
            origin: ORIGIN,
            run: import.id.to_string(),
            observed_at: now,
            writes,
            quota: None,
        };
        warehouse.commit(load).await?;
        Ok(Replayed::Done)
    }
}

fn errors_of(findings: Vec<Finding>) -> Vec<Finding> {
    let errors = findings.into_iter();
    errors
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

/// A value as it is kept aside, or as somebody gives it.
fn read(column: &Column, json: &Json) -> Option<Value> {
    match (column.ty.storage(), json) {
        (Storage::Json, Json::Object(_) | Json::Array(_)) => Some(Value::Json(json.to_string())),
        (Storage::Boolean, Json::Bool(flag)) => Some(Value::Boolean(*flag)),
        (Storage::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (_, Json::String(text)) => Value::from_text(column, text),
        _ => None,
    }
}

/// The id of a row whose file gave it none: the same at every attempt.
fn derived_id(subscription: &SubscriptionId, parked: &str) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(parked));
    let short: String = digest.chars().take(20).collect();
    format!("{subscription}:{short}")
}
