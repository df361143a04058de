//! Writing: rows go straight into a block of bytes, which goes to the output when it is full.

mod cell;
mod list;
mod output;

use std::io::Write;

use self::{list::Lists, output::Output};
use super::{
    Header, NAMESPACE, PLACEHOLDER_PHONE, Profile, ProfileName, ROOT, Rewrite, Section, TRAILER,
    VERSION, WriteError,
    text::{Position, escape},
    value,
};
use crate::warehouse::{Row, Rows, ValueRef};

/// Decrypts a stored PASSWORD value.
pub type Reveal<'a> =
    dyn FnMut(&str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> + Send + 'a;

/// What becomes of the values of PASSWORD custom fields. Ciphertext never leaves.
pub enum Passwords<'a> {
    /// They stay at home.
    LeaveOut,
    /// They leave as plain text, because the owner ticked them; only the profile `full` can.
    Include(Box<Reveal<'a>>),
}

/// How many rows a section has, and the digest of its bytes from the `<` of its start tag to the `>` of its end tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionTotal {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Every section of the profile, in order.
    pub sections: Vec<SectionTotal>,
    /// Bytes of the whole file.
    pub bytes: u64,
    /// Custom values that stayed at home: of PASSWORD fields that were not asked for, and of fields that are not in the
    /// file, without which a value means nothing.
    pub values_left_out: u64,
}

/// Writes an exchange file as its rows come, in bounded memory.
///
/// Sections are begun in the profile's order; one that is passed over is written empty. The writer never flushes the
/// output.
pub struct Writer<'a, W: Write> {
    output: Output<W>,
    profile: &'static Profile,
    totals: Vec<SectionTotal>,
    open: Option<Open>,
    lists: Lists<'a>,
}

/// The section that is being written.
struct Open {
    section: &'static Section,
    width: usize,
    rows: u64,
    last_id: String,
}

impl<'a, W: Write> Writer<'a, W> {
    /// Begins a file: its header says what `header` says, but for `passwords`, which follows from the other argument.
    ///
    /// # Errors
    /// The output refuses, or passwords are asked for in `basic`.
    pub fn new(inner: W, header: &Header, passwords: Passwords<'a>) -> Result<Self, WriteError> {
        let with_passwords = matches!(passwords, Passwords::Include(_));
        if with_passwords && header.profile != ProfileName::Full {
            return Err(WriteError::PasswordsInBasic);
        }
        let mut output = Output::new(inner);
        push_prolog(header, with_passwords, output.bytes());
        output.relieve()?;
        Ok(Self {
            output,
            profile: Profile::of(header.profile),
            totals: Vec::new(),
            open: None,
            lists: Lists::new(passwords),
        })
    }

