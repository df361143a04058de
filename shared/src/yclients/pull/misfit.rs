//! Loads that are more than what is left of the month's rows: they wait, while smaller ones are let in.

use serde::{Deserialize, Serialize};

use super::PullError;
use crate::warehouse::WarehouseError;

/// So many tables are named where people are told; what is more is told as such.
const MOST_TOLD: usize = 12;

/// A load that did not fit, and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Misfit {
    /// Its rows.
    pub more: u64,
    /// Rows that the plan still lets in this month.
    pub left: u64,
    /// Rows that it lets in in a month.
    pub allowed: u64,
    /// Tables that wait.
    pub tables: Vec<String>,
}

impl Misfit {
    /// The load that was refused for this reason, what was put off with it, and the table that it was of, which is not due by
    /// itself perhaps; `None` where the reason is another one, or nothing at all is left of the month.
    pub fn of(why: &PullError, put_off: Vec<String>, refused: Option<&str>) -> Option<Self> {
        let PullError::Warehouse(WarehouseError::OverQuota {
            used, rows, more, ..
        }) = why
        else {
            return None;
        };
        let left = rows.saturating_sub(*used);
        let tables = match refused {
            Some(refused) if put_off.is_empty() => vec![refused.to_owned()],
            _ => put_off,
        };
        (left > 0).then_some(Self {
            more: *more,
            left,
            allowed: *rows,
            tables,
        })
    }

    /// The tables that wait, by these names.
    pub fn named(&self, name: impl Fn(&str) -> String) -> String {
        let tables = self.tables.iter().take(MOST_TOLD);
        let mut named: Vec<String> = tables.map(|table| name(table)).collect();
        if self.tables.len() > MOST_TOLD {
            named.push("…".to_owned());
        }
        named.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::Locale,
        i18n::{Args, text_with},
    };

    fn refused(used: u64) -> PullError {
        PullError::Warehouse(WarehouseError::OverQuota {
            month: "2026-11".to_owned(),
            used,
            rows: 2_600,
            more: 200,
        })
    }

    #[test]
    fn what_does_not_fit_is_told_apart_from_a_month_that_is_used_up() {
        let tables = |many: usize| (0..many).map(|n| format!("t{n}")).collect::<Vec<_>>();
        let misfit = Misfit::of(&refused(2_499), tables(13), Some("others")).unwrap();
        assert_eq!(
            (misfit.more, misfit.left, misfit.allowed),
            (200, 101, 2_600)
        );
        let named = misfit.named(str::to_uppercase);
        assert!(
            named.starts_with("T0, T1, ") && named.ends_with("T11, …"),
            "{named}"
        );
        let all = Misfit::of(&refused(2_499), tables(2), None).unwrap();
        assert_eq!(all.named(str::to_owned), "t0, t1");
        let one = Misfit::of(&refused(2_499), tables(0), Some("documents")).unwrap();
        assert_eq!(one.named(str::to_owned), "documents");
        assert_eq!(Misfit::of(&refused(2_600), tables(1), None), None);
        assert_eq!(Misfit::of(&PullError::RowsUsed, tables(1), None), None);
    }

    #[test]
    fn the_mail_and_the_journal_say_what_does_not_fit_and_what_waits() {
        for locale in Locale::ALL {
            let args = Args::new()
                .with("subscription", "Salon")
                .with("source", "Salon")
                .with("month", "2026-11")
                .with("until", "2026-12-01")
                .with("more", 200_u64)
                .with("left", 101_u64)
                .with("allowed", 2_600_u64)
                .with("tables", "yclients_clients");
            for key in ["mail-usage-misfit", "journal-load-misfit"] {
                let text = text_with(locale, key, &args);
                for said in ["200", "101", "600", "yclients_clients"] {
                    assert!(text.contains(said), "{text}");
                }
                assert!(!text.contains(['{', '$']), "{text}");
            }
            let subject = text_with(locale, "mail-usage-misfit-subject", &args);
            assert!(subject.starts_with("Wynos: "), "{subject}");
        }
    }
}
