use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A language that labels, messages and files come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Polish.
    Pl,
    /// Russian.
    Ru,
}

impl Locale {
    /// Every supported language.
    pub const ALL: [Self; 3] = [Self::En, Self::Pl, Self::Ru];

    /// The two-letter ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pl => "pl",
            Self::Ru => "ru",
        }
    }

    /// Reads a language tag such as `pl`, `pl-PL` or `ru_RU`; `None` for a language that is not supported.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|locale| locale.code() == primary)
    }
}

/// A name that people read, in every supported language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// English.
    pub en: Cow<'static, str>,
    /// Polish.
    pub pl: Cow<'static, str>,
    /// Russian.
    pub ru: Cow<'static, str>,
}

impl Label {
    /// The label in one language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Pl => &self.pl,
            Locale::Ru => &self.ru,
        }
    }
}

/// Makes a label of fixed texts.
pub const fn label(en: &'static str, pl: &'static str, ru: &'static str) -> Label {
    Label {
        en: Cow::Borrowed(en),
        pl: Cow::Borrowed(pl),
        ru: Cow::Borrowed(ru),
    }
}
