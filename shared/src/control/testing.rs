//! A control database for a test, with a subscription and its people.

use chrono::{DateTime, Utc};

use super::{
    Account, Actor, Control, DatabaseTarget, Delivery, FileFormat, LINK_LIFE, LinkTokens,
    NewAccount, NewDelivery, NewSubscription, Password, Plan, ReadyFile, Role, Subscription,
};
use crate::{
    catalog::Locale,
    ports::{Clock, KeyName, KeyRing, MasterKey, random_text},
};

/// A control database of its own, with a subscription, its owner, and a clock that stands still.
pub(crate) struct Bed {
    pub(crate) control: Control,
    pub(crate) clock: Clock,
    pub(crate) links: LinkTokens,
    pub(crate) subscription: Subscription,
    pub(crate) owner: Account,
    directory: tempfile::TempDir,
    postgres: Option<(String, String)>,
}

/// A database on SQLite, and one on PostgreSQL when `WYNOS_TEST_DATABASE_URL` names one.
pub(crate) async fn beds() -> Vec<Bed> {
    let mut beds = vec![sqlite_bed().await];
    match postgres_url() {
        Some(url) => {
            let schema = format!("control_{}", random_text::<12>());
            let target = DatabaseTarget::Postgres {
                url: url.clone(),
                schema: schema.clone(),
                max_connections: 8,
            };
            beds.push(bed(target, tempfile::tempdir().unwrap(), Some((url, schema))).await);
        }
        None => println!("WYNOS_TEST_DATABASE_URL is not set: tried on SQLite alone"),
    }
    beds
}

/// A database on SQLite alone, for what no database decides.
pub(crate) async fn sqlite_bed() -> Bed {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("control.sqlite");
    bed(DatabaseTarget::Sqlite { file }, directory, None).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration to take it from"
)]
fn postgres_url() -> Option<String> {
    std::env::var("WYNOS_TEST_DATABASE_URL").ok()
}

async fn bed(
    target: DatabaseTarget,
    directory: tempfile::TempDir,
    postgres: Option<(String, String)>,
) -> Bed {
    let clock = Clock::fixed("2026-03-01T10:00:00.123456Z".parse().unwrap());
    let control = Control::connect(&target).await.unwrap();
    control.migrate().await.unwrap();
    assert!(control.first_owner_needed().await.unwrap());
    let first = control
        .create_first_owner(
            &new_subscription("Serwis Żółw"),
            &new_account("Ola@Example.pl").await,
            clock.now(),
        )
        .await
        .unwrap();
    let master = MasterKey::new(1, [9; 32]);
    let links = LinkTokens::new(KeyRing::derive(KeyName::DeliveryLink, &master, &[]));
    Bed {
        control,
        clock,
        links,
        subscription: first.subscription,
        owner: first.account,
        directory,
        postgres,
    }
}

pub(crate) fn new_subscription(name: &str) -> NewSubscription {
    NewSubscription {
        name: name.into(),
        plan: Plan::Trial,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".into(),
        country: "PL".into(),
        currency: "PLN".into(),
        placement: "sqlite".into(),
    }
}

pub(crate) async fn new_account(email: &str) -> NewAccount {
    // Hashed once: the hash takes its time on purpose.
    static HASHED: tokio::sync::OnceCell<Password> = tokio::sync::OnceCell::const_new();
    let password = HASHED
        .get_or_init(|| async { Password::hash("dobre hasło 1").await.unwrap() })
        .await
        .clone();
    NewAccount {
        email: email.into(),
        name: "Ola Żak".into(),
        locale: Locale::Pl,
        password,
    }
}

impl Bed {
    /// The PostgreSQL database that it is in, if it is in one.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|(url, _)| url.as_str())
    }

    /// That database and the schema in it, if it is in one.
    pub(crate) fn schema(&self) -> Option<(&str, &str)> {
        let (url, schema) = self.postgres.as_ref()?;
        Some((url, schema))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Another account, with a role in the subscription if one is given.
    pub(crate) async fn person(&self, email: &str, role: Option<Role>) -> Account {
        let mut tx = self.control.begin().await.unwrap();
        let account = tx
            .create_account(&new_account(email).await, self.now())
            .await
            .unwrap();
        if let Some(role) = role {
            tx.set_role(&self.subscription.id, &account.id, role, self.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        account
    }

    /// Another subscription, owned by the same account.
    pub(crate) async fn other_subscription(&self) -> Subscription {
        let mut tx = self.control.begin().await.unwrap();
        let other = tx
            .create_subscription(&new_subscription("Inny"), self.now())
            .await
            .unwrap();
        tx.set_role(&other.id, &self.owner.id, Role::Owner, self.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        other
    }

    /// What a person orders.
    pub(crate) fn new_delivery(&self, recipient: &Account) -> NewDelivery {
        NewDelivery {
            ordered_by: Actor::Account(recipient.id.clone()),
            recipient: Some(recipient.id.clone()),
            format: FileFormat::Xml,
            table: None,
            profile: Some("basic".into()),
            locale: Locale::Pl,
            time_zone: "Europe/Warsaw".into(),
            selection: serde_json::json!({ "columns": ["name"] }),
            include_passwords: false,
            purpose: Some("przeniesienie danych".into()),
        }
    }

    pub(crate) async fn order(&self, recipient: &Account) -> Delivery {
        let mut tx = self.control.begin().await.unwrap();
        let ordered = tx
            .deliveries(&self.subscription.id)
            .order(&self.new_delivery(recipient), None, &self.links, self.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ordered.into_delivery()
    }

    /// A delivery that can be claimed.
    pub(crate) async fn ready(&self, recipient: &Account) -> Delivery {
        let ordered = self.order(recipient).await;
        let mut tx = self.control.begin().await.unwrap();
        let ready = tx
            .deliveries(&self.subscription.id)
            .ready(
                &ordered.id,
                &ready_file("exports/a.1.xml"),
                LINK_LIFE,
                self.now(),
            )
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ready
    }

    /// Gives the database back.
    pub(crate) async fn close(self) {
        self.control.close().await;
        if let Some((url, schema)) = self.postgres {
            use sqlx::Connection;
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let drop = format!("DROP SCHEMA \"{schema}\" CASCADE");
            sqlx::query(sqlx::AssertSqlSafe(drop))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        self.directory.close().unwrap();
    }
}

pub(crate) fn ready_file(key: &str) -> ReadyFile {
    ReadyFile {
        object_key: key.parse().unwrap(),
        file_name: "dane.xml".into(),
        size: 1_234,
        sha256: "ab".repeat(32),
        counts: [("customers".to_owned(), 7)].into(),
    }
}
