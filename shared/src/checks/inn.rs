//! The Russian tax id, INN: ten digits of a company with one check digit, or twelve of a person with two.
//!
//! The weights and the rule (the remainder by 11, and of that by 10) are those of python-stdnum, `stdnum/ru/inn.py`.

use super::{digits, weighted_sum};

const COMPANY: [u32; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_FIRST: [u32; 10] = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON_SECOND: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

/// Whether a text is an INN, however it is spaced. The number of zeros passes the checks and is nobody's.
pub fn is_valid(text: &str) -> bool {
    valid_digits(text).is_some()
}

/// Its digits where it is one.
pub(super) fn valid_digits(text: &str) -> Option<String> {
    let digits = digits(text.trim())?;
    let fits = |weights: &[u32]| {
        let check = weighted_sum(&digits, weights) % 11 % 10;
        digits.get(weights.len()) == Some(&check)
    };
    let valid = match digits.len() {
        10 => fits(&COMPANY),
        12 => fits(&PERSON_FIRST) && fits(&PERSON_SECOND),
        _ => false,
    };
    let meaningful = valid && digits.iter().any(|&digit| digit != 0);
    meaningful.then(|| {
        digits
            .iter()
            .filter_map(|&digit| char::from_digit(digit, 10))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_and_people_have_their_own_check_digits() {
        for text in ["1234567894", "12 3456 7894", "123456789047"] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "1234567895",
            "123456789057",
            "123456789048",
            "123456789",
            "12345678941",
            "0000000000",
            "000000000000",
            "123456789a",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
