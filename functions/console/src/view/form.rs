use crate::http::Fields;

/// What a form is filled in with, as somebody typed it or as it is kept, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pub(crate) fields: Fields,
    wrong: Option<(&'static str, String)>,
}

impl Form {
    /// A form with these fields.
    pub(crate) fn of(fields: Fields) -> Self {
        Self {
            fields,
            wrong: None,
        }
    }

    /// Fills in a field.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push(name.to_owned(), value.into());
        self
    }

    /// Says what is wrong, and in which field.
    #[must_use]
    pub(crate) fn refused(mut self, field: &'static str, text: String) -> Self {
        self.wrong = Some((field, text));
        self
    }

    /// What a field says.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.text(name)
    }

    /// Whether a field says exactly this.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.fields.text(name) == value
    }

    /// Whether a box is ticked, or one of several values chosen.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|said| said == value)
    }

    /// What is wrong with this field.
    pub(crate) fn wrong(&self, field: &str) -> Option<&str> {
        let (of, text) = self.wrong.as_ref()?;
        (*of == field).then_some(text.as_str())
    }
}
