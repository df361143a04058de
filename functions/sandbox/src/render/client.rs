use super::{Json, Page, Taste};
use crate::model::Client;

const SEXES: [&str; 3] = ["Неизвестно", "Мужской", "Женский"];
const IMPORTANCES: [&str; 4] = ["Без класса важности", "Бронза", "Серебро", "Золото"];

impl Page<'_> {
    /// A client in the shape of the deprecated `/clients/{c}`, which is the only full one.
    pub fn client(&self, json: &mut Json, client: &Client) {
        let taste = self.taste("client", client.id);
        let word = |words: &[&'static str], id: i64| {
            usize::try_from(id)
                .ok()
                .and_then(|id| words.get(id))
                .copied()
                .unwrap_or_default()
        };
        json.object(|json| {
            json.key("id").raw(client.id);
            json.texts([
                ("name", client.name),
                ("surname", &client.surname),
                ("patronymic", client.patronymic),
                ("display_name", &client.display_name()),
                ("email", &client.email),
                ("card", &client.card),
                ("comment", client.comment),
                ("sex", word(&SEXES, client.sex_id)),
                ("importance", word(&IMPORTANCES, client.importance_id)),
            ]);
            phone(json, taste, &client.phone);
            json.key("birth_date");
            match client.birth_date {
                Some(date) => json.quoted(date),
                None if taste.percent("birth_date", 40) => json.raw("null"),
                None => json.text(""),
            }
            taste.ints(
                json,
                [
                    ("discount", client.discount),
                    ("visits", client.visits),
                    ("sex_id", client.sex_id),
                    ("importance_id", client.importance_id),
                ],
            );
            taste.exact(json, "spent", client.spent);
            taste.exact(json, "paid", client.paid);
            taste.exact(json, "balance", client.paid - client.spent);
            json.numbers([("sms_check", 0), ("sms_bot", 0), ("sms_not", 0)]);
            json.key("categories").array(|json| {
                for label in client
                    .categories
                    .iter()
                    .filter_map(|id| self.salon.labels.get(*id))
                {
                    json.object(|json| {
                        json.key("id").raw(label.id);
                        json.texts([("title", label.title), ("color", label.color)]);
                    });
                }
            });
            json.key("last_change_date")
                .quoted(self.bare(client.changed));
            json.key("custom_fields");
            match client.source {
                Some(source) => json.object(|json| json.key("source").text(source)),
                None if taste.percent("custom_fields", 50) => json.raw("[]"),
                None => json.raw("{}"),
            }
        });
    }
}

/// A phone: mostly with a plus, sometimes without, rarely a number.
pub(super) fn phone(json: &mut Json, taste: Taste, digits: &str) {
    json.key("phone");
    if taste.percent("phone", 5) {
        json.raw(digits);
    } else if taste.percent("phone", 15) {
        json.text(digits);
    } else {
        json.quoted(format_args!("+{digits}"));
    }
}
