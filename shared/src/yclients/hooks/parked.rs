use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use wynos_base::exact;

use crate::{
    SourceId,
    warehouse::{Filter, Rows, Value, Write, internal},
    yclients::decode::scrub,
};

/// Bytes of a digest that tell one kept thing from another.
const DIGEST: usize = 12;

/// Something of a webhook that cannot become a row, kept aside with the reason.
#[derive(Debug)]
pub(super) struct Aside {
    pub source: SourceId,
    /// The vendor's word for what it speaks of, or what we call it.
    pub table: String,
    /// Why; the list of parked records says it in words.
    pub reason: &'static str,
    /// What is kept; without passport data.
    pub body: Json,
    /// What it replaces: the latest of one entity is kept. Where there is none, equal things are kept once.
    pub entity: Option<String>,
    pub at: DateTime<Utc>,
}

impl Aside {
    fn id(&self) -> String {
        let (source, table, reason) = (&self.source, &self.table, self.reason);
        let told_apart = self.entity.clone().unwrap_or_else(|| {
            let digest = Sha256::digest(exact::to_string(&self.body));
            HEXLOWER.encode(digest.get(..DIGEST).unwrap_or_default())
        });
        format!("webhook:{source}:{reason}:{table}:{told_apart}")
    }
}

/// The writes that keep these aside, the last of each.
pub(super) fn writes(asides: Vec<Aside>) -> Vec<Write> {
    let table = internal::parked();
    let mut rows = Rows::new(table.columns.len());
    let mut ids = BTreeSet::new();
    for mut aside in asides.into_iter().rev() {
        scrub(&mut aside.body);
        let id = aside.id();
        if !ids.insert(id.clone()) {
            continue;
        }
        rows.push_values(&[
            id.into(),
            aside.table.as_str().into(),
            aside.source.as_str().into(),
            format!("webhook.{}", aside.reason).as_str().into(),
            Value::Json(exact::to_string(&aside.body)),
            aside.at.into(),
        ]);
    }
    let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    // At most 1,000 values are compared at once.
    let mut writes: Vec<Write> = ids
        .chunks(500)
        .map(|ids| Write::Remove {
            table: table.clone(),
            filter: Filter::In {
                column: "id".to_owned(),
                values: ids.to_vec(),
            },
            limit: None,
        })
        .collect();
    writes.push(Write::Insert {
        table: table.clone(),
        rows,
    });
    writes
}
