//! The whole router over services on SQLite in a temporary directory, asked as browsers and programs ask.

mod access;
mod api;
mod browser;
mod closed;
mod deletes;
mod download;
mod erasures;
mod imports;
mod journal_days;
mod journaled;
mod mapping;
mod pages;
mod parked;
mod passwords;
mod people;
mod planned;
mod planned_pages;
mod poorer;
mod removed_reports;
mod removed_sources;
mod reports_api;
mod retention;
mod roles;
mod salon_pages;
mod source_work;
mod sources;
mod storage_of_plan;
mod waiting;
mod words;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use wynos::{
    SubscriptionId,
    catalog::{self, Locale, repair_shop::LOCAL_SOURCE},
    control::{
        Account, Actor, Control, DatabaseTarget, NewAccount, NewSubscription, Password, Plan, Role,
        Scope,
    },
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    jobs,
    ports::{Clock, KeyName, QueueName, Secrets},
    services::{Keys, Services, Settings},
    warehouse::{Admit, Load, Rows, Rule, Value, Warehouses, Write},
    yclients::client::{Vendor, VendorSettings},
};

use self::browser::Browser;
use crate::{Options, SetupToken, router};

const PASSWORD: &str = "correct horse battery";

/// A site with everything that belongs to it.
struct Site {
    services: Services,
    router: Router,
    mails: PathBuf,
    _directory: tempfile::TempDir,
}

impl Site {
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(setup_token: Option<&str>) -> Self {
        Self::built(setup_token, VendorSettings::default()).await
    }

    /// A site that reaches a vendor of the test.
    async fn with_vendor(vendor: VendorSettings) -> Self {
        Self::built(None, vendor).await
    }

