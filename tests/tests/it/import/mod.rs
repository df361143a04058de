//! Files on their way in, on both databases: validated, compared, merged, applied, broken off, undone.

mod crashes;
mod files;
mod lists;
mod lost;
mod merging;
mod redelivery;
mod references;
mod three_way;
mod undo;
mod workers;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::TimeDelta;
use futures::TryStreamExt;
use tempfile::TempDir;
use wynos::{
    SubscriptionId,
    catalog::{self, Locale},
    control::{Actor, Import, ImportFormat, ImportStatus, NewSubscription, Plan},
    import::{self, ConflictPolicy, Counts, FileSource, Finding, ImportOrder, Phase, TableCounts},
    ports::Clock,
    services::Services,
    warehouse::{Admit, Filter, Load, Rows, Rule, Scan, Value, ValueRef, Write},
};
use wynos_tests::postgres::{DatabaseUrl, fresh_database};

use crate::assembled::assembled;

/// A system in a folder of its own, without any subscription, and a clock that moves when it is told to.
struct Bed {
    services: Services,
    folder: TempDir,
    _database: Option<DatabaseUrl>,
}

/// One on SQLite, one on PostgreSQL.
async fn beds() -> [Bed; 2] {
    [
        bed(None).await,
        bed(Some(fresh_database().await.unwrap())).await,
    ]
}

async fn bed(database: Option<DatabaseUrl>) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    Bed {
        services: assembled(folder.path(), database.as_ref(), clock).await,
        folder,
        _database: database,
    }
}

/// A row as columns with their values.
type Fields<'a> = [(&'a str, Value)];

impl Bed {
    async fn subscription(&self) -> SubscriptionId {
        let new = NewSubscription {
            name: "Serwis".to_owned(),
            plan: Plan::Standard,
            locale: Locale::Pl,
            time_zone: "Europe/Warsaw".to_owned(),
            country: "PL".to_owned(),
            currency: "PLN".to_owned(),
            placement: "default".to_owned(),
        };
        let mut tx = self.services.control.begin().await.unwrap();
        let made = tx.create_subscription(&new, self.services.clock.now());
        let id = made.await.unwrap().id;
        tx.commit().await.unwrap();
        id
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Moves the clock on, so that what is done before and after can be told apart.
    fn later(&self) {
        self.services.clock.advance(TimeDelta::minutes(1));
    }

    async fn begun(&self, shop: &SubscriptionId, order: ImportOrder) -> Import {
        self.later();
        let (import, _) = import::begin(&self.services, shop, order).await.unwrap();
        import
    }

    async fn validated(&self, shop: &SubscriptionId, order: ImportOrder) -> Import {
        let import = self.begun(shop, order).await;
        import::noted(&self.services, shop, &import.id, None)
            .await
            .unwrap();
        let import = import::validate(&self.services, shop, &import.id)
            .await
            .unwrap();
        assert_eq!(import.failure_code, None, "{:?}", import.failure_details);
        import
    }

    /// An import that came to its end, and that did what its preview said.
    async fn applied(&self, shop: &SubscriptionId, order: ImportOrder) -> Import {
        let previewed = self.validated(shop, order).await;
        self.later();
        let import = import::apply(&self.services, shop, &previewed.id)
            .await
            .unwrap();
        assert_eq!(
            import.status,
            ImportStatus::Applied,
            "{:?}",
            import.failure_details
        );
        assert_eq!(counts(&import).tables, counts(&previewed).tables);
        import
    }

    async fn findings(&self, import: &Import, phase: Phase) -> Vec<Finding> {
        let shop = &import.subscription_id;
        let found = import::findings(&self.services, shop, &import.id, phase, 0, 10_000);
        let found = found.await.unwrap();
        found.into_iter().map(|(_, finding)| finding).collect()
    }

    /// What is found in the rows of which ids.
    async fn codes(&self, import: &Import, phase: Phase) -> Vec<(String, String)> {
        let found = self.findings(import, phase).await;
        found
            .into_iter()
            .map(|finding| {
                (
                    finding.row_id.unwrap_or_default(),
                    finding.code.into_owned(),
                )
            })
            .collect()
    }

    /// What a person enters or changes in one row.
    async fn change(&self, shop: &SubscriptionId, table: &str, fields: &Fields<'_>) {
        self.later();
        let values: Vec<Value> = fields.iter().map(|(_, value)| value.clone()).collect();
        let mut rows = Rows::new(fields.len());
        rows.push_values(&values);
        let admit = Admit {
            table: catalog::table(table).unwrap().clone(),
            source_id: catalog::repair_shop::LOCAL_SOURCE.to_owned(),
            columns: fields.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        let load = Load {
            origin: "api",
            run: "test".to_owned(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::Admit(admit)],
            quota: None,
        };
        self.services
            .warehouses
            .open(shop)
            .commit(load)
            .await
            .unwrap();
    }

    /// A person deletes a row.
    async fn delete(&self, shop: &SubscriptionId, table: &str, id: &str) {
        let now = self.services.clock.now();
        let fields = [("id", Value::from(id)), ("_deleted_at", Value::from(now))];
        self.change(shop, table, &fields).await;
    }

    async fn scan(&self, shop: &SubscriptionId, scan: Scan) -> Vec<Vec<Value>> {
        let warehouse = self.services.warehouses.open(shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        let batches: Vec<Rows> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let mut values = Vec::new();
        for rows in &batches {
            for row in rows.iter() {
                values.push(row.values().map(ValueRef::to_owned).collect());
            }
        }
        values
    }

    /// The text in one place; `None` where the row or the value is absent.
    async fn text(
        &self,
        shop: &SubscriptionId,
        table: &str,
        id: &str,
        column: &str,
    ) -> Option<String> {
        let scan = Scan::of(catalog::table(table).unwrap())
            .columns([column])
            .filter(Filter::equal("id", id));
        let rows = self.scan(shop, scan).await;
        rows.first()?.first()?.as_ref().as_str().map(str::to_owned)
    }

    async fn count(&self, shop: &SubscriptionId, table: &Arc<catalog::Table>) -> u64 {
        let warehouse = self.services.warehouses.open(shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        snapshot.count(table, &Filter::All).await.unwrap()
    }

    /// Every declared value of every living row, table by table.
    async fn contents(&self, shop: &SubscriptionId) -> Vec<String> {
        let mut lines = Vec::new();
        for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
            let rows = self.scan(shop, Scan::of(table)).await;
            lines.extend(rows.iter().map(|row| format!("{}: {row:?}", table.name)));
        }
        lines
    }
}

fn order(path: &Path, format: ImportFormat) -> ImportOrder {
    ImportOrder {
        created_by: Actor::CommandLine,
        file_name: "file".to_owned(),
        format,
        table: None,
        mapping: None,
        merge: false,
        conflict: ConflictPolicy::KeepOurs,
        file: FileSource::Disk(path.to_owned()),
        idempotency_key: None,
    }
}

fn xml(path: &Path) -> ImportOrder {
    order(path, ImportFormat::Exchange)
}

fn counts(import: &Import) -> Counts {
    serde_json::from_value(import.counts.clone()).unwrap()
}

fn table_counts(import: &Import, table: &str) -> TableCounts {
    counts(import)
        .tables
        .get(table)
        .copied()
        .unwrap_or_default()
}
