//! The vendor's settings of webhooks, which are one thing for the whole company: writing them replaces everything, other
//! integrations' addresses too (vendor's integration notes, 2026-09; facts, section 3.1).

use serde_json::{Map, Value as Json, json};

use super::{Kinds, RegistrationError};

/// The most addresses that the vendor takes.
pub(super) const MOST: usize = 10;

/// What is told of, as far as tables are kept of it.
const FLAGS: [&str; 13] = [
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
];

/// The settings as they were read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HookSettings {
    fields: Map<String, Json>,
    urls: Vec<String>,
}

impl HookSettings {
    /// Takes what the vendor answered.
    pub fn read(data: Json) -> Result<Self, RegistrationError> {
        let Json::Object(fields) = data else {
            return Err(RegistrationError::Unreadable);
        };
        let urls = match fields.get("urls") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(urls)) => urls
                .iter()
                .map(|url| url.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(RegistrationError::Unreadable)?,
            // A list without addresses may come as an empty object, and with gaps as one of positions.
            Some(Json::Object(urls)) => urls
                .values()
                .map(|url| url.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(RegistrationError::Unreadable)?,
            Some(_) => return Err(RegistrationError::Unreadable),
        };
        Ok(Self { fields, urls })
    }

    /// Whether anything is sent at all.
    pub fn is_active(&self) -> bool {
        is_on(self.fields.get("active"))
    }

    /// Whether events are sent to this address.
    pub fn has(&self, url: &str) -> bool {
        self.urls.iter().any(|known| known == url)
    }

    /// Whether there is an address of ours; they all have this in them.
    pub fn has_ours(&self, common: &str) -> bool {
        self.urls.iter().any(|url| url.contains(common))
    }

    /// An address of ours other than this one.
    pub fn ours_elsewhere(&self, url: &str, common: &str) -> Option<&str> {
        let mut known = self.urls.iter().map(String::as_str);
        known.find(|known| *known != url && known.contains(common))
    }

    /// How many addresses are not ours.
    pub fn others(&self, common: &str) -> usize {
        self.others_of(common).count()
    }

