use chrono::TimeDelta;

use super::{ImportError, checkpoint, steps::state_key, tables::problems, undo::UNDO};
use crate::{
    catalog::Table,
    control::{ControlError, ImportId, ImportStatus, Retention, Unneeded},
    services::Services,
    warehouse::{Filter, Load, Operator, Scan, Warehouse, Write, internal},
};

/// How long an uploaded file and what the warehouse keeps of an import stay, counted from when it last came further: the
/// file for a day where nobody needs it any more and for two weeks where somebody could still go on with it; findings, rows
/// kept aside and what undoing needs for 90 days.
pub const RETENTION: Retention = Retention {
    settled_file: TimeDelta::days(1),
    open_file: TimeDelta::days(14),
    rows: TimeDelta::days(90),
};

/// Imports looked at in one page.
const PAGE: usize = 100;

/// Rows removed in one commit.
const ROWS: u64 = 5_000;

/// Removes uploaded files and what warehouses keep of imports when their time of [`RETENTION`] is over; how many of either.
/// What waits for a decision is given up with its file. Safe to repeat and to run by several workers at once.
pub async fn sweep(services: &Services) -> Result<(u64, u64), ImportError> {
    let house = services.control.housekeeping();
    let now = services.clock.now();
    let (mut files, mut imports) = (0, 0);
    loop {
        let due = house.unneeded_uploads(&RETENTION, now, PAGE).await?;
        for upload in &due {
            remove_file(services, upload).await?;
            files += 1;
        }
        if due.len() < PAGE {
            break;
        }
    }
    loop {
        let due = house.unneeded_rows(&RETENTION, now, PAGE).await?;
        for import in &due {
            remove_rows(services, import).await?;
            imports += 1;
        }
        if due.len() < PAGE {
            return Ok((files, imports));
        }
    }
}

async fn remove_file(services: &Services, upload: &Unneeded) -> Result<(), ImportError> {
    let (subscription, id) = (&upload.subscription, &upload.import);
    let now = services.clock.now();
    if matches!(
        upload.status,
        ImportStatus::Waiting | ImportStatus::Previewed
    ) {
        let mut tx = services.control.begin().await?;
        match tx.imports(subscription).abandon(id, now).await {
            Ok(_) => tx.commit().await?,
            // Somebody went on with it just now.
            Err(ControlError::Transition { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    // The file first: an import whose file is noted as gone is never looked at again.
    services.objects.delete(&upload.object_key).await?;
    let mut tx = services.control.begin().await?;
    tx.imports(subscription).file_removed(id, now).await?;
    Ok(tx.commit().await?)
}

async fn remove_rows(services: &Services, import: &Unneeded) -> Result<(), ImportError> {
    let (subscription, id) = (&import.subscription, &import.import);
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let may = tx.imports(subscription).sweeping(id, now).await?;
    tx.commit().await?;
    if !may {
        return Ok(());
    }
    let sweeping = Sweeping {
        services,
        warehouse: services.warehouses.open(subscription),
        id,
    };
    sweeping.all().await?;
    let mut tx = services.control.begin().await?;
    tx.imports(subscription).swept(id, now).await?;
    Ok(tx.commit().await?)
}

struct Sweeping<'a> {
    services: &'a Services,
    warehouse: Warehouse,
    id: &'a ImportId,
}

impl Sweeping<'_> {
    async fn all(&self) -> Result<(), ImportError> {
        let of_import = || Filter::equal("import", self.id.as_str());
        self.rows(problems(), of_import()).await?;
        self.rows(internal::undo(), of_import()).await?;
        // Ids of rows kept aside are the import's with a number after a colon; `;` comes next after `:`.
        let from = Filter::compare("id", Operator::AtLeast, format!("import:{}:", self.id));
        let to = Filter::compare("id", Operator::Less, format!("import:{};", self.id));
        self.rows(internal::parked(), from.and(to)).await?;
        let mut keys = Vec::new();
        for step in [checkpoint::STEP, UNDO] {
            let key = state_key(self.id, step);
            if self.warehouse.state(&key).await?.is_some() {
                keys.push(Write::PutState { key, value: None });
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        self.commit(keys).await
    }

    /// Removes rows some at a time, so that nobody waits long for the warehouse.
    async fn rows(&self, table: &std::sync::Arc<Table>, filter: Filter) -> Result<(), ImportError> {
        loop {
            if !self.any(table, &filter).await? {
                return Ok(());
            }
            let remove = Write::Remove {
                table: table.clone(),
                filter: filter.clone(),
                limit: Some(ROWS),
            };
            self.commit(vec![remove]).await?;
        }
    }

    async fn any(
        &self,
        table: &std::sync::Arc<Table>,
        filter: &Filter,
    ) -> Result<bool, ImportError> {
        let snapshot = self.warehouse.snapshot().await?;
        let first = Scan::of(table)
            .columns([table.key.first().map_or("id", AsRef::as_ref)])
            .filter(filter.clone())
            .limit(1);
        let mut batches = snapshot.scan(first).await?;
        let mut any = false;
        while let Some(rows) = futures::StreamExt::next(&mut batches).await {
            any |= !rows?.is_empty();
        }
        Ok(any)
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), ImportError> {
        let load = Load {
            origin: "retention",
            run: self.id.to_string(),
            observed_at: self.services.clock.now(),
            writes,
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}
