use std::{borrow::Cow, sync::LazyLock};

use super::{Column, ColumnType, Label, label};

/// Which part of the system a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableGroup {
    /// The shop's own data, which exchange files carry.
    RepairShop,
    /// A copy of the vendor's data.
    Yclients,
    /// A user-defined report.
    Report,
    /// The system's own bookkeeping; its rows carry no system columns and never leave.
    Internal,
}

/// A table of a warehouse, declared as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The name in SQL, files and the API: `[a-z_][a-z0-9_]*`.
    pub name: Cow<'static, str>,
    /// One row's name: the element of an exchange file.
    pub singular: Cow<'static, str>,
    /// What people read.
    pub label: Label,
    /// Which part of the system it belongs to.
    pub group: TableGroup,
    /// The declared columns, in the order that files carry them.
    pub columns: Vec<Column>,
    /// The names of the columns that tell two rows of a source apart, in order.
    pub key: Vec<Cow<'static, str>>,
    /// The column that names the customer a row speaks of, where it has one.
    pub subject: Option<Cow<'static, str>>,
    /// Columns, or lists of columns, that are looked up and therefore indexed.
    pub indexes: Vec<Vec<Cow<'static, str>>>,
    /// The table whose rows these rows are parts of: the key begins with the parent's key, under the names that the first
    /// columns of this table's key have. Child rows come, change and go with their parent.
    pub parent: Option<Cow<'static, str>>,
    /// Whether its rows are events and measures, against the things that they speak of (dimensions).
    pub facts: bool,
    /// Which columns are compared when a copy is reconciled with the vendor.
    pub indicators: Vec<(Indicator, Cow<'static, str>)>,
}

/// What a column measures, where copies of it are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Indicator {
    /// What was paid or is to be paid for the row altogether.
    TotalCost,
    /// How many or how much.
    Quantity,
    /// The price before any discount.
    InitialCost,
    /// The price of one.
    UnitPrice,
    /// In which state the thing is.
    Status,
}

/// Names of the columns that every row outside [`TableGroup::Internal`] carries, beside its own.
pub mod system {
    /// Which source the row comes from; `local` for the shop's own. The first part of every key.
    pub const SOURCE_ID: &str = "_source_id";
    /// The load that last wrote the row.
    pub const LOAD_ID: &str = "_load_id";
    /// When the row was first kept.
    pub const RECEIVED_AT: &str = "_received_at";
    /// When the row's content was last seen at its origin.
    pub const OBSERVED_AT: &str = "_observed_at";
    /// When the origin says the content changed.
    pub const CHANGED_AT: &str = "_changed_at";
    /// When the row was deleted at its origin; such a row is a tombstone.
    pub const DELETED_AT: &str = "_deleted_at";
    /// Fields of the origin that the catalog does not know, as JSON.
    pub const EXTRA: &str = "_extra";
    /// Set while only partial bodies of the row were seen: then, and only then, an older one may fill what is null. False once
    /// one of them told of child rows, which an older one must not bring back.
    pub const PARTIAL: &str = "_partial";
    /// The ids of the clients of whom the record that a row of a report comes from speaks, with a space between: an erasure
    /// finds the row by them, whatever its own columns say.
    pub const PEOPLE: &str = "_people";
    /// The load in which an exchange file last brought the row, and the digest of what it brought, as `load:digest`: the
    /// base of the three-way comparison. A row whose `_load_id` is another one was touched since.
    pub const IMPORTED: &str = "_imported";
}

impl Table {
    /// The declared column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The position of a column among [`Table::stored_columns`].
    pub fn position(&self, name: &str) -> Option<usize> {
        self.stored_columns().position(|column| column.name == name)
    }

    /// Every column of the SQL table: the declared ones, then the system columns of its group.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().chain(self.system_columns())
    }

    /// The system columns that rows of this table carry.
    pub fn system_columns(&self) -> &'static [Column] {
        match self.group {
            TableGroup::Internal => &[],
            TableGroup::RepairShop => &SYSTEM_COLUMNS,
            // Only exchange files bring rows with a digest.
            TableGroup::Yclients => SYSTEM_COLUMNS.split_last().map_or(&[], |(_, rest)| rest),
            TableGroup::Report => &REPORT_COLUMNS,
        }
    }

    /// The SQL primary key: the source, then the declared key.
    pub fn primary_key(&self) -> impl Iterator<Item = &str> {
        let source = (self.group != TableGroup::Internal).then_some(system::SOURCE_ID);
        source.into_iter().chain(self.key.iter().map(AsRef::as_ref))
    }
}

static REPORT_COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let people = Column::new(
        system::PEOPLE,
        ColumnType::Text,
        label("Clients", "Klienci", "Клиенты"),
    );
    let common = SYSTEM_COLUMNS
        .split_last()
        .map_or(&[][..], |(_, rest)| rest);
    common.iter().cloned().chain([people]).collect()
});

static SYSTEM_COLUMNS: [Column; 9] = [
    Column::new(
        system::SOURCE_ID,
        ColumnType::Text,
        label("Source", "Źródło", "Источник"),
    )
    .required(),
    Column::new(
        system::LOAD_ID,
        ColumnType::Integer,
        label("Load", "Ładowanie", "Загрузка"),
    )
    .required(),
    Column::new(
        system::RECEIVED_AT,
        ColumnType::Timestamp,
        label("Received", "Otrzymano", "Получено"),
    )
    .required(),
    Column::new(
        system::OBSERVED_AT,
        ColumnType::Timestamp,
        label("Observed", "Zaobserwowano", "Замечено"),
    )
    .required(),
    Column::new(
        system::CHANGED_AT,
        ColumnType::Timestamp,
        label("Changed", "Zmieniono", "Изменено"),
    ),
    Column::new(
        system::DELETED_AT,
        ColumnType::Timestamp,
        label("Deleted", "Usunięto", "Удалено"),
    ),
    Column::new(
        system::EXTRA,
        ColumnType::Json,
        label("Other fields", "Inne pola", "Прочие поля"),
    ),
    Column::new(
        system::PARTIAL,
        ColumnType::Boolean,
        label("Seen in part", "Widziano częściowo", "Виден частично"),
    ),
    Column::new(
        system::IMPORTED,
        ColumnType::Text,
        label("Imported digest", "Skrót importu", "Хеш импорта"),
    ),
];
