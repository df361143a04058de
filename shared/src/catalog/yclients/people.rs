use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Table, label};

/// Those whom clients book: people, and now and then rooms or equipment.
pub(super) fn staff() -> Table {
    let mut table = vendor_table(
        "yclients_staff",
        "yclients_staff_member",
        label("Staff", "Pracownicy", "Сотрудники"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            api_id: text [identifier], "Id in other systems", "Id w innych systemach", "Внешний ид";
            company_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            name: text [personal], "Name", "Imię i nazwisko", "Имя";
            specialization: text, "Specialisation", "Specjalizacja", "Специализация";
            position_id: integer [identifier], "Position id", "Id stanowiska", "Ид должности";
            position_title: text, "Position", "Stanowisko", "Должность";
            information: text, "About (HTML)", "Informacje (HTML)", "Информация (HTML)";
            fired: flag, "Dismissed", "Zwolniony", "Уволен";
            is_fired: flag, "Dismissed (newer field)", "Zwolniony (nowsze pole)", "Уволен (новое поле)";
            dismissal_date: date, "Dismissed on", "Data zwolnienia", "Дата увольнения";
            dismissal_reason: text [personal], "Reason of dismissal", "Powód zwolnienia", "Причина увольнения";
            hidden: flag, "Hidden from booking", "Ukryty przy rezerwacji", "Скрыт от записи";
            is_online: flag, "Bookable online", "Rezerwacja online", "Онлайн-запись";
            is_bookable: flag, "Bookable", "Dostępny do rezerwacji", "Доступен для записи";
            status: integer, "Status", "Status", "Статус";
            is_deleted: flag, "Deleted", "Usunięty", "Удалён";
            user_id: integer [identifier], "User id", "Id użytkownika", "Ид пользователя";
            user: json [personal], "User", "Użytkownik", "Пользователь";
            show_rating: flag, "Rating is shown", "Ocena widoczna", "Рейтинг показан";
            is_rating_shown: flag, "Rating is shown (newer field)", "Ocena widoczna (nowsze pole)", "Рейтинг показан (новое поле)";
            rating: quantity, "Rating", "Ocena", "Рейтинг";
            votes_count: integer, "Votes", "Głosy", "Голосов";
            comments_count: integer, "Comments", "Komentarze", "Отзывов";
            weight: integer, "Order", "Kolejność", "Порядок";
            avatar: text [personal], "Photo", "Zdjęcie", "Фотография";
            avatar_big: text [personal], "Large photo", "Duże zdjęcie", "Большая фотография";
            image_group: json [personal], "Pictures", "Obrazy", "Изображения";
            prepaid: text, "Prepayment", "Przedpłata", "Предоплата";
            is_chain: flag, "Of the chain", "Sieciowy", "Сетевой";
            chain: json, "Chain", "Sieć", "Сеть";
            is_online_random_choice_allowed: flag, "May be chosen at random", "Może być wybrany losowo", "Случайный выбор разрешён";
            seance_step: integer, "Booking step, s", "Krok rezerwacji, s", "Шаг записи, с";
            seance_search_step: integer, "Search step, s", "Krok wyszukiwania, s", "Шаг поиска, с";
            seance_search_start: integer, "Search from, s of the day", "Wyszukiwanie od, s dnia", "Поиск с, с от начала дня";
            seance_search_finish: integer, "Search to, s of the day", "Wyszukiwanie do, s dnia", "Поиск по, с от начала дня";
            is_timetable_off: flag, "Without timetable", "Bez grafiku", "Без журнала";
            is_fullness_accounting: flag, "Counts for occupancy", "Liczony do obłożenia", "Учитывается в заполненности";
            timetable_markup_divider_interval: integer, "Timetable grid, s", "Siatka grafiku, s", "Сетка журнала, с";
            grid_settings: json, "Grid settings", "Ustawienia siatki", "Настройки сетки";
            services_links: json, "Services", "Usługi", "Услуги";
            schedule_till: date, "Schedule until", "Grafik do", "График до";
            domain: text, "Domain", "Domena", "Домен";
            google_link: text, "Google link", "Odnośnik Google", "Ссылка Google";
            google_clients: json, "Google clients", "Klienci Google", "Клиенты Google";
        },
    );
    table.indexes = indexes(&["name"]);
    table
}

/// Those who come.
pub(super) fn clients() -> Table {
    let mut table = vendor_table(
        "yclients_clients",
        "yclients_client",
        label("Clients", "Klienci", "Клиенты"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            name: text [personal], "First name", "Imię", "Имя";
            surname: text [personal], "Surname", "Nazwisko", "Фамилия";
            patronymic: text [personal], "Patronymic", "Drugie imię", "Отчество";
            display_name: text [personal], "Displayed name", "Wyświetlana nazwa", "Отображаемое имя";
            phone: text [personal, identifier], "Phone", "Telefon", "Телефон";
            email: text [personal], "E-mail", "E-mail", "Эл. почта";
            card: text [personal, identifier], "Card", "Karta", "Карта";
            birth_date: date [personal], "Date of birth", "Data urodzenia", "Дата рождения";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            sex_id: integer [personal], "Sex (0 unknown, 1 male, 2 female)", "Płeć (0 nieznana, 1 mężczyzna, 2 kobieta)", "Пол (0 неизвестен, 1 мужской, 2 женский)";
            sex: text [personal], "Sex, in words", "Płeć, słownie", "Пол, словами";
            discount: money, "Discount, %", "Rabat, %", "Скидка, %";
            visits: integer, "Visits", "Wizyty", "Визитов";
            spent: money, "Spent", "Wydano", "Потрачено";
            paid: money, "Paid", "Zapłacono", "Оплачено";
            balance: money, "Balance", "Saldo", "Баланс";
            sold_amount: money, "Sold", "Sprzedano", "Продано";
            first_visit_date: instant, "First visit", "Pierwsza wizyta", "Первый визит";
            first_visit_date_local: text, "First visit, by the company's clock", "Pierwsza wizyta, według zegara firmy", "Первый визит, по часам филиала";
            last_visit_date: instant, "Last visit", "Ostatnia wizyta", "Последний визит";
            last_visit_date_local: text, "Last visit, by the company's clock", "Ostatnia wizyta, według zegara firmy", "Последний визит, по часам филиала";
            importance_id: integer, "Importance id", "Id ważności", "Ид важности";
            importance: text, "Importance", "Ważność", "Важность";
            categories: json [personal], "Categories", "Kategorie", "Категории";
            sms_check: flag, "Birthday greetings by SMS", "Życzenia urodzinowe SMS", "Поздравление с ДР по СМС";
            sms_bot: flag, "Messages by bot", "Wiadomości od bota", "Сообщения бота";
            sms_not: flag, "No SMS mailings", "Bez wysyłek SMS", "Без СМС-рассылок";
            passteam_card_id: text [personal, identifier], "Electronic card", "Karta elektroniczna", "Электронная карта";
            custom_fields: json [personal], "Custom fields", "Pola własne", "Дополнительные поля";
            last_change_date: instant, "Changed", "Zmieniono", "Изменён";
            last_change_date_raw: text, "Changed, as sent", "Zmieniono, jak przysłano", "Изменён, как прислано";
            last_change_date_local: text, "Changed, by the company's clock", "Zmieniono, według zegara firmy", "Изменён, по часам филиала";
        },
    );
    table.subject = Some("id".into());
    table.indexes = indexes(&["phone", "email", "last_change_date"]);
    table
}
