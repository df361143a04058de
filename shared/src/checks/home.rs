/// The country whose rules hold for what names no country of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Home {
    /// Poland, and wherever no rules are known of.
    #[default]
    Poland,
    /// Russia.
    Russia,
}

impl Home {
    /// That of a business, by its country's code of two letters (ISO 3166-1).
    pub fn of(country: &str) -> Self {
        Self::named(country).unwrap_or_default()
    }

    /// That of a value beside which this country stands; `None` for one whose rules are not known. Without a country it
    /// is the business's own.
    pub(super) fn beside(self, country: Option<&str>) -> Option<Self> {
        match country.map(str::trim) {
            None | Some("") => Some(self),
            Some(country) => Self::named(country),
        }
    }

    fn named(country: &str) -> Option<Self> {
        match country.trim().to_ascii_uppercase().as_str() {
            "PL" => Some(Self::Poland),
            "RU" => Some(Self::Russia),
            _ => None,
        }
    }
}
