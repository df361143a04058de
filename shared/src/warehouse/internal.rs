//! The system's own tables of a warehouse, declared as data so that the same code creates, fills and scans them.

use std::sync::{Arc, LazyLock};

use crate::catalog::{Column, ColumnType, Label, Table, TableGroup, label};

/// Every load that wrote rows: id, origin, run, when its facts were observed, and counts as JSON.
pub fn loads() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_loads",
            &["id"],
            vec![
                integer("id"),
                text("origin"),
                text("run"),
                instant("observed_at"),
                json("counts"),
            ],
        )
    });
    &TABLE
}

/// Facts that the shared database is still to be told, in the order of their ids.
pub fn outbox() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_outbox",
            &["id"],
            vec![
                integer("id"),
                text("kind"),
                json("payload"),
                instant("emitted_at"),
            ],
        )
    });
    &TABLE
}

/// Cursors and checkpoints by name.
pub fn state() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> =
        LazyLock::new(|| internal("_state", &["key"], vec![text("key"), json("value")]));
    &TABLE
}

/// The last number given to a load and to an outbox entry. Kept apart from both, because neither is kept forever.
pub fn counters() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> =
        LazyLock::new(|| internal("_counters", &["name"], vec![text("name"), integer("last")]));
    &TABLE
}

/// Records that failed, with the reason, to be replayed.
pub fn parked() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_parked",
            &["id"],
            vec![
                text("id"),
                text("table"),
                text("source_id"),
                text("reason"),
                json("body"),
                instant("at"),
            ],
        )
    });
    &TABLE
}

/// Raw events that wait while loading is paused, oldest first within a source.
pub fn inbox() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_inbox",
            &["source_id", "received_at", "id"],
            vec![
                text("source_id"),
                instant("received_at"),
                text("id"),
                json("body"),
            ],
        )
    });
    &TABLE
}

/// Rows that retention removed, by neighbouring keys: a JSON object from the key to the version that it had. They come back
/// only when they changed since, or were asked for, and are not among these any more then.
pub fn swept() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_swept",
            &["table", "source_id", "bucket"],
            vec![
                text("table"),
                text("source_id"),
                integer("bucket"),
                text("versions"),
                instant("at"),
            ],
        )
    });
    &TABLE
}

/// Sources of other vendors than YCLIENTS: among whose clients an id means one person.
pub fn vendors() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_vendors",
            &["source_id"],
            vec![text("source_id"), text("vendor")],
        )
    });
    &TABLE
}

/// People whose data was erased: among whom they are known, and a hash of their id with the warehouse's own key. What
/// comes in about them comes in without what is personal.
pub fn erased() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_erased",
            &["people", "hash"],
            vec![text("people"), text("hash"), instant("at")],
        )
    });
    &TABLE
}

/// Rows as they were before an import changed them: the image has every stored column that was not null, and is null
/// itself where the row did not exist. The key is a JSON array of the source id and the row's key.
pub fn undo() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_undo",
            &["import", "table", "key"],
            vec![text("import"), text("table"), text("key"), json("image")],
        )
    });
    &TABLE
}

/// What happened to customers' data: kind is `export`, `import`, `api`, `merge` or `erasure`. Inserting the event makes
/// its subjects visible.
pub fn personal_data_events() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        let mut columns = vec![text("id")];
        columns.extend(event_columns());
        internal(EVENTS, &["id"], columns)
    });
    &TABLE
}

/// Which customers an event of the personal-data log speaks of.
pub fn personal_data_subjects() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        let mut table = declaration(
            SUBJECTS,
            &["event_id", "customer_id"],
            vec![text("event_id"), text("customer_id")],
        );
        table.indexes = vec![vec!["customer_id".into()]];
        Arc::new(table)
    });
    &TABLE
}

/// The personal-data log that people read: a view that joins events with their subjects, so that a subject without its
/// event is invisible. It exists once either of the two tables does, and takes no rows itself.
pub fn personal_data_log() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        let mut columns = vec![text("customer_id"), text("event_id")];
        columns.extend(event_columns());
        internal(LOG, &["customer_id", "event_id"], columns)
    });
    &TABLE
}

