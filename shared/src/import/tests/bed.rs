//! A shop to import into, and files made of made-up shops.

use std::{path::PathBuf, sync::Arc};

use futures::StreamExt;

use crate::{
    SubscriptionId,
    catalog::{self, Locale},
    control::{
        Actor, Control, DatabaseTarget, Import, ImportFormat, LinkTokens, NewSubscription, Plan,
    },
    embedded::{DirectoryObjects, MailFolder, SqliteQueue},
    exchange::{Header, Passwords, ProfileName, Writer},
    import::{
        ConflictPolicy, Counts, FileSource, Finding, ImportOrder, Phase, apply, begin, findings,
        noted, validate,
    },
    ports::{Cipher, Clock, KeyName, KeyRing, MasterKey},
    sample::Shop,
    services::{Keys, Services, Settings},
    warehouse::{Admit, Filter, Load, Row, Rows, Rule, Scan, Value, Warehouse, Warehouses, Write},
    yclients::client::{Vendor, VendorSettings},
};

pub struct Bed {
    pub services: Services,
    pub clock: Clock,
    pub folder: tempfile::TempDir,
}

pub fn master() -> MasterKey {
    MasterKey::new(1, [7; 32])
}

pub async fn bed() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    let file = folder.path().join("control.sqlite");
    let control = Control::connect(&DatabaseTarget::Sqlite { file })
        .await
        .unwrap();
    control.migrate().await.unwrap();
    let ring = |name| KeyRing::derive(name, &master(), &[]);
    let url: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let objects = DirectoryObjects::open(
        &folder.path().join("objects"),
        url.clone(),
        ring(KeyName::Csrf),
        clock.clone(),
    );
    let services = Services {
        stop: crate::stop::Stop::default(),
        vendor: Vendor::new(VendorSettings::default()),
        clock: clock.clone(),
        control,
        warehouses: Warehouses::sqlite(folder.path().join("warehouses")),
        queue: Arc::new(
            SqliteQueue::open(&folder.path().join("queue.sqlite"), clock.clone()).unwrap(),
        ),
        objects: Arc::new(objects.unwrap()),
        mailer: Arc::new(
            MailFolder::open(
                &folder.path().join("mail"),
                "a@example.com".parse().unwrap(),
                clock.clone(),
            )
            .unwrap(),
        ),
        keys: Keys {
            links: LinkTokens::new(ring(KeyName::DeliveryLink)),
            csrf: ring(KeyName::Csrf),
            fields: Cipher::new(ring(KeyName::Field)),
            suppression: ring(KeyName::Suppression),
            webhook: ring(KeyName::Webhook),
        },
        settings: Arc::new(Settings::new(url, work)),
    };
    Bed {
        services,
        clock,
        folder,
    }
}

