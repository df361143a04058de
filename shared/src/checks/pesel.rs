//! The Polish personal number, PESEL: eleven digits that tell the birth date and the sex, which should not lie about in
//! free fields.

use chrono::NaiveDate;

use super::weighted_sum;

const WEIGHTS: [u32; 10] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];

/// Whether eleven digits are a PESEL: a day that exists, and the checksum.
pub fn is_valid(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text
        .trim()
        .chars()
        .map(|digit| digit.to_digit(10))
        .collect();
    digits.is_some_and(|digits| check(&digits))
}

/// Whether a PESEL stands anywhere in a text, as eleven digits that no twelfth one touches.
pub fn is_within(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_digit())
        .any(|run| run.len() == 11 && is_valid(run))
}

fn check(digits: &[u32]) -> bool {
    let [y1, y2, m1, m2, d1, d2, others @ ..] = digits else {
        return false;
    };
    let Some((last, first_ten)) = digits.split_last() else {
        return false;
    };
    if others.len() != 5 || (10 - weighted_sum(first_ten, &WEIGHTS) % 10) % 10 != *last {
        return false;
    }
    let (month, century) = match m1 * 10 + m2 {
        month @ 81..=92 => (month - 80, 1800),
        month @ 1..=12 => (month, 1900),
        month @ 21..=32 => (month - 20, 2000),
        month @ 41..=52 => (month - 40, 2100),
        month @ 61..=72 => (month - 60, 2200),
        _ => return false,
    };
    let year = i32::try_from(century + y1 * 10 + y2).unwrap_or(0);
    NaiveDate::from_ymd_opt(year, month, d1 * 10 + d2).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_need_their_checksum_and_a_real_day() {
        assert!(is_valid("44051401359"));
        assert!(!is_valid("44051401358"));
        assert!(!is_valid("44053201350"));
        assert!(!is_valid("00000000000"));
        assert!(!is_valid("4405140135"));
    }

    #[test]
    fn numbers_are_found_in_free_text() {
        assert!(is_within("klient 44051401359, odbiór jutro"));
        assert!(!is_within("IMEI 440514013591234"));
        assert!(!is_within("nic"));
    }
}
