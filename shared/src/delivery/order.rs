use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    DeliveryError, Expectation, OrderProblem, Selection, build::Spec, journaled, messages,
};
use crate::{
    SubscriptionId,
    catalog::Locale,
    control::{AccountId, Actor, Delivery, FileFormat, NewDelivery, Ordered, Role, Subscription},
    exchange::ProfileName,
    journal::{Category, NewEntry, Severity},
    services::{Dispatcher, Services},
    warehouse::Filter,
    yclients::{pull, reports},
};

/// What we promise at the latest, whatever the time expected.
const PROMISE: TimeDelta = TimeDelta::hours(24);

/// An order that nobody began to build after this long is sent again.
const STUCK_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Orders sent again in one go.
const STUCK_AT_ONCE: usize = 500;

/// Finished files that the expected time is taken from.
const RECENT: usize = 20;

/// The longest purpose, in characters.
const MAX_PURPOSE: usize = 500;

/// What somebody orders. [`Order::new`] fills in what most orders leave open.
#[derive(Debug, Clone)]
pub struct Order {
    /// Whose data.
    pub subscription: SubscriptionId,
    /// Who orders.
    pub ordered_by: Actor,
    /// Whose mail the link goes to and who may claim the file, beside the owners; the person who orders, if it is one, else
    /// an owner.
    pub recipient: Option<AccountId>,
    /// The format.
    pub format: FileFormat,
    /// The table or prepared list; only lists (CSV, XLSX) have one.
    pub table: Option<String>,
    /// What an exchange file carries.
    pub profile: ProfileName,
    /// The language and conventions of the file.
    pub locale: Locale,
    /// Which rows of a list.
    pub filter: Filter,
    /// Which columns of a list, in order; empty for the list's own.
    pub columns: Vec<String>,
    /// Whether a list has names and values as they are stored, for programs.
    pub plain: bool,
    /// Whether values of PASSWORD fields leave too: for owners, in exchange files of the profile full.
    pub include_passwords: bool,
    /// What the data is taken out for.
    pub purpose: Option<String>,
    /// The same for every attempt to place this order.
    pub idempotency_key: Option<String>,
}

impl Order {
    /// An order of everything that the format carries, in the subscription's language if none is said.
    pub fn new(subscription: SubscriptionId, ordered_by: Actor, format: FileFormat) -> Self {
        Self {
            subscription,
            recipient: ordered_by.account().cloned(),
            ordered_by,
            format,
            table: None,
            profile: ProfileName::Full,
            locale: Locale::default(),
            filter: Filter::All,
            columns: Vec::new(),
            plain: false,
            include_passwords: false,
            purpose: None,
            idempotency_key: None,
        }
    }

    /// The file that is ordered; refused when it cannot be made or taken out by this actor.
    pub(super) async fn spec(
        &self,
        services: &Services,
        subscription: &Subscription,
    ) -> Result<Spec, DeliveryError> {
        let spec = Spec {
            subscription: self.subscription.clone(),
            format: self.format,
            table: self.table.clone(),
            profile: self.profile,
            locale: self.locale,
            zone: subscription.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC),
            selection: self.selection(),
            passwords: self.include_passwords,
            shop: subscription.name.clone(),
            country: subscription.country.clone(),
            reports: reports::tables(&services.control, &self.subscription).await?,
        };
        spec.check()?;
        let too_long = self
            .purpose
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_PURPOSE);
        if too_long {
            let problem = OrderProblem::LongPurpose(MAX_PURPOSE);
            return Err(DeliveryError::order("purpose", problem));
        }
        if self
            .purpose
            .as_ref()
            .is_some_and(|text| text.contains('\0'))
        {
            return Err(DeliveryError::order("purpose", OrderProblem::NulInPurpose));
        }
        if self.include_passwords && !self.is_owners(services).await? {
            return Err(DeliveryError::PasswordsForOwners);
        }
        Ok(spec)
    }

    fn selection(&self) -> Selection {
        Selection {
            filter: self.filter.clone(),
            columns: self.columns.clone(),
            plain: self.plain,
        }
    }

    /// Whether an owner orders: signed in, or at the machine itself.
    async fn is_owners(&self, services: &Services) -> Result<bool, DeliveryError> {
        match &self.ordered_by {
            Actor::CommandLine | Actor::System => Ok(true),
            Actor::ApiToken(_) => Ok(false),
            Actor::Account(account) => {
                let role = services.control.role(&self.subscription, account).await?;
                Ok(role == Some(Role::Owner))
            }
        }
    }

    fn new_delivery(&self, zone: String) -> NewDelivery {
        NewDelivery {
            ordered_by: self.ordered_by.clone(),
            recipient: self.recipient.clone(),
            format: self.format,
            table: self.table.clone(),
            profile: (self.format == FileFormat::Xml).then(|| self.profile.to_string()),
            locale: self.locale,
            time_zone: zone,
            selection: self.selection().to_json(),
            include_passwords: self.include_passwords,
            purpose: self.purpose.clone(),
        }
    }
}

