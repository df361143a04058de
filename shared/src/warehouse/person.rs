//! People whose data can be erased.

use super::{Value, ValueRef};
use crate::control::VendorName;

/// Among whom an id means one person: the same id elsewhere is somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum People {
    /// Customers of the shop.
    Customers,
    /// Clients of companies at YCLIENTS. The vendor counts them all in one row, so that a company that was connected twice
    /// knows a client by the same id. Each company of a chain has ids of its own: whoever goes to two of them has two.
    Yclients,
    /// Clients of companies at Altegio, which counts its own.
    Altegio,
}

impl People {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Customers, Self::Yclients, Self::Altegio];

    /// The word that stands for them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Yclients => "yclients_clients",
            Self::Altegio => "altegio_clients",
        }
    }

    /// Those whom a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|people| people.as_str() == word)
    }

    /// The clients of a vendor's companies.
    pub const fn of_vendor(vendor: VendorName) -> Self {
        match vendor {
            VendorName::Yclients => Self::Yclients,
            VendorName::Altegio => Self::Altegio,
        }
    }

    /// The table whose rows they are.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Customers => CUSTOMERS,
            Self::Yclients | Self::Altegio => CLIENTS,
        }
    }

    /// Whether they are clients whom a vendor knows.
    pub const fn are_clients(self) -> bool {
        !matches!(self, Self::Customers)
    }
}

pub(super) const CUSTOMERS: &str = "customers";
pub(super) const CLIENTS: &str = "yclients_clients";

/// A person: among whom they are known, and by which id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// Among whom.
    pub people: People,
    /// The id.
    pub id: String,
}

impl Person {
    /// The person of this id; `None` for what is no id.
    pub fn new(people: People, id: ValueRef<'_>) -> Option<Self> {
        let id = match id {
            ValueRef::Text(id) => id.to_owned(),
            ValueRef::Integer(id) => id.to_string(),
            _ => return None,
        };
        Some(Self { people, id })
    }

    /// The id as the table keeps it; `None` where nobody there can have it.
    pub fn key(&self) -> Option<Value> {
        match self.people {
            People::Customers if self.id.is_empty() => None,
            People::Customers => Some(Value::Text(self.id.clone())),
            // Written otherwise it would be hashed otherwise.
            People::Yclients | People::Altegio => {
                let id: i64 = self.id.parse().ok()?;
                (id > 0 && id.to_string() == self.id).then_some(Value::Integer(id))
            }
        }
    }
}
