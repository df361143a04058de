use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use rust_decimal::RoundingStrategy;

use super::{
    Admit, Row, Rule, ValueRef, WarehouseError, believed, digest,
    matching::Matcher,
    sql::{fits, misuse},
    text,
};
use crate::catalog::{Storage, Table, TableGroup, system};

/// What every decision about the rows of one [`Admit`] needs: where each stored column's value comes from.
pub(super) struct Gate<'a> {
    pub table: &'a Table,
    pub source_id: &'a str,
    pub rule: &'a Rule,
    /// When the facts were observed, where the rows do not bring it themselves.
    observed_at: DateTime<Utc>,
    /// The load that writes.
    pub load_id: i64,
    /// Whether the rows bring every declared column, but for those of which only other rows tell.
    pub full: bool,
    /// For every stored column: what it is and where the arriving row brings it.
    pub columns: Vec<Place>,
    /// For every role that one column has: its stored and its arriving position.
    places: [(Option<usize>, Option<usize>); ROLES],
    /// Positions of the key columns: where the arriving row brings them.
    pub key: Vec<usize>,
    /// For every arriving column: how the database keeps it.
    storages: Vec<Storage>,
    /// Arriving positions of what a digest covers, in the order of their names.
    digested: Vec<(&'a str, usize)>,
    /// Which rows are let in at all.
    pub filter: Option<Matcher>,
    /// Whether the bodies tell of rows that belong to theirs.
    pub speaks_of_lines: bool,
}

/// A stored column, seen from an arriving row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub role: Role,
    /// Position among the arriving columns.
    pub brought: Option<usize>,
    /// What a new row of a file holds that says nothing of the column: a flag that every row has is not set then.
    pub unsaid: ValueRef<'static>,
    /// Whether only rows of other tables tell of it.
    pub told_elsewhere: bool,
}

/// What a stored column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Key,
    Content,
    SourceId,
    LoadId,
    ReceivedAt,
    ObservedAt,
    ChangedAt,
    DeletedAt,
    Extra,
    Partial,
    People,
    Imported,
}

/// How many roles there are.
const ROLES: usize = Role::Imported as usize + 1;

impl<'a> Gate<'a> {
    /// Looks at the columns once and at every value's type; refuses what the table cannot take.
    pub fn new(
        admit: &'a Admit,
        observed_at: DateTime<Utc>,
        load_id: i64,
    ) -> Result<Self, WarehouseError> {
        let table = admit.table.as_ref();
        let complain = |problem: String| misuse(&table.name, problem);
        if table.group == TableGroup::Internal {
            return Err(complain("internal rows are not admitted".to_owned()));
        }
        if admit.source_id.is_empty() {
            return Err(complain("the source has no id".to_owned()));
        }
        if admit.rows.width() != admit.columns.len() {
            return Err(complain(
                "the rows are not as wide as their columns".to_owned(),
            ));
        }
        let position = |name: &str| admit.columns.iter().position(|column| column == name);
        let mut storages = Vec::with_capacity(admit.columns.len());
        let mut seen = BTreeSet::new();
        for name in &admit.columns {
            let column = table.stored_columns().find(|column| column.name == **name);
            let Some(column) = column.filter(|_| may_arrive(table, name, &admit.rule)) else {
                return Err(complain(format!(
                    "no column that may arrive is called {name}"
                )));
            };
            if !seen.insert(name.as_str()) {
                return Err(complain(format!("{name} arrives twice")));
            }
            storages.push(column.ty.storage());
        }
        let mut key = Vec::with_capacity(table.key.len());
        for name in &table.key {
            key.push(position(name).ok_or_else(|| complain(format!("{name} is missing")))?);
        }
        let columns: Vec<Place> = table
            .stored_columns()
            .map(|column| Place {
                role: role(table, &column.name),
                brought: position(&column.name),
                unsaid: match admit.rule {
                    Rule::ThreeWay { .. }
                        if column.required && column.ty.storage() == Storage::Boolean =>
                    {
                        ValueRef::Boolean(false)
                    }
                    _ => ValueRef::Null,
                },
                told_elsewhere: column.told_elsewhere,
            })
            .collect();
        let mut places = [(None, None); ROLES];
        for (stored, place) in columns.iter().enumerate() {
            if let Some(entry) = places.get_mut(place.role as usize) {
                *entry = (Some(stored), place.brought);
            }
        }
        let mut digested: Vec<(&str, usize)> = admit
            .columns
            .iter()
            .enumerate()
            .filter(|(_, name)| table.column(name).is_some() || *name == system::EXTRA)
            .map(|(index, name)| (name.as_str(), index))
            .collect();
        digested.sort_unstable();
        let gate = Self {
            table,
            source_id: &admit.source_id,
            rule: &admit.rule,
            observed_at: observed_at.trunc_subsecs(6),
            load_id,
            full: (table.columns.iter())
                .all(|column| column.told_elsewhere || position(&column.name).is_some()),
            columns,
            places,
            key,
            storages,
            digested,
            filter: filter(admit)?,
            speaks_of_lines: admit
                .children
                .iter()
                .any(|lines| lines.counts.iter().any(Option::is_some)),
        };
        for row in admit.rows.iter() {
            gate.check(row, &admit.columns)?;
        }
        Ok(gate)
    }

