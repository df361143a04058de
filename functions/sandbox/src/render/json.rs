use std::fmt::{Display, Write};

/// JSON being written, value by value: no tree is built, so that big pages cost little.
#[derive(Debug, Default)]
pub struct Json {
    text: String,
    /// Whether a comma is due before the next key or item.
    follows: bool,
}

impl Json {
    /// An empty text with room for `bytes`.
    pub fn with_room(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            follows: false,
        }
    }

    /// What was written.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Begins a value under a key; what is written next is its value.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.separate();
        // Keys are the vendor's and need no escaping.
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.follows = false;
        self
    }

    /// A number, or anything else whose text is JSON already.
    pub fn raw(&mut self, value: impl Display) {
        self.separate();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
    }

    /// A number as a string.
    pub fn quoted(&mut self, value: impl Display) {
        self.separate();
        let _ = write!(self.text, "\"{value}\"");
    }

    /// A string.
    pub fn text(&mut self, value: &str) {
        self.separate();
        self.text.push('"');
        for character in value.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                control if control < ' ' => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    /// An object, filled by what is given.
    pub fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.open('{');
        fill(self);
        self.close('}');
    }

    /// An array, filled by what is given.
    pub fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.open('[');
        fill(self);
        self.close(']');
    }

    /// Keys with numbers.
    pub fn numbers<const N: usize>(&mut self, pairs: [(&str, i64); N]) {
        for (key, value) in pairs {
            self.key(key).raw(value);
        }
    }

    /// Keys with strings.
    pub fn texts<const N: usize>(&mut self, pairs: [(&str, &str); N]) {
        for (key, value) in pairs {
            self.key(key).text(value);
        }
    }

    /// Keys with true or false.
    pub fn flags<const N: usize>(&mut self, pairs: [(&str, bool); N]) {
        for (key, value) in pairs {
            self.key(key).raw(value);
        }
    }

    fn open(&mut self, bracket: char) {
        self.separate();
        self.text.push(bracket);
        self.follows = false;
    }

    fn close(&mut self, bracket: char) {
        self.text.push(bracket);
        self.follows = true;
    }

    fn separate(&mut self) {
        if self.follows {
            self.text.push(',');
        }
        self.follows = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut json = Json::default();
        json.object(|json| {
            json.key("a").raw(1);
            json.key("b").array(|json| {
                json.text("x\"\\\n\u{1}ё");
                json.object(|_| {});
                json.quoted(2);
            });
            json.flags([("c", true)]);
        });
        let read: serde_json::Value = serde_json::from_str(&json.into_text()).unwrap();
        let meant = serde_json::json!({"a": 1, "b": ["x\"\\\n\u{1}ё", {}, "2"], "c": true});
        assert_eq!(read, meant);
    }
}
