use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::{StreamExt, stream};
use wynos::{
    control::{ImportFormat, ImportId, ImportStatus},
    exchange::{Header, Passwords, ProfileName, Writer},
    import::{self, Announced, ConflictPolicy, FileSource, ImportOrder},
    services::Services,
    warehouse::{Rows, Value},
};
use wynos_tests::stack::{Database, Stack, State};

use super::Harness;

/// Makes an import and puts the file where it belongs, as a browser does.
async fn upload(stack: &Stack, file: &Bytes) -> Result<ImportId> {
    let order = ImportOrder {
        created_by: stack.actor(),
        file_name: "shop.xml".to_owned(),
        format: ImportFormat::Exchange,
        table: None,
        mapping: None,
        merge: false,
        conflict: ConflictPolicy::KeepOurs,
        file: FileSource::Upload(Announced::default()),
        idempotency_key: Some("import-1".to_owned()),
    };
    let begin =
        async |services: Services| import::begin(&services, &stack.other, order.clone()).await;
    let (import, _) = stack.insist("beginning the import", begin).await?;
    let put = async |services: Services| {
        let pieces: Vec<_> = file
            .chunks(16 * 1024)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        services
            .objects
            .put(&import.object_key, stream::iter(pieces).boxed())
            .await
    };
    stack.insist("uploading", put).await?;
    Ok(import.id)
}

/// Two customers with an address each, as a list of a few lines and as the exchange file of another business.
fn small_file() -> Bytes {
    let origin = "othershop".parse().expect("an id");
    let made_at = chrono::DateTime::from_timestamp(1_760_000_000, 0).unwrap_or_default();
    let header = Header::new(origin, made_at, ProfileName::Full);
    let mut writer = Writer::new(Vec::new(), &header, Passwords::LeaveOut).expect("a writer");
    let rows_of = |name: &str, rows: &[&[(&str, &str)]]| {
        let table = wynos::catalog::table(name).expect("a table");
        let columns: Vec<_> = table.columns.iter().collect();
        let mut all = Rows::new(columns.len());
        for row in rows {
            let value = |column: &str| row.iter().find(|(name, _)| *name == column);
            let values = columns
                .iter()
                .map(|column| value(&column.name).map(|(_, text)| *text));
            all.push_values(&values.map(Value::from).collect::<Vec<_>>());
        }
        all
    };
    let customers: [&[(&str, &str)]; 2] = [
        &[
            ("id", "o:c1"),
            ("type", "PERSONAL"),
            ("person", "Jan Żółć"),
            ("phone", "12"),
        ],
        &[("id", "o:c2"), ("type", "PERSONAL"), ("person", "Ewa")],
    ];
    let addresses: [&[(&str, &str)]; 2] = [
        &[
            ("id", "o:a1"),
            ("customer_id", "o:c1"),
            ("type", "MAIN"),
            ("city", "Łódź"),
        ],
        &[
            ("id", "o:a2"),
            ("customer_id", "o:c9"),
            ("type", "MAIN"),
            ("city", "Łódź"),
        ],
    ];
    for (name, rows) in [("customers", customers), ("customer_addresses", addresses)] {
        writer.section(name).expect("a section");
        writer.rows(&rows_of(name, &rows)).expect("rows");
    }
    writer.finish().expect("a file").0.into()
}

/// Has the file read and compared.
async fn validate(stack: &Stack, id: &ImportId) -> Result<()> {
    let uploaded =
        async |services: Services| import::uploaded(&services, &stack.other, id, None).await;
    stack.insist("telling of the upload", uploaded).await?;
    stack.drain().await?;
    reach(stack, id, ImportStatus::Previewed).await
}

/// Confirms what the preview showed.
async fn apply(stack: &Stack, id: &ImportId) -> Result<()> {
    let apply = async |services: Services| import::start_apply(&services, &stack.other, id).await;
    stack.insist("confirming", apply).await?;
    stack.drain().await?;
    reach(stack, id, ImportStatus::Applied).await
}

/// Upload and preview of a file of a few rows under faults.
async fn previewed(database: Database) {
    let before = async |_: &Stack| Ok(small_file());
    let scenario = async |stack: &Stack, file: &Bytes| {
        let id = upload(stack, file).await?;
        validate(stack, &id).await
    };
    let end = Harness {
        database,
        before,
        scenario,
    }
    .prove()
    .await;
    assert_eq!(end.count("other: import 0 exchange status=previewed"), 1);
    assert_eq!(end.count("other: row of "), 0, "validating wrote rows");
}

/// Writing what was previewed under faults.
async fn applied(database: Database) {
    let before = async |stack: &Stack| {
        let id = upload(stack, &small_file()).await?;
        validate(stack, &id).await?;
        Ok(Arc::new(id))
    };
    let scenario = async |stack: &Stack, id: &Arc<ImportId>| apply(stack, id).await;
    let end = Harness {
        database,
        before,
        scenario,
    }
    .prove()
    .await;
    assert_eq!(end.count("other: import 0 exchange status=applied"), 1);
    assert_eq!(end.count("other: row of customers"), 2);
    assert!(end.has("other: personal data"), "nobody was logged");
}

/// Has the file read and compared, looks at what it would do, and confirms.
async fn validate_and_apply(stack: &Stack, id: &ImportId) -> Result<()> {
    validate(stack, id).await?;
    apply(stack, id).await
}

async fn undo(stack: &Stack, id: &ImportId) -> Result<()> {
    let undo = async |services: Services| import::start_undo(&services, &stack.other, id).await;
    stack.insist("taking back", undo).await?;
    stack.drain().await?;
    reach(stack, id, ImportStatus::Undone).await
}

async fn reach(stack: &Stack, id: &ImportId, status: ImportStatus) -> Result<()> {
    let look = async |services: Services| services.control.imports(&stack.other).get(id).await;
    let import = stack.insist("looking at the import", look).await?;
    ensure!(
        import.status == status,
        "the import is {} ({:?} {:?}) and not {status}",
        import.status,
        import.failure_code,
        import.failure_details
    );
    Ok(())
}

async fn undone(database: Database) -> State {
    let before = async |stack: &Stack| {
        let id = upload(stack, &small_file()).await?;
        validate_and_apply(stack, &id).await?;
        Ok(Arc::new(id))
    };
    let scenario = async |stack: &Stack, id: &Arc<ImportId>| undo(stack, id).await.context("undo");
    let end = Harness {
        database,
        before,
        scenario,
    }
    .prove()
    .await;
    assert_eq!(end.count("other: import 0 exchange status=undone"), 1);
    assert_eq!(end.count("other: row of "), 0, "rows are left");
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_taken_back_once_on_sqlite() {
    undone(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_taken_back_once_on_postgres() {
    undone(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_file_is_previewed_once_on_sqlite() {
    previewed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_file_is_previewed_once_on_postgres() {
    previewed(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previewed_import_is_written_once_on_sqlite() {
    applied(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previewed_import_is_written_once_on_postgres() {
    applied(Database::Postgres).await;
}
