//! What is compared of each kind, and what the vendor's truth says of it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use wynos::control::ReportKind;

use super::{Form, Rows, table_name};
use crate::pull::Bed;

/// How values of a field are brought to words that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// The id of something; 0 is none.
    Id,
    Number,
    Text,
    /// A time; in JSON it stands as the vendor wrote it, and is not compared.
    Time,
}

/// A field: its path in the vendor's record, its column in the truth, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub path: &'static str,
    pub truth: &'static str,
    pub is: Is,
}

const fn field(path: &'static str, truth: &'static str, is: Is) -> Field {
    Field { path, truth, is }
}

const DOCUMENTS: [Field; 6] = [
    field("type_id", "type_id", Is::Id),
    field("type.title", "type_title", Is::Text),
    field("number", "number", Is::Number),
    field("storage_id", "storage_id", Is::Id),
    field("comment", "comment", Is::Text),
    field("create_date", "create_date", Is::Time),
];

const GOODS: [Field; 5] = [
    field("amount", "amount", Is::Number),
    field("cost", "cost", Is::Number),
    field("good.id", "good_id", Is::Id),
    field("document_id", "document_id", Is::Id),
    field("comment", "comment", Is::Text),
];

const MONEY: [Field; 6] = [
    field("amount", "amount", Is::Number),
    field("expense.id", "expense_id", Is::Id),
    field("expense.title", "expense_title", Is::Text),
    field("account.id", "account_id", Is::Id),
    field("record_id", "record_id", Is::Id),
    field("date", "date", Is::Time),
];

const CATEGORIES: [Field; 3] = [
    field("title", "title", Is::Text),
    field("color", "color", Is::Text),
    field("icon", "icon", Is::Text),
];

const SERVICES: [Field; 5] = [
    field("title", "title", Is::Text),
    field("category_id", "category_id", Is::Id),
    field("duration", "duration", Is::Number),
    field("price_min", "price_min", Is::Number),
    field("price_max", "price_max", Is::Number),
];

/// Fields of the records of a kind.
pub(super) const fn fields(kind: ReportKind) -> &'static [Field] {
    match kind {
        ReportKind::Documents => &DOCUMENTS,
        // Its records are appointments: what is compared of them are their lines.
        ReportKind::Consumables => &[],
        ReportKind::GoodsTransactions => &GOODS,
        ReportKind::FinanceTransactions => &MONEY,
        ReportKind::RecordCategories => &CATEGORIES,
        ReportKind::Services => &SERVICES,
    }
}

/// Fields of what was used up at an appointment.
pub(super) const LINE: [Field; 5] = [
    field("id", "goods_transaction_id", Is::Id),
    field("good_id", "good_id", Is::Id),
    field("amount", "amount", Is::Number),
    field("cost", "cost", Is::Number),
    field("document_id", "document_id", Is::Id),
];

/// The table of lines in the description of consumables.
pub(super) const LINES: &str = "mine_lines";

/// A description of tables with these fields: one of the records and, of consumables, one of their lines.
pub(super) fn description(kind: ReportKind) -> String {
    let columns = |fields: &[Field]| -> String {
        let column = |field: &Field| {
            let (name, ty) = (column(field.path), ty(field.is));
            format!(
                "      - {{ name: {name}, path: {}, type: {ty} }}\n",
                field.path
            )
        };
        fields.iter().map(column).collect()
    };
    let name = table_name(kind, Form::Described);
    let mut yaml = format!(
        "tables:\n  - name: {name}\n    columns:\n      - {{ name: id, path: id, type: integer, key: true }}\n{}",
        columns(fields(kind))
    );
    if kind == ReportKind::Consumables {
        yaml.push_str(&format!(
            "  - name: {LINES}\n    parent: {name}\n    rows: consumables[]\n    columns:\n      \
             - {{ name: line, path: $line, type: integer, key: true }}\n{}",
            columns(&LINE)
        ));
    }
    yaml
}

/// The column that a path becomes.
pub(super) fn column(path: &str) -> String {
    path.replace('.', "_")
}

const fn ty(is: Is) -> &'static str {
    match is {
        Is::Id => "integer",
        Is::Number => "decimal(6)",
        Is::Text => "text",
        Is::Time => "timestamp",
    }
}

/// A value of a JSON record in words.
pub(super) fn words(is: Is, value: Option<&Json>) -> String {
    let text = match value {
        None | Some(Json::Null | Json::Array(_) | Json::Object(_)) => return String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    said(is, text)
}

/// Words of the same value, however it was written.
pub(super) fn said(is: Is, text: String) -> String {
    match is {
        Is::Text => text,
        Is::Time => match chrono::DateTime::parse_from_rfc3339(&text) {
            Ok(at) => at.to_utc().to_string(),
            Err(_) => text,
        },
        Is::Id | Is::Number => match text.parse::<Decimal>() {
            Ok(number) if number.is_zero() && is == Is::Id => String::new(),
            Ok(number) => number.normalize().to_string(),
            Err(_) => text,
        },
    }
}

impl Bed {
    /// Every living row of a table's truth.
    pub(super) async fn truth(&self, table: &str) -> Vec<Map<String, Json>> {
        let url = format!("{}/sandbox/truth/{table}", self.sandbox.control_url);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        let rows = text
            .lines()
            .map(|line| serde_json::from_str::<Map<String, Json>>(line).unwrap());
        rows.filter(|row| row["_deleted"] == false).collect()
    }

    /// What a report of this kind has to hold.
    pub(super) async fn expected(&self, kind: ReportKind) -> Rows {
        let table = match kind {
            ReportKind::Documents => "yclients_documents",
            ReportKind::Consumables => "yclients_record_consumables",
            ReportKind::GoodsTransactions => "yclients_goods_transactions",
            ReportKind::FinanceTransactions => "yclients_finance_transactions",
            ReportKind::RecordCategories => "yclients_labels",
            ReportKind::Services => "yclients_services",
        };
        let (fields, key): (&[Field], &[&str]) = match kind {
            ReportKind::Consumables => (&LINE, &["record_id", "line"]),
            _ => (fields(kind), &["id"]),
        };
        let named = match kind {
            ReportKind::Documents => Some(self.documents_named().await),
            _ => None,
        };
        let rows = self.truth(table).await;
        let is_named = |row: &&Map<String, Json>| {
            let id = row.get("id").and_then(Json::as_i64);
            named
                .as_ref()
                .is_none_or(|named| id.is_some_and(|id| named.contains(&id)))
        };
        rows.iter()
            .filter(is_named)
            .map(|row| {
                let key: Vec<String> = key.iter().map(|part| row[*part].to_string()).collect();
                let values = fields
                    .iter()
                    .map(|field| words(field.is, row.get(field.truth)));
                (key.join("/"), values.collect())
            })
            .collect()
    }

    /// There is no list of documents: a report has those that something speaks of.
    async fn documents_named(&self) -> BTreeSet<i64> {
        let mut named = BTreeSet::new();
        for table in [
            "yclients_goods_transactions",
            "yclients_finance_transactions",
        ] {
            let rows = self.truth(table).await;
            named.extend(rows.iter().filter_map(|row| row["document_id"].as_i64()));
        }
        let documents = self.truth("yclients_documents").await;
        let of_records = documents.iter().filter(|row| !row["record_id"].is_null());
        named.extend(of_records.filter_map(|row| row["id"].as_i64()));
        named
    }
}
