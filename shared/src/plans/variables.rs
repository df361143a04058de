//! Numbers of the plans that the environment gives in the place of the usual ones.

use super::{GIGABYTE, Plans, Terms, UNLIMITED};

/// What stands for no limit.
const WITHOUT: &str = "unlimited";

/// The most days: a hundred years.
const MOST_DAYS: u32 = 36_500;

/// A variable that no plan can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} is not {expected}")]
pub struct PlansError {
    /// The variable.
    pub variable: String,
    /// What it should be.
    pub expected: &'static str,
}

impl Plans {
    /// The usual numbers, but for those that variables give: `WYNOS_TRIAL_DAYS`, `WYNOS_TRIAL_HISTORY_DAYS`,
    /// `WYNOS_TRIAL_ROWS` (a month) and `WYNOS_TRIAL_GB`, and the same of `WYNOS_STANDARD_…`. Each is a number or
    /// `unlimited`; one that is not there, or empty, says nothing.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, PlansError> {
        let mut plans = Self::default();
        read_into(&mut plans.trial, "TRIAL", &variable)?;
        read_into(&mut plans.standard, "STANDARD", &variable)?;
        Ok(plans)
    }
}

fn read_into(
    terms: &mut Terms,
    plan: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), PlansError> {
    let said = |what: &str| {
        let name = format!("WYNOS_{plan}_{what}");
        let text = variable(&name)?;
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some((name, text))
    };
    for (what, days) in [
        ("DAYS", &mut terms.days),
        ("HISTORY_DAYS", &mut terms.history_days),
    ] {
        if let Some((name, text)) = said(what) {
            let expected = "a number of days from 1 to 36500, or unlimited";
            *days = read_days(&text).ok_or(PlansError {
                variable: name,
                expected,
            })?;
        }
    }
    if let Some((name, text)) = said("ROWS") {
        terms.rows = read_rows(&text).ok_or(PlansError {
            variable: name,
            expected: "a whole number of rows above 0, or unlimited",
        })?;
    }
    if let Some((name, text)) = said("GB") {
        terms.bytes = read_bytes(&text).ok_or(PlansError {
            variable: name,
            expected: "a number of gigabytes above 0 such as 20 or 0.5, or unlimited",
        })?;
    }
    Ok(())
}

fn read_days(text: &str) -> Option<Option<u32>> {
    if text == WITHOUT {
        return Some(None);
    }
    let days = text.parse().ok()?;
    (1..=MOST_DAYS).contains(&days).then_some(Some(days))
}

fn read_rows(text: &str) -> Option<u64> {
    if text == WITHOUT {
        return Some(UNLIMITED);
    }
    let rows = text.parse().ok()?;
    (1..=UNLIMITED).contains(&rows).then_some(rows)
}

fn read_bytes(text: &str) -> Option<u64> {
    if text == WITHOUT {
        return Some(UNLIMITED);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 9 {
        return None;
    }
    let part: u64 = format!("{part:0<9}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    let bytes = whole.checked_mul(GIGABYTE)?.checked_add(part)?;
    (1..=UNLIMITED).contains(&bytes).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Plans, PlansError> {
        Plans::read(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn variables_change_what_they_name_alone() {
        let usual = Plans::default();
        assert_eq!(read("WYNOS_TRIAL_GB", " "), Ok(usual));
        let half = read("WYNOS_TRIAL_GB", "0.5").unwrap();
        assert_eq!(half.trial.bytes, 500_000_000);
        assert_eq!(half.standard, usual.standard);
        let more = read("WYNOS_STANDARD_ROWS", "7000000").unwrap();
        assert_eq!((more.standard.rows, more.trial), (7_000_000, usual.trial));
        let open = read("WYNOS_TRIAL_HISTORY_DAYS", "unlimited").unwrap();
        assert_eq!(open.trial.history_days, None);
        let open = read("WYNOS_STANDARD_GB", "unlimited").unwrap();
        assert_eq!(open.standard.bytes, UNLIMITED);
        assert_eq!(
            read("WYNOS_STANDARD_DAYS", "30").unwrap().standard.days,
            Some(30)
        );
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_name() {
        for (name, value) in [
            ("WYNOS_TRIAL_DAYS", "0"),
            ("WYNOS_TRIAL_DAYS", "40000"),
            ("WYNOS_TRIAL_HISTORY_DAYS", "-1"),
            ("WYNOS_TRIAL_ROWS", "100,000"),
            ("WYNOS_STANDARD_ROWS", "0"),
            ("WYNOS_STANDARD_GB", "20 GB"),
            ("WYNOS_STANDARD_GB", "0.0"),
            ("WYNOS_STANDARD_GB", "1."),
            ("WYNOS_STANDARD_GB", "99999999999999"),
        ] {
            let error = read(name, value).unwrap_err();
            assert!(error.to_string().contains(name), "{value}: {error}");
        }
    }
}
