use std::str::FromStr;

use rust_decimal::Decimal;

/// What may stand beside an amount: currencies and units of the shops this is for.
const MARKS: [&str; 17] = [
    "zł", "pln", "eur", "€", "usd", "$", "gbp", "£", "руб.", "руб", "rub", "р.", "₽", "%", "szt.",
    "szt", "шт",
];

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoNumber {
    Unreadable,
    /// It is two numbers: with its sign as the decimal one, and with thousands grouped by it.
    Ambiguous,
}

/// What one comma or one point means that three digits follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Signs {
    comma: Option<Sense>,
    point: Option<Sense>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Decimal,
    Groups,
}

impl Signs {
    /// Tells from numbers of the same file that read in one way only, and from what separates the cells of a CSV file: who
    /// separates by `;` writes a decimal comma, and who separates by commas does not group by points.
    pub(super) fn of<'t>(separator: Option<u8>, texts: impl Iterator<Item = &'t str>) -> Self {
        let (mut comma, mut point) = (false, false);
        for text in texts {
            match sure_sign(&bare(text)) {
                Some(',') => comma = true,
                Some('.') => point = true,
                _ => {}
            }
        }
        let told = |own: bool, other: bool| match (own, other) {
            (true, false) => Some(Sense::Decimal),
            (false, true) => Some(Sense::Groups),
            _ => None,
        };
        let separated = |by: u8| (separator == Some(by)).then_some(Sense::Decimal);
        Self {
            comma: separated(b';').or_else(|| told(comma, point)),
            point: told(point, comma).or_else(|| separated(b',')),
        }
    }
}

/// Reads an exact number with at most this many digits after the sign; zeros beyond them are allowed.
///
/// Both decimal signs are read. Where both stand, the last is the decimal one; a sign that stands more than once groups
/// thousands. One sign that three digits follow can be either: the file tells, or the number is refused. Spaces of every
/// kind and `'` group too.
pub(super) fn decimal(text: &str, scale: u32, signs: Signs) -> Result<Decimal, NoNumber> {
    let bare = bare(text);
    let plain = match decimal_sign(&bare, signs)? {
        None => bare.replace([',', '.'], ""),
        Some(sign) => {
            let other = if sign == ',' { '.' } else { ',' };
            bare.replace(other, "").replace(sign, ".")
        }
    };
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let valid = is_number(digits);
    let number = Decimal::from_str_exact(plain.strip_prefix('+').unwrap_or(&plain));
    match number {
        Ok(number) if valid => fitting(number, scale).ok_or(NoNumber::Unreadable),
        _ => Err(NoNumber::Unreadable),
    }
}

fn is_number(digits: &str) -> bool {
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
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
pub(super) fn integer(text: &str, signs: Signs) -> Result<i64, NoNumber> {
    let bare = bare(text);
    if let Ok(number) = i64::from_str(&bare) {
        return Ok(number);
    }
    i64::try_from(decimal(text, 0, signs)?).map_err(|_| NoNumber::Unreadable)
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

/// The decimal sign of a bare number; none where its signs only group.
fn decimal_sign(text: &str, signs: Signs) -> Result<Option<char>, NoNumber> {
    let Some((sign, sure)) = last_sign(text) else {
        return Ok(None);
    };
    if sure {
        return Ok(Some(sign));
    }
    if text.matches(sign).count() > 1 {
        return Ok(None);
    }
    match if sign == ',' {
        signs.comma
    } else {
        signs.point
    } {
        Some(Sense::Decimal) => Ok(Some(sign)),
        Some(Sense::Groups) => Ok(None),
        None if is_number(text.trim_start_matches(['-', '+'])) => Err(NoNumber::Ambiguous),
        None => Err(NoNumber::Unreadable),
    }
}

/// The decimal sign of a bare number that can be read in one way only.
fn sure_sign(text: &str) -> Option<char> {
    let (sign, sure) = last_sign(text)?;
    (sure && is_number(text.trim_start_matches(['-', '+']))).then_some(sign)
}

/// The last sign of a bare number, and whether it can only be the decimal one.
fn last_sign(text: &str) -> Option<(char, bool)> {
    let (last, sign) = text.rmatch_indices([',', '.']).next()?;
    let sign = if sign == "," { ',' } else { '.' };
    let other = if sign == ',' { '.' } else { ',' };
    if text.contains(other) {
        return Some((sign, true));
    }
    let before = text.get(..last)?.trim_start_matches(['-', '+']);
    let groups =
        text.len() - last - 1 == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    let single = text.matches(sign).count() == 1;
    Some((sign, single && !groups))
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
            ("1.234.567", "1234567.00"),
            ("-1.000000000", "-1.00"),
            ("€ 5", "5.00"),
            ("23%", "23.00"),
            ("1200 руб.", "1200.00"),
            ("0.000", "0.00"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                decimal(text, 2, Signs::default()).map(|number| number.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
        for text in ["", "-", "12,345.678", "1234.567", "12a", "1e5", "=1"] {
            let read = decimal(text, 2, Signs::default());
            assert_eq!(read, Err(NoNumber::Unreadable), "{text}");
        }
    }

    #[test]
    fn a_sign_before_three_digits_is_what_the_file_says() {
        let read = |separator: u8, others: &[&str], text: &str| {
            let signs = Signs::of(Some(separator), others.iter().copied());
            decimal(text, 6, signs).map(|number| number.normalize().to_string())
        };
        type Case = (
            u8,
            &'static [&'static str],
            &'static str,
            Result<&'static str, NoNumber>,
        );
        let cases: [Case; 10] = [
            (b';', &[], "1,239", Ok("1.239")),
            (b';', &["12.5"], "1,239", Ok("1.239")),
            (b';', &[], "1.239", Err(NoNumber::Ambiguous)),
            (b';', &["12,50"], "1.239", Ok("1239")),
            (b',', &[], "1,239", Err(NoNumber::Ambiguous)),
            (b',', &["12,50", "abc"], "1,239", Ok("1.239")),
            (b',', &["12.50"], "1,239", Ok("1239")),
            (b',', &[], "1.239", Ok("1.239")),
            (b'\t', &["12.5", "12,5"], "-1,239", Err(NoNumber::Ambiguous)),
            (b'\t', &[], "0,239", Ok("0.239")),
        ];
        for (separator, others, text, expected) in cases {
            let expected = expected.map(str::to_owned);
            assert_eq!(read(separator, others, text), expected, "{others:?} {text}");
        }
    }

    #[test]
    fn spreadsheet_noise_is_not_digits() {
        assert_eq!(decimal_of(0.1 + 0.2, 2), Decimal::from_str("0.30").ok());
        assert_eq!(decimal_of(0.125, 2), None);
        assert_eq!(integer_of(5.0), Some(5));
        assert_eq!(integer("1 200", Signs::default()), Ok(1200));
        assert!(integer("12,5", Signs::default()).is_err());
    }
}
