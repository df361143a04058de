use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        FileFault, Place, Problem, ReadError, Rewrite, RowProblem, Section, SectionTotal, TRAILER,
        list::{self, element, missing, stray, unknown_attribute, unknown_element},
        problem::{Fault, shorten},
        pull::{self, Child},
        row::Slot,
        text, value,
    },
    Open, Reader, State, Step, Told,
};
use crate::{catalog, checks::phone, warehouse::Rows};

/// A batch is given out once it has so many rows, or so many bytes of text.
const BATCH_ROWS: usize = 1_000;
const BATCH_TEXT: usize = 1024 * 1024;
/// The most unknown sections that a file of a newer minor version may have.
const MOST_SKIPPED: usize = 64;

/// Bytes of text in a row that is rejected and still kept for its problem.
const LONGEST_KEPT: usize = 64 << 10;

/// What stands between two sections.
enum Between {
    Section(String),
    End,
    Nothing,
    Refused(FileFault),
}

/// What stands between two rows.
enum Start {
    Row(Result<(), Fault>),
    Unknown(Fault),
}

impl<R: Read> Reader<R> {
    /// Reads up to the next section's start tag, or the trailer.
    pub(super) fn read_between(&mut self) -> Result<Option<Step>, ReadError> {
        self.pull.begin_digest();
        let between = match self.pull.next()? {
            Event::Start(start) => match element(&start, |name| Some(name.to_owned())) {
                Ok(Ok(name)) => Between::Section(name),
                Ok(Err(fault)) => Between::Refused(FileFault::Malformed(format!(
                    "a section with the attribute {}",
                    fault.found
                ))),
                Err(fault) => Between::Refused(fault),
            },
            Event::End(_) => Between::End,
            Event::Text(text) if value::trim(&text).is_empty() => Between::Nothing,
            Event::Comment(_) | Event::PI(_) => Between::Nothing,
            _ => Between::Refused(FileFault::Malformed("text between sections".to_owned())),
        };
        let fault = match between {
            Between::Nothing => return Ok(None),
            Between::Section(name) if name == TRAILER => {
                self.read_trailer()?;
                self.state = State::Done;
                return Ok(Some(Step::Trailer));
            }
            Between::Section(name) => return self.begin_section(&name),
            Between::End => section_fault(TRAILER, "is missing at the end"),
            Between::Refused(fault) => fault,
        };
        Err(self.pull.fail(fault))
    }

    fn begin_section(&mut self, name: &str) -> Result<Option<Step>, ReadError> {
        let sections = &self.profile.sections;
        let position = |name: &str| {
            sections
                .iter()
                .position(|section| section.table.name == name)
        };
        let Some((at, section)) = position(name).and_then(|at| Some((at, sections.get(at)?)))
        else {
            return self.unknown_section(name);
        };
        let last = self.totals.last().and_then(|total| position(&total.table));
        if last.is_some_and(|last| last >= at) {
            let problem = "comes twice, or later than the catalog's order allows";
            return Err(self.pull.fail(section_fault(name, problem)));
        }
        self.rows = Rows::new(section.columns.len());
        self.open = Some(Open { section, rows: 0 });
        self.state = State::Inside;
        Ok(Some(Step::Section(section)))
    }

    fn unknown_section(&mut self, name: &str) -> Result<Option<Step>, ReadError> {
        let problem = if catalog::table(name).is_some() {
            "does not belong to the file's profile"
        } else if !self.newer_minor || self.skipped_sections.len() == MOST_SKIPPED {
            "is unknown"
        } else {
            let name = shorten(name);
            self.tell_skipped(None, &name);
            self.skipped_sections.push(name);
            self.pull.skip_element()?;
            return Ok(None);
        };
        Err(self.pull.fail(section_fault(&shorten(name), problem)))
    }

    /// Reads one row, or the section's end.
    pub(super) fn read_row(&mut self) -> Result<Option<Step>, ReadError> {
        let Some(Open { section, .. }) = self.open else {
            self.state = State::Between;
            return Ok(None);
        };
        let id = &mut self.id;
        id.clear();
        let mut line_feeds = 0;
        let child = self.pull.child(|start| {
            line_feeds = start.bytes().filter(|&byte| byte == b'\n').count() as u64;
            if start.name().as_ref() == section.table.singular {
                row_id(start, id).map(Start::Row)
            } else {
                Ok(Start::Unknown(unknown_element(start.name().as_ref())))
            }
        })?;
        self.row.begin(section.columns.len());
        let mut at = self.pull.event_place(line_feeds);
        match child {
            Child::Start(Start::Row(id)) => {
                if let Some(open) = &mut self.open {
                    open.rows += 1;
                }
                if let Err(fault) = id {
                    self.row.reject(Some("id".to_owned()), fault);
                }
                self.read_cells(section)?;
                self.finish_row(section, at);
            }
            Child::Start(Start::Unknown(fault)) => {
                self.row.reject(None, fault);
                self.pull.skip_element()?;
                self.settle(section, at);
            }
            Child::Stray(found) => {
                at = self.pull.place();
                self.row.reject(None, stray(&found));
                self.settle(section, at);
            }
            Child::End => {
                self.end_section(section);
                return Ok((!self.rows.is_empty()).then_some(Step::Batch));
            }
        }
        let full = self.rows.len() >= BATCH_ROWS || self.rows.text_len() >= BATCH_TEXT;
        Ok(full.then_some(Step::Batch))
    }

