//! Writing without what is never kept.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value as Json;
use wynos_base::{exact, hooks::is_secret};

/// A value that is written as JSON without passport data.
pub(super) struct Scrubbed<'v>(pub &'v Json);

impl Serialize for Scrubbed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Object(fields) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in fields.iter().filter(|(name, _)| !is_secret(name)) {
                    map.serialize_entry(name, &Scrubbed(value))?;
                }
                map.end()
            }
            Json::Array(items) => serializer.collect_seq(items.iter().map(Scrubbed)),
            plain => exact::serialize_plain(plain, serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wynos_base::hooks::scrub;

    use super::*;

    #[test]
    fn what_is_written_is_what_scrubbing_leaves() {
        let mut body = json!({ "name": "Anna", "user": [{"PassportNumber": 5, "phone": "1"}] });
        let written = serde_json::to_string(&Scrubbed(&body)).unwrap();
        scrub(&mut body);
        assert_eq!(written, body.to_string());
    }
}
