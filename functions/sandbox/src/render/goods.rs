use super::{Json, Page, Taste};
use crate::model::{Document, Good, GoodsCategory, GoodsTransaction, Storage, Unit};

impl Page<'_> {
    /// A good in the shape of `/goods/{c}`: its key is `good_id`, its category comes in three shapes.
    pub fn good(&self, json: &mut Json, good: &Good) {
        let taste = self.taste("good", good.id);
        let label = if good.article.is_empty() {
            good.title.clone()
        } else {
            format!("{} ({})", good.title, good.article)
        };
        json.object(|json| {
            taste.ints(
                json,
                [
                    ("good_id", good.id),
                    ("salon_id", self.salon.company.id),
                    ("category_id", good.category_id),
                    ("unit_id", good.unit.id),
                    ("service_unit_id", good.service_unit.id),
                    ("unit_equals", good.unit_equals),
                ],
            );
            json.texts([
                ("title", &good.title),
                ("value", &good.title),
                ("label", &label),
                ("article", &good.article),
                ("barcode", &good.barcode),
                ("unit_short_title", good.unit.short_title),
                ("service_unit_short_title", good.service_unit.short_title),
            ]);
            let title = self
                .salon
                .goods_categories
                .get(good.category_id)
                .map_or("", |one| one.title.as_str());
            json.key("category");
            if taste.percent("category", 20) {
                json.object(|json| {
                    json.key("id").raw(good.category_id);
                    json.key("title").text(title);
                });
            } else if taste.percent("category", 40) {
                json.raw("null");
            } else {
                json.text(title);
            }
            taste.exact(json, "cost", good.cost);
            taste.exact(json, "actual_cost", good.actual_cost);
            taste.exact(json, "unit_actual_cost", good.unit_actual_cost());
            json.key("unit_actual_cost_format")
                .quoted(format_args!("{} ₽", good.unit_actual_cost().short()));
            json.numbers([
                ("loyalty_abonement_type_id", 0),
                ("loyalty_certificate_type_id", 0),
            ]);
            taste.flag(json, "loyalty_allow_empty_code", true);
            json.key("actual_amounts").array(|json| {
                for (storage, amount) in &good.amounts {
                    json.object(|json| {
                        taste.int(json, "storage_id", *storage);
                        taste.exact(json, "amount", *amount);
                    });
                }
            });
            taste.exact(json, "critical_amount", good.critical_amount);
            taste.exact(json, "desired_amount", good.desired_amount);
            json.key("last_change_date")
                .quoted(self.eastward(good.changed));
            json.key("is_goods_mark_enabled").raw(false);
        });
    }

    /// A category of goods; its id is often a string.
    pub fn goods_category(&self, json: &mut Json, category: &GoodsCategory) {
        let taste = self.taste("goods_category", category.id);
        json.object(|json| {
            json.key("id");
            if taste.percent("id", 60) {
                json.quoted(category.id);
            } else {
                json.raw(category.id);
            }
            json.key("title").text(&category.title);
        });
    }

    /// A storage; documented is `for_services`, seen was `for_service`.
    pub fn storage(&self, json: &mut Json, storage: &Storage) {
        let taste = self.taste("storage", storage.id);
        let key = if taste.percent("for_service", 70) {
            "for_service"
        } else {
            "for_services"
        };
        json.object(|json| {
            json.key("id").raw(storage.id);
            json.texts([("title", storage.title), ("comment", storage.comment)]);
            json.numbers([
                (key, i64::from(storage.for_services)),
                ("for_sale", i64::from(storage.for_sale)),
            ]);
        });
    }

    /// A goods transaction in the shape of `/storages/transactions/{c}`: `type` is a text, relations are nested.
    pub fn goods_listed(&self, json: &mut Json, one: &GoodsTransaction) {
        let taste = self.taste("goods_transaction", one.id);
        json.object(|json| {
            taste.ints(
                json,
                [
                    ("id", one.id),
                    ("document_id", one.document_id),
                    ("type_id", i64::from(one.kind as u8)),
                ],
            );
            json.key("type").text(one.kind.title());
            self.goods_numbers(json, taste, one);
            self.goods_relations(json, taste, one);
            json.key("create_date").quoted(self.eastward(one.created));
            json.key("last_change_date")
                .quoted(self.eastward(one.changed));
            json.numbers([
                ("record_id", one.record_id),
                ("loyalty_abonement_id", 0),
                ("loyalty_certificate_id", 0),
            ]);
            taste.relation(
                json,
                "service",
                self.salon.services.get(one.service_id),
                |json, service| {
                    taste.int(json, "id", service.id);
                    json.key("title").text(&service.title);
                },
            );
        });
    }

    /// A goods transaction in the shape of `/storage_operations/goods_transactions/{c}/{id}`: `type` is an object.
    pub fn goods_single(&self, json: &mut Json, one: &GoodsTransaction) {
        let taste = self.taste("goods_transaction_single", one.id);
        json.object(|json| {
            json.key("type").object(|json| {
                json.key("id").raw(one.kind as u8);
                json.key("title").text(one.kind.title());
            });
            self.goods_flat_fields(json, one);
            self.goods_relations(json, taste, one);
            json.key("last_change_date")
                .quoted(self.eastward(one.changed));
        });
    }

    /// A goods transaction in the flat shape of records' consumables and of a document's lines.
    pub fn goods_flat(&self, json: &mut Json, one: &GoodsTransaction) {
        json.object(|json| {
            self.goods_flat_fields(json, one);
            json.numbers([
                ("service_id", one.service_id),
                ("record_id", one.record_id),
                ("user_id", one.user_id),
                ("pkg_amount", 0),
            ]);
        });
    }

    fn goods_flat_fields(&self, json: &mut Json, one: &GoodsTransaction) {
        let taste = self.taste("goods_flat", one.id);
        json.numbers([
            ("id", one.id),
            ("document_id", one.document_id),
            ("type_id", i64::from(one.kind as u8)),
            ("company_id", self.salon.company.id),
            ("good_id", one.good_id),
            ("unit_id", self.unit(one).id),
            ("storage_id", one.storage_id),
            ("supplier_id", one.supplier_id),
            ("client_id", one.client_id),
            ("master_id", one.master_id),
        ]);
        self.goods_numbers(json, taste, one);
        json.key("create_date").quoted(self.naive(one.created));
        json.key("deleted").raw(one.deleted.is_some());
    }

    fn goods_numbers(&self, json: &mut Json, taste: Taste, one: &GoodsTransaction) {
        taste.int(
            json,
            "operation_unit_type",
            if one.service_unit { 2 } else { 1 },
        );
        taste.exact(json, "amount", one.amount);
        taste.exact(json, "cost_per_unit", one.cost_per_unit);
        taste.exact(json, "cost", one.cost);
        taste.int(json, "discount", one.discount);
        json.key("comment").text(one.comment);
    }

    fn goods_relations(&self, json: &mut Json, taste: Taste, one: &GoodsTransaction) {
        let salon = self.salon;
        let named = |json: &mut Json, id: i64, title: &str| {
            taste.int(json, "id", id);
            json.key("title").text(title);
        };
        taste.relation(json, "good", salon.goods.get(one.good_id), |json, good| {
            named(json, good.id, &good.title);
        });
        taste.relation(
            json,
            "storage",
            salon.storages.get(one.storage_id),
            |json, storage| named(json, storage.id, storage.title),
        );
        taste.relation(json, "unit", Some(self.unit(one)), |json, unit| {
            named(json, unit.id, unit.title);
            json.key("short_title").text(unit.short_title);
        });
        self.sides(json, taste, one.master_id, one.supplier_id);
        self.payer(json, taste, one.client_id);
    }

    fn unit(&self, one: &GoodsTransaction) -> &'static Unit {
        static NONE: Unit = Unit {
            id: 0,
            title: "",
            short_title: "",
        };
        let good = self.salon.goods.get(one.good_id);
        good.map_or(&NONE, |good| {
            if one.service_unit {
                good.service_unit
            } else {
                good.unit
            }
        })
    }

    /// A good sold within a record.
    pub(super) fn goods_within_record(&self, json: &mut Json, one: &GoodsTransaction) {
        let good = self.salon.goods.get(one.good_id);
        json.object(|json| {
            json.numbers([
                ("id", one.id),
                ("operation_unit_type", 1),
                ("master_id", one.master_id),
                ("storage_id", one.storage_id),
                ("good_id", one.good_id),
                ("discount", one.discount),
            ]);
            json.texts([
                ("title", good.map_or("", |good| &good.title)),
                ("barcode", good.map_or("", |good| &good.barcode)),
                ("article", good.map_or("", |good| &good.article)),
            ]);
            json.key("amount").raw(one.amount.short());
            json.key("cost_per_unit").raw(one.cost_per_unit.short());
            json.key("price").raw(one.cost_per_unit.short());
            json.key("cost").raw(one.cost.short());
        });
    }

    /// A document in the shape of `/storage_operations/documents/{c}/{id}`.
    pub fn document(&self, json: &mut Json, document: &Document) {
        let salon = self.salon;
        let taste = self.taste("document", document.id);
        json.object(|json| {
            json.numbers([
                ("id", document.id),
                ("type_id", i64::from(document.kind as u8)),
                ("storage_id", document.storage_id),
                ("user_id", document.user_id),
                ("company_id", salon.company.id),
                ("number", document.number),
            ]);
            json.key("type").object(|json| {
                json.key("id").raw(document.kind as u8);
                json.key("title").text(document.kind.title());
            });
            json.key("comment").text(document.comment);
            json.key("create_date").quoted(self.naive(document.created));
            taste.relation(
                json,
                "storage",
                salon.storages.get(document.storage_id),
                |json, storage| {
                    json.key("id").raw(storage.id);
                    json.key("title").text(storage.title);
                },
            );
            json.key("company").object(|json| {
                json.key("id").raw(salon.company.id);
                json.key("title").text(&salon.company.title);
                json.key("phones").raw("[]");
            });
            taste.relation(
                json,
                "user",
                salon.users.get(document.user_id),
                |json, user| {
                    taste.int(json, "id", user.id);
                    json.texts([("name", user.name), ("phone", &user.phone)]);
                },
            );
        });
    }
}
