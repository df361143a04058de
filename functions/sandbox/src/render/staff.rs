use super::{Json, Page};
use crate::model::Staff;

const AVATAR: &str = "https://yclients.com/images/no-master-sm.png";
const AVATAR_BIG: &str = "https://yclients.com/images/no-master.png";

impl Page<'_> {
    /// A person in the shape of `/company/{c}/staff`, with the passport that nobody asked for.
    pub fn staff(&self, json: &mut Json, staff: &Staff) {
        let taste = self.taste("staff", staff.id);
        json.object(|json| {
            taste.int(json, "id", staff.id);
            self.staff_name(json, staff);
            json.numbers([
                ("company_id", self.salon.company.id),
                ("fired", i64::from(staff.fired)),
                ("hidden", i64::from(staff.hidden)),
                ("status", 0),
                ("weight", staff.weight),
                ("votes_count", staff.votes_count),
                ("seance_step", 900),
            ]);
            json.flags([
                ("is_fired", staff.fired),
                ("is_deleted", false),
                ("is_online", !staff.hidden),
                ("is_chain", false),
                ("is_bookable", !staff.fired),
            ]);
            taste.exact(json, "rating", crate::model::Exact::<2>(staff.rating));
            json.texts([
                ("information", "<span>&nbsp;</span>"),
                ("prepaid", "forbidden"),
            ]);
            for key in ["dismissal_date", "dismissal_reason", "schedule_till"] {
                json.key(key).raw("null");
            }
            json.key("user_id");
            if staff.user_id == 0 {
                json.raw("null");
            } else {
                json.raw(staff.user_id);
            }
            json.key("user");
            match self.salon.users.get(staff.user_id) {
                Some(user) => json.object(|json| {
                    json.key("id").raw(user.id);
                    json.texts([("name", user.name), ("phone", &user.phone), ("email", "")]);
                }),
                None => json.raw("null"),
            }
            self.employee(json, staff);
            json.key("services_links").array(|json| {
                for service in self
                    .salon
                    .services
                    .iter()
                    .filter(|one| one.deleted.is_none())
                {
                    for (_, length) in service.staff.iter().filter(|(id, _)| *id == staff.id) {
                        json.object(|json| {
                            json.numbers([
                                ("service_id", service.id),
                                ("master_id", staff.id),
                                ("length", *length),
                            ]);
                            json.key("price").raw("null");
                        });
                    }
                }
            });
        });
    }

    /// Personal data of an employee: it must never be kept by whoever reads this.
    fn employee(&self, json: &mut Json, staff: &Staff) {
        json.key("employee");
        if staff.position.is_none() {
            return json.raw("null");
        }
        json.object(|json| {
            json.key("id").raw(staff.id + 500_000);
            json.texts([
                ("phone", "+70000000000"),
                ("name", &staff.name),
                ("firstname", &staff.name),
                ("surname", "Образцова"),
                ("patronymic", ""),
                ("citizenship", "RU"),
                ("passport_data", "4500 123456"),
                ("passport_series", "4500"),
                ("passport_number", "123456"),
                ("number_insurance_certificates", "000-000-000 00"),
                ("tin", "500100732259"),
            ]);
            json.key("date_admission").raw("null");
        });
    }

    /// A person in the shape of the deprecated `/staff/{c}`: most numbers are strings.
    pub fn staff_deprecated(&self, json: &mut Json, staff: &Staff) {
        let taste = self.taste("staff_deprecated", staff.id);
        let stringly = self.quirks.is_some();
        json.object(|json| {
            for (key, number) in [
                ("id", staff.id),
                ("show_rating", 0),
                ("votes_count", staff.votes_count),
                ("comments_count", 0),
                ("weight", staff.weight),
                ("hidden", i64::from(staff.hidden)),
                ("fired", i64::from(staff.fired)),
                ("status", 0),
                ("user_id", staff.user_id),
            ] {
                json.key(key);
                if stringly {
                    json.quoted(number);
                } else {
                    json.raw(number);
                }
            }
            taste.exact(json, "rating", crate::model::Exact::<2>(staff.rating));
            self.staff_name(json, staff);
            json.key("information").text("<span>&nbsp;</span>");
            json.key("image_group").raw("[]");
        });
    }

    /// Name, speciality, position and pictures, as every shape has them.
    pub(super) fn staff_name(&self, json: &mut Json, staff: &Staff) {
        let taste = self.taste("position", staff.id);
        json.key("api_id").raw("null");
        json.texts([
            ("name", &staff.name),
            ("specialization", staff.specialization),
            ("avatar", AVATAR),
            ("avatar_big", AVATAR_BIG),
        ]);
        taste.relation(json, "position", staff.position, |json, (id, title)| {
            json.key("id").raw(id);
            json.texts([("title", title), ("services_binding_type", "")]);
        });
    }
}
