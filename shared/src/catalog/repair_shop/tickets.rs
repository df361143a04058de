use super::{
    choices,
    fields::{custom_values, flag, instant, integer, list, money, quantity, shop_table, text, vat},
};
use crate::catalog::{Column, Table, label};

/// Service calls ("zgłoszenia").
pub(super) fn tickets() -> Table {
    let mut table = shop_table(
        "tickets",
        "ticket",
        label("Tickets", "Zgłoszenia", "Заявки"),
        vec![
            text("number", label("Number", "Numer zgłoszenia", "Номер"))
                .required()
                .identifier(),
            text("customer_id", label("Customer", "Klient", "Клиент")).references("customers"),
            text("employee_id", label("Employee", "Pracownik", "Сотрудник"))
                .references("employees"),
            text("type_id", label("Category", "Kategoria", "Категория")).references("dictionaries"),
            text("issue", label("Description", "Opis", "Описание")).personal(),
            text("priority", label("Priority", "Priorytet", "Приоритет")),
            text("address_id", label("Address", "Adres", "Адрес")).references("customer_addresses"),
            text(
                "address_remarks",
                label("Address remarks", "Uwagi do adresu", "Примечание к адресу"),
            )
            .personal(),
            Column::new(
                "status",
                choices::ticket_status(),
                label("Status", "Status", "Статус"),
            )
            .required(),
            instant("created_at", label("Created", "Utworzono", "Создана")),
            instant(
                "scheduled_on",
                label("Planned from", "Zaplanowano od", "План с"),
            ),
            instant(
                "scheduled_to",
                label("Planned to", "Zaplanowano do", "План до"),
            ),
            instant("started_on", label("Started", "Rozpoczęto", "Начата")),
            instant("finished_at", label("Finished", "Zakończono", "Завершена")),
            text("payment_type", label("Payment", "Płatność", "Оплата")),
            money(
                "amount_net",
                label("Net amount", "Kwota netto", "Сумма нетто"),
            ),
            vat("vat", label("VAT %", "VAT %", "НДС %")),
            quantity("hours_spent", label("Hours", "Godziny", "Часы")),
            flag("paid", label("Paid", "Opłacone", "Оплачена")),
            integer("rating", label("Rating", "Ocena", "Оценка")),
            devices(),
            custom_values(),
        ],
    );
    table.subject = Some("customer_id".into());
    table.indexes = vec![vec!["customer_id".into()], vec!["number".into()]];
    table
}

/// Devices a ticket is about, with the values of the device form's custom fields.
fn devices() -> Column {
    list(
        "devices",
        "device",
        label("Devices", "Urządzenia", "Устройства"),
        vec![
            text("number", label("Number", "Numer", "Номер")).identifier(),
            text("type_id", label("Type", "Rodzaj", "Вид")).references("dictionaries"),
            text("vendor", label("Brand", "Producent", "Производитель")),
            text("model", label("Model", "Model", "Модель")),
            text(
                "serial",
                label("Serial number", "Numer seryjny", "Серийный номер"),
            )
            .identifier(),
            text(
                "additional_items",
                label("Additional items", "Dodatkowe przedmioty", "Дополнительно"),
            ),
            text(
                "sale_document",
                label("Proof of purchase", "Dowód zakupu", "Документ о покупке"),
            )
            .identifier(),
            custom_values(),
        ],
    )
}

/// Work done on tickets.
pub(super) fn ticket_actions() -> Table {
    let mut table = shop_table(
        "ticket_actions",
        "ticket_action",
        label("Ticket actions", "Czynności zgłoszeń", "Работы по заявкам"),
        vec![
            text("ticket_id", label("Ticket", "Zgłoszenie", "Заявка"))
                .required()
                .references("tickets"),
            text("employee_id", label("Employee", "Pracownik", "Сотрудник"))
                .references("employees"),
            instant("performed_at", label("When", "Kiedy", "Когда")),
            text("remarks", label("Remarks", "Uwagi", "Примечание")).personal(),
            quantity("hours_spent", label("Hours", "Godziny", "Часы")),
        ],
    );
    table.indexes = vec![vec!["ticket_id".into()]];
    table
}
