//! JSON that is kept: canonical, and without passport data.

use serde_json::Value as Json;

use super::scrub::Scrubbed;

/// Appends a value in canonical form: keys sorted, no white space.
pub(super) fn write(value: &Json, into: &mut String) {
    // A body that was read from JSON can be written as JSON.
    into.push_str(&serde_json::to_string(&Scrubbed(value)).unwrap_or_else(|_| "null".to_owned()));
}

/// Writes fields as one object in canonical form; `false` where there are none.
pub(super) fn write_object(fields: &mut [(String, &Json)], into: &mut String) -> bool {
    if fields.is_empty() {
        return false;
    }
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut before: Option<&str> = None;
    let mut twice = 0;
    into.push('{');
    for (path, value) in fields.iter() {
        if before.is_some() {
            into.push(',');
        }
        // A field whose own name looks like another one's path must not push that one out.
        twice = if before == Some(path) { twice + 1 } else { 0 };
        match twice {
            0 => write(&Json::from(path.as_str()), into),
            _ => write(&Json::from(format!("{path} {}", twice + 1)), into),
        }
        into.push(':');
        write(value, into);
        before = Some(path);
    }
    into.push('}');
    true
}
