use crate::catalog::{ColumnType, choice};

/// The type of custom field whose values are encrypted at rest and masked everywhere.
pub const PASSWORD: &str = "PASSWORD";

/// Kinds of dictionary entries (`DictionaryType`).
pub(super) fn dictionary_type() -> ColumnType {
    ColumnType::Choice(vec![
        choice(
            "REPAIR_SUBJECT_TYPE",
            "Repair item",
            "Przedmiot naprawy",
            "Предмет ремонта",
        ),
        choice(
            "COMPONENT_TYPE",
            "Part type",
            "Rodzaj podzespołu",
            "Вид запчасти",
        ),
        choice(
            "TICKET_CATEGORY",
            "Ticket category",
            "Kategoria zgłoszenia",
            "Категория заявки",
        ),
        choice(
            "CUSTOMER_GROUP",
            "Customer group",
            "Grupa klientów",
            "Группа клиентов",
        ),
    ])
}

/// Forms that carry custom fields (`CustomFieldForm`).
pub(super) fn custom_field_form() -> ColumnType {
    ColumnType::Choice(vec![
        choice("REPAIR", "Repair", "Naprawa", "Ремонт"),
        choice("TICKET", "Ticket", "Zgłoszenie", "Заявка"),
        choice("CUSTOMER", "Customer", "Klient", "Клиент"),
        choice("DEVICE", "Device", "Urządzenie", "Устройство"),
    ])
}

/// Types of custom fields (`CustomFieldType`).
pub(super) fn custom_field_type() -> ColumnType {
    ColumnType::Choice(vec![
        choice("TEXT", "Text", "Tekst", "Текст"),
        choice(
            "TEXTAREA",
            "Long text",
            "Tekst wielowierszowy",
            "Длинный текст",
        ),
        choice("CHECKBOX", "Checkbox", "Pole wyboru", "Флажок"),
        choice("SELECT", "List", "Lista", "Список"),
        choice("DATE", "Date", "Data", "Дата"),
        choice(PASSWORD, "Password", "Hasło", "Пароль"),
    ])
}

/// Kinds of customers (`CustomerType`).
pub(super) fn customer_type() -> ColumnType {
    ColumnType::Choice(vec![
        choice("PERSONAL", "Person", "Osoba prywatna", "Частное лицо"),
        choice("BUSINESS", "Company", "Firma", "Компания"),
    ])
}

/// Kinds of consents (`CustomerAgreementType`).
pub(super) fn agreement_type() -> ColumnType {
    ColumnType::Choice(vec![
        choice("RULES", "Terms of service", "Regulamin", "Правила"),
        choice(
            "DATA_PROCESSING",
            "Data processing",
            "Przetwarzanie danych",
            "Обработка данных",
        ),
        choice(
            "MARKETING_DATA_PROCESSING",
            "Marketing",
            "Przetwarzanie danych w celach marketingowych",
            "Обработка данных для рекламы",
        ),
        choice(
            "REFUND_POLICY",
            "Refund policy",
            "Zasady zwrotów",
            "Правила возврата",
        ),
        choice("CUSTOM_1", "Other 1", "Inna 1", "Иное 1"),
        choice("CUSTOM_2", "Other 2", "Inna 2", "Иное 2"),
        choice("CUSTOM_3", "Other 3", "Inna 3", "Иное 3"),
        choice("CUSTOM_4", "Other 4", "Inna 4", "Иное 4"),
    ])
}

/// Kinds of addresses (`AddressType`).
pub(super) fn address_type() -> ColumnType {
    ColumnType::Choice(vec![
        choice("HOME", "Home", "Dom", "Дом"),
        choice("BUSINESS", "Company", "Firma", "Компания"),
        choice("OTHER", "Other", "Inny", "Другой"),
        choice("BILLING", "Billing", "Do faktury", "Для счёта"),
        choice("GPS", "Coordinates", "Współrzędne", "Координаты"),
    ])
}

