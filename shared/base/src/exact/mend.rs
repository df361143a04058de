//! What keeps JSON from being read as text, taken out of it: a letter is damaged then, and the rest is whole.

/// A replacement character, as it is escaped.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// The JSON, with U+FFFD in place of bytes that are no UTF-8 and of escaped halves of surrogate pairs that lack their other half.
/// No text can hold either, and one in somebody's name would keep all that came with it from being read. Sound JSON is not
/// copied.
pub fn mend(json: Vec<u8>) -> Vec<u8> {
    let mut json = match String::from_utf8(json) {
        Ok(sound) => sound.into_bytes(),
        Err(damaged) => String::from_utf8_lossy(damaged.as_bytes())
            .into_owned()
            .into_bytes(),
    };
    let mut at = 0;
    while let Some(found) = next_escape(&json, at) {
        at = found;
        match code_unit(&json, at) {
            Some(0xD800..0xDC00) if matches!(code_unit(&json, at + 6), Some(0xDC00..0xE000)) => {
                at += 12;
            }
            Some(0xD800..0xE000) => {
                if let Some(half) = json.get_mut(at..at + 6) {
                    half.copy_from_slice(REPLACEMENT);
                }
                at += 6;
            }
            Some(_) => at += 6,
            // What is escaped by one letter, a backslash among them.
            None => at += 2,
        }
    }
    json
}

fn next_escape(json: &[u8], from: usize) -> Option<usize> {
    let rest = json.get(from..)?;
    Some(from + rest.iter().position(|&byte| byte == b'\\')?)
}

/// The code unit that is escaped here.
fn code_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit: u16, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &[u8]) -> Value {
        serde_json::from_slice(&mend(text.to_vec())).unwrap()
    }

    #[test]
    fn a_damaged_letter_leaves_the_rest_whole() {
        for (damaged, mended) in [
            (&br#"["A\ud83d"]"#[..], json!(["A\u{fffd}"])),
            (br#"["\ude00\ud83dB"]"#, json!(["\u{fffd}\u{fffd}B"])),
            (br#"["\uD83D\ude00"]"#, json!(["😀"])),
            (br#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}😀"])),
            (br#"["\\ud83d", "\n"]"#, json!(["\\ud83d", "\n"])),
            (b"[\"Ol\xFFa\"]", json!(["Ol\u{fffd}a"])),
        ] {
            assert_eq!(read(damaged), mended);
        }
        let cut_off = br#"["\ud8"#.to_vec();
        assert_eq!(mend(cut_off.clone()), cut_off);
    }

    proptest! {
        #[test]
        fn escapes_are_read_as_utf_16_is(
            units in prop::collection::vec(
                prop_oneof![any::<u16>(), 0xD7F0..0xE010_u16, Just(u16::from(b'\\'))],
                0..40,
            ),
        ) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert_eq!(
                read(format!("[\"{escaped}\"]").as_bytes()),
                json!([String::from_utf16_lossy(&units)])
            );
        }

        #[test]
        fn sound_json_is_left_as_it_is(text in any::<String>()) {
            let json = serde_json::to_vec(&json!([text])).unwrap();
            prop_assert_eq!(mend(json.clone()), json);
        }
    }
}