    /// Begins the section of a table, after the end of the one before, and gives it. Its rows are the answer to
    /// [`Section::scan`].
    ///
    /// # Errors
    /// The profile has no such section, or it should have come earlier.
    pub fn section(&mut self, table: &str) -> Result<&'static Section, WriteError> {
        self.end_section()?;
        let profile = self.profile;
        let place = profile
            .sections
            .iter()
            .position(|section| section.table.name == table)
            .filter(|&place| place >= self.totals.len());
        let Some(place) = place else {
            return Err(WriteError::Section {
                profile: profile.name.as_str(),
                table: table.to_owned(),
            });
        };
        self.write_empty_until(place)?;
        let Some(section) = profile.sections.get(place) else {
            return Err(WriteError::Section {
                profile: profile.name.as_str(),
                table: table.to_owned(),
            });
        };
        self.begin(section);
        Ok(section)
    }

    /// Writes rows of the open section, whose columns are those of the [`Section`].
    ///
    /// # Errors
    /// The output refuses, the rows are not of the section's columns or not in the order of their ids' bytes, or a value
    /// is not of its column's type.
    pub fn rows(&mut self, rows: &Rows) -> Result<(), WriteError> {
        for row in rows.iter() {
            self.row(row)?;
        }
        Ok(())
    }

    /// Writes one row; see [`Self::rows`].
    ///
    /// # Errors
    /// Those of [`Self::rows`].
    pub fn row(&mut self, row: Row<'_>) -> Result<(), WriteError> {
        let Some(open) = &mut self.open else {
            return Err(WriteError::Width {
                expected: 0,
                found: row.width(),
            });
        };
        if row.width() != open.width {
            return Err(WriteError::Width {
                expected: open.width,
                found: row.width(),
            });
        }
        let section = open.section;
        let ValueRef::Text(id) = row.get(0) else {
            return Err(value_error(section, "", "id", "no text"));
        };
        if open.rows > 0 && id <= open.last_id.as_str() {
            return Err(WriteError::Order {
                table: section.table.name.clone().into_owned(),
                id: id.to_owned(),
            });
        }
        open.rows += 1;
        open.last_id.clear();
        open.last_id.push_str(id);
        self.lists.note_field(section, row)?;
        let out = self.output.bytes();
        push_row(section, id, row, &mut self.lists, out)?;
        self.output.relieve()?;
        Ok(())
    }

    /// Writes the sections that were not begun as empty ones and the trailer, and gives the output back, unflushed.
    ///
    /// # Errors
    /// The output refuses.
    pub fn finish(mut self) -> Result<(W, Totals), WriteError> {
        self.end_section()?;
        self.write_empty_until(self.profile.sections.len())?;
        let out = self.output.bytes();
        open_tag(TRAILER, out);
        out.push(b'\n');
        for total in &self.totals {
            value::push_display(
                format_args!(
                    "<section name=\"{}\" rows=\"{}\" sha256=\"{}\"/>\n",
                    total.table, total.rows, total.sha256
                ),
                out,
            );
        }
        close_tag(TRAILER, out);
        out.push(b'\n');
        close_tag(ROOT, out);
        out.push(b'\n');
        let values_left_out = self.lists.left_out();
        let (inner, bytes) = self.output.finish()?;
        Ok((
            inner,
            Totals {
                sections: self.totals,
                bytes,
                values_left_out,
            },
        ))
    }

    fn write_empty_until(&mut self, place: usize) -> Result<(), WriteError> {
        let profile = self.profile;
        let passed_over = profile.sections.get(self.totals.len()..place);
        for section in passed_over.unwrap_or_default() {
            self.begin(section);
            self.end_section()?;
        }
        Ok(())
    }

    fn begin(&mut self, section: &'static Section) {
        self.output.begin_digest();
        let out = self.output.bytes();
        open_tag(&section.table.name, out);
        out.push(b'\n');
        self.open = Some(Open {
            section,
            width: section.columns.len(),
            rows: 0,
            last_id: String::new(),
        });
    }

    fn end_section(&mut self) -> Result<(), WriteError> {
        if let Some(open) = self.open.take() {
            let table = open.section.table.name.as_ref();
            close_tag(table, self.output.bytes());
            let sha256 = self.output.end_digest();
            self.output.bytes().push(b'\n');
            self.totals.push(SectionTotal {
                table: table.to_owned(),
                rows: open.rows,
                sha256,
            });
            self.output.relieve()?;
        }
        Ok(())
    }
}

fn push_prolog(header: &Header, passwords: bool, out: &mut Vec<u8>) {
    let mut fields = Vec::new();
    fields.push(b'\n');
    let mut field = |name: &str, text: &[u8]| {
        open_tag(name, &mut fields);
        fields.extend_from_slice(text);
        close_tag(name, &mut fields);
        fields.push(b'\n');
    };
    let mut created_at = Vec::new();
    value::push_instant(header.created_at, &mut created_at);
    let mut generator = Vec::new();
    escape(&header.generator, Position::Content, &mut generator);
    field("origin", header.origin.as_str().as_bytes());
    field("created_at", &created_at);
    field("profile", header.profile.as_str().as_bytes());
    field("passwords", if passwords { b"true" } else { b"false" });
    field("generator", &generator);
    close_tag("header", &mut fields);
    value::push_display(
        format_args!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{ROOT} xmlns=\"{NAMESPACE}\" version=\"{VERSION}\">\n\
             <header sha256=\"{}\">",
            output::digest(&fields)
        ),
        out,
    );
    out.extend_from_slice(&fields);
    out.push(b'\n');
}

fn push_row(
    section: &Section,
    id: &str,
    row: Row<'_>,
    lists: &mut Lists<'_>,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    let singular = section.table.singular.as_bytes();
    out.push(b'<');
    out.extend_from_slice(singular);
    out.extend_from_slice(b" id=\"");
    escape(id, Position::Attribute, out);
    out.extend_from_slice(b"\">");
    for (column, value) in section.columns.iter().zip(row.values()).skip(1) {
        let value = match (&column.rewrite, value) {
            (Rewrite::PlaceholderPhone, ValueRef::Null) => ValueRef::Text(PLACEHOLDER_PHONE),
            (Rewrite::PlaceholderPhone, ValueRef::Text(text)) if text.trim().is_empty() => {
                ValueRef::Text(PLACEHOLDER_PHONE)
            }
            (_, value) => value,
        };
        cell::push(&column.column, value, lists, out)
            .map_err(|fault| fault.of(section, id, &column.column.name))?;
    }
    close_tag(&section.table.singular, out);
    out.push(b'\n');
    Ok(())
}

fn value_error(section: &Section, id: &str, column: &str, problem: &'static str) -> WriteError {
    WriteError::Value {
        table: section.table.name.clone().into_owned(),
        id: id.to_owned(),
        column: column.to_owned(),
        problem,
    }
}

fn open_tag(name: &str, out: &mut Vec<u8>) {
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}

fn close_tag(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}
