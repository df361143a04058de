use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{DeliveryError, Order, OrderProblem};
use crate::{
    catalog::{Column, ColumnType, Table},
    sheets::List,
    warehouse::{Filter, Operator, Value},
    zone::start_of_day,
};

/// What a column of a row has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition<'v> {
    /// The column.
    pub column: &'v str,
    /// How it compares.
    pub operator: Operator,
    /// With what, as text; empty for nothing, which equals what is null.
    pub value: &'v str,
}

/// How conditions are written: longer ones first, for they hold the shorter ones.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("~", Operator::Contains),
    ("=", Operator::Equal),
];

impl<'v> Condition<'v> {
    /// The condition whose column may end in its comparison, as in `quantity_left>`; equality where it does not.
    pub fn keyed(key: &'v str, value: &'v str) -> Self {
        let stripped = |&(sign, operator): &(&str, Operator)| {
            let column = key.strip_suffix(sign)?.trim();
            Some(Self {
                column,
                operator,
                value,
            })
        };
        OPERATORS.iter().find_map(stripped).unwrap_or(Self {
            column: key.trim(),
            operator: Operator::Equal,
            value,
        })
    }

    /// Reads a condition such as `quantity_left>0`; `None` where no comparison stands in it.
    pub fn parse(text: &'v str) -> Option<Self> {
        let at = text.find(['<', '>', '!', '~', '='])?;
        let (column, rest) = text.split_at_checked(at)?;
        let read = |&(sign, operator): &(&str, Operator)| {
            let value = rest.strip_prefix(sign)?.trim();
            Some(Self {
                column: column.trim(),
                operator,
                value,
            })
        };
        OPERATORS.iter().find_map(read)
    }

    /// The condition on values of this column; `None` where the value is none of its type, or cannot be compared so.
    fn filter(self, column: &Column, zone: Tz) -> Option<Filter> {
        let name = self.column;
        let compare = |operator, value| Filter::compare(name, operator, value);
        let missing = || Filter::IsNull(name.to_owned());
        match (self.operator, &column.ty) {
            (Operator::Equal, _) if self.value.is_empty() => return Some(missing()),
            (Operator::NotEqual, _) if self.value.is_empty() => {
                return Some(Filter::IsNotNull(name.to_owned()));
            }
            (Operator::Contains, ColumnType::Text) => {}
            (Operator::Contains, _) => return None,
            _ => {}
        }
        let day = NaiveDate::parse_from_str(self.value, "%Y-%m-%d").ok();
        if let (ColumnType::Timestamp, Some(day)) = (&column.ty, day) {
            let from = Value::Timestamp(start_of_day(day, zone));
            let to = Value::Timestamp(start_of_day(day.succ_opt()?, zone));
            let within = compare(Operator::AtLeast, from.clone());
            let within = within.and(compare(Operator::Less, to.clone()));
            return Some(match self.operator {
                Operator::Less => compare(Operator::Less, from),
                Operator::AtLeast => compare(Operator::AtLeast, from),
                Operator::AtMost => compare(Operator::Less, to),
                Operator::Greater => compare(Operator::AtLeast, to),
                Operator::NotEqual => Filter::Not(Box::new(within)),
                Operator::Equal | Operator::Contains => within,
            });
        }
        let value = Value::from_text(column, self.value)?;
        Some(match self.operator {
            // A row without a value has another one.
            Operator::NotEqual => Filter::Not(Box::new(compare(Operator::Equal, value))),
            operator => compare(operator, value),
        })
    }
}

