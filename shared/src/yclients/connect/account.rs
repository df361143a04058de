use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Company, ConnectError, companies, manage::check_address};
use crate::{
    SourceId, SubscriptionId,
    control::{
        Actor, Credential, CredentialId, CredentialKind, CredentialState, NewCredential, Purpose,
        Spender, Tx, VendorName, VendorToken,
    },
    journal::{Category, NewEntry, Severity},
    services::{Dispatcher, Services},
    yclients::client::{Caller, VendorError},
};

/// How long a credential is kept that nothing was connected with.
const ABANDONED_AFTER: TimeDelta = TimeDelta::hours(24);

/// What lets somebody in at the vendor. `Debug` shows nothing of it.
#[derive(Clone)]
pub enum Entry {
    /// A login, which is a telephone number or an e-mail address, and the password. The password is exchanged for a token
    /// and forgotten.
    Password {
        /// The login.
        login: String,
        /// The password.
        password: String,
    },
    /// The token of an application's system user.
    Token(VendorToken),
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Password { .. } => "Password(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// Somebody signs in at a vendor for a subscription.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The vendor.
    pub vendor: VendorName,
    /// Where the vendor is reached, if not at the configured address.
    pub base_url: Option<String>,
    /// What lets them in.
    pub entry: Entry,
    /// Who does it.
    pub by: Actor,
}

/// Signs in, keeps the token as a credential, and lists the companies that the account sees. Where a source signs in with the
/// same token already, it is the same account's, and its credential is given, so that one renewal serves all of its sources. A
/// credential that nothing is connected with is forgotten after a day, or by [`discard`].
pub async fn sign_in(
    services: &Services,
    sign_in: &SignIn,
) -> Result<(Credential, Vec<Company>), ConnectError> {
    if let Some(address) = &sign_in.base_url {
        check_address(services, address, &sign_in.by)?;
    }
    let new = enter(services, sign_in).await?;
    let caller = caller_with(services, &sign_in.subscription, &new)?;
    let companies = companies::visible(&caller).await?;
    if companies.is_empty() {
        return Err(ConnectError::NoCompanies);
    }
    if let Some(credential) = in_use(services, &sign_in.subscription, &new).await? {
        return Ok((credential, companies));
    }
    let mut tx = services.control.begin().await?;
    let credential = tx
        .credentials(&sign_in.subscription)
        .create(&new, &services.keys.fields, services.clock.now())
        .await?;
    tx.commit().await?;
    Ok((credential, companies))
}

/// The credential that sources use with this very token. The vendor gives an account the same one until its password changes
/// (facts, section 1.2). Of another token nobody can tell whose it is: the vendor is never asked who signs in, and logins are
/// kept with most of them hidden.
async fn in_use(
    services: &Services,
    subscription: &SubscriptionId,
    new: &NewCredential,
) -> Result<Option<Credential>, ConnectError> {
    let control = &services.control;
    let is_same = |credential: &Credential| {
        let ways = (credential.vendor, credential.kind, &credential.base_url);
        let token = credential.token(&services.keys.fields);
        credential.state == CredentialState::Good
            && ways == (new.vendor, new.kind, &new.base_url)
            && token.is_ok_and(|token| token == new.token)
    };
    let kept = control.credentials(subscription).list().await?;
    for credential in kept.into_iter().filter(is_same) {
        let sources = control.sources(subscription);
        if !sources.of_credential(&credential.id).await?.is_empty() {
            return Ok(Some(credential));
        }
    }
    Ok(None)
}

/// Exchanges what lets somebody in for a credential that is not kept yet.
pub(super) async fn enter(
    services: &Services,
    sign_in: &SignIn,
) -> Result<NewCredential, ConnectError> {
    let (kind, login_masked, token) = match &sign_in.entry {
        Entry::Password { login, password } => {
            let caller = services.vendor.caller(
                &services.control,
                &services.clock,
                spender(&sign_in.subscription, None),
                sign_in.vendor,
                sign_in.base_url.as_deref(),
                None,
            )?;
            let login = login.trim();
            let signed_in = caller.sign_in(&plain_login(login), password).await?;
            (CredentialKind::Login, Some(masked(login)), signed_in.token)
        }
        Entry::Token(token) => (CredentialKind::Application, None, token.clone()),
    };
    Ok(NewCredential {
        vendor: sign_in.vendor,
        base_url: sign_in.base_url.clone(),
        kind,
        login_masked,
        token,
        created_by: sign_in.by.clone(),
    })
}

/// Calls with a token that is not kept yet.
pub(super) fn caller_with(
    services: &Services,
    subscription: &SubscriptionId,
    new: &NewCredential,
) -> Result<Caller, VendorError> {
    services.vendor.caller(
        &services.control,
        &services.clock,
        spender(subscription, None),
        new.vendor,
        new.base_url.as_deref(),
        Some(&new.token),
    )
}

