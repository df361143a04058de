use super::Bed;

/// Compares the living rows of these tables with the vendor's truth, row by row and column by column; gives what differs.
pub(crate) async fn differences(bed: &Bed, tables: &[&str]) -> Vec<String> {
    let services = bed.services();
    let warehouse = services.warehouses.open(&bed.stack.shop);
    let copy = warehouse.snapshot().await.unwrap();
    let compared = bed.sandbox.compare(&copy, &bed.source, bed.company, tables);
    let compared = compared.await.unwrap();
    assert!(compared.rows > 0, "{tables:?} have no truth");
    compared.differences
}
