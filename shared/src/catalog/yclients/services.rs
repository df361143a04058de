use super::fields::{columns, indexes, vendor_table};
use crate::catalog::{Table, label};

/// Categories of services.
pub(super) fn service_categories() -> Table {
    vendor_table(
        "yclients_service_categories",
        "yclients_service_category",
        label("Service categories", "Kategorie usług", "Категории услуг"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            salon_service_id: integer [identifier], "Id in the company", "Id w firmie", "Ид в филиале";
            title: text, "Name", "Nazwa", "Название";
            booking_title: text, "Name for booking", "Nazwa do rezerwacji", "Название для записи";
            api_id: text [identifier], "Id in other systems", "Id w innych systemach", "Внешний ид";
            weight: integer, "Order", "Kolejność", "Порядок";
            staff: json, "Staff", "Pracownicy", "Сотрудники";
            is_chain: flag, "Of the chain", "Sieciowa", "Сетевая";
        },
    )
}

/// What clients book.
pub(super) fn services() -> Table {
    let mut table = vendor_table(
        "yclients_services",
        "yclients_service",
        label("Services", "Usługi", "Услуги"),
        columns! {
            id: integer [required, identifier], "Id", "Id", "Ид";
            salon_service_id: integer [identifier], "Id in the company", "Id w firmie", "Ид в филиале";
            title: text, "Name", "Nazwa", "Название";
            booking_title: text, "Name for booking", "Nazwa do rezerwacji", "Название для записи";
            print_title: text, "Name for receipts", "Nazwa na paragonie", "Название для чека";
            category_id: integer [identifier] -> "yclients_service_categories", "Category", "Kategoria", "Категория";
            price_min: money, "Price from", "Cena od", "Цена от";
            price_max: money, "Price to", "Cena do", "Цена до";
            discount: money, "Discount, %", "Rabat, %", "Скидка, %";
            comment: text, "Comment", "Komentarz", "Комментарий";
            weight: integer, "Order", "Kolejność", "Порядок";
            active: integer, "Active (0 no, 1 yes)", "Aktywna (0 nie, 1 tak)", "Активна (0 нет, 1 да)";
            api_id: text [identifier], "Id in other systems", "Id w innych systemach", "Внешний ид";
            duration: integer, "Duration, s", "Czas trwania, s", "Длительность, с";
            is_online: flag, "Bookable online", "Rezerwacja online", "Онлайн-запись";
            is_multi: flag, "For a group", "Grupowa", "Групповая";
            capacity: integer, "Places", "Miejsca", "Мест";
            prepaid: text, "Prepayment", "Przedpłata", "Предоплата";
            service_type: integer, "Kind", "Rodzaj", "Вид";
            is_chain: flag, "Of the chain", "Sieciowa", "Сетевая";
            tax_variant: integer, "Tax regime", "System podatkowy", "Система налогообложения";
            vat_id: integer [identifier], "VAT id", "Id stawki VAT", "Ид ставки НДС";
            staff: json, "Staff", "Pracownicy", "Сотрудники";
            image_group: json, "Pictures", "Obrazy", "Изображения";
            dates: json, "Dates", "Daty", "Даты";
            resources: json, "Resources", "Zasoby", "Ресурсы";
        },
    );
    table.indexes = indexes(&["category_id"]);
    table
}
