//! Texts for people, in every supported language. Each area of the system has a Fluent file of its own per language.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::catalog::Locale;

type Bundle = FluentBundle<FluentResource>;

/// The texts of one language, as the program carries them.
macro_rules! sources {
    ($locale:literal) => {
        [
            include_str!(concat!("texts/", $locale, "/mail.ftl")),
            include_str!(concat!("texts/", $locale, "/problems.ftl")),
            include_str!(concat!("texts/", $locale, "/journal.ftl")),
            include_str!(concat!("texts/", $locale, "/console.ftl")),
            include_str!(concat!("texts/", $locale, "/import.ftl")),
            include_str!(concat!("texts/", $locale, "/planner.ftl")),
            include_str!(concat!("texts/", $locale, "/reconciliation.ftl")),
            include_str!(concat!("texts/", $locale, "/sources.ftl")),
            include_str!(concat!("texts/", $locale, "/access.ftl")),
        ]
    };
}

static BUNDLES: LazyLock<[(Locale, Bundle); 3]> =
    LazyLock::new(|| Locale::ALL.map(|locale| (locale, bundle(locale))));

/// What a text is filled in with, by name.
#[derive(Debug, Default)]
pub struct Args<'a>(fluent_bundle::FluentArgs<'a>);

impl<'a> Args<'a> {
    /// Nothing to fill in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fills in a value under a name. Numbers choose the plural form that the language asks for.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Into<FluentValue<'a>>) -> Self {
        self.0.set(name, value);
        self
    }
}

/// The text of this key without anything to fill in.
pub fn text(locale: Locale, key: &str) -> String {
    text_with(locale, key, &Args::new())
}

/// The text of this key without anything to fill in, where there is one.
pub fn known(locale: Locale, key: &str) -> Option<String> {
    [locale, Locale::En]
        .into_iter()
        .find_map(|locale| format(locale, key, &Args::new()))
}

/// The text of this key; English where the language lacks it, and the key itself where English does too.
pub fn text_with(locale: Locale, key: &str, args: &Args<'_>) -> String {
    [locale, Locale::En]
        .into_iter()
        .find_map(|locale| format(locale, key, args))
        .unwrap_or_else(|| key.to_owned())
}

fn format(locale: Locale, key: &str, args: &Args<'_>) -> Option<String> {
    // Whoever is built so shows nobody a text, and leaves all of them and their engine out.
    if cfg!(wordless) {
        return None;
    }
    let (_, bundle) = BUNDLES.iter().find(|(known, _)| *known == locale)?;
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args.0), &mut errors);
    Some(Cow::into_owned(text))
}

fn bundle(locale: Locale) -> Bundle {
    let language: LanguageIdentifier = locale.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // The marks that isolate directions would show up in mails and files, and all three languages run left to right.
    bundle.set_use_isolating(false);
    for source in texts(locale) {
        // A file with a fault still gives its sound messages; the test below lets no fault through.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

const fn texts(locale: Locale) -> [&'static str; 9] {
    match locale {
        Locale::En => sources!("en"),
        Locale::Pl => sources!("pl"),
        Locale::Ru => sources!("ru"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Keys with the names they are filled in with.
    fn keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for source in texts(locale) {
            let resource = FluentResource::try_new(source.to_owned())
                .map_err(|(_, errors)| errors)
                .expect("a sound file");
            assert!(resource.entries().count() > 0);
            let mut key = String::new();
            for line in source.lines() {
                if let Some((name, _)) = line
                    .split_once(" =")
                    .filter(|(name, _)| !name.starts_with([' ', '#']))
                {
                    key = name.to_owned();
                    let previous: Option<BTreeSet<String>> =
                        keys.insert(key.clone(), BTreeSet::new());
                    assert_eq!(previous, None, "{key} stands twice in {locale:?}");
                }
                for name in line.split('$').skip(1) {
                    let name: String = name
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '-' || *c == '_')
                        .collect();
                    keys.entry(key.clone()).or_default().insert(name);
                }
            }
        }
        keys
    }

    #[test]
    fn every_language_has_every_text_with_the_same_names_to_fill_in() {
        let english = keys(Locale::En);
        for locale in [Locale::Pl, Locale::Ru] {
            let other = keys(locale);
            let names = |keys: &BTreeMap<String, BTreeSet<String>>| {
                keys.keys().cloned().collect::<BTreeSet<_>>()
            };
            let difference: Vec<_> = names(&english)
                .symmetric_difference(&names(&other))
                .cloned()
                .collect();
            assert!(
                difference.is_empty(),
                "{locale:?} and English differ in {difference:?}"
            );
            for (key, arguments) in &english {
                assert_eq!(Some(arguments), other.get(key), "{key} in {locale:?}");
            }
        }
    }

    #[test]
    fn a_text_that_is_nowhere_reads_as_its_key() {
        assert_eq!(text(Locale::Pl, "no-such-text"), "no-such-text");
    }
}
