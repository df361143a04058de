use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use sqlx::Connection as _;

use crate::{
    catalog::{self, Table, system},
    control::{sources_testing::connected_first, testing::beds},
    planner::tests::bed::{Plant, plant},
    warehouse::{
        Admit, Children, Committed, Load, Outcome, Rows, Rule, Scan, Stretch, Sweep, Ties, Value,
        Warehouse, Write,
    },
    yclients::client::VendorSettings,
};

/// Everything that a retention job works with, on both databases one after the other.
pub(super) async fn plants() -> Vec<Plant> {
    let mut plants = Vec::new();
    for bed in beds().await {
        connected_first(&bed).await;
        plants.push(plant(bed, VendorSettings::default()));
    }
    plants
}

pub(super) fn table(name: &str) -> &'static Arc<Table> {
    catalog::table(name).unwrap()
}

/// A day of 2026, counted from 1.
pub(super) fn day(day: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(day - 1)
}

impl Plant {
    pub(super) fn warehouse(&self) -> Warehouse {
        self.services.warehouses.open(&self.bed.subscription.id)
    }

    /// Changes what is stored as whoever opens the database may; `@` stands before the names of tables and indexes.
    pub(crate) async fn tamper(&self, statement: &str) {
        let name = self.bed.subscription.id.warehouse_name();
        let Some(url) = self.bed.database_url() else {
            let file = self.folder.path().join(format!("warehouses/{name}.sqlite"));
            let connection = rusqlite::Connection::open(file).unwrap();
            connection.busy_timeout(Duration::from_secs(10)).unwrap();
            let statement = statement.replace('@', "");
            return connection.execute_batch(&statement).unwrap();
        };
        let statement = statement.replace('@', &format!("\"{name}\"."));
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    pub(super) fn source_id(&self) -> String {
        format!("{}-source01", self.bed.subscription.id)
    }

    /// Bodies of the source: whole rows of a table, whose columns not named here are null.
    pub(super) fn bodies<const N: usize>(
        &self,
        name: &str,
        rule: Rule,
        columns: [&str; N],
        rows: &[[Value; N]],
    ) -> Admit {
        let table = table(name);
        let mut names: Vec<String> = columns.map(str::to_owned).into();
        for column in &table.columns {
            if names.iter().all(|name| column.name != *name) {
                names.push(column.name.to_string());
            }
        }
        let mut all = Rows::new(names.len());
        for row in rows {
            all.push_values(
                row.iter()
                    .chain(std::iter::repeat_n(&Value::Null, names.len() - N)),
            );
        }
        Admit {
            table: Arc::clone(table),
            source_id: self.source_id(),
            columns: names,
            rows: all,
            rule,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        }
    }

    /// Records with a client, a time of change and as many lines of services as said.
    pub(super) fn records(&self, rule: Rule, records: &[(i64, i64, i64, u32)]) -> Admit {
        let rows: Vec<[Value; 3]> = records
            .iter()
            .map(|(id, client, changed, _)| [(*id).into(), (*client).into(), day(*changed).into()])
            .collect();
        let columns = ["id", "client_id", system::CHANGED_AT];
        let mut admit = self.bodies("yclients_records", rule, columns, &rows);
        let mut lines = Rows::new(2);
        for (id, _, _, count) in records {
            for line in 1..=*count {
                lines.push_values(&[(*id).into(), i64::from(line).into()]);
            }
        }
        admit.children = vec![Children {
            table: Arc::clone(table("yclients_record_services")),
            columns: ["record_id", "line"].map(str::to_owned).to_vec(),
            rows: lines,
            counts: records
                .iter()
                .map(|(_, _, _, count)| Some(*count))
                .collect(),
        }];
        admit
    }

    pub(super) async fn load(&self, at: DateTime<Utc>, write: Write) -> Committed {
        let load = Load {
            origin: "pull",
            run: "run".to_owned(),
            observed_at: at,
            writes: vec![write],
            quota: None,
        };
        self.warehouse().commit(load).await.unwrap()
    }

    pub(super) async fn admit(&self, at: DateTime<Utc>, admit: Admit) -> Vec<Outcome> {
        let done = self.load(at, Write::Admit(admit)).await;
        done.admitted.into_iter().next().unwrap()
    }

    /// Sweeps these rows of a table, received before a day; how many went.
    pub(super) async fn sweep(&self, name: &str, before: i64, ids: &[i64]) -> u64 {
        let key = |id: &i64| vec![self.source_id().into(), Value::Integer(*id)];
        let stretch = match ids {
            [first, .., last] if table(name).facts => Stretch::Between(key(first), key(last)),
            [only] if table(name).facts => Stretch::Between(key(only), key(only)),
            _ => {
                let mut keys = Rows::new(1);
                for id in ids {
                    keys.push_values(&[Value::Integer(*id)]);
                }
                Stretch::Listed(keys)
            }
        };
        let sweep = Sweep {
            table: Arc::clone(table(name)),
            source_id: self.source_id(),
            before: day(before),
            going: vec![Arc::clone(table(name))],
            stretch,
            below: Ties::default(),
        };
        let weighed = self.warehouse().weigh_sweep(sweep.clone()).await.unwrap();
        let done = self.load(day(200), Write::Sweep(sweep)).await;
        assert_eq!(done.swept, weighed, "what was foretold happened");
        let own = done.swept.iter().find(|swept| swept.table == name);
        own.map_or(0, |swept| swept.rows)
    }

    /// The first key columns of every row of a table, tombstones too.
    pub(super) async fn ids(&self, name: &str) -> Vec<i64> {
        let table = table(name);
        let scan = Scan::of(table)
            .columns([table.key[0].as_ref()])
            .with_deleted();
        let snapshot = self.warehouse().snapshot().await.unwrap();
        let batches: Vec<Rows> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let rows = batches.iter().flat_map(Rows::iter);
        rows.map(|row| row.get(0).as_integer().unwrap()).collect()
    }
}
