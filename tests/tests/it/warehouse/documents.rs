//! Documents of the vendor: what other rows tell of them in passing, and their details.

use serde_json::{Value as Json, json};
use wynos::{
    catalog,
    warehouse::{Admit, Rule, Scan, Value, Warehouse},
    yclients::{
        decode::{Body, Branch, Context},
        streams::stream,
    },
};

use super::{hour, on_both, places::Place};

const DOCUMENTS: &str = "yclients_documents";

/// What a body tells of documents, taken as a pull would.
async fn told(warehouse: &Warehouse, table: &str, body: Json, at: u32) {
    let source = format!("{}-a1b2c3d4", warehouse.subscription());
    let branch = Branch {
        source_id: source.parse().unwrap(),
        company_id: 4564,
        time_zone: chrono_tz::Europe::Moscow,
    };
    let context = Context {
        branch: &branch,
        observed_at: hour(at),
        categories: None,
    };
    let decoded = stream(table).unwrap().decode(&context, &[body], Body::Full);
    for decoded in decoded {
        if decoded.table.name != DOCUMENTS {
            continue;
        }
        let rule = match decoded.in_passing {
            true => Rule::Passing { ordered: false },
            false => Rule::Asked,
        };
        let admit = Admit {
            source_id: source.clone(),
            columns: decoded.columns,
            rows: decoded.rows,
            ..super::admit(&decoded.table, rule, [""; 0], &[[]; 0])
        };
        super::commit(warehouse, hour(at), admit).await;
    }
}

async fn held(warehouse: &Warehouse) -> Vec<Vec<Value>> {
    let columns = ["number", "comment", "record_id", "_partial"];
    let table = catalog::table(DOCUMENTS).unwrap();
    super::read(warehouse, Scan::of(table).columns(columns)).await
}

/// Documents, and whether their receipts are known to be printed.
async fn printed(warehouse: &Warehouse) -> Vec<Vec<Value>> {
    let table = catalog::table(DOCUMENTS).unwrap();
    let scan = Scan::of(table).columns(["id", "is_sale_bill_printed"]);
    super::read(warehouse, scan).await
}

on_both! {
    async fn details_make_a_document_whole_and_its_record_tells_whose_it_is(place: &Place) {
        let warehouse = place.warehouse();
        let movement = json!({"id": 1, "document_id": 77});
        told(&warehouse, "yclients_goods_transactions", movement, 8).await;
        assert_eq!(held(&warehouse).await, [[Value::Null, Value::Null, Value::Null, Value::from(true)]]);
        let details = || json!({"id": 77, "number": 3, "create_date": "2026-05-10 10:00:00"});
        told(&warehouse, DOCUMENTS, details(), 9).await;
        assert_eq!(held(&warehouse).await, [[Value::from(3), Value::Null, Value::Null, Value::Null]]);

        // A record fills what details never tell, and nothing that they told to be empty.
        let record = json!({"id": 5, "documents": [{"id": 77, "record_id": 5, "number": 4, "comment": "x"}]});
        told(&warehouse, "yclients_records", record, 10).await;
        let whole = [[Value::from(3), Value::Null, Value::from(5), Value::Null]];
        assert_eq!(held(&warehouse).await, whole);
        told(&warehouse, DOCUMENTS, details(), 11).await;
        assert_eq!(held(&warehouse).await, whole, "details leave it to the record");
        let another = json!({"id": 6, "documents": [{"id": 77, "record_id": 6}]});
        told(&warehouse, "yclients_records", another, 12).await;
        assert_eq!(held(&warehouse).await, whole, "what is known stays");
    }

    async fn a_receipt_that_was_printed_is_known_in_whatever_order_its_record_is_told(place: &Place) {
        let warehouse = place.warehouse();
        let record = |document: i64, is_printed: bool| {
            let document = json!({"id": document, "record_id": 5, "is_sale_bill_printed": is_printed});
            json!({"id": 5, "documents": [document]})
        };
        // Of the first its details are read, which never tell of it; of the second they are not.
        let details = || json!({"id": 77, "number": 3, "create_date": "2026-05-10 10:00:00"});
        for document in [77, 78] {
            told(&warehouse, "yclients_records", record(document, false), 8).await;
        }
        told(&warehouse, DOCUMENTS, details(), 9).await;
        let both = |flag: bool| [77_i64, 78].map(|id| vec![Value::from(id), Value::from(flag)]);
        assert_eq!(printed(&warehouse).await, both(false));
        for (at, flag) in [(10, true), (7, false), (11, true), (12, false)] {
            for document in [77, 78] {
                told(&warehouse, "yclients_records", record(document, flag), at).await;
            }
            assert_eq!(printed(&warehouse).await, both(true), "{at}");
        }
        told(&warehouse, DOCUMENTS, details(), 13).await;
        assert_eq!(printed(&warehouse).await, both(true), "details leave it to the record");
    }
}