    fn end_section(&mut self, section: &Section) {
        let rows = self.open.take().map_or(0, |open| open.rows);
        self.totals.push(SectionTotal {
            table: section.table.name.clone().into_owned(),
            rows,
            sha256: self.pull.end_digest(),
        });
        self.state = State::SectionEnding;
    }

    fn read_cells(&mut self, section: &Section) -> Result<(), ReadError> {
        // Columns mostly come in order, so that the next one is nearly always the expected one.
        let mut expected = 1;
        let mut seen = 0u128;
        loop {
            let child = self
                .pull
                .child(|start| element(start, |name| find(section, name, expected)))?;
            match child {
                Child::Start(Ok(index)) => {
                    let Some(column) = section.columns.get(index) else {
                        continue;
                    };
                    expected = index + 1;
                    let bit = 1u128.checked_shl(u32::try_from(index).unwrap_or(u32::MAX));
                    let bit = bit.unwrap_or(0);
                    if seen & bit != 0 {
                        let name = column.column.name.clone().into_owned();
                        self.row.reject(Some(name), list::repeated());
                        self.pull.skip_element()?;
                        continue;
                    }
                    seen |= bit;
                    self.row
                        .read(&mut self.pull, index, &column.column, &self.limits)?;
                }
                Child::Start(Err(fault)) => {
                    self.row.reject(None, fault);
                    self.pull.skip_element()?;
                }
                Child::Stray(found) => self.row.reject(None, stray(&found)),
                Child::End => return Ok(()),
            }
        }
    }

    /// Rewrites and checks the row that was read, and keeps it where nothing is wrong with it.
    fn finish_row(&mut self, section: &Section, at: Place) {
        self.row.put_id(&self.id);
        for (index, column) in section.columns.iter().enumerate() {
            match &column.rewrite {
                Rewrite::Keep => {}
                Rewrite::PlaceholderPhone => {
                    let placeholder = self
                        .row
                        .get(index)
                        .as_str()
                        .is_some_and(phone::is_placeholder);
                    if placeholder {
                        self.row.put(index, Slot::Absent);
                    }
                }
            }
            if column.column.required && self.row.get(index).is_null() {
                self.row.reject_missing(&column.column.name, missing());
            }
        }
        self.settle(section, at);
    }

    /// Keeps the row, or tells why not.
    fn settle(&mut self, section: &Section, at: Place) {
        let table = &section.table.name;
        for element in self.row.take_skipped() {
            self.tell_skipped(Some(table), &element);
        }
        let faults = self.row.take_faults();
        if faults.is_empty() {
            if !self.row.get(0).is_null() {
                self.rows.push_row(self.row.values());
                self.places.push(at);
            }
            return;
        }
        let id = (!self.id.is_empty()).then(|| shorten(&self.id));
        let mut row = self.readable(section);
        for (field, fault) in faults {
            self.told.push_back(Told::Problem(RowProblem {
                table: table.clone().into_owned(),
                id: id.clone(),
                field,
                problem: fault.problem,
                expected: fault.expected,
                found: fault.found,
                at,
                row: row.take(),
            }));
        }
    }

    /// What could be read of the row that is rejected.
    fn readable(&self, section: &Section) -> Option<Map<String, Json>> {
        if self.row.text_len() > LONGEST_KEPT {
            return None;
        }
        let columns = section.columns.iter().zip(self.row.values());
        let told = columns.filter(|(_, value)| !value.is_null());
        let mut row: Map<String, Json> = told
            .map(|(column, value)| (column.column.name.to_string(), value.to_json()))
            .collect();
        if !self.id.is_empty() {
            row.entry("id").or_insert_with(|| self.id.as_str().into());
        }
        Some(row)
    }
}

fn section_fault(name: &str, problem: &'static str) -> FileFault {
    FileFault::Section {
        name: name.to_owned(),
        problem,
    }
}

/// The column whose element has this name, looked for from the expected one on.
fn find(section: &Section, name: &str, expected: usize) -> Option<usize> {
    let carried = |index: usize| {
        let column = section.columns.get(index);
        column.is_some_and(|column| column.column.name == name)
    };
    (expected..section.columns.len())
        .chain(1..expected)
        .find(|&index| carried(index))
}

/// Reads the attribute `id` of a row's start tag.
fn row_id(start: &BytesStart<'_>, id: &mut String) -> Result<Result<(), Fault>, FileFault> {
    let mut unknown = None;
    let mut attributes = start.attributes();
    // Checking for doubles would cost an allocation per row; the one attribute that counts is checked here.
    for attribute in attributes.with_checks(false) {
        let attribute = attribute
            .map_err(|error| FileFault::Malformed(format!("an attribute of a row: {error}")))?;
        match attribute.key.as_ref() {
            "id" if attribute.value.chars().any(text::is_unholdable) => {
                let expected = "characters that XML can hold";
                unknown = Some(Fault::new(Problem::Character, expected, &attribute.value));
            }
            "id" if !id.is_empty() => {
                return Err(FileFault::Malformed("a row with two ids".to_owned()));
            }
            "id" if attribute.value.contains(['&', '<', '\t', '\n', '\r', '_']) => {
                if attribute.value.contains('<') {
                    return Err(FileFault::Malformed("< in an attribute".to_owned()));
                }
                id.push_str(&text::attribute(&attribute.value).map_err(FileFault::Entity)?);
            }
            "id" => id.push_str(&attribute.value),
            other if pull::is_xml_attribute(other) => {}
            other => unknown = Some(unknown_attribute(other)),
        }
    }
    Ok(match unknown {
        Some(fault) => Err(fault),
        None if id.is_empty() => Err(Fault::new(Problem::Missing, "an id", "none")),
        None => Ok(()),
    })
}
