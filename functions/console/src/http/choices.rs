use wynos::{
    control::JobKind,
    i18n::{Args, text, text_with},
};

use super::Failure;

impl Failure {
    /// A field's value is none of those that it can have, which are named.
    pub(crate) fn one_of<'a>(
        name: impl Into<String>,
        choices: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let choices: Vec<&str> = choices.into_iter().collect();
        let choices = choices.join(", ");
        Self::said(name, |locale| {
            let args = Args::new().with("choices", choices.as_str());
            text_with(locale, "problem-one-of", &args)
        })
    }

    /// No kind of a job that can be made by itself: a report comes with its job.
    pub(crate) fn job_kind() -> Self {
        let made = JobKind::ALL.iter().filter(|kind| **kind != JobKind::Report);
        Self::one_of("kind", made.map(|kind| kind.as_str()))
    }

    /// One day of a period was named without this one.
    pub(crate) fn other_day(name: &'static str) -> Self {
        Self::said(name, |locale| text(locale, "problem-both-days"))
    }
}

#[cfg(test)]
mod tests {
    use wynos::catalog::Locale;

    use super::*;

    #[test]
    fn a_value_that_is_none_of_a_few_is_told_with_those() {
        let failure = Failure::one_of("state", ["active", "paused"]);
        let said = Locale::ALL.map(|locale| failure.reason(locale));
        for text in &said {
            assert!(text.contains("state"), "{text}");
            assert!(text.contains("active, paused"), "{text}");
        }
        assert!(said[0] != said[1] && said[1] != said[2], "{said:?}");
    }
}
