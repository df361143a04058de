use std::{collections::BTreeMap, str::FromStr};

use wynos_base::ports::QueueName;

use crate::{
    QueueUrls,
    config::{ConfigError, VendorPlace},
};

/// Variables, by whatever gives their values; one that is empty is none.
pub(crate) struct Variables<'a>(pub(crate) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    pub(crate) fn required(
        &self,
        name: &str,
        meaning: &'static str,
    ) -> Result<String, ConfigError> {
        let given = self.optional(name);
        given.ok_or_else(|| missing(name, meaning))
    }

    /// What has to be there, read.
    pub(crate) fn parse<T: FromStr>(
        &self,
        name: &str,
        meaning: &'static str,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        let given = self.given(name, expected)?;
        given.ok_or_else(|| missing(name, meaning))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ConfigError> {
        self.given(name, "a whole number")
    }

    /// What may be there, read.
    pub(crate) fn given<T: FromStr>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        let malformed = |_| ConfigError::Malformed {
            name: name.to_owned(),
            expected,
        };
        let text = self.optional(name);
        text.map(|text| text.trim().parse().map_err(malformed))
            .transpose()
    }

    /// How that vendor is reached.
    pub(crate) fn vendor(&self, name: &str) -> VendorPlace {
        VendorPlace {
            base_url: self.optional(&format!("WYNOS_{name}_BASE_URL")),
            partner_secret: self.optional(&format!("WYNOS_{name}_PARTNER_SECRET")),
        }
    }

    /// `WYNOS_QUEUE_EXPORT`, `WYNOS_DEAD_LETTERS_EXPORT` and so on for the queues that are there.
    pub(crate) fn queues(&self) -> BTreeMap<QueueName, QueueUrls> {
        let mut queues = BTreeMap::new();
        for queue in QueueName::ALL {
            let name = queue.as_str().to_uppercase();
            if let Some(url) = self.optional(&format!("WYNOS_QUEUE_{name}")) {
                let urls = QueueUrls {
                    queue: url,
                    dead_letters: self.optional(&format!("WYNOS_DEAD_LETTERS_{name}")),
                };
                queues.insert(queue, urls);
            }
        }
        queues
    }
}

fn missing(name: &str, meaning: &'static str) -> ConfigError {
    ConfigError::Missing {
        name: name.to_owned(),
        meaning,
    }
}
