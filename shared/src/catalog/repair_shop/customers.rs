use super::{
    choices,
    fields::{custom_values, flag, instant, list, shop_table, text},
};
use crate::catalog::{Column, ColumnType, Table, label};

/// Persons and companies whose things are repaired.
pub(super) fn customers() -> Table {
    let mut table = shop_table(
        "customers",
        "customer",
        label("Customers", "Klienci", "Клиенты"),
        vec![
            Column::new(
                "type",
                choices::customer_type(),
                label("Kind", "Rodzaj", "Вид"),
            )
            .required(),
            text("person", label("Name", "Imię i nazwisko", "Имя")).personal(),
            text("company_name", label("Company", "Nazwa firmy", "Компания")).personal(),
            text(
                "tax_prefix",
                label("Tax id prefix", "Prefiks NIP", "Префикс ИНН"),
            )
            .identifier(),
            text("tax_id", label("Tax id", "NIP", "ИНН"))
                .personal()
                .identifier(),
            text("email", label("E-mail", "E-mail", "Эл. почта")).personal(),
            text("phone", label("Phone", "Telefon", "Телефон"))
                .personal()
                .identifier(),
            list(
                "other_phones",
                "phone",
                label("Other phones", "Inne telefony", "Другие телефоны"),
                vec![
                    text("number", label("Number", "Numer", "Номер"))
                        .required()
                        .personal()
                        .identifier(),
                    text("remarks", label("Remarks", "Uwagi", "Примечание")).personal(),
                ],
            )
            .personal(),
            text("login", label("Login", "Login", "Логин")).personal(),
            flag(
                "internet_access",
                label("Online access", "Dostęp przez internet", "Доступ онлайн"),
            ),
            flag("is_anonymous", label("Anonymous", "Anonimowy", "Анонимный")),
            text("group_id", label("Group", "Grupa", "Группа")).references("dictionaries"),
            text(
                "time_zone",
                label("Time zone", "Strefa czasowa", "Часовой пояс"),
            ),
            text("remarks", label("Remarks", "Uwagi", "Примечание")).personal(),
            list(
                "consents",
                "consent",
                label("Consents", "Zgody", "Согласия"),
                vec![
                    Column::new(
                        "type",
                        choices::agreement_type(),
                        label("Kind", "Rodzaj", "Вид"),
                    )
                    .required(),
                    text("title", label("Title", "Tytuł", "Название")),
                    flag("accepted", label("Accepted", "Wyrażona", "Дано")).required(),
                    instant("accepted_at", label("When", "Kiedy", "Когда")),
                ],
            )
            .personal(),
            custom_values(),
            instant("created_at", label("Created", "Utworzono", "Создан")),
        ],
    );
    table.subject = Some("id".into());
    table.indexes = vec![
        vec!["phone".into()],
        vec!["email".into()],
        vec!["tax_id".into()],
    ];
    table
}

/// Addresses of customers.
pub(super) fn customer_addresses() -> Table {
    const COORDINATE: ColumnType = ColumnType::Decimal { scale: 7 };
    let mut table = shop_table(
        "customer_addresses",
        "customer_address",
        label("Addresses", "Adresy", "Адреса"),
        vec![
            text("customer_id", label("Customer", "Klient", "Клиент"))
                .required()
                .references("customers"),
            Column::new(
                "type",
                choices::address_type(),
                label("Kind", "Rodzaj", "Вид"),
            )
            .required(),
            text("street", label("Street", "Ulica", "Улица")).personal(),
            text("building", label("Building", "Numer", "Дом"))
                .personal()
                .identifier(),
            text("city", label("City", "Miejscowość", "Город")).personal(),
            text(
                "postal_code",
                label("Postal code", "Kod pocztowy", "Индекс"),
            )
            .personal()
            .identifier(),
            text("country", label("Country", "Kraj", "Страна")),
            Column::new(
                "latitude",
                COORDINATE,
                label("Latitude", "Szerokość geograficzna", "Широта"),
            )
            .personal(),
            Column::new(
                "longitude",
                COORDINATE,
                label("Longitude", "Długość geograficzna", "Долгота"),
            )
            .personal(),
        ],
    );
    table.subject = Some("customer_id".into());
    table.indexes = vec![vec!["customer_id".into()]];
    table
}
