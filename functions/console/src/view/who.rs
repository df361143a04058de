use std::collections::HashMap;

use serde_json::Value;
use wynos::{
    catalog::Locale,
    control::{AccountId, Actor, ApiTokenId, ControlError},
    i18n::text,
    journal::Entry,
};

use super::Named;
use crate::{App, http::Member};

/// The names of the people and programs of a subscription, for pages that say who did something.
#[derive(Debug)]
pub(crate) struct People {
    names: HashMap<AccountId, String>,
    tokens: HashMap<ApiTokenId, String>,
    me: AccountId,
    locale: Locale,
}

impl People {
    /// Those of the member's subscription.
    pub(crate) async fn of(app: &App, member: &Member) -> Result<Self, ControlError> {
        let members = app.services.control.members(member.id()).await?;
        let tokens = app.services.control.api_tokens(member.id()).list().await?;
        Ok(Self {
            names: members
                .into_iter()
                .map(|one| (one.account_id, one.name))
                .collect(),
            tokens: tokens.into_iter().map(|one| (one.id, one.name)).collect(),
            me: member.account.id.clone(),
            locale: member.visitor.locale,
        })
    }

    /// Whoever did something, in words.
    pub(crate) fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Account(id) => self.account(id),
            Actor::ApiToken(id) => self.token(id),
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

    fn token(&self, id: &ApiTokenId) -> String {
        let program = text(self.locale, "console-actor-token");
        match self.tokens.get(id) {
            Some(name) => format!("{program}: {name}"),
            None => program,
        }
    }

    /// An entry whose ids of people and programs are their names, where they are known: the journal itself keeps ids alone.
    pub(crate) fn named(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        let Value::Object(details) = &mut entry.details else {
            return entry;
        };
        let known = |id: Option<&str>| self.names.get(&id?.parse::<AccountId>().ok()?).cloned();
        if let Some(name) = known(details.get("account").and_then(Value::as_str)) {
            details.insert("account".to_owned(), name.into());
        }
        let known = |id: Option<&str>| self.tokens.get(&id?.parse::<ApiTokenId>().ok()?).cloned();
        if let Some(name) = known(details.get("token").and_then(Value::as_str)) {
            details.insert("token".to_owned(), name.into());
        }
        entry
    }

    /// Whose doings can be asked for: all people, each of them, all programs, each of them, and the system itself.
    pub(crate) fn choices(&self, chosen: &str) -> Vec<Named> {
        let named = |name: String, label: String| Named {
            chosen: name == chosen,
            name,
            label,
        };
        let mut people: Vec<Named> = self
            .names
            .iter()
            .map(|(id, name)| named(Actor::Account(id.clone()).to_string(), name.clone()))
            .collect();
        let tokens = self.tokens.keys().map(|id| {
            let actor = Actor::ApiToken(id.clone());
            named(actor.to_string(), self.token(id))
        });
        let mut tokens: Vec<Named> = tokens.collect();
        people.sort_by(|one, other| one.label.cmp(&other.label));
        tokens.sort_by(|one, other| one.label.cmp(&other.label));
        let all = |name: &str, key: &str| named(name.to_owned(), text(self.locale, key));
        let mut choices = vec![all("account", "console-journal-people")];
        choices.extend(people);
        choices.push(all("token", "console-journal-programs"));
        choices.extend(tokens);
        for actor in [Actor::CommandLine, Actor::System] {
            choices.push(named(actor.to_string(), self.actor(&actor)));
        }
        choices
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
