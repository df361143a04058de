use chrono_tz::Tz;

use crate::catalog::Locale;

/// How a list is written for those who read it.
///
/// A localised list is for people with a spreadsheet: headers and labels in their language, a byte-order mark, CRLF, the
/// separator and decimal sign that a spreadsheet of that language expects. The plain one is for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    locale: Option<Locale>,
    zone: Tz,
}

impl Convention {
    /// For programs: names and values as stored, comma, point, LF, times in UTC.
    pub const fn plain() -> Self {
        Self {
            locale: None,
            zone: Tz::UTC,
        }
    }

    /// For people who read this language, with times in the business's zone.
    pub const fn localised(locale: Locale, zone: Tz) -> Self {
        Self {
            locale: Some(locale),
            zone,
        }
    }

    /// The language of headers and labels; `None` for names and values as stored.
    pub const fn locale(self) -> Option<Locale> {
        self.locale
    }

    /// The zone that times are shown in.
    pub const fn zone(self) -> Tz {
        self.zone
    }

    /// What stands between two cells of a CSV file: a spreadsheet with a decimal comma expects a semicolon.
    pub const fn separator(self) -> u8 {
        if self.decimal_comma() { b';' } else { b',' }
    }

    /// Whether the decimal sign of CSV files is a comma.
    pub const fn decimal_comma(self) -> bool {
        matches!(self.locale, Some(Locale::Pl | Locale::Ru))
    }

    /// What ends a row of a CSV file.
    pub const fn newline(self) -> &'static [u8] {
        if self.locale.is_some() {
            b"\r\n"
        } else {
            b"\n"
        }
    }

    /// What a CSV file begins with; without the mark Excel takes UTF-8 for the ANSI code page.
    pub const fn byte_order_mark(self) -> &'static [u8] {
        if self.locale.is_some() {
            b"\xEF\xBB\xBF"
        } else {
            b""
        }
    }

    /// The words for true and false.
    pub const fn boolean(self, flag: bool) -> &'static str {
        match (self.locale, flag) {
            (None, true) => "true",
            (None, false) => "false",
            (Some(Locale::En), true) => "yes",
            (Some(Locale::En), false) => "no",
            (Some(Locale::Pl), true) => "tak",
            (Some(Locale::Pl), false) => "nie",
            (Some(Locale::Ru), true) => "да",
            (Some(Locale::Ru), false) => "нет",
        }
    }
}
