use super::{Json, Page};
use crate::model::{Label, Service, ServiceCategory};

impl Page<'_> {
    /// A service in the shape of `/company/{c}/services`.
    pub fn service(&self, json: &mut Json, service: &Service) {
        let taste = self.taste("service", service.id);
        json.object(|json| {
            taste.ints(
                json,
                [
                    ("id", service.id),
                    ("salon_service_id", service.id + 1_000),
                    ("category_id", service.category_id),
                    ("weight", service.weight),
                    ("duration", service.duration),
                ],
            );
            json.texts([
                ("title", &service.title),
                ("booking_title", &service.title),
                ("print_title", &service.title),
                ("comment", ""),
                ("api_id", ""),
                ("prepaid", "forbidden"),
            ]);
            taste.exact(json, "price_min", service.price_min);
            taste.exact(json, "price_max", service.price_max);
            json.key("discount");
            if taste.percent("discount", 30) {
                json.quoted(0);
            } else {
                json.raw(0);
            }
            taste.flag(json, "active", service.active);
            json.flags([
                ("is_multi", false),
                ("is_online", service.active),
                ("is_chain", false),
            ]);
            json.numbers([("capacity", 0), ("service_type", 1)]);
            json.key("tax_variant").raw("null");
            json.key("vat_id").raw("null");
            json.key("staff").array(|json| {
                for (id, length) in &service.staff {
                    json.object(|json| {
                        taste.int(json, "id", *id);
                        taste.int(json, "seance_length", *length);
                        json.key("technological_card_id").raw(0);
                        json.key("price").raw("null");
                    });
                }
            });
            json.key("dates").raw("[]");
            json.key("resources").raw("[]");
            taste.relation(json, "image_group", None::<()>, |_, ()| {});
        });
    }

    /// A category of services.
    pub fn service_category(&self, json: &mut Json, category: &ServiceCategory) {
        let taste = self.taste("service_category", category.id);
        json.object(|json| {
            taste.ints(
                json,
                [
                    ("id", category.id),
                    ("salon_service_id", category.id + 1_000),
                    ("weight", category.weight),
                ],
            );
            json.texts([("title", category.title), ("api_id", "")]);
            json.key("staff").array(|json| {
                let services = self
                    .salon
                    .services
                    .iter()
                    .filter(|one| one.category_id == category.id);
                let mut staff: Vec<i64> = services
                    .flat_map(|one| one.staff.iter().map(|(id, _)| *id))
                    .collect();
                staff.sort_unstable();
                staff.dedup();
                for id in staff {
                    json.raw(id);
                }
            });
        });
    }

    /// A label in the shape of `/labels/{c}/{entity}`: everything is a string.
    pub fn label(&self, json: &mut Json, label: &Label) {
        json.object(|json| {
            for (key, number) in [
                ("id", label.id),
                ("salon_id", self.salon.company.id),
                ("entity", label.entity),
                ("deleted", i64::from(label.deleted)),
                ("not_editable", 0),
            ] {
                json.key(key);
                if self.quirks.is_some() {
                    json.quoted(number);
                } else {
                    json.raw(number);
                }
            }
            json.texts([
                ("title", label.title),
                ("color", label.color),
                ("icon", label.icon),
            ]);
        });
    }
}
