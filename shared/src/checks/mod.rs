//! Checks of Polish and Russian tax ids, telephone numbers, postal codes, e-mail addresses and personal numbers.
//!
//! A check only warns: a shop already has the rows it has, and none is refused for a mistyped number. The same modules
//! make the keys by which a merge recognises the same customer or employee.

mod declared;
pub mod email;
mod home;
pub mod inn;
pub mod nip;
pub mod pesel;
pub mod phone;
pub mod postal_code;
pub mod regon;
pub mod tax_id;

pub use declared::{RowChecks, Warning};
pub use email::match_key as email_key;
pub use home::Home;
pub use phone::match_key as phone_key;
pub use tax_id::match_key as tax_id_key;

/// The digits of a text without the signs that people put between them; `None` where anything else is in it.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '.' | '/'))
        .map(|character| character.to_digit(10))
        .collect()
}

/// The sum of digits, each multiplied by its weight.
fn weighted_sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum()
}
