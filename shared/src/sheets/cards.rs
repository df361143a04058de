use std::sync::Arc;

use crate::{
    catalog::{self, Table},
    warehouse::{Filter, Rows, Scan, ValueRef},
};

/// The column of a delivery that names its stock card.
const PART: &str = "part_id";

/// The stock cards of the list of the warehouse: those without a delivery are rows of it too, with empty cells for what a
/// delivery would tell.
#[derive(Debug, Clone)]
pub struct Cards {
    /// The columns of cards that are read, the card's id first.
    columns: Vec<String>,
    /// For each column of the list's scan, where it is among those read.
    places: Vec<Option<usize>>,
    filter: Filter,
}

impl Cards {
    /// For a scan of deliveries with these columns and this condition.
    pub(super) fn of(scanned: &[String], filter: &Filter) -> Self {
        let mut columns = vec!["id".to_owned()];
        let place = |path: &String| {
            let own = on_card(path)?;
            let known = columns.iter().position(|column| column == own);
            Some(known.unwrap_or_else(|| {
                columns.push(own.to_owned());
                columns.len() - 1
            }))
        };
        let places = scanned.iter().map(place).collect();
        Self {
            columns,
            places,
            filter: of_card(filter),
        }
    }

    /// The scan of all cards that the list would show; the first of its columns is the card's id. `None` where the list's
    /// condition asks for something of a delivery.
    pub fn scan(&self) -> Option<Scan> {
        if self.filter == nothing() {
            return None;
        }
        let parts = catalog::table("parts")?;
        let columns = self.columns.iter().cloned();
        Some(Scan::of(parts).columns(columns).filter(self.filter.clone()))
    }

    /// The scan that gives the ids of those of these cards, at most 1,000, that have a delivery: its one column.
    pub fn delivered<'v>(&self, ids: impl IntoIterator<Item = &'v str>) -> Option<Scan> {
        let deliveries: &Arc<Table> = catalog::table("part_deliveries")?;
        let among = Filter::In {
            column: PART.to_owned(),
            values: ids.into_iter().map(Into::into).collect(),
        };
        Some(Scan::of(deliveries).columns([PART]).filter(among))
    }

    /// The cards of which `keeps` says so by their id, as rows of the list's scan.
    pub fn spread(&self, cards: &Rows, keeps: impl Fn(&str) -> bool) -> Rows {
        let mut rows = Rows::new(self.places.len());
        let of_id = |id: ValueRef<'_>| id.as_str().is_some_and(&keeps);
        for card in cards.iter().filter(|card| of_id(card.get(0))) {
            let cell = |place: &Option<usize>| place.map_or(ValueRef::Null, |at| card.get(at));
            rows.push_row(self.places.iter().map(cell));
        }
        rows
    }
}

/// The column of a card that a column of its delivery leads to.
fn on_card(path: &str) -> Option<&str> {
    match path.strip_prefix(PART)? {
        "" => Some("id"),
        rest => rest.strip_prefix('.'),
    }
}

/// No row.
fn nothing() -> Filter {
    Filter::Or(Vec::new())
}

/// The condition on deliveries as it is for a card without one: all that is a delivery's own is null there.
fn of_card(filter: &Filter) -> Filter {
    let all = |filters: &[Filter]| filters.iter().map(of_card).collect::<Vec<_>>();
    let when = |path: &str, make: &dyn Fn(String) -> Filter| {
        on_card(path).map_or_else(nothing, |own| make(own.to_owned()))
    };
    match filter {
        Filter::All => Filter::All,
        Filter::And(filters) if all(filters).contains(&nothing()) => nothing(),
        Filter::And(filters) => all(filters).into_iter().fold(Filter::All, Filter::and),
        Filter::Or(filters) => {
            let mut some = all(filters);
            some.retain(|one| *one != nothing());
            Filter::Or(some)
        }
        Filter::Not(filter) => match of_card(filter) {
            none if none == nothing() => Filter::All,
            Filter::All => nothing(),
            filter => Filter::Not(Box::new(filter)),
        },
        Filter::Compare {
            column,
            operator,
            value,
        } => when(column, &|own| {
            Filter::compare(own, *operator, value.clone())
        }),
        Filter::In { column, values } => when(column, &|column| Filter::In {
            column,
            values: values.clone(),
        }),
        Filter::Has { column, value } => when(column, &|column| Filter::Has {
            column,
            value: value.clone(),
        }),
        Filter::IsNull(column) => {
            on_card(column).map_or(Filter::All, |own| Filter::IsNull(own.to_owned()))
        }
        Filter::IsNotNull(column) => when(column, &Filter::IsNotNull),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warehouse::Operator;

    #[test]
    fn conditions_on_deliveries_tell_which_cards_are_shown() {
        let left = Filter::compare("quantity_left", Operator::Greater, 0_i64);
        assert_eq!(of_card(&left), nothing());
        assert_eq!(of_card(&Filter::Not(Box::new(left.clone()))), Filter::All);
        let own = Filter::equal(PART, "p:1").and(Filter::IsNull("serial".to_owned()));
        assert_eq!(of_card(&own), Filter::equal("id", "p:1"));
        assert_eq!(of_card(&own.and(left.clone())), nothing());
        let either = Filter::Or(vec![left, Filter::equal("part_id.name", "x")]);
        assert_eq!(
            of_card(&either),
            Filter::Or(vec![Filter::equal("name", "x")])
        );
    }

    #[test]
    fn cards_have_empty_cells_for_what_a_delivery_tells() {
        let scanned = ["id", "part_id", "part_id.name", "part_id.type_id.name"];
        let cards = Cards::of(&scanned.map(str::to_owned), &Filter::All);
        let scan = cards.scan().unwrap();
        assert_eq!(scan.columns, ["id", "name", "type_id.name"]);
        let mut read = Rows::new(3);
        for id in ["p:1", "p:2"] {
            read.push_row(["id", "Bateria", "Akumulatory"].map(|text| match text {
                "id" => ValueRef::Text(id),
                text => ValueRef::Text(text),
            }));
        }
        let rows = cards.spread(&read, |id| id != "p:1");
        let cells: Vec<_> = rows.iter().flat_map(|row| row.values()).collect();
        let [id, name, ty] = ["p:2", "Bateria", "Akumulatory"].map(ValueRef::Text);
        assert_eq!(cells, [ValueRef::Null, id, name, ty]);
    }
}
