//! Who is let in: people with their roles, and programs with their tokens. Each change is made together with its entry in
//! the journal, in one transaction of control.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use crate::{
    SubscriptionId,
    control::{
        AccountId, Actor, ApiTokenId, Control, ControlError, FirstOwner, NewAccount, NewApiToken,
        NewSubscription, Role, Scope, Subscription, Tx,
    },
    journal::{Category, NewEntry, Severity},
    ports::random_text,
    services::Services,
    warehouse::{BiLogin, WarehouseError},
};

/// Something about access that happened now, told once, in the transaction that does it.
pub fn entry(code: &str, details: Json, by: &Actor, now: DateTime<Utc>) -> NewEntry {
    NewEntry {
        at: now,
        category: Category::Access,
        severity: Severity::Info,
        source_id: None,
        actor: by.clone(),
        code: code.to_owned(),
        counts: [].into(),
        details,
        dedupe_key: format!("{code}:{}", random_text::<20>()),
    }
}

/// Makes the first subscription with its owner, by whom it is noted; [`ControlError::Taken`] once there is an account.
pub async fn set_up(
    control: &Control,
    subscription: &NewSubscription,
    owner: &NewAccount,
    now: DateTime<Utc>,
) -> Result<FirstOwner, ControlError> {
    let mut tx = control.begin().await?;
    let first = tx.create_first_owner(subscription, owner, now).await?;
    let by = Actor::Account(first.account.id.clone());
    note_founded(&mut tx, &first.subscription, &first.account.id, &by, now).await?;
    tx.commit().await?;
    Ok(first)
}

/// Makes a subscription that this account owns.
pub async fn found(
    tx: &mut Tx,
    subscription: &NewSubscription,
    owner: &AccountId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<Subscription, ControlError> {
    let made = tx.create_subscription(subscription, now).await?;
    tx.set_role(&made.id, owner, Role::Owner, now).await?;
    note_founded(tx, &made, owner, by, now).await?;
    Ok(made)
}

async fn note_founded(
    tx: &mut Tx,
    made: &Subscription,
    owner: &AccountId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let details = json!({ "account": owner, "plan": made.plan });
    let entry = entry("access.subscription-made", details, by, now);
    tx.append_journal(&made.id, &entry).await?;
    Ok(())
}

/// Lets the account into the subscription, or changes its role; the last owner stays one, as [`Tx::set_role`] says.
pub async fn let_in(
    tx: &mut Tx,
    subscription: &SubscriptionId,
    account: &AccountId,
    role: Role,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    tx.set_role(subscription, account, role, now).await?;
    let details = json!({ "account": account, "role": role });
    let entry = entry("access.role-given", details, by, now);
    tx.append_journal(subscription, &entry).await?;
    Ok(())
}

/// Takes the account out of the subscription; `false` when it did not belong to it.
pub async fn take_out(
    tx: &mut Tx,
    subscription: &SubscriptionId,
    account: &AccountId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<bool, ControlError> {
    let was_in = tx.remove_member(subscription, account).await?;
    if was_in {
        let details = json!({ "account": account });
        let entry = entry("access.person-removed", details, by, now);
        tx.append_journal(subscription, &entry).await?;
    }
    Ok(was_in)
}

/// Makes a token for a program.
pub async fn make_token(
    tx: &mut Tx,
    subscription: &SubscriptionId,
    name: &str,
    scope: Scope,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<NewApiToken, ControlError> {
    let made = tx
        .create_api_token(subscription, name, scope, by, now)
        .await?;
    let details = json!({ "token": made.token.id, "scope": scope });
    let entry = entry("access.token-made", details, by, now);
    tx.append_journal(subscription, &entry).await?;
    Ok(made)
}

/// Revokes a token for good; `false` when the subscription has no such token in use.
pub async fn revoke_token(
    tx: &mut Tx,
    subscription: &SubscriptionId,
    token: &ApiTokenId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<bool, ControlError> {
    let revoked = tx.revoke_api_token(subscription, token, now).await?;
    if revoked {
        let details = json!({ "token": token });
        let entry = entry("access.token-revoked", details, by, now);
        tx.append_journal(subscription, &entry).await?;
    }
    Ok(revoked)
}

/// What an account does for itself, in a word of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnDoing {
    /// It signed in.
    SignedIn,
    /// It changed its password, which ended its sessions.
    PasswordChanged,
    /// It changed its language.
    LanguageChanged,
}

impl OwnDoing {
    const fn code(self) -> &'static str {
        match self {
            Self::SignedIn => "access.signed-in",
            Self::PasswordChanged => "access.password-changed",
            Self::LanguageChanged => "access.language-changed",
        }
    }
}

/// Notes what an account did for itself in each of these subscriptions, which are those that it belongs to.
pub async fn note_own(
    tx: &mut Tx,
    subscriptions: &[SubscriptionId],
    account: &AccountId,
    doing: OwnDoing,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let by = Actor::Account(account.clone());
    for subscription in subscriptions {
        let entry = entry(doing.code(), json!({ "account": account }), &by, now);
        tx.append_journal(subscription, &entry).await?;
    }
    Ok(())
}

/// Notes that somebody takes this out of the system page by page. It is noted once a day for each reader and thing, before
/// anything is given.
pub async fn note_read(
    control: &Control,
    subscription: &SubscriptionId,
    what: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let mut entry = entry("access.rows-read", json!({ "what": what }), by, now);
    let day = now.date_naive();
    entry.category = Category::Export;
    entry.dedupe_key = format!("access.rows-read:{by}:{what}:{day}");
    let mut tx = control.begin().await?;
    tx.append_journal(subscription, &entry).await?;
    tx.commit().await
}

/// Notes that somebody takes entries of the journal out as a file, before anything is given.
pub async fn note_journal_exported(
    control: &Control,
    subscription: &SubscriptionId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let mut entry = entry("journal.exported", json!({}), by, now);
    entry.category = Category::Export;
    let mut tx = control.begin().await?;
    tx.append_journal(subscription, &entry).await?;
    tx.commit().await
}

/// Why a login for BI tools was not made or taken away.
#[derive(Debug, thiserror::Error)]
pub enum BiLoginError {
    /// The warehouse is a file, which is opened as it is.
    #[error("the warehouse is a file")]
    File,
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl BiLoginError {
    /// The code of what people are told of it; `None` where it is a fault that they can do nothing about.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::File => Some("bi.file"),
            Self::Warehouse(WarehouseError::ForeignTables { .. }) => Some("bi.foreign-tables"),
            Self::Warehouse(WarehouseError::Trusted { .. }) => Some("bi.trusted"),
            Self::Warehouse(WarehouseError::LoginInDoubt { .. }) => Some("bi.in-doubt"),
            Self::Warehouse(_) | Self::Control(_) => None,
        }
    }

    /// The user of the database for whom an administrator has to do something: let it make foreign tables, or have the server ask
    /// it for a password.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Warehouse(
                WarehouseError::ForeignTables { user, .. } | WarehouseError::Trusted { user, .. },
            ) => Some(user),
            _ => None,
        }
    }
}

