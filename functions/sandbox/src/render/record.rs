use super::{Json, Page, Taste, client::phone};
use crate::model::{Client, Document, Exact, Label, Record, RecordService};

/// What a record's body carries beside the record.
#[derive(Debug, Clone, Copy, Default)]
pub struct Including {
    /// What was used up.
    pub consumables: bool,
    /// What was paid.
    pub finance_transactions: bool,
}

impl Page<'_> {
    /// A record in the shape of `/records/{c}`.
    pub fn record(&self, json: &mut Json, record: &Record, including: Including) {
        let taste = self.taste("record", record.id);
        json.object(|json| {
            json.numbers([
                ("id", record.id),
                ("company_id", self.salon.company.id),
                ("staff_id", record.staff_id),
            ]);
            json.key("services").array(|json| {
                for line in &record.services {
                    self.record_service(json, taste, line);
                }
            });
            json.key("goods_transactions").array(|json| {
                for sold in self.salon.sold_in(record) {
                    self.goods_within_record(json, sold);
                }
            });
            json.key("staff");
            match self.salon.staff.get(record.staff_id) {
                Some(staff) => json.object(|json| {
                    json.key("id").raw(staff.id);
                    self.staff_name(json, staff);
                    json.key("rating").raw(Exact::<2>(staff.rating).short());
                    json.key("votes_count").raw(staff.votes_count);
                }),
                None => json.raw("null"),
            }
            self.record_client(json, taste, record);
            self.record_times(json, taste, record);
            self.record_state(json, taste, record);
            self.record_relations(json, taste, record);
            if including.consumables {
                json.key("consumables").array(|json| {
                    for used in self.salon.consumables_of(record) {
                        self.goods_flat(json, used);
                    }
                });
            }
            if including.finance_transactions {
                json.key("finance_transactions").array(|json| {
                    for paid in self.salon.payments_of(record) {
                        self.finance_flat(json, paid);
                    }
                });
            }
        });
    }

    fn record_service(&self, json: &mut Json, taste: Taste, line: &RecordService) {
        let title = self
            .salon
            .services
            .get(line.id)
            .map_or("", |service| service.title.as_str());
        json.object(|json| {
            json.key("id").raw(line.id);
            json.key("title").text(title);
            taste.exact(json, "cost", line.cost());
            taste.exact(json, "cost_to_pay", line.cost());
            taste.exact(json, "manual_cost", line.cost());
            taste.exact(json, "cost_per_unit", line.first_cost.price());
            taste.int(json, "discount", line.discount);
            taste.exact(json, "first_cost", line.first_cost * line.amount);
            taste.int(json, "amount", line.amount);
        });
    }

    fn record_client(&self, json: &mut Json, taste: Taste, record: &Record) {
        let client = record.client_id.and_then(|id| self.salon.clients.get(id));
        json.key("client");
        match client {
            Some(client) => json.object(|json| visitor(json, taste, client)),
            None if taste.percent("client", 20) => json.raw("[]"),
            None if taste.percent("client", 20) => json.raw("{}"),
            None => json.raw("null"),
        }
        json.key("comer").raw("null");
        json.key("comer_person_info").raw("null");
    }

    fn record_times(&self, json: &mut Json, taste: Taste, record: &Record) {
        let offset = self.salon.company.offset(record.start);
        // The offset of `datetime` has been seen wrong, while `date` was right (facts §1.7).
        let shown = if taste.percent("datetime", 15) {
            offset + 3_600
        } else {
            offset
        };
        json.key("date").quoted(self.naive(record.start));
        json.key("datetime")
            .quoted(super::Wall::colon(record.start, offset, shown));
        json.key("create_date").quoted(self.bare(record.created));
        json.key("last_change_date")
            .quoted(self.bare(record.changed));
    }

    fn record_state(&self, json: &mut Json, taste: Taste, record: &Record) {
        let attendance = i64::from(record.attendance as i8);
        taste.ints(
            json,
            [("visit_attendance", attendance), ("attendance", attendance)],
        );
        json.numbers([
            ("clients_count", 1),
            ("confirmed", 1),
            ("seance_length", record.length),
            ("length", record.length),
            ("sms_before", 24),
            ("sms_now", 0),
            ("email_now", 0),
            ("notified", 0),
            ("master_request", i64::from(record.id % 3 == 0)),
            ("review_requested", 0),
            ("created_user_id", record.created_user_id),
            ("paid_full", i64::from(record.paid_full)),
            ("payment_status", 0),
            ("activity_id", 0),
            ("bookform_id", 0),
            ("is_mobile", i64::from(record.online)),
        ]);
        json.key("visit_id");
        if taste.percent("visit_id", 50) {
            json.quoted(record.visit_id);
        } else {
            json.raw(record.visit_id);
        }
        json.flags([
            ("online", record.online),
            ("deleted", record.deleted),
            ("prepaid", false),
            ("prepaid_confirmed", false),
            ("is_update_blocked", false),
            ("is_sale_bill_printed", false),
        ]);
        json.texts([
            ("comment", record.comment),
            ("sms_now_text", ""),
            ("api_id", ""),
            ("from_url", ""),
            ("short_link", ""),
            (
                "record_from",
                if record.online { "Online widget" } else { "" },
            ),
            ("custom_color", ""),
            ("custom_font_color", ""),
        ]);
    }

    fn record_relations(&self, json: &mut Json, taste: Taste, record: &Record) {
        json.key("record_labels").array(|json| {
            for label in record
                .labels
                .iter()
                .filter_map(|id| self.salon.labels.get(*id))
            {
                record_label(json, taste, label);
            }
        });
        taste.relation(json, "custom_fields", None::<()>, |_, ()| {});
        json.key("documents").array(|json| {
            for document in record
                .documents
                .iter()
                .filter_map(|id| self.salon.documents.get(*id))
            {
                self.document_within_record(json, document);
            }
        });
        json.key("resource_instance_ids").raw("[]");
        json.key("composite")
            .raw(if taste.percent("composite", 50) {
                "[]"
            } else {
                "null"
            });
        json.key("sms_remain_hours").raw(5);
        json.key("email_remain_hours").raw("null");
    }

    fn document_within_record(&self, json: &mut Json, document: &Document) {
        json.object(|json| {
            json.numbers([
                ("id", document.id),
                ("type_id", i64::from(document.kind as u8)),
                ("storage_id", document.storage_id),
                ("user_id", document.user_id),
                ("company_id", self.salon.company.id),
                ("number", document.number),
                ("category_id", 0),
                ("visit_id", document.visit_id),
                ("record_id", document.record_id),
            ]);
            json.texts([
                ("comment", document.comment),
                ("type_title", document.kind.title()),
            ]);
            json.key("date_created")
                .quoted(self.naive(document.created));
            json.key("is_sale_bill_printed").raw(false);
        });
    }
}

fn visitor(json: &mut Json, taste: Taste, client: &Client) {
    json.key("id").raw(client.id);
    json.texts([
        ("name", client.name),
        ("surname", &client.surname),
        ("patronymic", client.patronymic),
        ("display_name", &client.display_name()),
        ("comment", client.comment),
        ("card", &client.card),
        ("email", &client.email),
    ]);
    phone(json, taste, &client.phone);
    json.numbers([
        ("success_visits_count", client.visits),
        ("fail_visits_count", client.failed_visits),
        ("discount", client.discount),
    ]);
    json.key("client_tags").raw("[]");
    json.key("is_new").raw(client.visits == 0);
    json.key("custom_fields")
        .raw(if taste.percent("client.custom_fields", 50) {
            "[]"
        } else {
            "{}"
        });
}

fn record_label(json: &mut Json, taste: Taste, label: &Label) {
    json.object(|json| {
        json.key("id");
        if taste.percent("label", 70) {
            json.quoted(label.id);
        } else {
            json.raw(label.id);
        }
        json.texts([
            ("title", label.title),
            ("color", label.color),
            ("icon", label.icon),
            ("font_color", "#ffffff"),
        ]);
    });
}
