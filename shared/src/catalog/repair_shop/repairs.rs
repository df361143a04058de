use super::{
    choices,
    fields::{
        custom_values, date, flag, instant, integer, list, money, quantity, shop_table, text,
        unit_price, vat,
    },
};
use crate::catalog::{Column, Table, label};

/// Repairs, with what they cost (net, with the VAT rate in percent points).
pub(super) fn repairs() -> Table {
    let mut table = shop_table(
        "repairs",
        "repair",
        label("Repairs", "Naprawy", "Ремонты"),
        [item(), course(), outcome(), vec![custom_values()]].concat(),
    );
    table.subject = Some("customer_id".into());
    table.indexes = vec![vec!["customer_id".into()], vec!["rma".into()]];
    table
}

/// What was brought in, and by whom.
fn item() -> Vec<Column> {
    vec![
        text("rma", label("Number", "Numer naprawy", "Номер"))
            .required()
            .identifier(),
        text("customer_id", label("Customer", "Klient", "Клиент")).references("customers"),
        text("employee_id", label("Employee", "Pracownik", "Сотрудник")).references("employees"),
        text(
            "type_id",
            label("Item type", "Rodzaj sprzętu", "Вид техники"),
        )
        .references("dictionaries"),
        text("vendor", label("Brand", "Producent", "Производитель")),
        text("model", label("Model", "Model", "Модель")),
        text(
            "serial",
            label("Serial number", "Numer seryjny", "Серийный номер"),
        )
        .identifier(),
        text("issue", label("Fault", "Opis usterki", "Неисправность")).personal(),
        text(
            "internal_remarks",
            label("Internal remarks", "Uwagi wewnętrzne", "Внутренние заметки"),
        )
        .personal(),
        flag(
            "warranty",
            label("Under warranty", "Gwarancja", "По гарантии"),
        ),
        date(
            "warranty_purchase_date",
            label("Purchased on", "Data zakupu", "Дата покупки"),
        ),
        text(
            "warranty_purchase_document",
            label("Proof of purchase", "Dowód zakupu", "Документ о покупке"),
        )
        .identifier(),
        list(
            "additional_items",
            "item",
            label(
                "Additional items",
                "Dodatkowe przedmioty",
                "Дополнительные предметы",
            ),
            vec![
                text("name", label("Name", "Nazwa", "Название")).required(),
                text(
                    "serial",
                    label("Serial number", "Numer seryjny", "Серийный номер"),
                )
                .identifier(),
                text("remarks", label("Remarks", "Uwagi", "Примечание")),
            ],
        ),
    ]
}

/// How the repair goes.
fn course() -> Vec<Column> {
    vec![
        Column::new(
            "status",
            choices::repair_status(),
            label("Status", "Status", "Статус"),
        )
        .required(),
        Column::new(
            "delivery",
            choices::handover(),
            label("Brought", "Dostarczenie", "Доставка"),
        ),
        Column::new(
            "collection",
            choices::handover(),
            label("Collection", "Odbiór", "Выдача"),
        ),
        text(
            "pick_up_address_id",
            label("Pick-up address", "Adres odbioru", "Адрес забора"),
        )
        .references("customer_addresses"),
        text(
            "return_address_id",
            label("Return address", "Adres zwrotu", "Адрес возврата"),
        )
        .references("customer_addresses"),
        instant("created_at", label("Created", "Utworzono", "Создан")),
        instant("started_at", label("Started", "Rozpoczęto", "Начат")),
        instant(
            "finish_date_estimated",
            label(
                "Estimated finish",
                "Szacowane zakończenie",
                "Оценка окончания",
            ),
        ),
        instant("finished_at", label("Finished", "Zakończono", "Завершён")),
        instant(
            "updated_at",
            label("Last changed", "Ostatnia zmiana", "Изменён"),
        ),
    ]
}

/// What was found, offered, done and paid.
fn outcome() -> Vec<Column> {
    vec![
        money(
            "price_estimated",
            label(
                "Estimated net price",
                "Szacowana cena netto",
                "Оценка цены нетто",
            ),
        ),
        vat(
            "price_estimated_vat",
            label("Estimate's VAT %", "VAT % szacunku", "НДС % оценки"),
        ),
        money("advance_amount", label("Advance", "Zaliczka", "Аванс")),
        money("price_net", label("Net price", "Cena netto", "Цена нетто")),
        vat("vat", label("VAT %", "VAT %", "НДС %")),
        text("diagnosis", label("Diagnosis", "Diagnoza", "Диагноз")).personal(),
        text("summary", label("Summary", "Podsumowanie", "Итог")).personal(),
        integer(
            "warranty_period",
            label(
                "Warranty, months",
                "Gwarancja, miesiące",
                "Гарантия, месяцы",
            ),
        ),
        list(
            "offers",
            "offer",
            label("Offers", "Oferty", "Предложения"),
            vec![
                text("title", label("Title", "Tytuł", "Название")),
                text("description", label("Description", "Opis", "Описание")),
                money("price_net", label("Net price", "Cena netto", "Цена нетто")),
                vat("vat", label("VAT %", "VAT %", "НДС %")),
                flag("accepted", label("Accepted", "Przyjęta", "Принято")),
            ],
        ),
        list(
            "stock_links",
            "stock_link",
            label("Parts used", "Użyte podzespoły", "Использованные запчасти"),
            vec![
                text("part_id", label("Part", "Podzespół", "Запчасть"))
                    .required()
                    .references("parts"),
                text("delivery_id", label("Delivery", "Dostawa", "Поставка"))
                    .references("part_deliveries"),
                quantity("quantity", label("Quantity", "Ilość", "Количество")).required(),
                unit_price(
                    "price_net",
                    label("Net unit price", "Cena netto", "Цена нетто"),
                ),
                vat("vat", label("VAT %", "VAT %", "НДС %")),
            ],
        ),
    ]
}

/// Work done on repairs ("czynności naprawcze").
pub(super) fn repair_actions() -> Table {
    let mut table = shop_table(
        "repair_actions",
        "repair_action",
        label("Repair actions", "Czynności naprawcze", "Работы по ремонту"),
        vec![
            text("repair_id", label("Repair", "Naprawa", "Ремонт"))
                .required()
                .references("repairs"),
            text("employee_id", label("Employee", "Pracownik", "Сотрудник"))
                .references("employees"),
            text("name", label("Action", "Czynność", "Работа")).required(),
            text("remarks", label("Remarks", "Uwagi", "Примечание")).personal(),
            instant("performed_at", label("When", "Kiedy", "Когда")),
            quantity("quantity", label("Quantity", "Ilość", "Количество")),
            quantity("hours_spent", label("Hours", "Godziny", "Часы")),
            money("price_net", label("Net price", "Cena netto", "Цена нетто")),
            vat("vat", label("VAT %", "VAT %", "НДС %")),
        ],
    );
    table.indexes = vec![vec!["repair_id".into()]];
    table
}
