//! Prints the exchange format's XML schema as it follows from the catalog:
//! `cargo run -p wynos --example exchange_schema > docs/exchange-v1.xsd`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(wynos::exchange::generate_schema().as_bytes())
}
