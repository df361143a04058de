use super::{
    choices,
    fields::{flag, integer, list, shop_table, text},
};
use crate::catalog::{Column, Table, label};

/// Item types, part types, ticket categories and customer groups.
pub(super) fn dictionaries() -> Table {
    shop_table(
        "dictionaries",
        "dictionary",
        label("Dictionaries", "Słowniki", "Справочники"),
        vec![
            Column::new(
                "type",
                choices::dictionary_type(),
                label("Kind", "Rodzaj", "Вид"),
            )
            .required(),
            text("name", label("Name", "Nazwa", "Название")).required(),
            text(
                "auxiliary_id",
                label("Own code", "Identyfikator pomocniczy", "Свой код"),
            )
            .identifier(),
        ],
    )
}

/// The shop's own fields on its forms.
pub(super) fn custom_fields() -> Table {
    shop_table(
        "custom_fields",
        "custom_field",
        label("Custom fields", "Pola własne", "Свои поля"),
        vec![
            Column::new(
                "form",
                choices::custom_field_form(),
                label("Form", "Formularz", "Форма"),
            )
            .required(),
            Column::new(
                "type",
                choices::custom_field_type(),
                label("Type", "Typ", "Тип"),
            )
            .required(),
            text("name", label("Name", "Nazwa", "Название")).required(),
            text("description", label("Description", "Opis", "Описание")),
            flag("required", label("Required", "Wymagane", "Обязательно")).required(),
            list(
                "select_options",
                "option",
                label("Options", "Opcje", "Варианты"),
                vec![text("value", label("Value", "Wartość", "Значение")).required()],
            ),
            text(
                "concern_id",
                label(
                    "Only for item type",
                    "Tylko dla rodzaju sprzętu",
                    "Только для вида техники",
                ),
            )
            .references("dictionaries"),
            integer("position", label("Position", "Kolejność", "Порядок")),
        ],
    )
}

/// People who work in the shop.
pub(super) fn employees() -> Table {
    shop_table(
        "employees",
        "employee",
        label("Employees", "Pracownicy", "Сотрудники"),
        vec![
            text("display_name", label("Name", "Imię i nazwisko", "Имя"))
                .required()
                .personal(),
            text("email", label("E-mail", "E-mail", "Эл. почта")).personal(),
            text("phone", label("Phone", "Telefon", "Телефон"))
                .personal()
                .identifier(),
            text("service_supplier", label("Branch", "Oddział", "Филиал")),
            flag("active", label("Active", "Aktywny", "Активен")),
        ],
    )
}
