use super::{
    ImportError,
    exchange_file::read_exchange,
    file::LocalFile,
    here::Here,
    intake::{Intake, Tools},
    list_file::ListOrder,
    lists::{fields_of, read_list, read_open_repair},
};
use crate::{
    SubscriptionId,
    catalog::{self, Table},
    checks::Home,
    control::{Import, ImportFormat},
    progress::Progress,
    services::Services,
    sheets::{CustomField, Mapping, MappingGuess, SheetFormat},
};

/// Beside the guessed mapping, what the headers did not tell.
const QUESTIONS: &str = "questions";

/// Begins to read an import's file, whatever its format.
pub(super) async fn begin(
    services: &Services,
    import: &Import,
    file: LocalFile,
    tools: Tools,
) -> Result<Intake, ImportError> {
    Ok(match import.format {
        ImportFormat::Exchange => Intake::begin(move |out| read_exchange(&file, &tools, out)),
        ImportFormat::Ords => {
            let zone = zone_of(services, &import.subscription_id).await?;
            let subscription = import.subscription_id.clone();
            Intake::begin(move |out| read_open_repair(&file, zone, &subscription, &tools, out))
        }
        ImportFormat::Csv | ImportFormat::Xlsx => {
            let order = list_order(services, import).await?;
            Intake::begin(move |out| read_list(&file, &order, &tools, out))
        }
    })
}

/// Keeps which column of a list is which, as far as its headers tell, for whoever looks at the import.
pub(super) async fn keep_guess(
    services: &Services,
    import: &Import,
    file: &LocalFile,
) -> Result<(), ImportError> {
    if !matches!(import.format, ImportFormat::Csv | ImportFormat::Xlsx) {
        return Ok(());
    }
    let order = list_order(services, import).await?;
    let tools = tools(services, &import.subscription_id).await?;
    let path = file.path().to_owned();
    let guess = tokio::task::spawn_blocking(move || -> Result<MappingGuess, ImportError> {
        let fields = fields_of(&tools, &order.table)?;
        Ok(order.open(&path, &tools)?.guess(&order.table, &fields))
    });
    let MappingGuess { mapping, questions } = guess.await.map_err(|_| ImportError::Stopped)??;
    let mut guess = serde_json::to_value(mapping).map_err(ImportError::Checkpoint)?;
    let questions = serde_json::to_value(questions).map_err(ImportError::Checkpoint)?;
    if let Some(guess) = guess.as_object_mut() {
        guess.insert(QUESTIONS.to_owned(), questions);
    }
    let mut tx = services.control.begin().await?;
    let mut imports = tx.imports(&import.subscription_id);
    imports.guessed(&import.id, &guess).await?;
    tx.commit().await?;
    Ok(())
}

/// How the columns of a list are mapped: as somebody said, as far as they did, and as its headers told once it was read.
pub fn mapping(import: &Import) -> Option<Mapping> {
    let guess = import.guess.clone();
    let guess: Option<Mapping> = guess.and_then(|guess| serde_json::from_value(guess).ok());
    match (mapping_of(&import.mapping).ok()?, guess) {
        (Some(stated), Some(guess)) => Some(stated.completed(&guess)),
        (stated, guess) => stated.or(guess),
    }
}

/// What the headers of a list did not tell, as JSON objects with a `kind`; nothing where somebody said how its columns
/// are mapped.
pub fn questions(import: &Import) -> Option<&serde_json::Value> {
    let stated = mapping_of(&import.mapping).ok()?;
    let open = stated.is_none_or(|mapping| mapping.columns.is_empty());
    import.guess.as_ref()?.get(QUESTIONS).filter(|_| open)
}

/// The custom fields that lists of a table can have columns for.
pub async fn list_fields(
    services: &Services,
    subscription: &SubscriptionId,
    table: &'static Table,
) -> Result<Vec<CustomField>, ImportError> {
    let tools = tools(services, subscription).await?;
    let fields = tokio::task::spawn_blocking(move || fields_of(&tools, table));
    fields.await.map_err(|_| ImportError::Stopped)?
}

/// What reading a file for a subscription needs; nothing is merged, and nobody watches.
pub(super) async fn tools(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Tools, ImportError> {
    let business = services.control.subscription(subscription).await?;
    Ok(Tools {
        here: Here::new(services.warehouses.open(subscription)),
        home: Home::of(&business.country),
        cipher: services.keys.fields.clone(),
        folder: services.settings.work_dir.clone(),
        merge: false,
        before: None,
        progress: Progress::default(),
    })
}

async fn list_order(services: &Services, import: &Import) -> Result<ListOrder, ImportError> {
    let format = match import.format {
        ImportFormat::Csv => SheetFormat::Csv,
        ImportFormat::Xlsx => SheetFormat::Xlsx,
        ImportFormat::Exchange | ImportFormat::Ords => {
            return Err(ImportError::order(
                "mapping",
                "only lists have a column mapping",
            ));
        }
    };
    let table = import.table_name.as_deref().and_then(catalog::table);
    Ok(ListOrder {
        format,
        table: table.ok_or_else(ImportError::list_needs_table)?.clone(),
        mapping: mapping_of(&import.mapping)?,
        zone: zone_of(services, &import.subscription_id).await?,
        subscription: import.subscription_id.clone(),
    })
}

/// The mapping that somebody chose; `None` where it is to be guessed.
pub(super) fn mapping_of(mapping: &serde_json::Value) -> Result<Option<Mapping>, ImportError> {
    let chosen = mapping
        .as_object()
        .is_some_and(|mapping| !mapping.is_empty());
    if !chosen {
        return Ok(None);
    }
    serde_json::from_value(mapping.clone())
        .map(Some)
        .map_err(|_| ImportError::order("mapping", "it cannot be read"))
}

async fn zone_of(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<chrono_tz::Tz, ImportError> {
    let subscription = services.control.subscription(subscription).await?;
    Ok(subscription.time_zone.parse().unwrap_or(chrono_tz::UTC))
}