/// Calls with a credential's token.
pub(super) fn caller_of(
    services: &Services,
    credential: &Credential,
    source: Option<&SourceId>,
    purpose: Purpose,
) -> Result<Caller, ConnectError> {
    let token = credential
        .token(&services.keys.fields)
        .map_err(ConnectError::Token)?;
    let spender = Spender {
        purpose,
        ..spender(&credential.subscription_id, source)
    };
    Ok(services.vendor.caller(
        &services.control,
        &services.clock,
        spender,
        credential.vendor,
        credential.base_url.as_deref(),
        Some(&token),
    )?)
}

fn spender(subscription: &SubscriptionId, source: Option<&SourceId>) -> Spender {
    Spender {
        subscription: subscription.clone(),
        source: source.cloned(),
        purpose: Purpose::Connect,
    }
}

/// Forgets a credential that nothing is connected with; nothing happens while something is.
pub async fn discard(
    services: &Services,
    subscription: &SubscriptionId,
    credential: &CredentialId,
) -> Result<(), ConnectError> {
    let mut tx = services.control.begin().await?;
    tx.credentials(subscription)
        .forget_unused(credential)
        .await?;
    Ok(tx.commit().await?)
}

/// Forgets credentials of a day ago that nothing was connected with, and what calls were spent on long ago.
pub async fn tidy(dispatcher: &Dispatcher) -> Result<(), ConnectError> {
    let now = dispatcher.clock.now();
    let mut tx = dispatcher.control.begin().await?;
    tx.forget_abandoned_credentials(now - ABANDONED_AFTER)
        .await?;
    tx.trim_lane_spending(now).await?;
    Ok(tx.commit().await?)
}

/// The vendor takes telephone numbers as digits alone: `79161234567`.
fn plain_login(login: &str) -> String {
    let telephone = !login.contains('@')
        && login
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}'));
    if telephone {
        login.chars().filter(char::is_ascii_digit).collect()
    } else {
        login.to_owned()
    }
}

/// The login with most of it hidden: enough for its owner to know it by.
fn masked(login: &str) -> String {
    let (name, domain) = match login.split_once('@') {
        Some((name, domain)) => (name, format!("@{domain}")),
        None => (login, String::new()),
    };
    let letters: Vec<char> = name.chars().collect();
    let shown = |range: Option<&[char]>| range.unwrap_or_default().iter().collect::<String>();
    let (first, last) = match letters.len() {
        0..=3 => (shown(letters.get(..1)), String::new()),
        length => (shown(letters.get(..2)), shown(letters.get(length - 2..))),
    };
    format!("{first}•••{last}{domain}")
}

/// What an entry of the journal about a source says beside its code.
pub(super) struct Note<'a> {
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) code: &'static str,
    pub(super) source: &'a SourceId,
    pub(super) by: &'a Actor,
    pub(super) counts: BTreeMap<String, i64>,
    pub(super) details: Value,
    /// What tells this happening from another one of the same code and source.
    pub(super) once: String,
}

impl<'a> Note<'a> {
    /// A change of settings of a source that has this name, at that time.
    pub(super) fn settings(
        code: &'static str,
        source: &'a SourceId,
        name: &str,
        by: &'a Actor,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            category: Category::Settings,
            severity: Severity::Info,
            code,
            source,
            by,
            counts: BTreeMap::new(),
            details: json!({ "source": name }),
            once: at.timestamp_micros().to_string(),
        }
    }

    /// Notes it in this transaction.
    pub(super) async fn write(self, tx: &mut Tx, at: DateTime<Utc>) -> Result<(), ConnectError> {
        let entry = NewEntry {
            at,
            category: self.category,
            severity: self.severity,
            source_id: Some(self.source.to_string()),
            actor: self.by.clone(),
            code: self.code.to_owned(),
            counts: self.counts,
            details: self.details,
            dedupe_key: format!("{}:{}:{}", self.code, self.source, self.once),
        };
        tx.append_journal(self.source.subscription(), &entry)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_known_to_their_owners_alone() {
        for (login, shown) in [
            ("+79161234567", "+7•••67"),
            ("anna.kowalska@example.com", "an•••ka@example.com"),
            ("ab@example.com", "a•••@example.com"),
            ("", "•••"),
        ] {
            assert_eq!(masked(login), shown);
        }
    }

    #[test]
    fn telephone_numbers_are_sent_as_digits() {
        assert_eq!(plain_login("+7 (916) 123-45-67"), "79161234567");
        assert_eq!(plain_login("a-1@example.com"), "a-1@example.com");
    }
}