/// How an item comes in and leaves (`DeliveryType`, `CollectionType`).
pub(super) fn handover() -> ColumnType {
    ColumnType::Choice(vec![
        choice("PERSONAL", "In person", "Osobiście", "Лично"),
        choice("PARCEL", "Parcel", "Przesyłka", "Посылка"),
        choice(
            "INTERNAL",
            "Own transport",
            "Transport własny",
            "Собственная доставка",
        ),
    ])
}

/// States of a repair, the label-only `APPROVAL` included (the vendor's translation file names it).
pub(super) fn repair_status() -> ColumnType {
    ColumnType::Choice(vec![
        choice("UNSAVED", "Not saved", "Niezapisane", "Не сохранено"),
        choice(
            "APPROVAL",
            "Awaiting approval",
            "Oczekuje na zatwierdzenie",
            "Ожидает утверждения",
        ),
        choice(
            "WAITING_FOR_DELIVERY",
            "Awaiting delivery",
            "Oczekuje na dostarczenie",
            "Ожидает доставки",
        ),
        choice(
            "WAITING_FOR_DIAGNOSIS",
            "Awaiting diagnosis",
            "Oczekuje na diagnozę",
            "Ожидает диагностики",
        ),
        choice(
            "DIAGNOSIS",
            "In diagnosis",
            "W trakcie diagnozy",
            "На диагностике",
        ),
        choice(
            "REQ_CUSTOMER_ACCEPT",
            "Awaiting customer's consent",
            "Wymaga potwierdzenia kosztów u klienta",
            "Ожидает согласия клиента",
        ),
        choice("CONFIRMED", "Confirmed", "Potwierdzone", "Подтверждено"),
        choice("IN_PROGRESS", "In repair", "W trakcie naprawy", "В ремонте"),
        choice(
            "WAITING_FOR_PARTS",
            "Awaiting parts",
            "Oczekuje na podzespoły",
            "Ожидает запчастей",
        ),
        choice(
            "UNDER_TESTING",
            "Under test",
            "W trakcie testów",
            "Тестируется",
        ),
        choice(
            "REQ_SUMMARY",
            "Awaiting summary",
            "Podsumowanie naprawy",
            "Итог ремонта",
        ),
        choice(
            "NOT_ACCEPTED",
            "Declined",
            "Nie zaakceptowane",
            "Не согласовано",
        ),
        choice("CANCELED", "Cancelled", "Anulowane", "Отменено"),
        choice(
            "NOT_PROCESSABLE",
            "Beyond repair",
            "Naprawa nie jest możliwa",
            "Ремонт невозможен",
        ),
        choice(
            "WAITING_FOR_COLLECTION",
            "Ready for collection",
            "Do odbioru",
            "К выдаче",
        ),
        choice(
            "PASSED_FOR_RETURN",
            "Handed to the carrier",
            "Przekazano do wysyłki",
            "Передано на отправку",
        ),
        choice("CLOSED", "Collected", "Odebrane", "Выдано"),
        choice("SCRAPPED", "Scrapped", "Zezłomowane", "Утилизировано"),
    ])
}

/// States of a ticket (`TicketStatus`).
pub(super) fn ticket_status() -> ColumnType {
    ColumnType::Choice(vec![
        choice("UNSAVED", "Not saved", "Niezapisane", "Не сохранено"),
        choice("NEW", "New", "Nowe", "Новая"),
        choice("ASSIGNED", "Assigned", "Przypisane", "Назначена"),
        choice("ON_THE_WAY", "On the way", "Wyjazd", "Выезд"),
        choice(
            "IN_PROGRESS",
            "In progress",
            "W trakcie realizacji",
            "Выполняется",
        ),
        choice("RESOLVED", "Resolved", "Rozwiązany", "Решена"),
        choice("CANCELED", "Cancelled", "Anulowany", "Отменена"),
    ])
}
