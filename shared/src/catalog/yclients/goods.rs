use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Indicator, Table, label};

/// Categories of goods, a tree.
pub(super) fn goods_categories() -> Table {
    let mut table = vendor_table(
        "yclients_goods_categories",
        "yclients_goods_category",
        label("Goods categories", "Kategorie towarów", "Категории товаров"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            parent_id: integer [identifier] -> "yclients_goods_categories", "Category above", "Kategoria nadrzędna", "Категория выше";
            title: text, "Name", "Nazwa", "Название";
            is_chain: flag, "Of the chain", "Sieciowa", "Сетевая";
        },
    );
    table.indexes = indexes(&["parent_id"]);
    table
}

/// Places where goods are kept.
pub(super) fn storages() -> Table {
    vendor_table(
        "yclients_storages",
        "yclients_storage",
        label("Storages", "Magazyny", "Склады"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            title: text, "Name", "Nazwa", "Название";
            for_services: flag, "For write-off", "Na zużycie", "Для списания";
            for_sale: flag, "For sale", "Na sprzedaż", "Для продажи";
            comment: text, "Comment", "Komentarz", "Комментарий";
        },
    )
}

/// Goods and materials. The vendor's key is `good_id`.
pub(super) fn goods() -> Table {
    let mut table = vendor_table(
        "yclients_goods",
        "yclients_good",
        label("Goods", "Towary", "Товары"),
        columns! {
            id: integer [required, identifier], "Id (good_id)", "Id (good_id)", "Ид (good_id)";
            title: text, "Name", "Nazwa", "Название";
            value: text, "Name (value)", "Nazwa (value)", "Название (value)";
            label: text, "Name with article", "Nazwa z indeksem", "Название с артикулом";
            article: text [identifier], "Article", "Indeks", "Артикул";
            barcode: text [identifier], "Bar code", "Kod kreskowy", "Штрихкод";
            category_id: integer [identifier] -> "yclients_goods_categories", "Category", "Kategoria", "Категория";
            category: text, "Category's name", "Nazwa kategorii", "Название категории";
            salon_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            cost: money, "Selling price", "Cena sprzedaży", "Цена продажи";
            actual_cost: price, "Cost price", "Koszt własny", "Себестоимость";
            unit_actual_cost: price, "Cost price of a write-off unit", "Koszt jednostki zużycia", "Себестоимость единицы списания";
            unit_actual_cost_format: text, "The same, as text", "To samo, jako tekst", "То же, текстом";
            unit_id: integer [identifier], "Sale unit id", "Id jednostki sprzedaży", "Ид единицы продажи";
            unit_short_title: text, "Sale unit", "Jednostka sprzedaży", "Единица продажи";
            service_unit_id: integer [identifier], "Write-off unit id", "Id jednostki zużycia", "Ид единицы списания";
            service_unit_short_title: text, "Write-off unit", "Jednostka zużycia", "Единица списания";
            unit_equals: quantity, "Write-off units in a sale unit", "Jednostek zużycia w jednostce sprzedaży", "Единиц списания в единице продажи";
            actual_amounts: json, "Stock by storage", "Stan według magazynów", "Остатки по складам";
            critical_amount: quantity, "Critical stock", "Stan krytyczny", "Критический остаток";
            desired_amount: quantity, "Desired stock", "Stan pożądany", "Желаемый остаток";
            loyalty_abonement_type_id: integer [identifier], "Membership type", "Typ karnetu", "Тип абонемента";
            loyalty_certificate_type_id: integer [identifier], "Certificate type", "Typ certyfikatu", "Тип сертификата";
            loyalty_allow_empty_code: flag, "Code may be empty", "Kod może być pusty", "Код может быть пустым";
            is_goods_mark_enabled: flag, "Marked goods", "Towar oznakowany", "Маркированный товар";
            last_change_date: instant, "Changed", "Zmieniono", "Изменён";
            last_change_date_raw: text, "Changed, as sent", "Zmieniono, jak przysłano", "Изменён, как прислано";
            last_change_date_local: text, "Changed, by the company's clock", "Zmieniono, według zegara firmy", "Изменён, по часам филиала";
        },
    );
    table.indexes = indexes(&["category_id", "article", "barcode"]);
    table
}

