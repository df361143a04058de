use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::Place;
use crate::{
    warehouse::{Filter, Operator, Value},
    yclients::{
        client::{Caller, Unreachable, Unread, VendorError},
        streams::{Endpoint, Method, Paging, Stream},
    },
};

/// So many records of a page are values at one time.
const AT_A_TIME: usize = 20;

/// What is asked of an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// Who calls, and pays for it.
    pub caller: &'q Caller,
    /// The company that is asked about, by the vendor's id.
    pub company_id: i64,
    /// The endpoint.
    pub endpoint: &'q Endpoint,
    /// What is asked beside what the endpoint always is: a window, a cursor, a filter.
    pub params: &'q [(&'static str, String)],
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The records as they came: passport data is still in them ([`crate::yclients::decode::scrub`]).
    pub records: Vec<Json>,
    /// How many records the whole list has, where the vendor says so.
    pub total: Option<u64>,
    /// When the request began: what the answer tells was true then at the earliest.
    pub observed_at: DateTime<Utc>,
}

/// A page without its records: what there is to know of it to go on with the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// How many records it has.
    pub records: usize,
    /// Their ids, in their order; records without a usable one are left out.
    pub ids: Vec<i64>,
    /// How many records the whole list has, where the vendor says so.
    pub total: Option<u64>,
    /// Whether there was not even an empty list: a 404 stands for one too, and for an address that is no more.
    pub is_nothing: bool,
    /// When the request began: what the answer tells was true then at the earliest.
    pub observed_at: DateTime<Utc>,
}

impl Outline {
    fn add(&mut self, records: &[Json]) {
        self.records += records.len();
        self.ids.extend(records.iter().filter_map(id_of));
    }
}

impl Answer {
    /// The same without its records.
    pub fn outline(&self) -> Outline {
        let mut outline = Outline {
            records: 0,
            ids: Vec::new(),
            total: self.total,
            is_nothing: false,
            observed_at: self.observed_at,
        };
        outline.add(&self.records);
        outline
    }

    /// Whether a record that was asked for alone says that it is deleted, where the stream's list leaves such rows out and
    /// so has no column for it (movements of goods: facts, section 2.8). The decoder does not see it.
    pub fn is_of_deleted(&self, stream: &Stream) -> bool {
        let says_so = |record: &Json| record.get("deleted") == Some(&Json::Bool(true));
        stream.deletion.flag().is_none() && self.records.iter().any(says_so)
    }
}

impl Question<'_> {
    /// The page of the list at that place; an empty one where the vendor says that there is nothing.
    pub async fn page(&self, place: &Place) -> Result<Answer, VendorError> {
        let reply = self.unread(place).await?;
        self.read(place, &reply)
    }

    /// The same, still to be read by [`Question::read`].
    pub async fn unread(&self, place: &Place) -> Result<Unread, VendorError> {
        let asked_at = self.caller.now();
        match self.ask(place).await {
            Err(VendorError::NothingFound) => Ok(Unread::nothing(asked_at)),
            reply => reply,
        }
    }

    /// What was answered when that place was asked for.
    pub fn read(&self, place: &Place, reply: &Unread) -> Result<Answer, VendorError> {
        let mut records = Vec::new();
        let outline = self.read_through(place, reply, |mut some| records.append(&mut some))?;
        Ok(Answer {
            records,
            total: outline.total,
            observed_at: outline.observed_at,
        })
    }

    /// The same, handing out some records at a time: as values they take up ten times what their text does, and are gone
    /// before the next ones are read. After an error what was handed out is of no use.
    pub fn read_through(
        &self,
        place: &Place,
        reply: &Unread,
        mut take: impl FnMut(Vec<Json>),
    ) -> Result<Outline, VendorError> {
        let mut outline = Outline {
            records: 0,
            ids: Vec::new(),
            total: total(reply.meta()),
            is_nothing: reply.is_nothing(),
            observed_at: reply.began_at(),
        };
        let mut hand_out = |mut records: Vec<Json>| {
            if let Some(parent) = place.parent() {
                self.endpoint.under(parent, &mut records);
            }
            outline.add(&records);
            take(records);
        };
        if self.endpoint.record_path.is_empty() && reply.is_list() {
            reply.items(AT_A_TIME, hand_out)?;
        } else {
            hand_out(self.endpoint.records(reply.read()?.data));
        }
        Ok(outline)
    }

    async fn ask(&self, place: &Place) -> Result<Unread, VendorError> {
        let endpoint = self.endpoint;
        let path = endpoint.path_of(self.company_id, place.parent());
        let own = |(name, value): &(&'static str, &'static str)| (*name, (*value).to_owned());
        let mut params: Vec<_> = endpoint.params.iter().map(own).collect();
        params.extend_from_slice(self.params);
        if let Paging::Pages {
            size_param, size, ..
        } = endpoint.paging
        {
            params.push(("page", place.page.to_string()));
            params.push((size_param, size.to_string()));
        }
        match endpoint.method {
            Method::Get => self.caller.get_unread(&path, &params).await,
            Method::Post => {
                let body = body_of(endpoint, &params);
                self.caller.post_unread(&path, &[], &body).await
            }
        }
    }
}