impl Order {
    /// Narrows a list to these of its columns, and to rows whose columns compare so with these values; nothing is narrowed
    /// by nothing. Names and values are those that files for programs carry; a day at a column of instants is the whole day
    /// in the business's `zone`. `reports` are the tables of the subscription's reports.
    ///
    /// # Errors
    /// [`DeliveryError::Order`] for another format than a list, a column twice, an unknown column, or a value that is not of its column's
    /// type.
    pub fn narrow<'v>(
        &mut self,
        columns: Vec<String>,
        conditions: impl IntoIterator<Item = Condition<'v>>,
        zone: Tz,
        reports: &[Arc<Table>],
    ) -> Result<(), DeliveryError> {
        let mut conditions = conditions.into_iter().peekable();
        if columns.is_empty() && conditions.peek().is_none() {
            return Ok(());
        }
        let refused = |problem| DeliveryError::order("where", problem);
        let narrowed = if columns.is_empty() {
            "where"
        } else {
            "columns"
        };
        let name = self
            .table
            .as_deref()
            .ok_or_else(|| DeliveryError::order(narrowed, OrderProblem::NotAList))?;
        let list = match reports.iter().find(|table| table.name == name) {
            Some(table) => List::of(table, [], Vec::new()),
            None => List::named(name, Vec::new()),
        };
        let list = list.map_err(|error| DeliveryError::order("table", error))?;
        if let Some((_, twice)) = columns
            .iter()
            .enumerate()
            .find(|(index, name)| columns.iter().take(*index).any(|other| other == *name))
        {
            let problem = OrderProblem::Twice(twice.clone());
            return Err(DeliveryError::order("columns", problem));
        }
        for condition in conditions {
            let (name, text) = (condition.column, condition.value);
            let column = list.table().column(name).ok_or_else(|| {
                refused(OrderProblem::NoColumn {
                    table: list.name().to_owned(),
                    column: name.to_owned(),
                })
            })?;
            let filter = condition
                .filter(column, zone)
                .filter(|_| !text.contains('\0'))
                .ok_or_else(|| {
                    refused(OrderProblem::NoValue {
                        column: name.to_owned(),
                        value: text.to_owned(),
                    })
                })?;
            self.filter = std::mem::take(&mut self.filter).and(filter);
        }
        self.columns = columns;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn filter(table: &str, text: &str) -> Option<Filter> {
        let condition = Condition::parse(text)?;
        let column = catalog::table(table)?.column(condition.column)?;
        condition.filter(column, chrono_tz::Europe::Warsaw)
    }

    #[test]
    fn comparisons_are_read_with_their_longest_sign() {
        let read = |text| Condition::parse(text).map(|of| (of.column, of.operator, of.value));
        assert_eq!(
            read("quantity_left > 0"),
            Some(("quantity_left", Operator::Greater, "0"))
        );
        assert_eq!(read("rma<=7"), Some(("rma", Operator::AtMost, "7")));
        assert_eq!(
            read("issue~a=b"),
            Some(("issue", Operator::Contains, "a=b"))
        );
        assert_eq!(
            read("status!=CLOSED"),
            Some(("status", Operator::NotEqual, "CLOSED"))
        );
        assert_eq!(read("status"), None);
        assert_eq!(read("status!CLOSED"), None);
        assert_eq!(Condition::keyed("rma>=", "7").operator, Operator::AtLeast);
        assert_eq!(Condition::keyed("rma", "<7").value, "<7");
    }

    #[test]
    fn a_day_at_a_column_of_instants_is_the_whole_day_of_the_zone() {
        let at = |text: &str| Value::Timestamp(text.parse().unwrap());
        let compare = |operator, value| Filter::compare("created_at", operator, value);
        // In Warsaw it is summer, two hours before UTC.
        let (from, to) = (at("2026-06-30T22:00:00Z"), at("2026-07-01T22:00:00Z"));
        let of = |text| format!("{:?}", filter("repairs", text).unwrap());
        assert_eq!(
            of("created_at<=2026-07-01"),
            format!("{:?}", compare(Operator::Less, to.clone()))
        );
        assert_eq!(
            of("created_at>2026-07-01"),
            format!("{:?}", compare(Operator::AtLeast, to.clone()))
        );
        assert_eq!(
            of("created_at=2026-07-01"),
            format!(
                "{:?}",
                compare(Operator::AtLeast, from).and(compare(Operator::Less, to))
            )
        );
        assert!(filter("repairs", "created_at>soon").is_none());
        assert!(filter("repairs", "created_at~2026").is_none());
    }

    #[test]
    fn nothing_equals_what_is_missing() {
        let of = |text| format!("{:?}", filter("repairs", text).unwrap());
        assert_eq!(
            of("customer_id="),
            format!("{:?}", Filter::IsNull("customer_id".into()))
        );
        assert_eq!(
            of("customer_id!="),
            format!("{:?}", Filter::IsNotNull("customer_id".into()))
        );
    }
}
