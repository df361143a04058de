use super::{Json, Page};

impl Page<'_> {
    /// The company as `/companies` lists it: numbers are strings, `timezone` is a name.
    pub fn company_in_list(&self, json: &mut Json) {
        let company = &self.salon.company;
        let strings = self.quirks.is_some();
        json.object(|json| {
            json.key("id");
            if strings {
                json.quoted(company.id);
            } else {
                json.raw(company.id);
            }
            json.key("active");
            if strings {
                json.quoted(u8::from(company.active));
            } else {
                json.raw(u8::from(company.active));
            }
            json.key("timezone").text(company.time_zone.name());
            json.key("next_slot").raw("null");
            self.company_fields(json);
        });
    }

    /// The company by itself: `timezone` is a number of hours.
    pub fn company(&self, json: &mut Json) {
        let company = &self.salon.company;
        json.object(|json| {
            json.numbers([("id", company.id), ("active", i64::from(company.active))]);
            json.key("timezone")
                .raw(company.offset(company.changed) / 3_600);
            json.key("next_slot").text("");
            json.key("phones").array(|json| json.text(&company.phone));
            self.company_fields(json);
        });
    }

    fn company_fields(&self, json: &mut Json) {
        let company = &self.salon.company;
        let staff = self.salon.staff.iter();
        let working = staff
            .filter(|staff| !staff.fired && staff.deleted.is_none())
            .count();
        json.texts([
            ("title", &company.title),
            ("public_title", &company.title),
            ("short_descr", company.short_descr),
            ("logo", "https://yclients.com/images/no-master.png"),
            ("phone", &company.phone),
            ("country", "Россия"),
            ("city", company.city.1),
            ("timezone_name", company.time_zone.name()),
            ("schedule", ""),
            ("address", &company.address),
            ("zip", ""),
            ("site", ""),
            ("email", ""),
            ("description", "<p>Салон красоты &laquo;Ля Визаж&raquo;</p>"),
            ("currency_short_title", "р"),
            ("app_ios", ""),
            ("app_android", ""),
        ]);
        json.numbers([
            ("country_id", 1),
            ("city_id", company.city.0),
            ("group_priority", 900),
            ("business_type_id", 1),
            ("main_group_id", 77),
            ("push_notification_phone_confirm", 1),
        ]);
        json.key("active_staff_count").raw(working);
        json.flags([
            ("phone_confirmation", true),
            ("reminds_sms_disabled", false),
        ]);
        let (latitude, longitude) = company.coordinates;
        if self.quirks.is_some() {
            json.texts([("coordinate_lat", latitude), ("coordinate_lon", longitude)]);
        } else {
            json.key("coordinate_lat").raw(latitude);
            json.key("coordinate_lon").raw(longitude);
        }
        json.key("social")
            .raw(r#"{"instagram":"","telegram":"","vk":""}"#);
        json.key("photos").raw("[]");
        json.key("main_group")
            .raw(r#"{"id":77,"title":"Ля Визаж"}"#);
    }
}