/// The record of that id as the vendor has it now, asked for alone with what the stream's own list always asks for; `None`
/// where the vendor has none, or the stream no such endpoint. Passport data is still in it.
pub async fn one(
    caller: &Caller,
    company_id: i64,
    stream: &Stream,
    id: i64,
) -> Result<Option<Answer>, VendorError> {
    let Some(path) = stream.one else {
        return Ok(None);
    };
    let endpoint = Endpoint::list(path);
    let path = endpoint.path_of(company_id, Some(id));
    let own = |(name, value): &(&'static str, &'static str)| (*name, (*value).to_owned());
    let params: Vec<_> = stream.endpoint.params.iter().map(own).collect();
    match caller.get(&path, &params).await {
        Ok(reply) => {
            let mut records = endpoint.records(reply.data);
            records.truncate(1);
            let total = Some(records.len() as u64);
            let observed_at = reply.began_at;
            Ok((!records.is_empty()).then_some(Answer {
                records,
                total,
                observed_at,
            }))
        }
        Err(VendorError::NotFound | VendorError::NothingFound) => Ok(None),
        // Whoever asks takes it that what the vendor does not have is gone.
        Err(VendorError::Unrouted) => Err(VendorError::Unavailable {
            reason: Unreachable::Status(404),
        }),
        Err(error) => Err(error),
    }
}

/// What of a filter the vendor applies itself. For lists that prove absence: a list of changes would hide what fell out.
pub fn pushed(stream: &Stream, filter: &Filter) -> Vec<(&'static str, String)> {
    match filter {
        Filter::And(all) => all
            .iter()
            .flat_map(|filter| pushed(stream, filter))
            .collect(),
        Filter::Compare {
            column,
            operator: Operator::Equal,
            value,
        } => {
            let text = match value {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text.clone(),
                _ => return Vec::new(),
            };
            let parameter = stream.parameter(column);
            parameter
                .into_iter()
                .map(|parameter| (parameter, text.clone()))
                .collect()
        }
        Filter::In { column, values } => match values.as_slice() {
            [only] => pushed(stream, &Filter::equal(column, only.clone())),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The body of a search: what it always asks for, and the parameters, of which numbers are numbers.
fn body_of(endpoint: &Endpoint, params: &[(&str, String)]) -> Json {
    let asked = endpoint
        .body
        .and_then(|body| serde_json::from_str(body).ok());
    let mut fields: Map<String, Json> = asked.unwrap_or_default();
    for (name, value) in params {
        let number = value.parse::<i64>().map(Json::from);
        fields.insert((*name).to_owned(), number.unwrap_or_else(|_| json!(value)));
    }
    Json::Object(fields)
}

fn id_of(record: &Json) -> Option<i64> {
    let id = record.get("id")?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

fn total(meta: &Json) -> Option<u64> {
    let total = meta.get("total_count")?;
    total.as_u64().or_else(|| total.as_str()?.parse().ok())
}
