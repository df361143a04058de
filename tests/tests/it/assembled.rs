//! The domain's services on embedded adapters in one folder, with either database.

use std::{path::Path, sync::Arc};

use wynos::{
    control::{Control, DatabaseTarget},
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    ports::{Clock, KeyName, Secrets},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};
use wynos_tests::postgres::DatabaseUrl;

/// A system that keeps all it has in this folder, or in this database what belongs into one.
pub async fn assembled(root: &Path, database: Option<&DatabaseUrl>, clock: Clock) -> Services {
    let url = "https://wynos.example/".parse().unwrap();
    assembled_at(url, root, database, clock).await.0
}

/// The same, reached at this address, with its objects, which it serves itself.
pub async fn assembled_at(
    url: url::Url,
    root: &Path,
    database: Option<&DatabaseUrl>,
    clock: Clock,
) -> (Services, Arc<DirectoryObjects>) {
    let (control, warehouses) = match database {
        None => {
            let file = root.join("control.sqlite");
            let control = Control::connect(&DatabaseTarget::Sqlite { file })
                .await
                .unwrap();
            (control, Warehouses::sqlite(root.join("warehouses")))
        }
        Some(database) => {
            let target = DatabaseTarget::Postgres {
                url: database.as_str().to_owned(),
                schema: "control".to_owned(),
                max_connections: 8,
            };
            let pool = sqlx::PgPool::connect_lazy(database.as_str()).unwrap();
            (
                Control::connect(&target).await.unwrap(),
                Warehouses::postgres(pool),
            )
        }
    };
    control.migrate().await.unwrap();
    let secrets = KeyFile::open(&root.join("key")).unwrap();
    let url_keys = secrets.keys(KeyName::ObjectUrl).await.unwrap();
    let from = "Wynos <wynos@wynos.example>".parse().unwrap();
    let folder = root.join("objects");
    let objects = DirectoryObjects::open(&folder, url.clone(), url_keys, clock.clone()).unwrap();
    let objects = Arc::new(objects);
    let work = root.join("work");
    std::fs::create_dir_all(&work).unwrap();
    let services = Services {
        stop: wynos::stop::Stop::default(),
        vendor: Vendor::new(VendorSettings::default()),
        control,
        warehouses,
        queue: Arc::new(SqliteQueue::open(&root.join("queue.sqlite"), clock.clone()).unwrap()),
        objects: Arc::clone(&objects) as _,
        mailer: Arc::new(MailFolder::open(&root.join("outbox"), from, clock.clone()).unwrap()),
        keys: Keys::load(&secrets).await.unwrap(),
        settings: Arc::new(Settings::new(url, work)),
        clock,
    };
    (services, objects)
}