    fn check(&self, row: Row<'_>, names: &[String]) -> Result<(), WarehouseError> {
        for (index, (value, storage)) in row.values().zip(&self.storages).enumerate() {
            let writable = match value {
                ValueRef::Date(day) => text::date(day).is_some(),
                ValueRef::Timestamp(at) => text::date(at.date_naive()).is_some(),
                _ => true,
            };
            if !fits(value, *storage) || !writable {
                let name = names.get(index).map_or("", String::as_str);
                return Err(misuse(
                    &self.table.name,
                    format!("{name} arrives with a value that the column cannot hold"),
                ));
            }
        }
        if self.key.iter().any(|&index| row.get(index).is_null()) {
            return Err(misuse(&self.table.name, "a row arrives without its key"));
        }
        Ok(())
    }

    /// An arriving value as the database will keep it: numbers rounded to the column's scale, instants to the microsecond.
    pub fn arriving<'v>(&self, row: Row<'v>, position: usize) -> ValueRef<'v> {
        let value = row.get(position);
        match (value, self.storages.get(position)) {
            (ValueRef::Decimal(number), Some(Storage::Decimal(scale))) => {
                if number.scale() <= *scale {
                    return value;
                }
                ValueRef::Decimal(
                    number.round_dp_with_strategy(*scale, RoundingStrategy::MidpointAwayFromZero),
                )
            }
            (ValueRef::Timestamp(at), _) => ValueRef::Timestamp(at.trunc_subsecs(6)),
            _ => value,
        }
    }

    /// The arriving value of a system column; null where it does not arrive.
    pub fn brought<'v>(&self, row: Row<'v>, role: Role) -> ValueRef<'v> {
        let (_, brought) = self.places_of(role);
        brought.map_or(ValueRef::Null, |position| self.arriving(row, position))
    }

    /// When the origin says that the fact changed which a row brings; null where it does not say, or names a time that was still
    /// to come when the fact was observed: such a one is ordered by its observation.
    pub fn changed_at(&self, row: Row<'_>) -> ValueRef<'static> {
        let told = self.brought(row, Role::ChangedAt).as_timestamp();
        instant(believed(told, self.observed_at(row)))
    }

    /// When the stored row changed, as far as it is believed: one that was kept with a time to come is corrected by the next
    /// fact.
    pub fn stored_changed_at(&self, row: Row<'_>) -> ValueRef<'static> {
        let told = self.stored(row, Role::ChangedAt).as_timestamp();
        let observed_at = self.stored(row, Role::ObservedAt).as_timestamp();
        instant(match observed_at {
            Some(observed_at) => believed(told, observed_at),
            None => told,
        })
    }

    /// When the fact that a row brings was observed.
    pub fn observed_at(&self, row: Row<'_>) -> DateTime<Utc> {
        self.brought(row, Role::ObservedAt)
            .as_timestamp()
            .unwrap_or(self.observed_at)
    }

    /// Whether rows bring when they were observed, each its own time.
    pub fn brings_observation(&self) -> bool {
        self.places_of(Role::ObservedAt).1.is_some()
    }

    /// The stored value of a system column.
    pub fn stored<'v>(&self, row: Row<'v>, role: Role) -> ValueRef<'v> {
        let (stored, _) = self.places_of(role);
        stored.map_or(ValueRef::Null, |position| row.get(position))
    }

    fn places_of(&self, role: Role) -> (Option<usize>, Option<usize>) {
        self.places.get(role as usize).copied().unwrap_or_default()
    }

    /// Digest of what the row brings.
    pub fn digest(&self, row: Row<'_>) -> String {
        digest::content(
            self.digested
                .iter()
                .map(|&(name, position)| (name, self.arriving(row, position))),
        )
    }
}

fn instant(at: Option<DateTime<Utc>>) -> ValueRef<'static> {
    at.map_or(ValueRef::Null, ValueRef::Timestamp)
}

fn filter(admit: &Admit) -> Result<Option<Matcher>, WarehouseError> {
    match (&admit.filter, &admit.rule) {
        (Some(filter), Rule::Newest | Rule::Ordered | Rule::Asked | Rule::Passing { .. }) => {
            Matcher::new(&admit.table, filter).map(Some)
        }
        _ => Ok(None),
    }
}

fn may_arrive(table: &Table, name: &str, rule: &Rule) -> bool {
    table.column(name).is_some()
        || matches!(
            name,
            system::CHANGED_AT | system::DELETED_AT | system::EXTRA | system::PEOPLE
        )
        || matches!(
            (name, rule),
            (system::OBSERVED_AT, Rule::Newest | Rule::Ordered) | (_, Rule::Undo { .. })
        )
}

fn role(table: &Table, name: &str) -> Role {
    if table.key.iter().any(|key| key == name) {
        return Role::Key;
    }
    if table.column(name).is_some() {
        return Role::Content;
    }
    match name {
        system::SOURCE_ID => Role::SourceId,
        system::LOAD_ID => Role::LoadId,
        system::RECEIVED_AT => Role::ReceivedAt,
        system::OBSERVED_AT => Role::ObservedAt,
        system::CHANGED_AT => Role::ChangedAt,
        system::DELETED_AT => Role::DeletedAt,
        system::EXTRA => Role::Extra,
        system::PARTIAL => Role::Partial,
        system::PEOPLE => Role::People,
        _ => Role::Imported,
    }
}