/// Movements of goods.
pub(super) fn goods_transactions() -> Table {
    let mut table = vendor_table(
        "yclients_goods_transactions",
        "yclients_goods_transaction",
        label(
            "Goods transactions",
            "Operacje towarowe",
            "Товарные операции",
        ),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            company_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            document_id: integer [identifier] -> "yclients_documents", "Document", "Dokument", "Документ";
            type_id: integer, "Kind (0 move, 1 sale, 2 consumable, 3 receipt, 4 write-off)", "Rodzaj (0 przesunięcie, 1 sprzedaż, 2 zużycie, 3 przyjęcie, 4 rozchód)", "Вид (0 перемещение, 1 продажа, 2 расходник, 3 приход, 4 списание)";
            type: text, "Kind, in words", "Rodzaj, słownie", "Вид, словами";
            good_id: integer [identifier] -> "yclients_goods", "Good", "Towar", "Товар";
            good_title: text, "Good's name", "Nazwa towaru", "Название товара";
            storage_id: integer [identifier] -> "yclients_storages", "Storage", "Magazyn", "Склад";
            storage_title: text, "Storage's name", "Nazwa magazynu", "Название склада";
            unit_id: integer [identifier], "Unit id", "Id jednostki", "Ид единицы";
            unit_title: text, "Unit", "Jednostka", "Единица";
            unit_short_title: text, "Unit, short", "Jednostka, skrót", "Единица, кратко";
            operation_unit_type: integer, "Unit kind (1 sale, 2 write-off)", "Rodzaj jednostki (1 sprzedaż, 2 zużycie)", "Вид единицы (1 продажа, 2 списание)";
            amount: quantity, "Quantity (negative: out)", "Ilość (ujemna: rozchód)", "Количество (минус: расход)";
            pkg_amount: quantity, "Packages", "Opakowania", "Упаковок";
            cost_per_unit: price, "Price of one", "Cena jednostkowa", "Цена за единицу";
            discount: money, "Discount, %", "Rabat, %", "Скидка, %";
            cost: money, "Cost", "Kwota", "Стоимость";
            create_date: instant, "When", "Kiedy", "Когда";
            create_date_raw: text, "When, as sent", "Kiedy, jak przysłano", "Когда, как прислано";
            create_date_local: text, "When, by the company's clock", "Kiedy, według zegara firmy", "Когда, по часам филиала";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            master_id: integer [identifier] -> "yclients_staff", "Staff member", "Pracownik", "Сотрудник";
            master_title: text [personal], "Staff member's name", "Imię pracownika", "Имя сотрудника";
            supplier_id: integer [identifier], "Supplier id", "Id dostawcy", "Ид поставщика";
            supplier_title: text, "Supplier", "Dostawca", "Поставщик";
            service_id: integer [identifier] -> "yclients_services", "Service", "Usługa", "Услуга";
            service_title: text, "Service's name", "Nazwa usługi", "Название услуги";
            client_id: integer [identifier] -> "yclients_clients", "Client", "Klient", "Клиент";
            client_name: text [personal], "Client's name", "Imię klienta", "Имя клиента";
            client_phone: text [personal, identifier], "Client's phone", "Telefon klienta", "Телефон клиента";
            record_id: integer [identifier] -> "yclients_records", "Record", "Wizyta", "Запись";
            user_id: integer [identifier], "User", "Użytkownik", "Пользователь";
            loyalty_abonement_id: integer [identifier], "Membership (0 none)", "Karnet (0 brak)", "Абонемент (0 нет)";
            loyalty_certificate_id: integer [identifier], "Certificate (0 none)", "Certyfikat (0 brak)", "Сертификат (0 нет)";
            deleted: flag, "Deleted", "Usunięta", "Удалена";
            last_change_date: instant, "Changed", "Zmieniono", "Изменена";
            last_change_date_raw: text, "Changed, as sent", "Zmieniono, jak przysłano", "Изменена, как прислано";
            last_change_date_local: text, "Changed, by the company's clock", "Zmieniono, według zegara firmy", "Изменена, по часам филиала";
        },
    );
    table.subject = Some("client_id".into());
    table.facts = true;
    table.indicators = vec![
        (Indicator::TotalCost, "cost".into()),
        (Indicator::Quantity, "amount".into()),
        (Indicator::UnitPrice, "cost_per_unit".into()),
    ];
    table.indexes = indexes(&[
        "create_date",
        "good_id",
        "document_id",
        "record_id",
        "client_id",
    ]);
    table
}