/// Which local row an imported or merged row of another origin became, and the digest of what it said when it last
/// filled that row.
pub fn merged_ids() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_merged_ids",
            &["table", "origin_id"],
            vec![
                text("table"),
                text("origin_id"),
                text("local_id"),
                text("import"),
                text("digest"),
            ],
        )
    });
    &TABLE
}

/// Rows of reports that are read and not yet put in the place of those before: run, table, key as a JSON array, the record
/// they come from, and the row as a JSON object.
pub fn report_stage() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_report_stage",
            &["run", "table", "key"],
            vec![
                text("run"),
                text("table"),
                text("key"),
                text("record"),
                json("row"),
                instant("at"),
            ],
        )
    });
    &TABLE
}

/// Days that a reconciliation compared, one row per run, table and day of the business: the state is `checked` or
/// `not_checked`, the reason a code. The totals are a JSON object by indicator, each with `held` and `vendor`: sums as text,
/// of states how many rows are in each.
pub fn reconciled_days() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_reconciled_days",
            &["run", "table", "day"],
            vec![
                text("run"),
                text("table"),
                day("day"),
                text("source_id"),
                text("state"),
                text("reason"),
                integer("rows_held"),
                integer("rows_vendor"),
                integer("missing"),
                integer("extra"),
                integer("differing"),
                json("totals"),
                instant("at"),
            ],
        )
    });
    &TABLE
}

/// What reconciliations found to differ, one row per run, row and field. The kind is `missing`, `extra` or `differing`; the
/// field is a column, or `row` for whether there is one; values are text, null where there is none.
pub fn differences() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        internal(
            "_differences",
            &["run", "table", "day", "key", "field"],
            vec![
                text("run"),
                text("table"),
                day("day"),
                text("key"),
                text("field"),
                text("source_id"),
                text("kind"),
                text("held"),
                text("vendor"),
                flag("mended"),
                instant("at"),
            ],
        )
    });
    &TABLE
}

/// The table of events of the personal-data log.
pub(super) const EVENTS: &str = "_personal_data_events";
/// The table of their subjects.
pub(super) const SUBJECTS: &str = "_personal_data_subjects";
/// The view over both.
pub(super) const LOG: &str = "personal_data_log";

/// The other half of the personal-data log: the view needs both tables.
pub(super) fn companion(table: &str) -> Option<&'static Arc<Table>> {
    match table {
        EVENTS => Some(personal_data_subjects()),
        SUBJECTS => Some(personal_data_events()),
        _ => None,
    }
}

fn event_columns() -> Vec<Column> {
    vec![
        instant("at"),
        text("kind"),
        text("purpose"),
        text("file"),
        text("actor"),
        json("details"),
    ]
}

fn internal(name: &'static str, key: &[&'static str], columns: Vec<Column>) -> Arc<Table> {
    Arc::new(declaration(name, key, columns))
}

fn declaration(name: &'static str, key: &[&'static str], columns: Vec<Column>) -> Table {
    Table {
        name: name.into(),
        singular: name.into(),
        label: plain(name),
        group: TableGroup::Internal,
        columns,
        key: key.iter().map(|&part| part.into()).collect(),
        subject: None,
        indexes: Vec::new(),
        parent: None,
        facts: false,
        indicators: Vec::new(),
    }
}

/// People read these names as they are: only operators see the tables.
const fn plain(name: &'static str) -> Label {
    label(name, name, name)
}

const fn text(name: &'static str) -> Column {
    Column::new(name, ColumnType::Text, plain(name))
}

const fn integer(name: &'static str) -> Column {
    Column::new(name, ColumnType::Integer, plain(name))
}

const fn instant(name: &'static str) -> Column {
    Column::new(name, ColumnType::Timestamp, plain(name))
}

const fn day(name: &'static str) -> Column {
    Column::new(name, ColumnType::Date, plain(name))
}

const fn flag(name: &'static str) -> Column {
    Column::new(name, ColumnType::Boolean, plain(name))
}

const fn json(name: &'static str) -> Column {
    Column::new(name, ColumnType::Json, plain(name))
}
