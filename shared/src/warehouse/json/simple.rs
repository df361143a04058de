//! Canonical form of simple JSON, without making a tree of it: scans of PostgreSQL do little else.
//!
//! Simple is what nearly all that a shop keeps is: strings without escapes, short whole numbers, little nesting.

/// Values inside each other.
const DEPTH: usize = 16;
/// Digits that any reader of JSON keeps.
const DIGITS: usize = 15;

/// Keys sorted, no white space. `None` where the text is not simple, or not JSON.
pub(super) fn canonical(text: &str) -> Option<String> {
    let mut reader = Reader {
        text,
        at: 0,
        out: String::with_capacity(text.len()),
    };
    reader.value(DEPTH)?;
    reader.skip_space();
    (reader.at == text.len()).then_some(reader.out)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    out: String,
}

/// A member of an object: its key, and where in the output it is.
struct Member<'t> {
    key: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(|_| ()),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.copy(b'{')?;
        self.skip_space();
        if self.peek()? == b'}' {
            return self.copy(b'}');
        }
        let first = self.out.len();
        let mut members = Vec::with_capacity(8);
        let mut sorted = true;
        loop {
            self.skip_space();
            let start = self.out.len();
            let key = self.string()?;
            self.skip_space();
            self.copy(b':')?;
            self.value(depth)?;
            if let Some(Member { key: before, .. }) = members.last() {
                if *before == key {
                    return None;
                }
                sorted &= *before < key;
            }
            members.push(Member {
                key,
                start,
                end: self.out.len(),
            });
            self.skip_space();
            if self.peek()? == b'}' {
                break;
            }
            self.copy(b',')?;
        }
        if !sorted {
            self.sort(first, members)?;
        }
        self.copy(b'}')
    }

    /// Puts members into the order of their keys; they end the output, with commas between them.
    fn sort(&mut self, first: usize, mut members: Vec<Member<'t>>) -> Option<()> {
        members.sort_unstable_by_key(|member| member.key);
        if members
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.key == b.key))
        {
            return None;
        }
        let unsorted = self.out.split_off(first);
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out
                .push_str(unsorted.get(member.start - first..member.end - first)?);
        }
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.copy(b'[')?;
        self.skip_space();
        if self.peek()? == b']' {
            return self.copy(b']');
        }
        loop {
            self.value(depth)?;
            self.skip_space();
            if self.peek()? == b']' {
                return self.copy(b']');
            }
            self.copy(b',')?;
        }
    }

    /// Copies a string with its quotes; gives what is between them.
    fn string(&mut self) -> Option<&'t str> {
        let text = self.text;
        let inner = text.get(self.at..)?.strip_prefix('"')?;
        let length = inner
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))?;
        let string = inner.get(..length)?;
        let end = self.at + length + 2;
        let quoted = text.get(self.at..end)?;
        if !quoted.ends_with('"') {
            return None;
        }
        self.out.push_str(quoted);
        self.at = end;
        Some(string)
    }

    fn number(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let unsigned = rest.strip_prefix('-').unwrap_or(rest);
        let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let next = unsigned.as_bytes().get(digits);
        let whole = !matches!(next, Some(b'.' | b'e' | b'E' | b'+' | b'-'));
        // A leading zero is not JSON, and -0 is a floating point number.
        let plain = !unsigned.starts_with('0') || rest.len() == unsigned.len() && digits == 1;
        if !whole || !plain || !(1..=DIGITS).contains(&digits) {
            return None;
        }
        let end = rest.len() - unsigned.len() + digits;
        self.out.push_str(rest.get(..end)?);
        self.at += end;
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.text.get(self.at..)?.strip_prefix(word)?;
        self.out.push_str(word);
        self.at += word.len();
        Some(())
    }

    fn copy(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.out.push(char::from(byte));
        self.at += 1;
        Some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::canonical;

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            (-20i64..20).prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            "[a-cż \"\\\\]{0,4}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[a-c]{0,3}", inner, 0..5)
                    .prop_map(|fields| Json::Object(fields.into_iter().rev().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_a_tree_would_give_or_nothing(json in json()) {
            for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
                if let Some(simple) = canonical(&text) {
                    prop_assert_eq!(simple, json.to_string());
                }
            }
        }

        #[test]
        fn what_is_not_json_is_left_to_others(text in "[{}\\[\\]\",:a1\\-0 te]{0,12}") {
            if let Some(simple) = canonical(&text) {
                let read: Json = serde_json::from_str(&text).expect("it was taken for JSON");
                prop_assert_eq!(simple, read.to_string());
            }
        }
    }

    #[test]
    fn keys_are_sorted_and_white_space_goes() {
        let cases = [
            (
                r#" {"title": "Żółw", "type" : 1, "a": [true, {"c": null, "b": -2}]} "#,
                r#"{"a":[true,{"b":-2,"c":null}],"title":"Żółw","type":1}"#,
            ),
            ("[ ]", "[]"),
            ("0", "0"),
        ];
        for (text, expected) in cases {
            assert_eq!(canonical(text).as_deref(), Some(expected));
        }
        for text in [
            r#""a\u0041""#,
            "1.0",
            "-0",
            "01",
            "1234567890123456",
            r#"{"a":1,"a":2}"#,
            "[1",
            "nul",
            "",
            "1 2",
            &"[".repeat(40),
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
