//! The Polish business register number, REGON: nine digits, or fourteen for a branch.

use super::{digits, weighted_sum};

const WEIGHTS: [u32; 8] = [8, 9, 2, 3, 4, 5, 6, 7];
const BRANCH_WEIGHTS: [u32; 13] = [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8];

/// Whether a text is a REGON of nine or fourteen digits, however it is spaced. The number of zeros is not.
pub fn is_valid(text: &str) -> bool {
    let Some(digits) = digits(text) else {
        return false;
    };
    if digits.iter().all(|&digit| digit == 0) {
        return false;
    }
    let business = digits.get(..9).is_some_and(|head| closes(head, &WEIGHTS));
    match digits.len() {
        9 => business,
        14 => business && closes(&digits, &BRANCH_WEIGHTS),
        _ => false,
    }
}

fn closes(digits: &[u32], weights: &[u32]) -> bool {
    digits
        .split_last()
        .is_some_and(|(last, others)| weighted_sum(others, weights) % 11 % 10 == *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_checked() {
        assert!(is_valid("192598184"));
        assert!(is_valid("123456785"));
        assert!(is_valid("12345678512347"));
        assert!(!is_valid("192598183"));
        assert!(!is_valid("12345678612342"));
        assert!(!is_valid("000000000"));
        assert!(!is_valid("12345"));
    }
}