    /// What this address is not told of. Where the vendor shows flags by address, those of this one count: the others are of
    /// the first address then (vendor's integration notes, 2026-09; facts, section 3.1).
    pub fn missing(&self, url: &str) -> Vec<&'static str> {
        let is_its = |entry: &&Json| entry.get("url").and_then(Json::as_str) == Some(url);
        let own = self.by_address().into_iter().find(is_its);
        let flag = |name: &str| {
            let own = own.and_then(|own| own.get(name));
            own.or_else(|| self.fields.get(name))
        };
        let off = FLAGS.into_iter();
        off.filter(|name| !is_on(flag(name))).collect()
    }

    /// What to write so that our address is among them, in the place of any before it. What others have stays as it is, or
    /// all kinds are switched on for them too, where that is wanted: the vendor takes flags for all addresses together. Where
    /// there are no others, everything is switched on.
    pub fn with(&self, url: &str, common: &str, kinds: Kinds) -> Result<Json, RegistrationError> {
        let mut urls: Vec<&str> = self.others_of(common).collect();
        if urls.len() >= MOST {
            return Err(RegistrationError::Full { limit: MOST });
        }
        let all = urls.is_empty() || kinds == Kinds::Add;
        self.check_others(common)?;
        if !all && !self.is_active() {
            return Err(RegistrationError::SwitchedOff);
        }
        urls.push(url);
        Ok(self.body(&urls, all, true))
    }

    /// What to write so that no address of ours is among them. The vendor takes no empty list: the last one is left there
    /// and everything is switched off.
    pub fn without(&self, common: &str) -> Result<Json, RegistrationError> {
        self.check_others(common)?;
        let others: Vec<&str> = self.others_of(common).collect();
        if others.is_empty() {
            let ours: Vec<&str> = self.urls.iter().map(String::as_str).collect();
            return Ok(self.body(&ours, false, false));
        }
        Ok(self.body(&others, false, self.is_active()))
    }

    fn others_of(&self, common: &str) -> impl Iterator<Item = &str> {
        let mut seen = std::collections::BTreeSet::new();
        self.urls
            .iter()
            .map(String::as_str)
            .filter(move |url| !url.contains(common) && seen.insert(*url))
    }

    /// Writing gives every address the same flags. Where they differ between addresses of others, that would change what
    /// those get.
    fn check_others(&self, common: &str) -> Result<(), RegistrationError> {
        let is_ours = |entry: &Json| {
            let url = entry.get("url").and_then(Json::as_str);
            url.is_some_and(|url| url.contains(common))
        };
        let flags = |entry: &Json| FLAGS.map(|flag| is_on(entry.get(flag)));
        let top = FLAGS.map(|flag| is_on(self.fields.get(flag)));
        let differs = |entry: &&Json| !is_ours(entry) && flags(entry) != top;
        if self.by_address().iter().any(differs) {
            return Err(RegistrationError::Differing);
        }
        Ok(())
    }

    /// The flags of single addresses, where the vendor shows them. It takes none back: writing gives all the same.
    fn by_address(&self) -> Vec<&Json> {
        match self.fields.get("url_settings") {
            Some(Json::Array(entries)) => entries.iter().collect(),
            Some(Json::Object(entries)) => entries.values().collect(),
            _ => Vec::new(),
        }
    }

    fn body(&self, urls: &[&str], all: bool, active: bool) -> Json {
        let mut body = Map::new();
        for (name, value) in &self.fields {
            // Flags that we do not know are sent back as they came.
            if name != "url_settings" && !value.is_object() && !value.is_array() {
                body.insert(name.clone(), value.clone());
            }
        }
        for flag in FLAGS.into_iter().filter(|_| all) {
            body.insert(flag.to_owned(), json!(1));
        }
        body.insert("urls".to_owned(), json!(urls));
        body.insert("active".to_owned(), json!(u8::from(active)));
        Json::Object(body)
    }
}

