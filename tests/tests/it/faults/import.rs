use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::{StreamExt, stream};
use wynos::{
    control::{FileFormat, ImportFormat, ImportId, ImportStatus},
    delivery::{self, Order},
    import::{self, Announced, ConflictPolicy, FileSource, ImportOrder},
    services::Services,
};
use wynos_tests::stack::{Database, Stack, State};

use super::Harness;

/// The shop as an exchange file.
async fn exchange_file(stack: &Stack) -> Result<Bytes> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("shop.xml");
    let order = Order::new(stack.shop.clone(), stack.actor(), FileFormat::Xml);
    delivery::build_to(&stack.services(), &order, &path).await?;
    Ok(std::fs::read(path)?.into())
}

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

/// Has the file read and compared, looks at what it would do, and confirms.
async fn validate_and_apply(stack: &Stack, id: &ImportId) -> Result<()> {
    let uploaded =
        async |services: Services| import::uploaded(&services, &stack.other, id, None).await;
    stack.insist("telling of the upload", uploaded).await?;
    stack.drain().await?;
    reach(stack, id, ImportStatus::Previewed).await?;
    let apply = async |services: Services| import::start_apply(&services, &stack.other, id).await;
    stack.insist("confirming", apply).await?;
    stack.drain().await?;
    reach(stack, id, ImportStatus::Applied).await
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
        let file = exchange_file(stack).await?;
        let id = upload(stack, &file).await?;
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
