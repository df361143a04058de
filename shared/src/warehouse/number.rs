use rust_decimal::{Decimal, RoundingStrategy};

/// The number with exactly this many digits after the point, as far as it can have so many.
pub(super) fn to_scale(number: Decimal, scale: u32) -> Decimal {
    let mut number = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    number.rescale(scale);
    number
}
