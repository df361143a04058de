use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Indicator, Table, label};

/// Cash desks and bank accounts.
pub(super) fn accounts() -> Table {
    vendor_table(
        "yclients_accounts",
        "yclients_account",
        label("Accounts", "Kasy", "Кассы"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            title: text, "Name", "Nazwa", "Название";
            type: integer, "Kind (0 cash, 1 non-cash)", "Rodzaj (0 gotówka, 1 bezgotówkowa)", "Вид (0 наличные, 1 безналичные)";
            comment: text, "Comment", "Komentarz", "Комментарий";
        },
    )
}

/// Documents that stand behind movements of goods and money. The vendor has no list of them: they are known from records
/// and movements.
pub(super) fn documents() -> Table {
    let mut table = vendor_table(
        "yclients_documents",
        "yclients_document",
        label("Documents", "Dokumenty", "Документы"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            company_id: integer [identifier] -> "yclients_companies", "Company", "Firma", "Филиал";
            type_id: integer, "Kind (1 sale, 2 services, 3 receipt, 4 write-off, 5 move, 6 inventory, 7 visit, 8 consumables, 9 deposit)", "Rodzaj (1 sprzedaż, 2 usługi, 3 przyjęcie, 4 rozchód, 5 przesunięcie, 6 inwentaryzacja, 7 wizyta, 8 zużycie, 9 depozyt)", "Вид (1 продажа, 2 услуги, 3 приход, 4 списание, 5 перемещение, 6 инвентаризация, 7 визит, 8 расходники, 9 депозит)";
            type_title: text, "Kind, in words", "Rodzaj, słownie", "Вид, словами";
            number: integer [identifier], "Number", "Numer", "Номер";
            category_id: integer [identifier, told_elsewhere], "Category", "Kategoria", "Категория";
            storage_id: integer [identifier] -> "yclients_storages", "Storage", "Magazyn", "Склад";
            storage_title: text, "Storage's name", "Nazwa magazynu", "Название склада";
            user_id: integer [identifier], "User", "Użytkownik", "Пользователь";
            user_name: text [personal], "User's name", "Nazwa użytkownika", "Имя пользователя";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            create_date: instant, "Created", "Utworzono", "Создан";
            create_date_raw: text, "Created, as sent", "Utworzono, jak przysłano", "Создан, как прислано";
            create_date_local: text, "Created, by the company's clock", "Utworzono, według zegara firmy", "Создан, по часам филиала";
            visit_id: integer [identifier, told_elsewhere], "Visit", "Wizyta zbiorcza", "Визит";
            record_id: integer [identifier, told_elsewhere] -> "yclients_records", "Record", "Wizyta", "Запись";
            is_sale_bill_printed: flag [told_elsewhere], "Receipt printed", "Paragon wydrukowany", "Чек напечатан";
        },
    );
    table.facts = true;
    table.indexes = indexes(&["record_id", "create_date"]);
    table
}

/// Movements of money.
pub(super) fn finance_transactions() -> Table {
    let mut table = vendor_table(
        "yclients_finance_transactions",
        "yclients_finance_transaction",
        label(
            "Finance transactions",
            "Operacje finansowe",
            "Финансовые операции",
        ),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            document_id: integer [identifier] -> "yclients_documents", "Document", "Dokument", "Документ";
            date: instant, "When", "Kiedy", "Когда";
            date_raw: text, "When, as sent", "Kiedy, jak przysłano", "Когда, как прислано";
            date_local: text, "When, by the company's clock", "Kiedy, według zegara firmy", "Когда, по часам филиала";
            type_id: integer, "Kind", "Rodzaj", "Вид";
            expense_id: integer [identifier], "Article id", "Id artykułu", "Ид статьи";
            expense_title: text, "Article", "Artykuł", "Статья";
            account_id: integer [identifier] -> "yclients_accounts", "Account", "Kasa", "Касса";
            account_title: text, "Account's name", "Nazwa kasy", "Название кассы";
            amount: money, "Amount", "Kwota", "Сумма";
            client_id: integer [identifier] -> "yclients_clients", "Client", "Klient", "Клиент";
            client_name: text [personal], "Client's name", "Imię klienta", "Имя клиента";
            client_phone: text [personal, identifier], "Client's phone", "Telefon klienta", "Телефон клиента";
            master_id: integer [identifier] -> "yclients_staff", "Staff member", "Pracownik", "Сотрудник";
            master_title: text [personal], "Staff member's name", "Imię pracownika", "Имя сотрудника";
            supplier_id: integer [identifier], "Supplier id", "Id dostawcy", "Ид поставщика";
            supplier_title: text, "Supplier", "Dostawca", "Поставщик";
            comment: text [personal], "Comment", "Komentarz", "Комментарий";
            record_id: integer [identifier] -> "yclients_records", "Record", "Wizyta", "Запись";
            visit_id: integer [identifier], "Visit (0 none)", "Wizyta zbiorcza (0 brak)", "Визит (0 нет)";
            item_id: integer [identifier], "Item (0 none)", "Pozycja (0 brak)", "Позиция (0 нет)";
            target_type_id: integer, "Kind of item", "Rodzaj pozycji", "Вид позиции";
            goods_transaction_id: integer [identifier], "Goods transaction (0 none)", "Operacja towarowa (0 brak)", "Товарная операция (0 нет)";
            sold_item_id: integer [identifier], "Sold item (0 none)", "Sprzedana pozycja (0 brak)", "Проданная позиция (0 нет)";
            sold_item_type: text, "Kind of sold item", "Rodzaj sprzedanej pozycji", "Вид проданной позиции";
            payment_system_transaction_ids: json, "Ids in payment systems", "Id w systemach płatności", "Ид в платёжных системах";
            deleted: flag, "Deleted", "Usunięta", "Удалена";
            last_change_date: instant, "Changed", "Zmieniono", "Изменена";
            last_change_date_raw: text, "Changed, as sent", "Zmieniono, jak przysłano", "Изменена, как прислано";
            last_change_date_local: text, "Changed, by the company's clock", "Zmieniono, według zegara firmy", "Изменена, по часам филиала";
        },
    );
    table.subject = Some("client_id".into());
    table.facts = true;
    table.indicators = vec![(Indicator::TotalCost, "amount".into())];
    table.indexes = indexes(&[
        "date",
        "account_id",
        "client_id",
        "record_id",
        "document_id",
    ]);
    table
}
