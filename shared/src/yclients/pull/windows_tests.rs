use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_period_is_cut_at_months_newest_first() {
    let cut = windows(day("2025-12-30"), day("2026-02-02"));
    assert_eq!(
        cut,
        [
            (day("2026-02-01"), day("2026-02-02")),
            (day("2026-01-01"), day("2026-01-31")),
            (day("2025-12-30"), day("2025-12-31")),
        ]
    );
    let one = day("2026-05-05");
    assert_eq!(windows(one, one), [(one, one)]);
    assert_eq!(windows(one, day("2026-05-04")), []);
}