    async fn built(setup_token: Option<&str>, vendor: VendorSettings) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let clock = Clock::fixed("2026-11-21T12:00:00Z".parse().unwrap());
        let control = Control::connect(&DatabaseTarget::Sqlite {
            file: at("control.sqlite"),
        })
        .await
        .unwrap();
        control.migrate().await.unwrap();
        let secrets = KeyFile::open(&at("key")).unwrap();
        let public: url::Url = "http://wynos.test/".parse().unwrap();
        let url_keys = secrets.keys(KeyName::ObjectUrl).await.unwrap();
        let objects =
            DirectoryObjects::open(&at("objects"), public.clone(), url_keys, clock.clone())
                .unwrap();
        let objects = Arc::new(objects);
        let mails = at("mails");
        std::fs::create_dir(at("work")).unwrap();
        let services = Services {
            stop: wynos::stop::Stop::default(),
            vendor: Vendor::new(vendor),
            control,
            warehouses: Warehouses::sqlite(at("warehouses")),
            queue: Arc::new(SqliteQueue::open(&at("queue.sqlite"), clock.clone()).unwrap()),
            objects: Arc::clone(&objects) as _,
            mailer: Arc::new(
                MailFolder::open(&mails, "wynos@wynos.test".parse().unwrap(), clock.clone())
                    .unwrap(),
            ),
            keys: Keys::load(&secrets).await.unwrap(),
            settings: Arc::new(Settings::new(public, at("work"))),
            clock,
        };
        let options = Options {
            setup_token: setup_token.map(SetupToken::new),
            embedded_objects: Some(objects),
            objects_origin: None,
        };
        Self {
            router: router(services.clone(), options),
            services,
            mails,
            _directory: directory,
        }
    }

    /// A subscription with an owner who signs in with [`PASSWORD`].
    async fn shop(&self, name: &str, email: &str) -> (SubscriptionId, Account) {
        let now = self.services.clock.now();
        let owner = self.new_account(email, "Anna Nowak").await;
        let mut tx = self.services.control.begin().await.unwrap();
        let new = NewSubscription {
            name: name.to_owned(),
            plan: Plan::Standard,
            locale: Locale::Pl,
            time_zone: "Europe/Warsaw".to_owned(),
            country: "PL".to_owned(),
            currency: "PLN".to_owned(),
            placement: "default".to_owned(),
        };
        let first = tx
            .create_subscription_with_owner(&new, &owner, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        (first.subscription.id, first.account)
    }

    async fn new_account(&self, email: &str, name: &str) -> NewAccount {
        NewAccount {
            email: email.to_owned(),
            name: name.to_owned(),
            locale: Locale::En,
            password: Password::hash(PASSWORD).await.unwrap(),
        }
    }

    /// Lets another person into a subscription.
    async fn join(&self, subscription: &SubscriptionId, email: &str, role: Role) -> Account {
        let now = self.services.clock.now();
        let new = self.new_account(email, "Jan Kowalski").await;
        let mut tx = self.services.control.begin().await.unwrap();
        let account = tx.create_account(&new, now).await.unwrap();
        tx.set_role(subscription, &account.id, role, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        account
    }

    /// A secret for programs.
    async fn token(&self, subscription: &SubscriptionId, scope: Scope) -> String {
        let mut tx = self.services.control.begin().await.unwrap();
        let now = self.services.clock.now();
        let new = tx
            .create_api_token(subscription, "test", scope, &Actor::CommandLine, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        new.secret.reveal().to_owned()
    }

    /// Puts customers into a warehouse.
    async fn customers(&self, subscription: &SubscriptionId, names: &[(&str, &str)]) {
        let mut rows = Rows::new(3);
        for (id, name) in names {
            rows.push_values(&[
                Value::from(*id),
                Value::from("PERSONAL"),
                Value::from(*name),
            ]);
        }
        let columns = ["id", "type", "person"].map(ToOwned::to_owned).to_vec();
        self.rows(subscription, ("customers", columns, rows), None)
            .await;
    }

    /// Puts a row of texts into a table of a warehouse; for the personal-data log as part of this event.
    async fn row(
        &self,
        subscription: &SubscriptionId,
        table: &str,
        said: &[(&str, &str)],
        event: Option<&str>,
    ) {
        let mut rows = Rows::new(said.len());
        let values: Vec<Value> = said.iter().map(|(_, value)| Value::from(*value)).collect();
        rows.push_values(&values);
        let columns = said.iter().map(|(name, _)| (*name).to_owned()).collect();
        self.rows(subscription, (table, columns, rows), event).await;
    }

    async fn rows(
        &self,
        subscription: &SubscriptionId,
        (table, columns, rows): (&str, Vec<String>, Rows),
        event: Option<&str>,
    ) {
        let admit = Admit {
            table: Arc::clone(catalog::table(table).unwrap()),
            source_id: LOCAL_SOURCE.to_owned(),
            columns,
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: event.map(ToOwned::to_owned),
            children: Vec::new(),
            filter: None,
        };
        let load = Load {
            origin: "test",
            run: "test".to_owned(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::Admit(admit)],
            quota: None,
        };
        self.services
            .warehouses
            .open(subscription)
            .commit(load)
            .await
            .unwrap();
    }

    /// Does everything that waits in the queues.
    async fn work(&self) {
        for _ in 0..20 {
            let mut done = 0;
            for queue in QueueName::ALL {
                let received = self
                    .services
                    .queue
                    .receive(queue, 10, Duration::from_secs(60))
                    .await
                    .unwrap();
                for message in received {
                    let receipt = message.receipt.clone();
                    jobs::run(&self.services, queue, message).await.unwrap();
                    self.services.queue.ack(queue, &receipt).await.unwrap();
                    done += 1;
                }
            }
            if done == 0 {
                return;
            }
        }
        panic!("the queues do not become empty");
    }

    /// The path of the one-time link in the latest mail.
    fn mailed_link(&self) -> String {
        let mut mails: Vec<_> = walk(&self.mails);
        mails.sort();
        let text = std::fs::read_to_string(mails.last().expect("a mail")).unwrap();
        let plain = text
            .replace("=\r\n", "")
            .replace("=\n", "")
            .replace("=3D", "=");
        let start = plain
            .find("http://wynos.test/d/")
            .expect("a link in the mail");
        let link: String = plain[start..]
            .chars()
            .take_while(|c| !c.is_whitespace() && !"\"<>".contains(*c))
            .collect();
        link.strip_prefix("http://wynos.test").unwrap().to_owned()
    }

    fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser where this person is signed in.
    async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/sign-in").await;
        let answer = browser
            .post(
                "/sign-in",
                &[
                    ("email", email),
                    ("password", PASSWORD),
                    ("next", "/account"),
                ],
            )
            .await;
        assert_eq!(answer.location(), "/account", "{}", answer.body);
        browser
    }
}

fn walk(directory: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else if path.extension().is_some_and(|ending| ending == "eml") {
            found.push(path);
        }
    }
    found
}
