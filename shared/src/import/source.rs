use super::{
    ImportError,
    exchange_file::read_exchange,
    file::LocalFile,
    here::Here,
    intake::{Intake, Tools},
    lists::{ListOrder, fields_of, open, read_list, read_open_repair},
};
use crate::{
    SubscriptionId, catalog,
    control::{Import, ImportFormat},
    services::Services,
    sheets::{Mapping, SheetFormat},
};

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
    let tools = Tools {
        here: Here::new(services.warehouses.open(&import.subscription_id)),
        cipher: services.keys.fields.clone(),
        folder: services.settings.work_dir.clone(),
        merge: false,
        before: None,
    };
    let path = file.path().to_owned();
    let guess = tokio::task::spawn_blocking(move || -> Result<Mapping, ImportError> {
        let fields = fields_of(&tools, &order.table)?;
        let (format, namespace) = (Some(order.format), order.subscription.as_str());
        let sheet = open(&path, format, order.zone, namespace, &tools)?;
        Ok(sheet.guess(&order.table, &fields).mapping)
    });
    let guess = guess.await.map_err(|_| ImportError::Stopped)??;
    let guess = serde_json::to_value(guess).map_err(ImportError::Checkpoint)?;
    let mut tx = services.control.begin().await?;
    let mut imports = tx.imports(&import.subscription_id);
    imports.guessed(&import.id, &guess).await?;
    tx.commit().await?;
    Ok(())
}

async fn list_order(services: &Services, import: &Import) -> Result<ListOrder, ImportError> {
    let format = match import.format {
        ImportFormat::Csv => SheetFormat::Csv,
        ImportFormat::Xlsx => SheetFormat::Xlsx,
        ImportFormat::Exchange | ImportFormat::Ords => {
            return Err(ImportError::Order("only lists have a column mapping"));
        }
    };
    let table = import.table_name.as_deref().and_then(catalog::table);
    Ok(ListOrder {
        format,
        table: table
            .ok_or(ImportError::Order(
                "a list is imported into one of the shop's tables",
            ))?
            .clone(),
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
        .map_err(|_| ImportError::Order("the column mapping cannot be read"))
}

async fn zone_of(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<chrono_tz::Tz, ImportError> {
    let subscription = services.control.subscription(subscription).await?;
    Ok(subscription.time_zone.parse().unwrap_or(chrono_tz::UTC))
}
