use super::fields::{columns, indexes, record_lines};
use crate::catalog::{Indicator, Table, label};

/// Services of a record.
pub(super) fn record_services() -> Table {
    let mut table = record_lines(
        "yclients_record_services",
        "yclients_record_service",
        label("Services of records", "Usługi wizyt", "Услуги записей"),
        columns! {
            record_id: integer [required, identifier] -> "yclients_records", "Record", "Wizyta", "Запись";
            line: integer [required], "Line", "Wiersz", "Строка";
            service_id: integer [identifier] -> "yclients_services", "Service", "Usługa", "Услуга";
            category_id: integer [identifier] -> "yclients_service_categories", "Service category", "Kategoria usługi", "Категория услуги";
            title: text, "Name", "Nazwa", "Название";
            cost: money, "Cost after discount", "Kwota po rabacie", "Стоимость со скидкой";
            cost_to_pay: money, "To pay", "Do zapłaty", "К оплате";
            manual_cost: money, "Cost set by hand", "Kwota ustalona ręcznie", "Стоимость, заданная вручную";
            cost_per_unit: price, "Price of one", "Cena jednostkowa", "Цена за единицу";
            discount: money, "Discount, %", "Rabat, %", "Скидка, %";
            first_cost: money, "Cost before discount", "Kwota przed rabatem", "Стоимость без скидки";
            amount: quantity, "Quantity", "Ilość", "Количество";
            staff_service_link: json, "Staff member's terms", "Warunki pracownika", "Условия сотрудника";
            company_service_link: json, "Company's terms", "Warunki firmy", "Условия филиала";
        },
    );
    table.indicators = vec![
        (Indicator::TotalCost, "cost".into()),
        (Indicator::Quantity, "amount".into()),
        (Indicator::InitialCost, "first_cost".into()),
        (Indicator::UnitPrice, "cost_per_unit".into()),
    ];
    table.indexes = indexes(&["service_id", "category_id"]);
    table
}

/// Consumables written off for a record.
pub(super) fn record_consumables() -> Table {
    let mut table = record_lines(
        "yclients_record_consumables",
        "yclients_record_consumable",
        label(
            "Consumables of records",
            "Materiały wizyt",
            "Расходники записей",
        ),
        columns! {
            record_id: integer [required, identifier] -> "yclients_records", "Record", "Wizyta", "Запись";
            line: integer [required], "Line", "Wiersz", "Строка";
            goods_transaction_id: integer [identifier], "Goods transaction", "Operacja magazynowa", "Товарная операция";
            document_id: integer [identifier], "Document", "Dokument", "Документ";
            type_id: integer, "Kind (2 write-off)", "Rodzaj (2 zużycie)", "Вид (2 списание)";
            company_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            good_id: integer [identifier] -> "yclients_goods", "Good", "Towar", "Товар";
            service_id: integer [identifier] -> "yclients_services", "Service", "Usługa", "Услуга";
            amount: quantity, "Quantity (negative: out)", "Ilość (ujemna: rozchód)", "Количество (минус: расход)";
            unit_id: integer [identifier], "Unit", "Jednostka", "Единица";
            operation_unit_type: integer, "Unit kind (1 sale, 2 write-off)", "Rodzaj jednostki (1 sprzedaż, 2 zużycie)", "Вид единицы (1 продажа, 2 списание)";
            pkg_amount: quantity, "Packages", "Opakowania", "Упаковок";
            cost_per_unit: price, "Price of one", "Cena jednostkowa", "Цена за единицу";
            discount: money, "Discount, %", "Rabat, %", "Скидка, %";
            cost: money, "Cost", "Kwota", "Стоимость";
            storage_id: integer [identifier] -> "yclients_storages", "Storage", "Magazyn", "Склад";
            supplier_id: integer [identifier], "Supplier", "Dostawca", "Поставщик";
            client_id: integer [identifier] -> "yclients_clients", "Client", "Klient", "Клиент";
            master_id: integer [identifier] -> "yclients_staff", "Staff member", "Pracownik", "Сотрудник";
            user_id: integer [identifier], "User", "Użytkownik", "Пользователь";
            create_date: instant, "Created", "Utworzono", "Создан";
            create_date_local: text, "Created, by the company's clock", "Utworzono, według zegara firmy", "Создан, по часам филиала";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            deleted: flag, "Deleted", "Usunięty", "Удалён";
        },
    );
    table.indicators = vec![
        (Indicator::TotalCost, "cost".into()),
        (Indicator::Quantity, "amount".into()),
        (Indicator::UnitPrice, "cost_per_unit".into()),
    ];
    table.indexes = indexes(&["good_id"]);
    table
}

/// Categories given to a record.
pub(super) fn record_labels() -> Table {
    let mut table = record_lines(
        "yclients_record_labels",
        "yclients_record_label",
        label("Categories of records", "Etykiety wizyt", "Метки записей"),
        columns! {
            record_id: integer [required, identifier] -> "yclients_records", "Record", "Wizyta", "Запись";
            line: integer [required], "Line", "Wiersz", "Строка";
            label_id: integer [identifier] -> "yclients_labels", "Category", "Kategoria", "Категория";
            title: text, "Name", "Nazwa", "Название";
            color: text, "Colour", "Kolor", "Цвет";
            icon: text, "Icon", "Ikona", "Значок";
            font_color: text, "Text colour", "Kolor tekstu", "Цвет текста";
        },
    );
    table.indexes = indexes(&["label_id"]);
    table
}
