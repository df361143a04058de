use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;
use wynos::{
    SubscriptionId,
    catalog::{Locale, repair_shop::LOCAL_SOURCE},
    control::{Account, NewAccount, NewSubscription, Password, Plan, Role},
    sample::Shop,
    services::Services,
    warehouse::{Admit, Load, Rule, Write},
};

/// Customers of the shop; the other tables follow.
const CUSTOMERS: u64 = 4;

/// When everything happens: later than every file of a test was stored, so that what counts as left over is swept.
pub(super) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(3_797_582_400, 0).unwrap_or_default()
}

/// Two businesses and who owns them.
pub(super) async fn people(
    services: &Services,
) -> Result<(SubscriptionId, SubscriptionId, Account)> {
    let now = services.clock.now();
    let first = services
        .control
        .create_first_owner(&business("Serwis Żółw"), &owner().await?, now)
        .await?;
    let mut tx = services.control.begin().await?;
    let other = tx
        .create_subscription(&business("Inny serwis"), now)
        .await?;
    tx.set_role(&other.id, &first.account.id, Role::Owner, now)
        .await?;
    tx.commit().await?;
    Ok((first.subscription.id, other.id, first.account))
}

fn business(name: &str) -> NewSubscription {
    NewSubscription {
        name: name.to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    }
}

async fn owner() -> Result<NewAccount> {
    // Hashed once: the hash takes its time on purpose.
    static HASHED: OnceCell<Password> = OnceCell::const_new();
    let password = HASHED
        .get_or_try_init(|| Password::hash("dobre hasło 1"))
        .await?;
    Ok(NewAccount {
        email: "ola@example.pl".to_owned(),
        name: "Ola Żak".to_owned(),
        locale: Locale::Pl,
        password: password.clone(),
    })
}

/// Puts the sample shop into the business's warehouse.
pub(super) async fn load(services: &Services, subscription: &SubscriptionId) -> Result<()> {
    let now = services.clock.now();
    let shop = Shop {
        origin: subscription.clone(),
        seed: 7,
        customers: CUSTOMERS,
        today: now,
    };
    let mut writes = Vec::new();
    for table in shop.tables() {
        let columns = table.columns.iter().map(|column| column.name.to_string());
        for rows in shop.batches(table) {
            writes.push(Write::Admit(Admit {
                table: Arc::clone(table),
                source_id: LOCAL_SOURCE.to_owned(),
                columns: columns.clone().collect(),
                rows,
                rule: Rule::Change,
                undo: None,
                personal_data_event: None,
                children: Vec::new(),
                filter: None,
            }));
        }
    }
    let load = Load {
        origin: "api",
        run: "sample".to_owned(),
        observed_at: now,
        writes,
        quota: None,
    };
    let committed = services.warehouses.open(subscription).commit(load).await;
    committed.context("loading the sample shop")?;
    Ok(())
}
