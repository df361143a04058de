//! Warehouses as SQLite files: one writer a file, readers beside it, everything on blocking threads.

mod connection;
mod file;
mod reader;
mod session;
mod space;
mod value;
mod views;

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use futures::executor::block_on;
use serde_json::Value as Json;
use tokio::sync::oneshot;

pub(super) use file::SqliteWarehouses;

use self::{connection::Room, file::File, session::SqliteSession};
use super::{
    Admit, Ahead, Committed, Load, OutboxEntry, Outcome, Person, Snapshot, Sweep, SweptRows, Value,
    WarehouseError, Write, commit, erased, kept, outbox, sweep,
};
use crate::SubscriptionId;

/// One subscription's file.
#[derive(Debug, Clone)]
pub(super) struct SqliteWarehouse {
    all: Arc<SqliteWarehouses>,
    subscription: SubscriptionId,
}

impl SqliteWarehouse {
    pub fn new(all: &Arc<SqliteWarehouses>, subscription: &SubscriptionId) -> Self {
        Self {
            all: Arc::clone(all),
            subscription: subscription.clone(),
        }
    }

    pub async fn commit(&self, load: Load) -> Result<Committed, WarehouseError> {
        let asked = Instant::now();
        let sweeps = load
            .writes
            .iter()
            .any(|write| matches!(write, Write::Sweep(_)));
        let room = if sweeps { Room::Sweeps } else { Room::Loads };
        self.write_in(room, move |session| {
            let waited = asked.elapsed();
            let committed = block_on(commit::commit(session, &load))?;
            Ok(Committed {
                waited,
                ..committed
            })
        })
        .await
    }

    pub async fn weigh(
        &self,
        admit: Admit,
        observed_at: DateTime<Utc>,
    ) -> Result<Vec<Outcome>, WarehouseError> {
        self.read(move |session| block_on(commit::weigh(session, &admit, observed_at)))
            .await
    }

    pub async fn weigh_sweep(&self, sweep: Sweep) -> Result<Vec<SweptRows>, WarehouseError> {
        self.read(move |session| block_on(commit::weigh_sweep(session, &sweep)))
            .await
    }

    pub async fn ahead_of_sweep(
        &self,
        sweep: Sweep,
        after: Option<Vec<Value>>,
        upto: Option<i64>,
        limit: u64,
    ) -> Result<Option<Ahead>, WarehouseError> {
        self.read(move |session| block_on(sweep::ahead(session, &sweep, after, upto, limit)))
            .await
    }

    pub async fn erased(
        &self,
        people: BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, WarehouseError> {
        self.read(move |session| block_on(erased::among(session, people)))
            .await
    }

    pub async fn give_back(&self, pages: u32) -> Result<u64, WarehouseError> {
        let file = self.file();
        if !file.exists()? {
            return Ok(0);
        }
        self.write(move |session| session.give_back(pages)).await
    }

    pub async fn scrub(&self, most_bytes: u64) -> Result<bool, WarehouseError> {
        let file = self.file();
        if !file.exists()? {
            return Ok(true);
        }
        let turn = file.turn().await;
        blocking(move || file.scrub(turn, most_bytes)).await
    }

    pub async fn stored_bytes(&self) -> Result<u64, WarehouseError> {
        self.read(move |session| space::used(session.connection))
            .await
    }

    pub async fn state(&self, key: &str) -> Result<Option<Json>, WarehouseError> {
        let key = key.to_owned();
        self.read(move |session| block_on(kept::get(session, &key)))
            .await
    }

    pub async fn outbox(&self, after: i64, limit: u64) -> Result<Vec<OutboxEntry>, WarehouseError> {
        self.read(move |session| block_on(outbox::after(session, after, limit)))
            .await
    }

    pub async fn forget_outbox(&self, up_to: i64) -> Result<(), WarehouseError> {
        let file = self.file();
        if !file.exists()? {
            return Ok(());
        }
        self.write(move |session| block_on(outbox::forget(session, up_to)))
            .await
    }

    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        let file = self.file();
        let (snapshot, commands) = Snapshot::new();
        let (ready, is_ready) = oneshot::channel();
        tokio::task::spawn_blocking(move || reader::serve(&file, ready, commands));
        is_ready.await.map_err(|_| WarehouseError::Stopped)??;
        Ok(snapshot)
    }

    pub async fn erase(&self) -> Result<(), WarehouseError> {
        let file = self.file();
        let turn = file.turn().await;
        blocking(move || file.erase(turn)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, WarehouseError> + Send + 'static,
    ) -> Result<T, WarehouseError> {
        self.write_in(Room::Loads, work).await
    }

    async fn write_in<T: Send + 'static>(
        &self,
        room: Room,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, WarehouseError> + Send + 'static,
    ) -> Result<T, WarehouseError> {
        let file = self.file();
        // Whoever waits for their turn waits here, and not on a thread.
        let turn = file.turn().await;
        blocking(move || file.write(turn, room, work)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, WarehouseError> + Send + 'static,
    ) -> Result<T, WarehouseError> {
        let file = self.file();
        blocking(move || file.read(work)).await
    }

    fn file(&self) -> Arc<File> {
        self.all.file(&self.subscription)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WarehouseError> + Send + 'static,
) -> Result<T, WarehouseError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| WarehouseError::Stopped)?
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use futures::TryStreamExt;

