use wynos::{
    control::{Import, ImportStatus},
    i18n::text,
};

use super::{People, moment, size, table_label};
use crate::http::Member;

/// An import, in words.
#[derive(Debug)]
pub(crate) struct ImportItem {
    pub(crate) href: String,
    pub(crate) what: String,
    pub(crate) kind: String,
    pub(crate) tone: &'static str,
    pub(crate) state: String,
    pub(crate) when: String,
    pub(crate) by: String,
    pub(crate) size: String,
    /// Whether it is being worked on.
    pub(crate) busy: bool,
}

/// A step on the way of an import.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) key: &'static str,
    pub(crate) done: bool,
    pub(crate) here: bool,
}

impl ImportItem {
    /// The import as the member sees it.
    pub(crate) fn of(member: &Member, people: &People, import: &Import) -> Self {
        let locale = member.visitor.locale;
        let format = match import.format.as_str() {
            "exchange" => text(locale, "console-format-exchange"),
            other => text(locale, &format!("console-format-in-{other}")),
        };
        let table = import
            .table_name
            .as_ref()
            .map(|name| table_label(locale, name));
        Self {
            href: format!("{}/imports/{}", member.base(), import.id),
            what: import.file_name.clone(),
            kind: table.map_or_else(|| format.clone(), |table| format!("{format}, {table}")),
            tone: tone(import.status),
            state: text(
                locale,
                &format!("console-import-{}", import.status.as_str()),
            ),
            when: moment(member, import.created_at),
            by: people.actor(&import.created_by),
            size: size(locale, import.size),
            busy: matches!(
                import.status,
                ImportStatus::Validating | ImportStatus::Applying | ImportStatus::Undoing
            ),
        }
    }
}

const fn tone(status: ImportStatus) -> &'static str {
    match status {
        ImportStatus::Validating | ImportStatus::Applying | ImportStatus::Undoing => "busy",
        ImportStatus::Uploaded | ImportStatus::Previewed => "busy",
        ImportStatus::Applied => "good",
        ImportStatus::Failed => "bad",
        ImportStatus::Waiting | ImportStatus::Undone | ImportStatus::Abandoned => "",
    }
}

/// How far an import has come, as steps.
pub(crate) fn import_steps(status: ImportStatus) -> Vec<Step> {
    let reached = match status {
        ImportStatus::Waiting | ImportStatus::Abandoned => 0,
        ImportStatus::Uploaded | ImportStatus::Validating => 1,
        ImportStatus::Previewed => 2,
        ImportStatus::Applying | ImportStatus::Failed => 3,
        ImportStatus::Applied | ImportStatus::Undoing | ImportStatus::Undone => 4,
    };
    let keys = [
        "console-import-step-upload",
        "console-import-step-check",
        "console-import-step-confirm",
        "console-import-step-done",
    ];
    let step = |(position, key): (usize, &'static str)| Step {
        key,
        done: position < reached,
        here: position == reached && status != ImportStatus::Failed,
    };
    keys.into_iter().enumerate().map(step).collect()
}