/// Takes an order: the delivery and its journal entry in one transaction, then a message to build it. Once the
/// transaction is committed the order stands; a message that could not be sent is sent by [`resend_stuck`].
///
/// The same order under the same idempotency key is taken once and answered alike.
///
/// An order that no person is behind, by a program or at the machine, goes to an owner: somebody has to be able to take it.
pub async fn order(services: &Services, mut order: Order) -> Result<Delivery, DeliveryError> {
    let subscription = services.control.subscription(&order.subscription).await?;
    if order.recipient.is_none() {
        let members = services.control.members(&order.subscription).await?;
        let owner = members
            .into_iter()
            .find(|member| member.role == Role::Owner);
        order.recipient = owner.map(|owner| owner.account_id);
    }
    order.spec(services, &subscription).await?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let ordered = tx
        .deliveries(&order.subscription)
        .order(
            &order.new_delivery(subscription.time_zone),
            order.idempotency_key.as_deref(),
            &services.keys.links,
            now,
        )
        .await?;
    if let Ordered::New(delivery) = &ordered {
        tx.append_journal(&order.subscription, &entry(delivery, now))
            .await?;
    }
    tx.commit().await?;
    pull::used(services, &order.subscription, None).await;
    let delivery = ordered.into_delivery();
    if let Err(error) =
        messages::build(&*services.queue, &delivery.subscription_id, &delivery.id).await
    {
        tracing::warn!(delivery = %delivery.id, %error, "the order is taken, its message will be sent again");
    }
    Ok(delivery)
}

fn entry(delivery: &Delivery, now: chrono::DateTime<Utc>) -> NewEntry {
    NewEntry {
        at: now,
        category: Category::Export,
        severity: Severity::Info,
        source_id: None,
        actor: delivery.ordered_by.clone(),
        code: "export.ordered".to_owned(),
        counts: std::collections::BTreeMap::default(),
        details: journaled(delivery, json!({})),
        dedupe_key: format!("export.ordered:{}", delivery.id),
    }
}

/// Sends the messages of orders that nobody began to build for a minute again; how many. A message that is still
/// waiting is not doubled: the queue knows it by its key.
pub async fn resend_stuck(dispatcher: &Dispatcher) -> Result<usize, DeliveryError> {
    let before = dispatcher.clock.now() - STUCK_AFTER;
    let stuck = dispatcher
        .control
        .housekeeping()
        .not_started(before, STUCK_AT_ONCE)
        .await?;
    for (subscription, delivery) in &stuck {
        messages::build(&*dispatcher.queue, subscription, delivery).await?;
    }
    Ok(stuck.len())
}

/// By when an order that is under way is likely to be ready, in UTC; `None` where nothing tells.
pub async fn expected_at(
    services: &Services,
    delivery: &Delivery,
) -> Result<Option<DateTime<Utc>>, DeliveryError> {
    let expectation = expected(services, &delivery.subscription_id, delivery.format).await?;
    Ok(expectation.expected.map(|span| delivery.ordered_at + span))
}

/// How long a file of that format is going to take: what three of four of the latest ones took at most, waiting included.
pub async fn expected(
    services: &Services,
    subscription: &SubscriptionId,
    format: FileFormat,
) -> Result<Expectation, DeliveryError> {
    let deliveries = services.control.deliveries(subscription);
    let mut times = deliveries.build_times(format, RECENT).await?;
    times.sort_unstable();
    let third_quarter = (times.len() * 3).div_ceil(4).saturating_sub(1);
    Ok(Expectation {
        expected: times.get(third_quarter).copied(),
        promised: PROMISE,
    })
}
