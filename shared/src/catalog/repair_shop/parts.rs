use super::fields::{date, integer, money, quantity, shop_table, text, unit_price, vat};
use crate::catalog::{Table, label};

/// Stock cards ("podzespoły").
pub(super) fn parts() -> Table {
    let mut table = shop_table(
        "parts",
        "part",
        label("Parts", "Podzespoły", "Запчасти"),
        vec![
            text("type_id", label("Type", "Rodzaj", "Вид")).references("dictionaries"),
            text("name", label("Name", "Nazwa", "Название")).required(),
            text(
                "part_number",
                label("Part number", "Numer katalogowy", "Артикул"),
            )
            .identifier(),
            text("description", label("Description", "Opis", "Описание")),
            text("remarks", label("Remarks", "Uwagi", "Примечание")),
            text("url", label("Address", "Adres WWW", "Ссылка")),
            quantity(
                "min_quantity",
                label("Minimum stock", "Stan minimalny", "Минимальный остаток"),
            ),
            money(
                "srp",
                label(
                    "Retail net price",
                    "Cena detaliczna netto",
                    "Розничная цена нетто",
                ),
            ),
            vat("vat", label("VAT %", "VAT %", "НДС %")),
            integer(
                "warranty_period",
                label(
                    "Warranty, months",
                    "Gwarancja, miesiące",
                    "Гарантия, месяцы",
                ),
            ),
        ],
    );
    table.indexes = vec![vec!["part_number".into()]];
    table
}

/// Deliveries of parts, with what came and what is left.
pub(super) fn part_deliveries() -> Table {
    let mut table = shop_table(
        "part_deliveries",
        "part_delivery",
        label("Part deliveries", "Dostawy", "Поставки"),
        vec![
            text("part_id", label("Part", "Podzespół", "Запчасть"))
                .required()
                .references("parts"),
            text("supplier", label("Supplier", "Dostawca", "Поставщик")),
            text(
                "serial",
                label("Serial number", "Numer seryjny", "Серийный номер"),
            )
            .identifier(),
            unit_price(
                "price_net",
                label("Net unit price", "Cena netto", "Цена нетто"),
            ),
            vat("vat", label("VAT %", "VAT %", "НДС %")),
            quantity("quantity", label("Received", "Ilość przyjęta", "Получено")).required(),
            quantity("quantity_left", label("Left", "Ilość pozostała", "Остаток")).required(),
            quantity(
                "reserved_quantity",
                label("Reserved", "Zarezerwowano", "Зарезервировано"),
            ),
            date(
                "purchased_at",
                label("Purchased on", "Data zakupu", "Дата покупки"),
            ),
            text(
                "invoice_signature",
                label("Invoice", "Numer faktury", "Счёт"),
            )
            .identifier(),
            text("warehouse", label("Warehouse", "Magazyn", "Склад")),
        ],
    );
    table.indexes = vec![vec!["part_id".into()]];
    table
}
