/// Something with a number of its own.
pub trait Row {
    /// The number, unique among its like in a company.
    fn id(&self) -> i64;
}

/// Rows in the order of their numbers, which is the order they were made in.
#[derive(Debug, Clone)]
pub struct Rows<T>(Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Row> Rows<T> {
    /// Adds a row with a number above all others and gives the number back.
    pub fn push(&mut self, row: T) -> i64 {
        let id = row.id();
        debug_assert!(self.0.last().is_none_or(|last| last.id() < id));
        self.0.push(row);
        id
    }

    /// The row of this number.
    pub fn get(&self, id: i64) -> Option<&T> {
        self.place(id).and_then(|place| self.0.get(place))
    }

    /// The row of this number, to be changed.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut T> {
        self.place(id).and_then(|place| self.0.get_mut(place))
    }

    /// The row at a place, counted from 0.
    pub fn at(&self, place: usize) -> Option<&T> {
        self.0.get(place)
    }

    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    fn place(&self, id: i64) -> Option<usize> {
        self.0.binary_search_by_key(&id, Row::id).ok()
    }
}

impl<'a, T: Row> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Says where a type keeps its number.
macro_rules! numbered {
    ($($name:ty),* $(,)?) => {
        $(impl $crate::model::Row for $name {
            fn id(&self) -> i64 {
                self.id
            }
        })*
    };
}
pub(crate) use numbered;