/// Makes the login by which BI tools read the subscription's copy, or gives it a new password. It is shown once: nobody
/// keeps it. Noted as asked for before it is made, so that none is there without its entry, and then, where the journal can be
/// reached, as what came of it: that it was given, before it is, or that it was not, and the old password still holds.
pub async fn renew_bi_login(
    services: &Services,
    subscription: &SubscriptionId,
    by: &Actor,
) -> Result<BiLogin, BiLoginError> {
    let new = |code| entry(code, json!({}), by, services.clock.now());
    note(services, subscription, new("access.bi-login-asked")).await?;
    let warehouse = services.warehouses.open(subscription);
    let made = warehouse.renew_bi_login().await;
    let made = made.map_err(BiLoginError::from).and_then(there);
    let outcome = match &made {
        Ok(_) => new("access.bi-login-renewed"),
        Err(error) => {
            let mut failed = new("access.bi-login-failed");
            failed.severity = Severity::Error;
            failed.details = json!({
                "failure": error.code().unwrap_or("bi.not-made"),
                "failure_details": { "user": error.user() },
            });
            failed
        }
    };
    // The password is in force: kept back, it would be known to nobody, while the old one opens nothing any more.
    if let Err(error) = note(services, subscription, outcome).await {
        tracing::error!(
            %subscription,
            error = &error as &dyn std::error::Error,
            "it was not noted what came of a BI login"
        );
    }
    made
}

fn there(login: Option<BiLogin>) -> Result<BiLogin, BiLoginError> {
    login.ok_or(BiLoginError::File)
}

/// Takes that login away; nothing happens where there is none.
pub async fn revoke_bi_login(
    services: &Services,
    subscription: &SubscriptionId,
    by: &Actor,
) -> Result<(), BiLoginError> {
    let revoked = entry(
        "access.bi-login-revoked",
        json!({}),
        by,
        services.clock.now(),
    );
    note(services, subscription, revoked).await?;
    let warehouse = services.warehouses.open(subscription);
    Ok(warehouse.revoke_bi_login().await?)
}

async fn note(
    services: &Services,
    subscription: &SubscriptionId,
    entry: NewEntry,
) -> Result<(), BiLoginError> {
    if !services.warehouses.have_logins() {
        return Err(BiLoginError::File);
    }
    let mut tx = services.control.begin().await?;
    tx.append_journal(subscription, &entry).await?;
    Ok(tx.commit().await?)
}
