use std::{fs::File, io::BufWriter, path::Path};

use anyhow::Context;
use wynos::{
    exchange::{Header, Passwords, ProfileName, Writer},
    sample::Shop,
};

/// Writes a made-up shop's exchange file, as another system would hand it over; gives the number of rows.
pub(super) fn write_exchange_file(shop: &Shop, path: &Path) -> anyhow::Result<u64> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let header = Header::new(shop.origin.clone(), shop.today, ProfileName::Full);
    let mut writer = Writer::new(BufWriter::new(file), &header, Passwords::LeaveOut)?;
    for table in shop.tables() {
        // The profile full carries every declared column, which is what the shop gives.
        writer.section(&table.name)?;
        for batch in shop.batches(table) {
            writer.rows(&batch)?;
        }
    }
    let (file, totals) = writer.finish()?;
    file.into_inner().context("the exchange file could not be finished")?.sync_all()?;
    Ok(totals.sections.iter().map(|section| section.rows).sum())
}
