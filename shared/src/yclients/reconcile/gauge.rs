//! What of a row is compared: the indicators of its table, as exact numbers.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    catalog::{self, Indicator, Storage, Table},
    warehouse::{Row, ValueRef},
    yclients::streams::{Stream, Window, streams},
};

/// The most indicators of a table.
pub(super) const MOST: usize = 5;

/// The values of a row's indicators, in the order of its [`Gauge`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Values {
    pub numbers: [Option<Decimal>; MOST],
    /// Of which something is held that is not of the column's type: it differs from whatever the vendor says.
    pub unreadable: [bool; MOST],
}

/// The indicators of one table.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    pub table: Arc<Table>,
    pub marks: Vec<Mark>,
}

/// One indicator of a table.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub indicator: Indicator,
    pub column: String,
    scale: u32,
}

/// A list of the vendor that can be asked for by day, and what is compared of its records and of their lines.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub stream: &'static Stream,
    pub window: Window,
    pub main: Gauge,
    pub lines: Vec<Gauge>,
    /// The first day that is compared; `None` for that of the period.
    pub since: Option<NaiveDate>,
}

impl Subject {
    /// Every list of which something is compared, lines of tables that are off left out.
    pub fn all(enabled: impl Fn(&str) -> bool) -> Vec<Self> {
        let of = |stream: &'static Stream| {
            let window = stream.window?;
            let main = Gauge::of(stream.declaration()?);
            let lines = stream.children.iter().filter(|lines| enabled(lines.table));
            let lines = lines.filter_map(|lines| catalog::table(lines.table));
            let lines: Vec<Gauge> = lines
                .map(Gauge::of)
                .filter(|gauge| !gauge.marks.is_empty())
                .collect();
            let compared = enabled(stream.table) && !(main.marks.is_empty() && lines.is_empty());
            compared.then_some(Self {
                stream,
                window,
                main,
                lines,
                since: None,
            })
        };
        streams().iter().filter_map(of).collect()
    }

    /// The subjects that bring rows of these tables; all where none is named.
    pub fn of(tables: &[String], enabled: impl Fn(&str) -> bool) -> Vec<Self> {
        let mut all = Self::all(enabled);
        all.retain(|subject| {
            let named = |gauge: &Gauge| tables.iter().any(|name| *name == gauge.table.name);
            tables.is_empty() || subject.gauges().any(named)
        });
        all
    }

    /// The first of these days that is compared, which may be after the last one.
    pub fn first(&self, from: NaiveDate) -> NaiveDate {
        self.since.map_or(from, |since| since.max(from))
    }

    /// What is compared of records and of their lines, records first.
    pub fn gauges(&self) -> impl Iterator<Item = &Gauge> {
        std::iter::once(&self.main).chain(&self.lines)
    }
}

impl Gauge {
    fn of(table: &Arc<Table>) -> Self {
        let mark = |(indicator, name): &(Indicator, std::borrow::Cow<'static, str>)| {
            let column = table.column(name)?;
            Some(Mark {
                indicator: *indicator,
                column: name.to_string(),
                scale: match column.ty.storage() {
                    Storage::Decimal(scale) => scale,
                    _ => 0,
                },
            })
        };
        let marks = table.indicators.iter().filter_map(mark).take(MOST);
        Self {
            table: Arc::clone(table),
            marks: marks.collect(),
        }
    }

    /// Where rows of these columns bring the indicators; `None` for those that they do not bring.
    pub fn places(&self, columns: &[String]) -> Vec<Option<usize>> {
        let place = |mark: &Mark| columns.iter().position(|column| *column == mark.column);
        self.marks.iter().map(place).collect()
    }

    /// The row's values, as the database keeps them.
    pub fn read(&self, row: Row<'_>, places: &[Option<usize>]) -> Values {
        let mut values = Values::default();
        let numbers = values.numbers.iter_mut().zip(&self.marks);
        for ((number, mark), place) in numbers.zip(places) {
            *number = place.and_then(|place| mark.number(row.get(place)));
        }
        if row.any_unreadable() {
            for (unreadable, place) in values.unreadable.iter_mut().zip(places) {
                *unreadable = place.is_some_and(|place| row.is_unreadable(place));
            }
        }
        values
    }
}

impl Mark {
    fn number(&self, value: ValueRef<'_>) -> Option<Decimal> {
        match value {
            ValueRef::Integer(number) => Some(Decimal::from(number)),
            ValueRef::Decimal(number) => {
                let away = RoundingStrategy::MidpointAwayFromZero;
                Some(number.round_dp_with_strategy(self.scale, away))
            }
            _ => None,
        }
    }

    /// The value as people and programs read it, with all digits of its scale.
    pub fn text(&self, value: Decimal) -> String {
        let mut value = value;
        value.rescale(self.scale);
        value.to_string()
    }

    /// Whether rows are counted by its values: the sum of states says nothing.
    pub fn is_state(&self) -> bool {
        self.indicator == Indicator::Status
    }
}

/// The word for an indicator in results.
pub(super) const fn name(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::TotalCost => "total_cost",
        Indicator::Quantity => "quantity",
        Indicator::InitialCost => "initial_cost",
        Indicator::UnitPrice => "unit_price",
        Indicator::Status => "status",
    }
}
