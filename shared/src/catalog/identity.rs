//! Ids that are the same everywhere: the origin, a subscription or a public data set, then what the origin calls the row.

use std::borrow::Cow;

/// What stands between the origin and the name it gave.
pub const AFTER_ORIGIN: char = ':';

/// The id with its origin: as it is when it names one, else as this origin's. White space around it is no part of it.
pub fn whole_id<'i>(id: &'i str, origin: &str) -> Cow<'i, str> {
    let id = id.trim();
    if id.contains(AFTER_ORIGIN) {
        Cow::Borrowed(id)
    } else {
        Cow::Owned(format!("{origin}{AFTER_ORIGIN}{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_an_origin_gets_one_and_no_other_changes() {
        assert_eq!(whole_id(" t00 ", "shop1"), "shop1:t00");
        assert_eq!(whole_id("ords:a:b", "shop1"), "ords:a:b");
    }
}
