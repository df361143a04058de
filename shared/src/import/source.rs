use super::{
    ImportError,
    file::LocalFile,
    here::Here,
    intake::{Intake, Tools, read_exchange},
    lists::{ListOrder, fields_of, open, read_list, read_open_repair},
};
use crate::{
    SubscriptionId, catalog,
    control::{Import, ImportFormat, ImportId},
    services::Services,
    sheets::{Mapping, MappingGuess, SheetFormat},
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

/// Which column of an uploaded list is which, as far as its headers tell, and what somebody should look at.
pub async fn guess_mapping(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<MappingGuess, ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    let order = list_order(services, &import).await?;
    let file = LocalFile::of(services, &import).await?;
    let tools = Tools {
        here: Here::new(services.warehouses.open(subscription)),
        cipher: services.keys.fields.clone(),
        folder: services.settings.work_dir.clone(),
        merge: false,
        before: None,
    };
    let guess = tokio::task::spawn_blocking(move || {
        let fields = fields_of(&tools, &order.table)?;
        let sheet = open(
            &file,
            Some(order.format),
            order.zone,
            order.subscription.as_str(),
            &tools,
        )?;
        Ok(sheet.guess(&order.table, &fields))
    });
    guess.await.map_err(|_| ImportError::Stopped)?
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
