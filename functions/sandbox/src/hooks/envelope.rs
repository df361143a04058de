use serde_json::Value;

use crate::{
    model::{Change, Draw, Entity, Status},
    render::{Including, Json, Page},
};

/// A webhook before it is sent.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The company it is about.
    pub company_id: i64,
    /// The flag of the hook settings that lets it through.
    pub flag: &'static str,
    /// What happened.
    pub status: Status,
    /// The body: company, resource, status and the row as it is now.
    pub body: String,
}

impl Envelope {
    /// What is told of a change, with the row as it stands after it.
    pub fn of(page: &Page<'_>, change: Change) -> Self {
        let company_id = page.salon.company.id;
        let (flag, resource) = names(change);
        let mut json = Json::with_room(2_048);
        json.object(|json| {
            json.numbers([("company_id", company_id), ("resource_id", change.id)]);
            json.texts([("resource", resource), ("status", change.status.word())]);
            json.key("data");
            data(page, json, change);
        });
        Self {
            company_id,
            flag,
            status: change.status,
            body: json.into_text(),
        }
    }

    /// The same with some of the row left out, as updates and deletions have been seen; key and change time stay.
    pub fn partial(&self, draw: &mut Draw) -> String {
        let Ok(mut body) = serde_json::from_str::<Value>(&self.body) else {
            return self.body.clone();
        };
        if let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) {
            let keys = ["id", "good_id", "company_id", "last_change_date", "deleted"];
            data.retain(|key, _| keys.contains(&key.as_str()) || draw.percent(40));
            // The vendor's naive time means nothing without the day it belongs to.
            if !data.contains_key("date") {
                data.remove("datetime");
            }
        }
        body.to_string()
    }
}

/// The flag in the settings and the resource on the wire.
fn names(change: Change) -> (&'static str, &'static str) {
    match change.entity {
        // Both names have been documented.
        Entity::Company if change.id % 2 == 0 => ("salon", "company"),
        Entity::Company => ("salon", "salon"),
        Entity::Staff => ("master", "staff"),
        Entity::ServiceCategory => ("service_category", "service_category"),
        Entity::Service => ("service", "service"),
        Entity::Client => ("client", "client"),
        Entity::Record => ("record", "record"),
        Entity::Good => ("good", "good"),
        Entity::Goods(kind) => (kind.resource(), kind.resource()),
        Entity::Finance => ("finances_operation", "finances_operation"),
    }
}

fn data(page: &Page<'_>, json: &mut Json, change: Change) {
    let (salon, id) = (page.salon, change.id);
    let shown = match change.entity {
        Entity::Company => {
            page.company(json);
            Some(())
        }
        Entity::Staff => salon.staff.get(id).map(|row| page.staff(json, row)),
        Entity::ServiceCategory => salon
            .service_categories
            .get(id)
            .map(|row| page.service_category(json, row)),
        Entity::Service => salon.services.get(id).map(|row| page.service(json, row)),
        Entity::Client => salon.clients.get(id).map(|row| page.client(json, row)),
        Entity::Record => salon
            .records
            .get(id)
            .map(|row| page.record(json, row, Including::default())),
        Entity::Good => salon.goods.get(id).map(|row| page.good(json, row)),
        Entity::Goods(_) => salon
            .goods_transactions
            .get(id)
            .map(|row| page.goods_listed(json, row)),
        Entity::Finance => salon
            .finance_transactions
            .get(id)
            .map(|row| page.finance_listed(json, row)),
    };
    if shown.is_none() {
        json.raw("[]");
    }
}