impl Bed {
    pub async fn subscription(&self) -> SubscriptionId {
        let new = NewSubscription {
            name: "Serwis".into(),
            plan: Plan::Trial,
            locale: Locale::Pl,
            time_zone: "Europe/Warsaw".into(),
            country: "PL".into(),
            currency: "PLN".into(),
            placement: "sqlite".into(),
        };
        let mut tx = self.services.control.begin().await.unwrap();
        let made = tx
            .create_subscription(&new, self.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        made.id
    }

    pub fn warehouse(&self, subscription: &SubscriptionId) -> Warehouse {
        self.services.warehouses.open(subscription)
    }

    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Moves the clock on, so that loads of different steps can be told apart.
    pub fn later(&self) {
        self.clock
            .set(self.clock.now() + chrono::TimeDelta::minutes(1));
    }

    pub async fn begin(&self, to: &SubscriptionId, order: ImportOrder) -> Import {
        self.later();
        let (import, _) = begin(&self.services, to, order).await.unwrap();
        noted(&self.services, to, &import.id, None).await.unwrap()
    }

    pub async fn validated(&self, to: &SubscriptionId, order: ImportOrder) -> Import {
        let import = self.begin(to, order).await;
        validate(&self.services, to, &import.id).await.unwrap()
    }

    pub async fn applied(&self, to: &SubscriptionId, order: ImportOrder) -> Import {
        let import = self.validated(to, order).await;
        assert_eq!(import.failure_code, None, "{:?}", import.failure_details);
        self.later();
        apply(&self.services, to, &import.id).await.unwrap()
    }

    pub async fn findings(&self, import: &Import, phase: Phase) -> Vec<Finding> {
        let found = findings(
            &self.services,
            &import.subscription_id,
            &import.id,
            phase,
            0,
            10_000,
        )
        .await
        .unwrap();
        found.into_iter().map(|(_, finding)| finding).collect()
    }

    /// A person's change of one column.
    pub async fn change(
        &self,
        to: &SubscriptionId,
        table: &str,
        id: &str,
        column: &str,
        value: &str,
    ) {
        self.later();
        let mut rows = Rows::new(2);
        rows.push_values(&[Value::from(id), Value::from(value)]);
        let admit = Admit {
            table: catalog::table(table).unwrap().clone(),
            source_id: "local".into(),
            columns: vec!["id".into(), column.into()],
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        self.load(to, vec![Write::Admit(admit)]).await;
    }

    /// Rows of one table, as a person would have entered them.
    pub async fn enter(
        &self,
        to: &SubscriptionId,
        table: &str,
        columns: &[&str],
        rows: &[&[Option<&str>]],
    ) {
        self.later();
        let mut batch = Rows::new(columns.len());
        for row in rows {
            let values: Vec<Value> = row.iter().map(|value| Value::from(*value)).collect();
            batch.push_values(&values);
        }
        let admit = Admit {
            table: catalog::table(table).unwrap().clone(),
            source_id: "local".into(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: batch,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        self.load(to, vec![Write::Admit(admit)]).await;
    }

    async fn load(&self, to: &SubscriptionId, writes: Vec<Write>) {
        let load = Load {
            origin: "api",
            run: "test".into(),
            observed_at: self.clock.now(),
            writes,
            quota: None,
        };
        self.warehouse(to).commit(load).await.unwrap();
    }

    /// Every declared value of every row, table by table.
    pub async fn contents(&self, of: &SubscriptionId) -> Vec<String> {
        let mut lines = Vec::new();
        for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
            self.each(of, Scan::of(table), |row| {
                lines.push(format!(
                    "{}: {:?}",
                    table.name,
                    row.values().collect::<Vec<_>>()
                ));
            })
            .await;
        }
        lines
    }

    pub async fn value(
        &self,
        of: &SubscriptionId,
        table: &str,
        id: &str,
        column: &str,
    ) -> Option<String> {
        let scan = Scan::of(catalog::table(table).unwrap())
            .columns([column])
            .filter(Filter::equal("id", id));
        let mut found = None;
        self.each(of, scan, |row| {
            found = row.get(0).as_str().map(str::to_owned);
        })
        .await;
        found
    }

    pub async fn count(&self, of: &SubscriptionId, table: &Arc<catalog::Table>) -> u64 {
        self.warehouse(of)
            .snapshot()
            .await
            .unwrap()
            .count(table, &Filter::All)
            .await
            .unwrap()
    }

    pub async fn each(&self, of: &SubscriptionId, scan: Scan, mut see: impl FnMut(Row<'_>)) {
        let snapshot = self.warehouse(of).snapshot().await.unwrap();
        let mut batches = snapshot.scan(scan).await.unwrap();
        while let Some(rows) = batches.next().await {
            rows.unwrap().iter().for_each(&mut see);
        }
    }

    /// The warehouse as an exchange file, without its passwords.
    pub async fn exported(&self, of: &SubscriptionId, profile: ProfileName) -> Vec<u8> {
        let header = Header::new(of.clone(), self.clock.now(), profile);
        let mut writer = Writer::new(Vec::new(), &header, Passwords::LeaveOut).unwrap();
        let snapshot = self.warehouse(of).snapshot().await.unwrap();
        for section in &crate::exchange::Profile::of(profile).sections {
            let section = writer.section(&section.table.name).unwrap();
            let mut batches = snapshot.scan(section.scan()).await.unwrap();
            while let Some(rows) = batches.next().await {
                writer.rows(&rows.unwrap()).unwrap();
            }
        }
        writer.finish().unwrap().0
    }
}

pub fn order(path: PathBuf, format: ImportFormat) -> ImportOrder {
    ImportOrder {
        created_by: Actor::CommandLine,
        file_name: "file".into(),
        format,
        table: None,
        mapping: None,
        merge: false,
        conflict: ConflictPolicy::KeepOurs,
        file: FileSource::Disk(path),
        idempotency_key: None,
    }
}

pub fn xml(path: PathBuf) -> ImportOrder {
    order(path, ImportFormat::Exchange)
}

/// A made-up shop of another subscription, as an exchange file of profile `full` with passwords in clear.
pub fn sample_file(customers: u64) -> Vec<u8> {
    let shop = Shop {
        origin: "sampleshop".parse().unwrap(),
        seed: 7,
        customers,
        today: chrono::DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
    };
    let header = Header {
        passwords: true,
        ..Header::new(shop.origin.clone(), shop.today, ProfileName::Full)
    };
    let reveal = Passwords::Include(Box::new(|clear: &str| Ok(clear.to_owned())));
    let mut writer = Writer::new(Vec::new(), &header, reveal).unwrap();
    for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
        writer.section(&table.name).unwrap();
        for batch in shop.batches(table) {
            writer.rows(&batch).unwrap();
        }
    }
    writer.finish().unwrap().0
}

/// A table, and its rows as columns with their values.
pub type SectionRows<'a> = (&'a str, &'a [&'a [(&'a str, &'a str)]]);

/// Rows of some tables of the subscription `othershop`, as an exchange file; a row is its columns in order.
pub fn small_file(sections: &[SectionRows<'_>]) -> Vec<u8> {
    file_with_passwords(false, sections)
}

/// The same; its values of PASSWORD fields are in clear, or left out.
pub fn file_with_passwords(passwords: bool, sections: &[SectionRows<'_>]) -> Vec<u8> {
    let created_at = "2026-02-01T00:00:00Z".parse().unwrap();
    let header = Header {
        passwords,
        ..Header::new("othershop".parse().unwrap(), created_at, ProfileName::Full)
    };
    let reveal = Passwords::Include(Box::new(|clear: &str| Ok(clear.to_owned())));
    let choice = if passwords {
        reveal
    } else {
        Passwords::LeaveOut
    };
    let mut writer = Writer::new(Vec::new(), &header, choice).unwrap();
    for (name, content) in sections {
        let section = writer.section(name).unwrap();
        let mut rows = Rows::new(section.columns.len());
        for given in *content {
            for column in &section.columns {
                let value = given
                    .iter()
                    .find(|(name, _)| *name == column.column.name)
                    .map(|(_, value)| *value);
                rows.push(match (value, column.column.ty.storage()) {
                    (None, _) => crate::warehouse::ValueRef::Null,
                    (Some(text), catalog::Storage::Json) => crate::warehouse::ValueRef::Json(text),
                    (Some(text), catalog::Storage::Boolean) => {
                        crate::warehouse::ValueRef::Boolean(text == "true")
                    }
                    (Some(text), catalog::Storage::Decimal(_)) => {
                        crate::warehouse::ValueRef::Decimal(text.parse().unwrap())
                    }
                    (Some(text), _) => crate::warehouse::ValueRef::Text(text),
                });
            }
        }
        writer.rows(&rows).unwrap();
    }
    writer.finish().unwrap().0
}

/// What became of an import's rows.
pub fn counts(import: &Import) -> Counts {
    serde_json::from_value(import.counts.clone()).unwrap()
}
