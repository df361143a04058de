//! Numbers as lists hold them, written by hand: they are most of what a list of a million rows spends its time on.

use rust_decimal::Decimal;

/// Writes a whole number.
pub(super) fn push_integer(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    push_digits(out, u128::from(number.unsigned_abs()), 0);
}

/// Writes an exact number with this decimal sign. With a scale, zeros at the end are shown as people expect them: all of a
/// scale up to 2 (`12,00`), none of a finer one (`1,5` for a quantity kept to six places). No value changes.
pub(super) fn push_decimal(out: &mut Vec<u8>, number: Decimal, sign: u8, scale: Option<u32>) {
    let number = match scale {
        Some(scale) if scale <= 2 => widened(number, scale),
        Some(_) => number.normalize(),
        None => number,
    };
    if number.is_sign_negative() && !number.is_zero() {
        out.push(b'-');
    }
    let mantissa = number.mantissa().unsigned_abs();
    let start = out.len();
    let places = number.scale() as usize;
    push_digits(out, mantissa, places + 1);
    if places > 0 {
        let point = out.len().saturating_sub(places).max(start);
        out.insert(point, sign);
    }
}

fn widened(number: Decimal, scale: u32) -> Decimal {
    let mut short = number.normalize();
    if short.scale() < scale {
        short.rescale(scale);
    }
    short
}

/// Writes at least this many digits.
fn push_digits(out: &mut Vec<u8>, number: u128, least: usize) {
    let mut digits = [b'0'; 40];
    let mut start = digits.len();
    match u64::try_from(number) {
        Ok(mut rest) => {
            while rest > 0 {
                start -= 1;
                set(&mut digits, start, (rest % 10) as u8);
                rest /= 10;
            }
        }
        Err(_) => {
            let mut rest = number;
            while rest > 0 {
                start -= 1;
                set(&mut digits, start, (rest % 10) as u8);
                rest /= 10;
            }
        }
    }
    let start = start.min(digits.len() - least.clamp(1, digits.len()));
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

fn set(digits: &mut [u8; 40], index: usize, digit: u8) {
    if let Some(place) = digits.get_mut(index) {
        *place = b'0' + digit;
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;

    fn text(number: Decimal, scale: Option<u32>) -> String {
        let mut out = Vec::new();
        push_decimal(&mut out, number, b',', scale);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn zeros_at_the_end_are_those_people_expect() {
        let number = |text| Decimal::from_str(text).unwrap();
        assert_eq!(text(number("12.000000"), Some(6)), "12");
        assert_eq!(text(number("12.500000"), Some(6)), "12,5");
        assert_eq!(text(number("12"), Some(2)), "12,00");
        assert_eq!(text(number("-0.05"), Some(2)), "-0,05");
        assert_eq!(text(number("-1.000000000"), None), "-1,000000000");
        assert_eq!(text(number("12.345"), Some(2)), "12,345");
    }

    proptest! {
        #[test]
        fn numbers_come_back(mantissa in any::<i64>(), scale in 0u32..20, whole in any::<i64>()) {
            let number = Decimal::new(mantissa, scale);
            for shown in [None, Some(2), Some(6)] {
                prop_assert_eq!(Decimal::from_str(&text(number, shown).replace(',', ".")).unwrap(), number);
            }
            let mut out = Vec::new();
            push_integer(&mut out, whole);
            prop_assert_eq!(String::from_utf8(out).unwrap(), whole.to_string());
        }
    }
}
