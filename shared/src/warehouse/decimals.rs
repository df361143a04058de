//! Exact comparison of numbers in SQLite. Its columns keep numbers of at most 15 digits as floating point, which keeps their
//! order, and longer ones as bytes of text, which SQLite takes for greater than any number.

use rust_decimal::Decimal;

use super::{Operator, Value, sql::Statement};

/// Digits before the point that a key has; a number has at most 29.
const WIDTH: usize = 30;

/// Adds the condition that the number of a column compares so with this one; `false` where that is no comparison of order.
pub(super) fn compare(
    statement: &mut Statement,
    column: &str,
    operator: Operator,
    number: Decimal,
) -> bool {
    let (sign, opposite) = match operator {
        Operator::Less => ("<", ">"),
        Operator::AtMost => ("<=", ">="),
        Operator::Greater => (">", "<"),
        Operator::AtLeast => (">=", "<="),
        Operator::Equal | Operator::NotEqual | Operator::Contains => return false,
    };
    let number = number.normalize();
    let less = matches!(operator, Operator::Less | Operator::AtMost);
    let text = format!("CAST({column} AS TEXT)");
    // Of two negative numbers the one with the greater digits is less.
    let (by_sign, by_digits) = match (less, number.is_sign_negative()) {
        (true, false) => (format!("substr({text}, 1, 1) = '-' OR "), sign),
        (true, true) => (format!("substr({text}, 1, 1) = '-' AND "), opposite),
        (false, false) => (format!("substr({text}, 1, 1) <> '-' AND "), sign),
        (false, true) => (format!("substr({text}, 1, 1) <> '-' OR "), opposite),
    };
    // Two numbers of one scale, of which one has 15 digits at most, are further apart than both round.
    let near = number.to_string().parse().unwrap_or(0.0_f64);
    statement.text.push_str(&format!(
        "(CASE typeof({column}) WHEN 'blob' THEN ({by_sign}{} {by_digits} ",
        key_of(&format!("ltrim({text}, '-')"))
    ));
    statement.bind(Value::Text(key(number)));
    statement
        .text
        .push_str(&format!(") ELSE {column} {sign} {near:e} END)"));
    true
}

/// The digits of a text without a sign, so that they sort as numbers do: the whole part padded, then the point and the rest.
fn key_of(digits: &str) -> String {
    let point = format!("instr({digits} || '.', '.')");
    let zeros = "0".repeat(WIDTH);
    format!(
        "substr('{zeros}' || substr({digits}, 1, {point} - 1), -{WIDTH}) || substr({digits}, {point})"
    )
}

fn key(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    format!("{whole:0>WIDTH$}{rest}")
}
