//! Columns of a list, as people type them: by the headers of the list, or by the names that programs use.

use std::sync::Arc;

use wynos::{
    catalog::{self, ColumnType, Locale, Table},
    delivery::Condition,
    import,
    sheets::{self, List},
};

use crate::{
    App,
    http::{Failure, Member},
};

/// A column: its header, and the name that programs use.
type Offered<'w> = (&'w str, &'w str);

/// What the columns of a list are called in the person's language.
pub(super) struct Words {
    locale: Locale,
    table: Option<Arc<Table>>,
    /// Headers, each with the name that programs use.
    headers: Vec<(String, String)>,
    /// How many of them are the list's own.
    own: usize,
}

impl Words {
    /// Of the list of this name; one that there is not has no words.
    pub(super) async fn of(
        app: &App,
        member: &Member,
        name: &str,
        reports: &[Arc<Table>],
    ) -> Result<Self, Failure> {
        let locale = member.visitor.locale;
        let report = reports.iter().find(|table| table.name == name);
        let list = match report {
            Some(table) => List::of(table, [], Vec::new()),
            None => List::named(name, Vec::new()),
        };
        let Ok(list) = list else {
            return Ok(Self {
                locale,
                table: None,
                headers: Vec::new(),
                own: 0,
            });
        };
        let fields = match catalog::table(&list.table().name) {
            Some(table) => import::list_fields(&app.services, member.id(), table).await?,
            None => Vec::new(),
        };
        let shown = list.columns().iter();
        let shown = shown.map(|column| (column.label(locale), column.path().to_owned()));
        let others = sheets::targets(list.table(), &fields, locale);
        let others = others.into_iter().map(|other| (other.label, other.path));
        Ok(Self {
            locale,
            own: list.columns().len(),
            headers: shown.chain(others).collect(),
            table: Some(Arc::clone(list.table())),
        })
    }

    /// What the list can have, headers with the names that programs use: its own columns, and what else there is.
    pub(super) fn offered(&self) -> (Vec<Offered<'_>>, Vec<Offered<'_>>) {
        let mut all = self.headers.iter().map(|(label, name)| (&**label, &**name));
        let own: Vec<Offered<'_>> = all.by_ref().take(self.own).collect();
        let more = all.filter(|(_, name)| own.iter().all(|(_, known)| known != name));
        let more = more.collect();
        (own, more)
    }

    /// The name of a column that is typed so; what is not known stays as it is.
    pub(super) fn column<'w>(&'w self, typed: &'w str) -> &'w str {
        let is_name = self.headers.iter().any(|(_, name)| name == typed);
        let called = |(header, _): &&(String, String)| is_same(header, typed);
        match self.headers.iter().find(called) {
            Some((_, name)) if !is_name => name,
            _ => typed,
        }
    }

    /// A condition with its column, and the choice that it names, as programs call them.
    pub(super) fn condition<'w>(&'w self, typed: Condition<'w>) -> Condition<'w> {
        let table = self.table.as_deref();
        // Conditions are about the rows themselves: of two headers that are alike, theirs is meant.
        let own = table.into_iter().flat_map(|table| &table.columns);
        let own = own
            .filter(|column| column.name != typed.column)
            .find(|column| is_same(column.label.get(self.locale), typed.column));
        let is_name = table.is_some_and(|table| table.column(typed.column).is_some());
        let column = match own {
            Some(column) if !is_name => &column.name,
            _ => self.column(typed.column),
        };
        let choices = table.and_then(|table| match &table.column(column)?.ty {
            ColumnType::Choice(choices) => Some(choices),
            _ => None,
        });
        let choice = choices.into_iter().flatten();
        let value = choice
            .filter(|choice| choice.value != typed.value)
            .find(|choice| is_same(choice.label.get(self.locale), typed.value))
            .map_or(typed.value, |choice| &choice.value);
        Condition {
            column,
            value,
            ..typed
        }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
