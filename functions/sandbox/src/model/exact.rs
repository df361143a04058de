use std::{
    fmt::{self, Write},
    iter::Sum,
    ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign},
};

/// An exact number with a fixed count of digits after the point, kept as a whole number of its smallest parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact<const DIGITS: u32>(pub i64);

/// Money in major units, to the kopeck.
pub type Money = Exact<2>;
/// The price of one unit.
pub type Price = Exact<4>;
/// How much of a good.
pub type Quantity = Exact<6>;

impl<const DIGITS: u32> Exact<DIGITS> {
    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number * Self::ONE)
    }

    /// How many of the smallest parts make one.
    pub const ONE: i64 = 10_i64.pow(DIGITS);

    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The number as JSON numbers are mostly printed: without zeros at its end, `1000`, `0.03`, `-1.5`.
    pub fn short(self) -> Short<DIGITS> {
        Short(self)
    }
}

impl Money {
    /// The same number as a price.
    pub const fn price(self) -> Price {
        Exact(self.0 * 100)
    }

    /// This money less so many percent, to the kopeck.
    pub const fn less_percent(self, percent: i64) -> Self {
        Exact(self.0 - self.0 * percent / 100)
    }
}

impl Price {
    /// What `quantity` costs at this price, to the nearest kopeck.
    pub fn times(self, quantity: Quantity) -> Money {
        let exact = i128::from(self.0) * i128::from(quantity.0.abs());
        let kopeck = i128::from(Self::ONE) * i128::from(Quantity::ONE) / i128::from(Money::ONE);
        Exact(i64::try_from((exact + kopeck / 2) / kopeck).unwrap_or(i64::MAX))
    }
}

/// A number printed without zeros at its end.
#[derive(Debug, Clone, Copy)]
pub struct Short<const DIGITS: u32>(Exact<DIGITS>);

impl<const DIGITS: u32> fmt::Display for Exact<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(f, self.0, Self::ONE, DIGITS as usize)
    }
}

impl<const DIGITS: u32> fmt::Display for Short<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut number, mut one, mut digits) = (self.0.0, Exact::<DIGITS>::ONE, DIGITS as usize);
        while digits > 0 && number % 10 == 0 {
            (number, one, digits) = (number / 10, one / 10, digits - 1);
        }
        write_number(f, number, one, digits)
    }
}

fn write_number(f: &mut fmt::Formatter<'_>, number: i64, one: i64, digits: usize) -> fmt::Result {
    if number < 0 {
        f.write_char('-')?;
    }
    write!(f, "{}", (number / one).abs())?;
    if digits > 0 {
        write!(f, ".{:0digits$}", (number % one).abs())?;
    }
    Ok(())
}

impl<const DIGITS: u32> Add for Exact<DIGITS> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl<const DIGITS: u32> Sub for Exact<DIGITS> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl<const DIGITS: u32> Mul<i64> for Exact<DIGITS> {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0 * times)
    }
}

impl<const DIGITS: u32> Neg for Exact<DIGITS> {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl<const DIGITS: u32> AddAssign for Exact<DIGITS> {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl<const DIGITS: u32> SubAssign for Exact<DIGITS> {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl<const DIGITS: u32> Sum for Exact<DIGITS> {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        Self(numbers.map(|number| number.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_exactly() {
        assert_eq!(Money::whole(1000).to_string(), "1000.00");
        assert_eq!(Money::whole(1000).short().to_string(), "1000");
        assert_eq!(Exact::<2>(-3).to_string(), "-0.03");
        assert_eq!(Exact::<2>(-50).short().to_string(), "-0.5");
        assert_eq!(Exact::<6>(-1_500_000).to_string(), "-1.500000");
        assert_eq!(Money::ZERO.short().to_string(), "0");
    }

    #[test]
    fn a_price_times_a_quantity_is_rounded_to_the_kopeck() {
        assert_eq!(
            Exact::<4>(127_500).times(Quantity::whole(-10)),
            Exact(12_750)
        );
        assert_eq!(Exact::<4>(333).times(Quantity::whole(1)), Exact(3));
        assert_eq!(Exact::<4>(350).times(Quantity::whole(1)), Exact(4));
    }
}
