use std::path::Path;

use url::Url;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{AccountId, NewAccount, NewSubscription, Password, Plan, Role},
    ports::random_text,
    services::Services,
};

/// The owner's address.
pub(super) const OWNER: &str = "owner@shop.example";
/// The address of another owner.
pub(super) const COLLEAGUE: &str = "partner@shop.example";

/// The accounts and subscriptions of the demonstration.
pub(super) struct People {
    /// The shop.
    pub(super) shop: SubscriptionId,
    /// The subscription that the shop moves to.
    pub(super) moved_to: SubscriptionId,
    /// The salon's subscription.
    pub(super) salon: SubscriptionId,
    /// The owner of all.
    pub(super) owner: AccountId,
    /// The password of both accounts.
    pub(super) password: String,
}

impl People {
    /// Makes three subscriptions and two people who own all of them.
    pub(super) async fn make(services: &Services) -> anyhow::Result<Self> {
        let now = services.clock.now();
        let password = random_text::<16>();
        let hashed = Password::hash(&password).await?;
        let mut tx = services.control.begin().await?;
        let mut accounts = Vec::new();
        for (email, name) in [(OWNER, "Anna Nowak"), (COLLEAGUE, "Jan Nowak")] {
            let account = NewAccount {
                email: email.to_owned(),
                name: name.to_owned(),
                locale: Locale::En,
                password: hashed.clone(),
            };
            accounts.push(tx.create_account(&account, now).await?);
        }
        let shop = tx
            .create_subscription(&subscription("Serwis Nowak"), now)
            .await?
            .id;
        let moved_to = tx
            .create_subscription(&subscription("Serwis Nowak, new"), now)
            .await?
            .id;
        let salon = tx
            .create_subscription(&subscription("Salon Nowak"), now)
            .await?
            .id;
        for account in &accounts {
            for subscription in [&shop, &moved_to, &salon] {
                tx.set_role(subscription, &account.id, Role::Owner, now)
                    .await?;
            }
        }
        tx.commit().await?;
        let owner = accounts.into_iter().next().map(|account| account.id);
        let owner = owner.ok_or_else(|| anyhow::anyhow!("no account was made"))?;
        Ok(Self {
            shop,
            moved_to,
            salon,
            owner,
            password,
        })
    }
}

fn subscription(name: &str) -> NewSubscription {
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

/// The link to the download page in a mail of the outbox.
pub(super) fn link_in(mail: &Path, console: &Url) -> Option<Url> {
    // Long lines of a mail are broken by `=` at their ends, and an `=` of the text is written `=3D`.
    let text = std::fs::read_to_string(mail)
        .ok()?
        .replace("=\r\n", "")
        .replace("=3D", "=");
    let start = console.join("d/").ok()?;
    let (_, rest) = text.split_once(start.as_str())?;
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
        .collect();
    start.join(&token).ok()
}