fn is_on(flag: Option<&Json>) -> bool {
    match flag {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::Number(number)) => number.as_i64() != Some(0),
        Some(Json::String(text)) => text != "0" && !text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "/hooks/sampleshop-a1b2c3d4/";

    fn settings(data: Json) -> HookSettings {
        HookSettings::read(data).unwrap()
    }

    #[test]
    fn ours_is_added_and_what_others_have_stays() {
        let before = settings(
            json!({ "urls": ["https://crm.test/a?x=1"], "active": 1, "record": 1, "client": 0,
            "self_sending": 0, "loyalty_card": 1 }),
        );
        let url = format!("{OURS}1.mac");
        let body = before.with(&url, OURS, Kinds::Keep).unwrap();
        assert_eq!(
            body,
            json!({ "urls": ["https://crm.test/a?x=1", url], "active": 1, "record": 1, "client": 0,
                "self_sending": 0, "loyalty_card": 1 })
        );
        let after = settings(body);
        assert!(after.has(&url) && after.missing(&url).contains(&"client"));
        assert_eq!(after.ours_elsewhere(&url, OURS), None);
        assert_eq!(after.ours_elsewhere("https://new.test", OURS), Some(&*url));
        assert_eq!(
            after.without(OURS).unwrap()["urls"],
            json!(["https://crm.test/a?x=1"])
        );
        let rotated = after
            .with(&format!("{OURS}2.mac"), OURS, Kinds::Keep)
            .unwrap();
        assert_eq!(
            rotated["urls"],
            json!(["https://crm.test/a?x=1", format!("{OURS}2.mac")])
        );
    }

    #[test]
    fn an_address_from_where_we_were_reached_before_is_ours() {
        let (before, now) = (
            format!("http://127.0.0.1:8787{OURS}1.mac"),
            format!("https://wynos.test{OURS}1.mac"),
        );
        let there = settings(json!({ "urls": ["https://crm.test/", before], "active": 1 }));
        assert!(there.has_ours(OURS) && !there.has(&now));
        assert_eq!(there.others(OURS), 1);
        let moved = there.with(&now, OURS, Kinds::Keep).unwrap();
        assert_eq!(moved["urls"], json!(["https://crm.test/", now]));
        assert_eq!(
            there.without(OURS).unwrap()["urls"],
            json!(["https://crm.test/"])
        );
    }

    #[test]
    fn alone_everything_is_switched_on_and_off_again() {
        let url = format!("{OURS}1.mac");
        let body = settings(json!({ "urls": [], "active": 0, "record": 0 }))
            .with(&url, OURS, Kinds::Keep)
            .unwrap();
        let after = settings(body);
        assert!(after.is_active() && after.missing(&url).is_empty());
        let off = after.without(OURS).unwrap();
        assert_eq!(
            (&off["active"], &off["urls"]),
            (&json!(0), &json!([url])),
            "an empty list is not taken"
        );
    }

    #[test]
    fn kinds_are_added_for_all_where_that_is_wanted_and_what_is_on_stays_on() {
        let url = format!("{OURS}1.mac");
        for active in [1, 0] {
            let before = settings(
                json!({ "urls": ["https://crm.test/"], "active": active, "record": 1,
                "client": 0, "self_sending": 1, "loyalty_card": 1, "schedule": 0 }),
            );
            let body = before.with(&url, OURS, Kinds::Add).unwrap();
            assert_eq!(body["urls"], json!(["https://crm.test/", url]));
            for on in FLAGS
                .iter()
                .chain(&["active", "self_sending", "loyalty_card"])
            {
                assert_eq!(body[on], json!(1), "{on}");
            }
            assert_eq!(body["schedule"], json!(0), "no table is kept of it");
            let after = settings(body);
            assert!(after.is_active() && after.missing(&url).is_empty());
        }
    }

    #[test]
    fn flags_of_the_address_itself_count_where_the_vendor_shows_them() {
        let url = format!("{OURS}1.mac");
        let mut data = json!({ "urls": ["https://crm.test/", url], "active": 1 });
        for flag in FLAGS {
            data[flag] = json!(1);
        }
        let mut own = data.clone();
        own["url"] = json!(url);
        own["client"] = json!(0);
        data["url_settings"] = json!([{ "url": "https://crm.test/", "client": 1 }, own]);
        let settings = settings(data);
        assert_eq!(settings.missing(&url), ["client"]);
        assert!(settings.missing("https://crm.test/").is_empty());
    }

    #[test]
    fn what_would_change_others_is_refused() {
        let url = format!("{OURS}1.mac");
        let off = settings(json!({ "urls": ["https://crm.test/"], "active": 0 }));
        assert!(matches!(
            off.with(&url, OURS, Kinds::Keep),
            Err(RegistrationError::SwitchedOff)
        ));
        let full: Vec<_> = (0..MOST)
            .map(|number| format!("https://crm.test/{number}"))
            .collect();
        let full = settings(json!({ "urls": full, "active": 1 }));
        assert!(matches!(
            full.with(&url, OURS, Kinds::Add),
            Err(RegistrationError::Full { limit: 10 })
        ));
        let differing = settings(
            json!({ "urls": ["https://a.test/", "https://b.test/"], "active": 1, "record": 1,
            "url_settings": [{ "url": "https://a.test/", "record": 1 }, { "url": "https://b.test/", "client": 1 }] }),
        );
        assert!(matches!(
            differing.with(&url, OURS, Kinds::Add),
            Err(RegistrationError::Differing)
        ));
        assert!(HookSettings::read(json!([])).is_err());
        assert!(HookSettings::read(json!({ "urls": [3] })).is_err());
    }
}
