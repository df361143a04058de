//! What an exchange file promises, tried on whole files.

mod data;
mod fields;
mod mutation;
mod passwords;
mod refused;
mod rejected;
mod round_trip;
mod schema;
mod snapshot;
mod writer;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    Header, Item, Limits, Notice, Passwords, ProfileName, ReadError, Reader, RowProblem,
    SectionTotal, Totals, Writer,
};
use crate::warehouse::{Rows, Value};

/// Rows by table, each with every column that the section's file carries.
type Data = BTreeMap<String, Vec<Vec<Value>>>;

/// Everything that a reader gave.
#[derive(Debug, Default)]
struct Read {
    header: Option<Header>,
    data: Data,
    problems: Vec<RowProblem>,
    notices: Vec<Notice>,
    ends: Vec<SectionTotal>,
    trailer: Option<Vec<SectionTotal>>,
}

fn header(profile: ProfileName) -> Header {
    let created_at: DateTime<Utc> = "2026-03-04T05:06:07Z".parse().unwrap();
    let mut header = Header::new("demoshop1".parse().unwrap(), created_at, profile);
    header.generator = "wynos test".to_owned();
    header
}

fn write(header: &Header, data: &Data) -> Vec<u8> {
    write_with(header, data, Passwords::LeaveOut).0
}

fn write_with(header: &Header, data: &Data, passwords: Passwords<'_>) -> (Vec<u8>, Totals) {
    let mut writer = Writer::new(Vec::new(), header, passwords).unwrap();
    for section in &super::Profile::of(header.profile).sections {
        let Some(rows) = data.get(section.table.name.as_ref()) else {
            continue;
        };
        let section = writer.section(&section.table.name).unwrap();
        let mut batch = Rows::new(section.columns.len());
        for row in rows {
            batch.push_values(row);
        }
        writer.rows(&batch).unwrap();
    }
    writer.finish().unwrap()
}

fn read(file: &[u8]) -> Result<Read, ReadError> {
    read_with(file, Limits::default())
}

fn read_with(file: impl std::io::Read, limits: Limits) -> Result<Read, ReadError> {
    let mut reader = Reader::new(file, limits)?;
    let mut read = Read::default();
    let mut table = String::new();
    while let Some(item) = reader.next()? {
        match item {
            Item::Header(header) => read.header = Some(header),
            Item::Section(section) => {
                table = section.table.name.clone().into_owned();
                read.data.insert(table.clone(), Vec::new());
            }
            Item::Batch(batch) => {
                assert_eq!(batch.rows.len(), batch.places.len());
                let rows = read.data.get_mut(&table).unwrap();
                for row in batch.rows.iter() {
                    rows.push(
                        row.values()
                            .map(crate::warehouse::ValueRef::to_owned)
                            .collect(),
                    );
                }
            }
            Item::Problem(problem) => read.problems.push(problem),
            Item::Notice(notice) => read.notices.push(notice),
            Item::SectionEnd(total) => read.ends.push(total),
            Item::Trailer(totals) => read.trailer = Some(totals),
        }
    }
    assert_eq!(read.trailer.as_ref(), Some(&read.ends));
    Ok(read)
}

/// The file after its header: what equal data makes equal.
fn body(file: &[u8]) -> &[u8] {
    let end = b"</header>";
    let at = file
        .windows(end.len())
        .position(|window| window == end)
        .unwrap();
    &file[at..]
}

/// A file of the profile `full` written by hand: its header and trailer state no digests.
fn by_hand(sections: &str, trailer: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<wynos xmlns=\"urn:wynos:exchange:1\" version=\"1.0\">\n<header>\
         <origin>othershop</origin><created_at>2026-01-01T00:00:00+01:00</created_at>\
         <profile>full</profile></header>\n{sections}\n<trailer>{trailer}</trailer></wynos>"
    )
}
