use std::collections::HashMap;

use wynos::{
    catalog::Locale,
    control::{AccountId, Actor, ControlError},
    i18n::text,
};

use crate::{App, http::Member};

/// The names of the people of a subscription, for pages that say who did something.
#[derive(Debug)]
pub(crate) struct People {
    names: HashMap<AccountId, String>,
    me: AccountId,
    locale: Locale,
}

impl People {
    /// Those of the member's subscription.
    pub(crate) async fn of(app: &App, member: &Member) -> Result<Self, ControlError> {
        let members = app.services.control.members(member.id()).await?;
        Ok(Self {
            names: members
                .into_iter()
                .map(|one| (one.account_id, one.name))
                .collect(),
            me: member.account.id.clone(),
            locale: member.visitor.locale,
        })
    }

    /// Whoever did something, in words.
    pub(crate) fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Account(id) => self.account(id),
            Actor::ApiToken(_) => text(self.locale, "console-actor-token"),
            Actor::CommandLine => text(self.locale, "console-actor-cli"),
            Actor::System => text(self.locale, "console-actor-system"),
        }
    }

    /// A person, in words.
    pub(crate) fn account(&self, id: &AccountId) -> String {
        if *id == self.me {
            return text(self.locale, "console-actor-you");
        }
        let name = self.names.get(id).cloned();
        name.unwrap_or_else(|| text(self.locale, "console-actor-gone"))
    }
}

/// A language's name in itself.
pub(crate) const fn language_name(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "English",
        Locale::Pl => "Polski",
        Locale::Ru => "Русский",
    }
}
