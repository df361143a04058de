use std::str::FromStr;

use rust_decimal::Decimal;

/// What may stand beside an amount: currencies and units of the shops this is for.
const MARKS: [&str; 17] = [
    "zł", "pln", "eur", "€", "usd", "$", "gbp", "£", "руб.", "руб", "rub", "р.", "₽", "%", "szt.",
    "szt", "шт",
];

/// Reads an exact number with at most this many digits after the sign; zeros beyond them are allowed.
///
/// Both decimal signs are read. Where both stand, the last is the decimal one; a sign that stands more than once, or that
/// three digits follow where the column keeps fewer, groups thousands. Spaces of every kind and `'` group too.
pub(super) fn decimal(text: &str, scale: u32) -> Option<Decimal> {
    let bare = bare(text);
    let plain = match decimal_sign(&bare, scale) {
        None => bare.replace([',', '.'], ""),
        Some(sign) => {
            let other = if sign == ',' { '.' } else { ',' };
            bare.replace(other, "").replace(sign, ".")
        }
    };
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let valid = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !valid {
        return None;
    }
    fitting(
        Decimal::from_str_exact(plain.strip_prefix('+').unwrap_or(&plain)).ok()?,
        scale,
    )
}

/// A spreadsheet's number as an exact one. Fifteen significant digits are what a spreadsheet keeps; the rest is noise of its
/// arithmetic.
pub(super) fn decimal_of(number: f64, scale: u32) -> Option<Decimal> {
    if !number.is_finite() {
        return None;
    }
    let rounded: f64 = format!("{number:.14e}").parse().ok()?;
    fitting(Decimal::from_str(&rounded.to_string()).ok()?, scale)
}

/// A whole number.
pub(super) fn integer(text: &str) -> Option<i64> {
    let bare = bare(text);
    if let Ok(number) = i64::from_str(&bare) {
        return Some(number);
    }
    i64::try_from(decimal(text, 0)?).ok()
}

/// A whole number out of a spreadsheet's.
pub(super) fn integer_of(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

fn fitting(number: Decimal, scale: u32) -> Option<Decimal> {
    let mut short = number.normalize();
    if short.scale() > scale {
        return None;
    }
    short.rescale(scale);
    // Beyond 28 digits the number cannot be kept to the column's scale.
    (short.scale() == scale).then_some(short)
}

fn bare(text: &str) -> String {
    let mut text = text.trim().to_lowercase();
    for mark in MARKS {
        if let Some(rest) = text.strip_suffix(mark).or_else(|| text.strip_prefix(mark)) {
            text = rest.trim().to_owned();
            break;
        }
    }
    text.chars()
        .filter(|character| !character.is_whitespace() && *character != '\'')
        .map(|character| {
            if character == '\u{2212}' {
                '-'
            } else {
                character
            }
        })
        .collect()
}

fn decimal_sign(text: &str, scale: u32) -> Option<char> {
    let last = text.rfind([',', '.'])?;
    let sign = if text.get(last..)?.starts_with(',') {
        ','
    } else {
        '.'
    };
    let other = if sign == ',' { '.' } else { ',' };
    if text.matches(sign).count() > 1 && !text.contains(other) {
        return None;
    }
    let after = text.len() - last - 1;
    let groups =
        after == 3 && scale < 3 && !text.contains(other) && !text.starts_with(['0', ',', '.']);
    let before = text.get(..last)?.trim_start_matches(['-', '+']).len();
    (!(groups && (1..=3).contains(&before))).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_signs_grouping_and_currencies_are_read() {
        let cases = [
            ("12,50", "12.50"),
            ("12.5", "12.50"),
            ("1 234,50 zł", "1234.50"),
            ("1\u{a0}234,50", "1234.50"),
            ("1\u{202f}234.5", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1,234.50", "1234.50"),
            ("1,234", "1234.00"),
            ("1.234.567", "1234567.00"),
            ("-1.000000000", "-1.00"),
            ("€ 5", "5.00"),
            ("23%", "23.00"),
            ("1200 руб.", "1200.00"),
            ("0.000", "0.00"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                decimal(text, 2).map(|number| number.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in ["", "-", "12,345.678", "1234.567", "12a", "1e5", "=1"] {
            assert_eq!(decimal(text, 2), None, "{text}");
        }
        assert_eq!(decimal("1,234", 6), Decimal::from_str("1.234").ok());
    }

    #[test]
    fn spreadsheet_noise_is_not_digits() {
        assert_eq!(decimal_of(0.1 + 0.2, 2), Decimal::from_str("0.30").ok());
        assert_eq!(decimal_of(0.125, 2), None);
        assert_eq!(integer_of(5.0), Some(5));
        assert_eq!(integer("1 200"), Some(1200));
        assert_eq!(integer("12,5"), None);
    }
}
