use super::Json;
use crate::model::Exact;

/// How strangely one row is written: the same row always the same way, other rows other ways.
///
/// Everything here was seen at the vendor (facts: numbers as strings, flags in four forms, empty relations as `[]`,
/// `null` or `{}`).
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    /// None: everything in its documented form.
    state: Option<u64>,
}

impl Taste {
    /// Everything in its documented form.
    pub const PLAIN: Self = Self { state: None };

    /// The way of one row of one endpoint.
    pub fn of(seed: u64, endpoint: &str, id: i64) -> Self {
        let name = endpoint
            .bytes()
            .fold(seed, |hash, byte| mix(hash ^ u64::from(byte)));
        Self {
            state: Some(mix(name ^ id.cast_unsigned())),
        }
    }

    /// True in `percent` of a hundred rows, each field by itself; never in the documented form.
    pub fn percent(self, field: &str, percent: u64) -> bool {
        let Some(state) = self.state else {
            return false;
        };
        let hash = field.bytes().fold(state, |hash, byte| {
            hash.wrapping_mul(131).wrapping_add(u64::from(byte))
        });
        mix(hash) % 100 < percent
    }

    /// A whole number; sometimes a string.
    pub fn int(self, json: &mut Json, key: &str, value: i64) {
        json.key(key);
        if self.percent(key, 12) {
            json.quoted(value);
        } else {
            json.raw(value);
        }
    }

    /// Whole numbers.
    pub fn ints<const N: usize>(self, json: &mut Json, pairs: [(&str, i64); N]) {
        for (key, value) in pairs {
            self.int(json, key, value);
        }
    }

    /// A number with a fraction; sometimes a string with all its digits.
    pub fn exact<const DIGITS: u32>(self, json: &mut Json, key: &str, value: Exact<DIGITS>) {
        json.key(key);
        if self.percent(key, 20) {
            json.quoted(value);
        } else {
            json.raw(value.short());
        }
    }

    /// 0 or 1; sometimes true, false, `"1"` or `"0"`.
    pub fn flag(self, json: &mut Json, key: &str, value: bool) {
        json.key(key);
        if self.percent(key, 10) {
            json.raw(value);
        } else if self.percent(key, 20) {
            json.quoted(u8::from(value));
        } else {
            json.raw(u8::from(value));
        }
    }

    /// A related row, or nothing in one of the vendor's forms; documented is `[]`.
    pub fn relation<T>(
        self,
        json: &mut Json,
        key: &str,
        related: Option<T>,
        fill: impl FnOnce(&mut Json, T),
    ) {
        match related {
            Some(row) => json.key(key).object(|json| fill(json, row)),
            None if self.percent(key, 15) => json.key(key).raw("null"),
            None if self.percent(key, 25) => json.key(key).raw("{}"),
            None => json.key(key).raw("[]"),
        }
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
