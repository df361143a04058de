use axum::http::{HeaderMap, header};
use wynos::catalog::Locale;

/// The supported language that the browser likes best; English when it names none of them.
pub(crate) fn from_header(headers: &HeaderMap) -> Locale {
    wished_for(headers).unwrap_or_default()
}

/// The supported language that is liked best, if any is named.
pub(crate) fn wished_for(headers: &HeaderMap) -> Option<Locale> {
    let wishes = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())?;
    let mut best: Option<(u16, Locale)> = None;
    for wish in wishes.split(',').take(20) {
        let (tag, weight) = wish.split_once(';').unwrap_or((wish, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(1_000, thousandths);
        let Some(locale) = Locale::parse(tag).filter(|_| weight > 0) else {
            continue;
        };
        // Of equal wishes the first counts.
        if best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// `0.8` as 800; what is no weight is the lowest one.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = format!("{fraction:0<3}");
    match (whole, digits.get(..3).map(str::parse::<u16>)) {
        ("0", Some(Ok(thousandths))) => thousandths,
        ("1", _) => 1_000,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_heaviest_supported_wish_wins() {
        let cases = [
            ("pl", Locale::Pl),
            ("de-DE,de;q=0.9,ru;q=0.8,en;q=0.7", Locale::Ru),
            ("en;q=0.5, pl-PL;q=0.75", Locale::Pl),
            ("ru;q=0, en;q=0.1", Locale::En),
            ("de", Locale::En),
            ("", Locale::En),
            (";;,q=,pl;q=x", Locale::Pl),
        ];
        for (wishes, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::ACCEPT_LANGUAGE,
                HeaderValue::from_str(wishes).unwrap(),
            );
            assert_eq!(from_header(&headers), expected, "{wishes}");
        }
        assert_eq!(from_header(&HeaderMap::new()), Locale::En);
    }
}