    use crate::{
        catalog::{self, repair_shop::LOCAL_SOURCE},
        warehouse::{
            Admit, Filter, Load, Outcome, Rows, Rule, Scan, Value, Warehouse, Warehouses, Write,
        },
    };

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn customers(rows: &[(&str, &str)]) -> Load {
        let mut batch = Rows::new(3);
        for (id, person) in rows {
            batch.push_values(&[(*id).into(), "PERSONAL".into(), (*person).into()]);
        }
        Load {
            origin: "import",
            run: "run".to_owned(),
            observed_at: at("2026-05-01T10:00:00Z"),
            writes: vec![Write::Admit(Admit {
                table: Arc::clone(catalog::table("customers").unwrap()),
                source_id: LOCAL_SOURCE.to_owned(),
                columns: ["id", "type", "person"].map(str::to_owned).to_vec(),
                rows: batch,
                rule: Rule::Change,
                undo: None,
                personal_data_event: None,
                children: Vec::new(),
                filter: None,
            })],
            quota: None,
        }
    }

    async fn people(warehouse: &Warehouse) -> Vec<(String, String)> {
        let scan = Scan::of(catalog::table("customers").unwrap()).columns(["id", "person"]);
        let snapshot = warehouse.snapshot().await.unwrap();
        let batches: Vec<Rows> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let text = |row: crate::warehouse::Row<'_>, at| row.get(at).as_str().unwrap().to_owned();
        batches
            .iter()
            .flat_map(Rows::iter)
            .map(|row| (text(row, 0), text(row, 1)))
            .collect()
    }

    #[tokio::test]
    async fn rows_are_written_and_read_back_in_the_order_of_their_keys() {
        let directory = tempfile::tempdir().unwrap();
        let all = Warehouses::sqlite(directory.path().to_owned());
        let warehouse = all.open(&"subscription1".parse().unwrap());
        assert_eq!(people(&warehouse).await, []);
        let done = warehouse
            .commit(customers(&[("b", "Bo"), ("a", "Al")]))
            .await
            .unwrap();
        assert_eq!(done.admitted, [[Outcome::New, Outcome::New]]);
        let done = warehouse
            .commit(customers(&[("b", "Bob"), ("c", "Cy"), ("a", "Al")]))
            .await;
        let outcomes = [Outcome::Changed, Outcome::New, Outcome::Unchanged];
        assert_eq!(done.unwrap().admitted, [outcomes]);
        let expected = [("a", "Al"), ("b", "Bob"), ("c", "Cy")];
        assert_eq!(
            people(&warehouse).await,
            expected.map(|(id, name)| (id.to_owned(), name.to_owned()))
        );
        let snapshot = warehouse.snapshot().await.unwrap();
        let named = Filter::compare(
            "person",
            crate::warehouse::Operator::Contains,
            Value::from("BO"),
        );
        let table = catalog::table("customers").unwrap();
        assert_eq!(snapshot.count(table, &named).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_file_that_was_erased_elsewhere_is_begun_anew() {
        let directory = tempfile::tempdir().unwrap();
        let id = "subscription1".parse().unwrap();
        let here = Warehouses::sqlite(directory.path().to_owned()).open(&id);
        let elsewhere = Warehouses::sqlite(directory.path().to_owned()).open(&id);
        here.commit(customers(&[("a", "Al")])).await.unwrap();
        assert_eq!(people(&here).await.len(), 1);
        elsewhere.erase().await.unwrap();
        assert_eq!(people(&here).await, []);
        here.commit(customers(&[("b", "Bo")])).await.unwrap();
        assert_eq!(people(&here).await, [("b".to_owned(), "Bo".to_owned())]);
        assert_eq!(
            people(&elsewhere).await,
            [("b".to_owned(), "Bo".to_owned())]
        );
    }

    #[tokio::test]
    async fn the_files_that_are_open_are_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let all = super::SqliteWarehouses::new(directory.path().to_owned());
        let all = Arc::new(all.with_most_open(36));
        let warehouses: Vec<_> = (100..140)
            .map(|number| {
                super::SqliteWarehouse::new(&all, &format!("subscription{number}").parse().unwrap())
            })
            .collect();
        for round in 0..2 {
            for warehouse in &warehouses {
                let done = warehouse.commit(customers(&[("a", "Al")])).await.unwrap();
                assert_eq!(done.load_id, 1 - round);
                assert!(all.open_files() <= 36);
            }
        }
    }
}
