use chrono::{DateTime, NaiveDate, Utc};

use super::{Money, rows::numbered};

/// Somebody, or something, that can be booked.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The vendor's number.
    pub id: i64,
    /// How clients see them.
    pub name: String,
    /// What they do.
    pub specialization: &'static str,
    /// The position's number and title; boats and rooms have none.
    pub position: Option<(i64, &'static str)>,
    /// The user they sign in as; 0: none.
    pub user_id: i64,
    /// Their rating times a hundred.
    pub rating: i64,
    /// How many voted.
    pub votes_count: i64,
    /// Where they stand in the list.
    pub weight: i64,
    /// Whether they were let go.
    pub fired: bool,
    /// Whether clients cannot see them.
    pub hidden: bool,
    /// Whether they are gone from the lists, though old records still name them.
    pub deleted: Option<DateTime<Utc>>,
}

/// A user of the vendor's program.
#[derive(Debug, Clone)]
pub struct User {
    /// The vendor's number.
    pub id: i64,
    /// The name.
    pub name: &'static str,
    /// The phone, digits only.
    pub phone: String,
}

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    /// The vendor's number.
    pub id: i64,
    /// First name.
    pub name: &'static str,
    /// Last name; often empty.
    pub surname: String,
    /// Patronymic; mostly empty.
    pub patronymic: &'static str,
    /// Digits of the phone, without the plus.
    pub phone: String,
    /// E-mail; often empty.
    pub email: String,
    /// Number of a discount card; mostly empty.
    pub card: String,
    /// Birthday.
    pub birth_date: Option<NaiveDate>,
    /// A remark.
    pub comment: &'static str,
    /// Discount in percent.
    pub discount: i64,
    /// How many visits took place.
    pub visits: i64,
    /// How many visits did not.
    pub failed_visits: i64,
    /// 0 unknown, 1 man, 2 woman.
    pub sex_id: i64,
    /// 0 none, 1 bronze, 2 silver, 3 gold.
    pub importance_id: i64,
    /// What services and goods cost the client together.
    pub spent: Money,
    /// What the client paid.
    pub paid: Money,
    /// The labels, by number.
    pub categories: Vec<i64>,
    /// Where the client heard of the salon: a custom field; none is an empty relation.
    pub source: Option<&'static str>,
    /// When the row last changed.
    pub changed: DateTime<Utc>,
    /// Whether it is gone from the lists.
    pub deleted: Option<DateTime<Utc>>,
}

impl Client {
    /// Name and surname together.
    pub fn display_name(&self) -> String {
        if self.surname.is_empty() {
            self.name.to_owned()
        } else {
            format!("{} {}", self.name, self.surname)
        }
    }
}

numbered!(Staff, User, Client);
