use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Table, label};

/// Branches of the business.
pub(super) fn companies() -> Table {
    vendor_table(
        "yclients_companies",
        "yclients_company",
        label("Companies", "Firmy", "Филиалы"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            title: text, "Name", "Nazwa", "Название";
            public_title: text, "Public name", "Nazwa publiczna", "Публичное название";
            short_descr: text, "In short", "W skrócie", "Кратко";
            logo: text, "Logo", "Logo", "Логотип";
            active: flag, "Active", "Aktywna", "Активен";
            phone: text [identifier], "Phone", "Telefon", "Телефон";
            phones: json, "Phones", "Telefony", "Телефоны";
            email: text, "E-mail", "E-mail", "Эл. почта";
            country_id: integer [identifier], "Country id", "Id kraju", "Ид страны";
            country: text, "Country", "Kraj", "Страна";
            city_id: integer [identifier], "City id", "Id miasta", "Ид города";
            city: text, "City", "Miasto", "Город";
            timezone: text, "Time zone, as sent", "Strefa czasowa, jak przysłano", "Часовой пояс, как прислан";
            timezone_name: text, "Time zone", "Strefa czasowa", "Часовой пояс";
            schedule: text, "Opening hours", "Godziny otwarcia", "Часы работы";
            address: text, "Address", "Adres", "Адрес";
            zip: text [identifier], "Postal code", "Kod pocztowy", "Индекс";
            coordinate_lat: degrees, "Latitude", "Szerokość geograficzna", "Широта";
            coordinate_lon: degrees, "Longitude", "Długość geograficzna", "Долгота";
            site: text, "Web site", "Strona WWW", "Сайт";
            description: text, "Description (HTML)", "Opis (HTML)", "Описание (HTML)";
            currency_short_title: text, "Currency", "Waluta", "Валюта";
            phone_confirmation: flag, "Phone is confirmed on booking", "Potwierdzanie telefonu przy rezerwacji", "Подтверждение телефона при записи";
            push_notification_phone_confirm: flag, "Confirmation by push", "Potwierdzanie powiadomieniem push", "Подтверждение пуш-уведомлением";
            active_staff_count: integer, "Active staff", "Aktywni pracownicy", "Активных сотрудников";
            next_slot: instant, "Next free slot", "Najbliższy wolny termin", "Ближайшее свободное время";
            next_slot_local: text, "Next free slot, by the company's clock", "Najbliższy wolny termin, według zegara firmy", "Ближайшее свободное время, по часам филиала";
            app_ios: text, "iOS application", "Aplikacja iOS", "Приложение iOS";
            app_android: text, "Android application", "Aplikacja Android", "Приложение Android";
            group_priority: integer, "Order in the chain", "Kolejność w sieci", "Порядок в сети";
            bookform_group_priority: integer, "Order in the booking form", "Kolejność w formularzu rezerwacji", "Порядок в форме записи";
            reminds_sms_disabled: flag, "SMS reminders off", "Przypomnienia SMS wyłączone", "СМС-напоминания выключены";
            reminds_sms_default: integer, "SMS reminder, hours before", "Przypomnienie SMS, godzin przed", "СМС-напоминание, часов до визита";
            photos: json, "Photos", "Zdjęcia", "Фотографии";
            company_photos: json, "Company's photos", "Zdjęcia firmy", "Фотографии филиала";
            social: json, "Social networks", "Sieci społecznościowe", "Социальные сети";
            business_type_id: integer [identifier], "Kind of business", "Rodzaj działalności", "Тип бизнеса";
            business_group_id: integer [identifier], "Group of business", "Grupa działalności", "Группа бизнеса";
            main_group_id: integer [identifier], "Chain id", "Id sieci", "Ид сети";
            main_group_title: text, "Chain", "Sieć", "Сеть";
            groups: json, "Chains", "Sieci", "Сети";
            bookforms: json, "Booking forms", "Formularze rezerwacji", "Формы записи";
            online_sales_form_url: text, "Online sales", "Sprzedaż online", "Онлайн-продажи";
            access: json, "Rights", "Uprawnienia", "Права";
            allow_delete_record: flag, "Clients may cancel", "Klienci mogą odwoływać", "Клиенты могут отменять";
            allow_change_record: flag, "Clients may move", "Klienci mogą przenosić", "Клиенты могут переносить";
            allow_delete_record_delay_step: integer, "Cancelling ends before the visit, s", "Odwołanie najpóźniej przed wizytą, s", "Отмена не позднее чем до визита, с";
            allow_change_record_delay_step: integer, "Moving ends before the visit, s", "Przeniesienie najpóźniej przed wizytą, s", "Перенос не позднее чем до визита, с";
            booking_comment_required: flag, "Comment is required", "Komentarz wymagany", "Комментарий обязателен";
            booking_email_required: flag, "E-mail is required", "E-mail wymagany", "Эл. почта обязательна";
        },
    )
}

/// Categories of records ("labels").
pub(super) fn labels() -> Table {
    let mut table = vendor_table(
        "yclients_labels",
        "yclients_label",
        label("Record categories", "Kategorie wizyt", "Категории записей"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            salon_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            title: text, "Name", "Nazwa", "Название";
            color: text, "Colour", "Kolor", "Цвет";
            icon: text, "Icon", "Ikona", "Значок";
            font_color: text, "Text colour", "Kolor tekstu", "Цвет текста";
            entity: integer, "Of what (2 records)", "Czego (2 wizyty)", "Чего (2 записи)";
            deleted: flag, "Deleted", "Usunięta", "Удалена";
            not_editable: flag, "Fixed", "Niezmienna", "Неизменяемая";
        },
    );
    table.indexes = indexes(&["title"]);
    table
}
