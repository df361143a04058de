use wynos::{
    control::{Import, ImportStatus},
    journal,
};

use crate::view::Frame;

/// Whether checking could end otherwise than it did: not where the file itself was refused.
pub(super) fn may_pass(import: &Import) -> bool {
    const PASSING: [&str; 3] = ["import.disk-full", "import.broken-off", "import.internal"];
    let code = import.failure_code.as_deref();
    import.status != ImportStatus::Failed || code.is_some_and(|code| PASSING.contains(&code))
}

/// What state it is in, and why it failed where it did.
pub(super) fn explained(frame: &Frame, import: &Import) -> String {
    let state = match import.status {
        ImportStatus::Failed if !import.has_written() => "refused",
        status => status.as_str(),
    };
    let sentence = frame.t(&format!("console-import-{state}-text"));
    // What is wrong with a file says itself that nothing of it was kept.
    let sentence = match may_pass(import) || import.has_written() {
        true => sentence,
        false => String::new(),
    };
    match (&import.failure_code, import.status) {
        (Some(code), ImportStatus::Failed) => {
            let reason = journal::reason(frame.locale(), code, import.failure_details.as_ref());
            format!("{reason} {sentence}").trim_end().to_owned()
        }
        _ => sentence,
    }
}
