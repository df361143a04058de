//! Words people use for columns that are nobody's label.

/// Table, column or path, and its words in their normal form, apart by `|`.
pub(super) const SYNONYMS: &[(&str, &str, &str)] = &[
    (
        "customers",
        "person",
        "imie i nazwisko|nazwisko i imie|klient|nazwa klienta|osoba|osoba kontaktowa|full name|customer|customer name|client|contact|фио|клиент|имя клиента|контактное лицо",
    ),
    (
        "customers",
        "company_name",
        "firma|nazwa|company name|business name|организация|фирма|название компании",
    ),
    (
        "customers",
        "tax_id",
        "nip klienta|numer nip|nr nip|vat id|vat number|tax number|инн",
    ),
    (
        "customers",
        "email",
        "email|mail|e mail|adres e mail|adres email|email address|почта|email адрес|электронная почта",
    ),
    (
        "customers",
        "phone",
        "telefon|tel|nr tel|nr telefonu|numer telefonu|numer tel|telefon komorkowy|komorka|phone number|mobile|mobile phone|cell|тел|номер телефона|мобильный|моб телефон",
    ),
    (
        "customers",
        "remarks",
        "uwagi|notatki|komentarz|notes|note|comment|comments|заметки|комментарий|примечания",
    ),
    (
        "customers",
        "created_at",
        "data utworzenia|data dodania|created at|date created|дата создания|дата добавления",
    ),
    (
        "customers",
        "type",
        "typ|typ klienta|customer type|тип|тип клиента",
    ),
    (
        "customers",
        "id",
        "identyfikator|customer id|id klienta|ид клиента",
    ),
    (
        "repairs",
        "rma",
        "rma|nr naprawy|numer|nr zlecenia|numer zlecenia|zlecenie|repair number|order number|номер заказа|номер ремонта|заказ",
    ),
    (
        "repairs",
        "customer_id.phone",
        "telefon|tel|nr tel|nr telefonu|telefon klienta|phone|customer phone|телефон|телефон клиента",
    ),
    (
        "repairs",
        "customer_id.person",
        "imie i nazwisko|nazwa klienta|customer name|client|фио|заказчик",
    ),
    (
        "repairs",
        "customer_id.email",
        "email|e mail|email klienta|customer email|эл почта",
    ),
    (
        "repairs",
        "type_id.name",
        "typ|rodzaj|urzadzenie|sprzet|device|device type|category|устройство|тип устройства|техника",
    ),
    ("repairs", "vendor", "marka|manufacturer|make|бренд|марка"),
    (
        "repairs",
        "serial",
        "nr seryjny|sn|s n|imei|serial|serial no|серийный|сн",
    ),
    (
        "repairs",
        "issue",
        "usterka|opis|problem|fault description|issue|описание|проблема|поломка|дефект",
    ),
    (
        "repairs",
        "employee_id.display_name",
        "serwisant|technik|technician|мастер|исполнитель",
    ),
    (
        "repairs",
        "created_at",
        "data przyjecia|przyjeto|data|data utworzenia|date|received|дата приема|принят|дата",
    ),
    (
        "repairs",
        "finished_at",
        "data zakonczenia|finish date|completed|дата завершения",
    ),
    (
        "repairs",
        "price_net",
        "cena|kwota|koszt|price|cost|цена|стоимость|сумма",
    ),
    ("repairs", "status", "stan|state|состояние"),
    (
        "tickets",
        "number",
        "nr|nr zgloszenia|numer|ticket number|номер заявки",
    ),
    (
        "tickets",
        "customer_id.person",
        "imie i nazwisko|nazwa klienta|customer name|фио",
    ),
    (
        "tickets",
        "customer_id.phone",
        "telefon|tel|nr tel|phone|телефон",
    ),
    (
        "tickets",
        "issue",
        "opis zgloszenia|problem|описание проблемы",
    ),
    ("tickets", "created_at", "data|data zgloszenia|date|дата"),
    (
        "tickets",
        "employee_id.display_name",
        "serwisant|technik|technician|мастер",
    ),
    (
        "parts",
        "name",
        "nazwa czesci|czesc|part|part name|наименование",
    ),
    (
        "parts",
        "part_number",
        "numer czesci|nr katalogowy|symbol|indeks|kod|sku|pn|p n|каталожный номер|код",
    ),
    ("parts", "srp", "cena|cena netto|price|цена"),
    (
        "part_deliveries",
        "part_id.name",
        "nazwa|nazwa czesci|part name|наименование|название",
    ),
    (
        "part_deliveries",
        "part_id.part_number",
        "numer katalogowy|nr katalogowy|symbol|part number|sku|артикул",
    ),
    (
        "part_deliveries",
        "quantity",
        "ilosc|quantity|qty|количество|кол во",
    ),
    (
        "part_deliveries",
        "quantity_left",
        "stan|stan magazynowy|in stock|stock|остаток на складе",
    ),
    (
        "part_deliveries",
        "invoice_signature",
        "faktura|nr faktury|invoice number|номер счета",
    ),
];
