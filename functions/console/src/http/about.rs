use wynos::catalog::Locale;

/// What is wrong with a field, or what a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// A name, or a reason in English.
    Text(String),
    /// A reason in each language.
    InEach(Box<[(Locale, String)]>),
}

impl About {
    /// What this says in each language, to stand at the end of a sentence.
    pub(crate) fn said(say: impl Fn(Locale) -> String) -> Self {
        let said = |locale| (locale, say(locale).trim_end_matches('.').to_owned());
        Self::InEach(Locale::ALL.map(said).into())
    }

    /// The words for whoever reads this language.
    pub(crate) fn text(&self, locale: Locale) -> &str {
        match self {
            Self::Text(text) => text,
            Self::InEach(texts) => {
                let own = texts.iter().find(|(known, _)| *known == locale);
                own.map_or("", |(_, text)| text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wynos::{
        delivery::{DeliveryError, OrderProblem},
        yclients::{
            connect::ConnectError,
            selection::{FilterProblem, SelectionError},
        },
    };

    use super::*;
    use crate::http::Failure;

    #[test]
    fn a_reason_is_in_the_language_of_the_rest() {
        let filter: Failure = ConnectError::Selection(SelectionError::Filter {
            table: "yclients_records".to_owned(),
            problem: FilterProblem::NoColumn("staf_id".to_owned()),
        })
        .into();
        let order: Failure = DeliveryError::Order {
            field: "filter",
            problem: OrderProblem::NoCondition("vip".to_owned()),
        }
        .into();
        for (failure, words) in [
            (filter, ["has no column", "nie ma kolumny", "нет столбца"]),
            (order, ["no condition", "nie jest warunkiem", "не условие"]),
        ] {
            for (locale, words) in Locale::ALL.into_iter().zip(words) {
                let reason = failure.reason(locale);
                assert!(reason.contains(words), "{reason}");
            }
        }
    }
}
