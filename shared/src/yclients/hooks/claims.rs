//! What a body says it is, held against its envelope and the source that it came to.
//!
//! The envelope stands. The vendor keeps addresses per company, and `company_id` with `resource_id` is what its reference and its
//! integration notes tell receivers to go by; in every body that was printed or seen the ids inside are the same (facts,
//! section 3.2): `id`, for goods `good_id`, for a company its own id, and `company_id` or `salon_id` where there is one. Bodies
//! may leave them out, and deletes often do. One that names something else can be nobody's row: written by its own id it would
//! change a row that the event is not about, by the envelope's it would give that row another one's values.

use serde_json::Value as Json;

use crate::yclients::{decode, streams::Stream};

/// Fields that name the company a body is of; goods have the second.
const COMPANY: [&str; 2] = ["company_id", "salon_id"];

/// Set where a staff member, a service or a category is of a whole chain (facts, sections 2.5 to 2.7). None was printed
/// or seen with its company, which may be the one that made it: what such a body says of its company contradicts nothing.
const SHARED: &str = "is_chain";

/// The table of which a row is the company itself.
const COMPANIES: &str = "yclients_companies";

/// A body that says it is of something else than its envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// It is of another company.
    Company(i64),
    /// It is another entity.
    Entity(i64),
}

impl Contradiction {
    /// The word under which the body is kept aside.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Company(_) => "other_company",
            Self::Entity(_) => "other_entity",
        }
    }
}

/// What the body contradicts, if anything: the company of the source, or the entity that the envelope names.
pub(super) fn contradiction(
    record: &Json,
    stream: &Stream,
    company_id: i64,
    resource_id: Option<i64>,
) -> Option<Contradiction> {
    let id = id_in(record, stream);
    let of_company = match stream.table {
        COMPANIES => id,
        _ => None,
    };
    let is_shared = record.get(SHARED).is_some_and(is_set);
    let companies = COMPANY.iter().filter_map(|name| said(record, name));
    let companies = companies.filter(|_| !is_shared);
    let other = of_company
        .into_iter()
        .chain(companies)
        .find(|said| *said != company_id);
    if let Some(other) = other {
        return Some(Contradiction::Company(other));
    }
    id.zip(resource_id)
        .filter(|(said, named)| said != named)
        .map(|(said, _)| Contradiction::Entity(said))
}

/// Gives a body the id that its envelope names, where it has none itself.
pub(super) fn complete(record: &mut Json, stream: &Stream, resource_id: Option<i64>) {
    let (Json::Object(fields), Some(id)) = (record, resource_id) else {
        return;
    };
    let names = id_fields(stream);
    let is_nameless = names
        .iter()
        .all(|name| fields.get(*name).is_none_or(decode::is_no_id));
    if let (true, Some(name)) = (is_nameless, names.first()) {
        fields.insert((*name).to_owned(), id.into());
    }
}

/// The id that the row would get.
fn id_in(record: &Json, stream: &Stream) -> Option<i64> {
    id_fields(stream).iter().find_map(|name| said(record, name))
}

/// Where the body has the row's id, the best first.
fn id_fields(stream: &Stream) -> &'static [&'static str] {
    let declared = stream.fields.iter().find(|field| field.column == "id");
    declared.map_or(&["id"], |field| field.paths)
}

fn said(record: &Json, name: &str) -> Option<i64> {
    decode::id(record.get(name)?)
}

/// Flags come as booleans, numbers or texts.
fn is_set(flag: &Json) -> bool {
    match flag {
        Json::Bool(flag) => *flag,
        flag => decode::id(flag) == Some(1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yclients::streams::of_resource;

    fn found(resource: &str, resource_id: Option<i64>, data: &Json) -> Option<Contradiction> {
        let stream = of_resource(resource).unwrap();
        contradiction(data, stream, 7, resource_id)
    }

    #[test]
    fn what_a_body_leaves_out_contradicts_nothing() {
        for data in [
            json!({}),
            json!({"id": 5}),
            json!({"id": "5", "company_id": "7"}),
            json!({"id": 5, "company_id": 0, "salon_id": null}),
            json!({"id": 5, "company_id": []}),
        ] {
            for resource in ["client", "record", "finances_operation"] {
                assert_eq!(found(resource, Some(5), &data), None, "{resource} {data}");
            }
        }
        assert_eq!(found("client", None, &json!({"id": 6})), None);
        let good = json!({"good_id": 5, "id": 99, "salon_id": 7});
        assert_eq!(found("good", Some(5), &good), None);
        // Other things that a movement names have ids of their own.
        let sale = json!({"id": 5, "document_id": 6, "good": {"id": 9, "company_id": 8}});
        assert_eq!(found("goods_operations_sale", Some(5), &sale), None);
        assert_eq!(found("salon", Some(7), &json!({"id": 7})), None);
        for is_chain in [json!(true), json!(1), json!("1")] {
            let shared = json!({"id": 5, "company_id": 8, "is_chain": is_chain});
            assert_eq!(found("staff", Some(5), &shared), None);
            assert_eq!(
                found("staff", Some(6), &shared),
                Some(Contradiction::Entity(5))
            );
        }
    }

    #[test]
    fn another_entity_or_company_inside_is_found() {
        use Contradiction::{Company, Entity};
        for (resource, resource_id, data, expected) in [
            ("client", Some(5), json!({"id": 6}), Entity(6)),
            ("client", Some(5), json!({"id": "6"}), Entity(6)),
            ("good", Some(5), json!({"good_id": 6, "id": 5}), Entity(6)),
            ("good", Some(5), json!({"id": 6}), Entity(6)),
            (
                "good",
                Some(5),
                json!({"good_id": 5, "salon_id": 8}),
                Company(8),
            ),
            (
                "record",
                Some(5),
                json!({"id": 5, "company_id": "8"}),
                Company(8),
            ),
            ("record", None, json!({"company_id": 8}), Company(8)),
            ("finances_operation", Some(5), json!({"id": 6.0}), Entity(6)),
            (
                "staff",
                Some(5),
                json!({"id": 5, "company_id": 8, "is_chain": false}),
                Company(8),
            ),
            ("salon", Some(8), json!({"id": 8}), Company(8)),
            ("company", None, json!({"id": 8}), Company(8)),
        ] {
            assert_eq!(
                found(resource, resource_id, &data),
                Some(expected),
                "{resource} {data}"
            );
        }
    }

    #[test]
    fn a_body_without_an_id_is_what_the_envelope_names() {
        for (resource, data, expected) in [
            (
                "client",
                json!({"name": "A"}),
                json!({"id": 5, "name": "A"}),
            ),
            ("client", json!({"id": null}), json!({"id": 5})),
            ("client", json!({"id": 0}), json!({"id": 5})),
            ("client", json!({"id": "x"}), json!({"id": "x"})),
            ("good", json!({}), json!({"good_id": 5})),
            ("good", json!({"id": 6}), json!({"id": 6})),
        ] {
            let mut record = data;
            complete(&mut record, of_resource(resource).unwrap(), Some(5));
            assert_eq!(record, expected);
        }
    }
}
