use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Indicator, Table, label};

/// Appointments.
pub(super) fn records() -> Table {
    let mut table = vendor_table(
        "yclients_records",
        "yclients_record",
        label("Records", "Wizyty", "Записи"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            company_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            staff_id: integer [identifier] -> "yclients_staff", "Staff member", "Pracownik", "Сотрудник";
            staff_name: text [personal], "Staff member's name", "Imię pracownika", "Имя сотрудника";
            client_id: integer [identifier] -> "yclients_clients", "Client", "Klient", "Клиент";
            client_name: text [personal], "Client's name", "Imię klienta", "Имя клиента";
            client_phone: text [personal, identifier], "Client's phone", "Telefon klienta", "Телефон клиента";
            client_success_visits_count: integer, "Client's visits that took place", "Odbyte wizyty klienta", "Состоявшихся визитов клиента";
            client_fail_visits_count: integer, "Client's visits that did not", "Nieodbyte wizyty klienta", "Несостоявшихся визитов клиента";
            client_is_new: flag, "New client", "Nowy klient", "Новый клиент";
            comer: json [personal], "Visitor other than the client", "Osoba inna niż klient", "Посетитель вместо клиента";
            comer_person_info: json [personal], "About the visitor", "O osobie", "О посетителе";
            clients_count: integer, "Persons", "Liczba osób", "Человек";
            date: text, "When, in the company's time", "Kiedy, w czasie firmy", "Когда, по времени филиала";
            datetime: instant, "When (from the company's time and zone)", "Kiedy (z czasu i strefy firmy)", "Когда (по времени и поясу филиала)";
            datetime_raw: text, "When, as sent with an offset", "Kiedy, jak przysłano z przesunięciem", "Когда, как прислано со смещением";
            create_date: instant, "Created", "Utworzono", "Создана";
            create_date_raw: text, "Created, as sent", "Utworzono, jak przysłano", "Создана, как прислано";
            create_date_local: text, "Created, by the company's clock", "Utworzono, według zegara firmy", "Создана, по часам филиала";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            online: flag, "Booked online", "Rezerwacja online", "Онлайн-запись";
            attendance: integer, "Attendance (2 confirmed, 1 came, 0 waiting, -1 did not come)", "Obecność (2 potwierdzona, 1 przyszedł, 0 oczekiwanie, -1 nie przyszedł)", "Явка (2 подтвердил, 1 пришёл, 0 ожидание, -1 не пришёл)";
            visit_attendance: integer, "Attendance of the visit", "Obecność na wizycie", "Явка на визит";
            confirmed: integer, "Confirmed (0, 1)", "Potwierdzona (0, 1)", "Подтверждена (0, 1)";
            seance_length: integer, "Planned length, s", "Planowana długość, s", "Плановая длительность, с";
            length: integer, "Length, s", "Długość, s", "Длительность, с";
            sms_before: integer, "SMS before, hours", "SMS przed, godziny", "СМС до визита, часов";
            sms_now: integer, "SMS at once", "SMS od razu", "СМС сразу";
            sms_now_text: text, "Text of the SMS", "Treść SMS", "Текст СМС";
            sms_remain_hours: integer, "SMS reminder, hours before", "Przypomnienie SMS, godzin przed", "СМС-напоминание, часов до";
            email_now: integer, "E-mail at once", "E-mail od razu", "Письмо сразу";
            email_remain_hours: integer, "E-mail reminder, hours before", "Przypomnienie e-mail, godzin przed", "Письмо-напоминание, часов до";
            notified: integer, "Notified", "Powiadomiono", "Уведомлён";
            master_request: integer, "Staff member was asked for", "Wybrano pracownika", "Выбран сотрудник";
            review_requested: integer, "Review was asked for", "Poproszono o opinię", "Запрошен отзыв";
            is_mobile: integer, "From a mobile device", "Z urządzenia mobilnego", "С мобильного";
            is_remind_sms_sent: flag, "SMS reminder was sent", "Przypomnienie SMS wysłano", "СМС-напоминание отправлено";
            api_id: text [identifier], "Id in other systems", "Id w innych systemach", "Внешний ид";
            from_url: text, "From the page", "Ze strony", "Со страницы";
            record_from: text, "Source of the booking", "Źródło rezerwacji", "Источник записи";
            short_link: text, "Short link", "Krótki odnośnik", "Короткая ссылка";
            visit_id: integer [identifier], "Visit", "Wizyta zbiorcza", "Визит";
            created_user_id: integer [identifier], "Created by user", "Utworzył użytkownik", "Создал пользователь";
            bookform_id: integer [identifier], "Booking form", "Formularz rezerwacji", "Форма записи";
            activity_id: integer [identifier], "Group event (0 none)", "Wydarzenie grupowe (0 brak)", "Групповое событие (0 нет)";
            deleted: flag, "Deleted", "Usunięta", "Удалена";
            paid_full: integer, "Paid in full (0, 1)", "Opłacona w całości (0, 1)", "Оплачена полностью (0, 1)";
            payment_status: integer, "Payment status", "Status płatności", "Статус оплаты";
            prepaid: flag, "Prepayment", "Przedpłata", "Предоплата";
            prepaid_confirmed: flag, "Prepayment confirmed", "Przedpłata potwierdzona", "Предоплата подтверждена";
            is_update_blocked: flag, "Locked", "Zablokowana", "Изменение запрещено";
            is_sale_bill_printed: flag, "Receipt printed", "Paragon wydrukowany", "Чек напечатан";
            custom_color: text, "Colour", "Kolor", "Цвет";
            custom_font_color: text, "Text colour", "Kolor tekstu", "Цвет текста";
            custom_fields: json [personal], "Custom fields", "Pola własne", "Дополнительные поля";
            service_category_ids: json, "Categories of its services", "Kategorie jej usług", "Категории её услуг";
            goods_transactions: json [personal], "Goods sold", "Sprzedane towary", "Проданные товары";
            finance_transactions: json [personal], "Payments", "Płatności", "Платежи";
            resource_instance_ids: json, "Resources", "Zasoby", "Ресурсы";
            acceptance_free: text, "Acceptance", "Akceptacja", "Акцепт";
            composite: json, "Composite", "Złożona", "Составная";
            last_change_date: instant, "Changed", "Zmieniono", "Изменена";
            last_change_date_raw: text, "Changed, as sent", "Zmieniono, jak przysłano", "Изменена, как прислано";
            last_change_date_local: text, "Changed, by the company's clock", "Zmieniono, według zegara firmy", "Изменена, по часам филиала";
        },
    );
    table.subject = Some("client_id".into());
    table.facts = true;
    table.indicators = vec![(Indicator::Status, "attendance".into())];
    table.indexes = indexes(&[
        "datetime",
        "client_id",
        "staff_id",
        "visit_id",
        "last_change_date",
    ]);
    table
}
