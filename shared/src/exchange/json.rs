//! JSON in canonical form: keys sorted, no white space, text escaped as `serde_json` does.

use super::{problem::Fault, row::Slot, value};

/// Appends a value that was read into `text` as JSON.
pub(super) fn push_slot(slot: Slot, text: &str, out: &mut String) {
    use std::fmt::Write as _;
    // Writing into a string cannot fail.
    match slot {
        Slot::Absent => out.push_str("null"),
        Slot::Boolean(flag) => out.push_str(if flag { "true" } else { "false" }),
        Slot::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        // A list's numbers keep the digits they came with: their text is what is compared.
        Slot::Decimal(number) => {
            let _ = write!(out, "\"{number}\"");
        }
        Slot::Text(span) => push_json_text(span.of(text), out),
        Slot::Json(span) => out.push_str(span.of(text)),
        Slot::Date(day) => {
            let mut bytes = Vec::new();
            value::push_date(day, &mut bytes);
            push_json_text(&String::from_utf8_lossy(&bytes), out);
        }
        Slot::Timestamp(at) => {
            let mut bytes = Vec::new();
            value::push_instant(at, &mut bytes);
            push_json_text(&String::from_utf8_lossy(&bytes), out);
        }
    }
}

/// Appends a text as a JSON string, escaped as `serde_json` does.
pub(super) fn push_json_text(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match from.as_bytes().first() {
            Some(b'"') => out.push_str("\\\""),
            Some(b'\\') => out.push_str("\\\\"),
            Some(b'\n') => out.push_str("\\n"),
            Some(b'\r') => out.push_str("\\r"),
            Some(b'\t') => out.push_str("\\t"),
            Some(0x08) => out.push_str("\\b"),
            Some(0x0C) => out.push_str("\\f"),
            Some(other) => {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{other:04x}");
            }
            None => {}
        }
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends JSON in canonical form: keys sorted, no white space.
pub(super) fn push_canonical(raw: &str, out: &mut String) -> Result<(), Fault> {
    let json: serde_json::Value =
        serde_json::from_str(raw).map_err(|_| Fault::wrong_type("JSON", raw))?;
    push_sorted(&json, out);
    Ok(())
}

fn push_sorted(json: &serde_json::Value, out: &mut String) {
    match json {
        serde_json::Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_sorted(item, out);
            }
            out.push(']');
        }
        serde_json::Value::Object(fields) => {
            // The map keeps the order of arrival where any crate of the build asks for that.
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_json_text(name, out);
                out.push(':');
                push_sorted(value, out);
            }
            out.push('}');
        }
        serde_json::Value::String(text) => push_json_text(text, out),
        scalar => out.push_str(&scalar.to_string()),
    }
}
