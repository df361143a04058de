//! Prints the description of a warehouse's tables as it follows from the catalog:
//! `cargo run -p wynos --example warehouse_document > docs/warehouse.md`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(wynos::warehouse::generate_document().as_bytes())
}
