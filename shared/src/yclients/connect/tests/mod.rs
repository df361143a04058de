use serde_json::{Value, json};

use super::{Add, Entry, SignIn, add, sign_in};
use crate::{
    catalog::Locale,
    control::{Actor, Source, VendorName, testing::Bed},
    embedded::{DirectoryObjects, MailFolder, SqliteQueue},
    journal::{self, JournalFilter},
    ports::{Cipher, KeyName, KeyRing, MasterKey},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{
        Vendor,
        tests::{Scripted, Server, answer, fine, settings},
    },
};

mod adding;
mod ended;
mod managing;
mod refusals;
mod removing;

/// Everything that connecting needs, on one control database.
pub(in crate::yclients) struct Place {
    pub(in crate::yclients) services: Services,
    pub(in crate::yclients) server: Server,
    pub(in crate::yclients) bed: Bed,
    _folder: tempfile::TempDir,
}

pub(in crate::yclients) async fn place(bed: Bed) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let ring = |name| KeyRing::derive(name, &MasterKey::new(1, [5; 32]), &[]);
    let server = Server::start().await;
    let url: url::Url = "http://127.0.0.1".parse().unwrap();
    let objects = DirectoryObjects::open(
        &at("objects"),
        url.clone(),
        ring(KeyName::ObjectUrl),
        bed.clock.clone(),
    );
    let sender = "a@example.com".parse().unwrap();
    let services = Services {
        stop: crate::stop::Stop::default(),
        clock: bed.clock.clone(),
        control: bed.control.clone(),
        warehouses: Warehouses::sqlite(at("warehouses")),
        queue: std::sync::Arc::new(SqliteQueue::open(&at("queue"), bed.clock.clone()).unwrap()),
        objects: std::sync::Arc::new(objects.unwrap()),
        mailer: std::sync::Arc::new(
            MailFolder::open(&at("mail"), sender, bed.clock.clone()).unwrap(),
        ),
        vendor: Vendor::new(settings(&server)),
        keys: Keys {
            links: bed.links.clone(),
            csrf: ring(KeyName::Csrf),
            fields: Cipher::new(ring(KeyName::Field)),
            suppression: ring(KeyName::Suppression),
            webhook: ring(KeyName::Webhook),
        },
        settings: std::sync::Arc::new(Settings::new(url, at("work"))),
    };
    Place {
        services,
        server,
        bed,
        _folder: folder,
    }
}

fn signed_in() -> Scripted {
    let data = json!({ "id": 1, "user_token": "token-tajny" });
    answer(201, &json!({ "success": true, "data": data, "meta": [] }))
}

fn companies_page() -> Value {
    json!([
        { "id": "1050", "title": "Ля Визаж", "city": "Москва", "timezone": "Europe/Moscow" },
        { "id": 1051, "title": "Ля Визаж 2", "timezone": 3 },
    ])
}

fn details(id: i64) -> Value {
    json!({ "id": id, "title": "x", "timezone": 5, "timezone_name": "Asia/Yekaterinburg" })
}

fn with_password(place: &Place) -> SignIn {
    SignIn {
        subscription: place.bed.subscription.id.clone(),
        vendor: VendorName::Yclients,
        base_url: None,
        entry: Entry::Password {
            login: "+7 916 123-45-67".into(),
            password: "hasło-tajne".into(),
        },
        by: Actor::Account(place.bed.owner.id.clone()),
    }
}

/// Signs in and connects the company 1050.
pub(in crate::yclients) async fn connected(place: &Place) -> Source {
    connected_at(place, VendorName::Yclients).await
}

pub(in crate::yclients) async fn connected_at(place: &Place, vendor: VendorName) -> Source {
    let lists = || [fine(&companies_page()), fine(&json!([]))];
    let script = std::iter::once(signed_in()).chain(lists());
    place.server.answers(script);
    let entry = SignIn {
        vendor,
        ..with_password(place)
    };
    let (credential, _) = sign_in(&place.services, &entry).await.unwrap();
    let script = lists()
        .into_iter()
        .chain([fine(&details(1050)), fine(&json!([]))]);
    place.server.answers(script);
    let order = Add {
        subscription: place.bed.subscription.id.clone(),
        credential: credential.id,
        company: 1050,
        name: None,
        by: Actor::Account(place.bed.owner.id.clone()),
    };
    add(&place.services, &order).await.unwrap().source
}

async fn codes(place: &Place) -> Vec<String> {
    let journal = place.bed.control.journal(&place.bed.subscription.id);
    let page = journal
        .list(&JournalFilter::default(), None, 100)
        .await
        .unwrap();
    for entry in &page.items {
        for locale in Locale::ALL {
            let text = journal::message(locale, entry);
            assert!(
                !text.contains(['{', '$']) && !text.starts_with("journal-"),
                "{text}"
            );
        }
    }
    let mut codes: Vec<String> = page.items.into_iter().map(|entry| entry.code).collect();
    codes.sort();
    codes
}
