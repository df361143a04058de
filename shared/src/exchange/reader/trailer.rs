use std::io::Read;

use quick_xml::events::Event;

use super::{
    super::{
        FileFault, Notice, ReadError, SectionTotal,
        problem::shorten,
        pull::{self, Child},
        value,
    },
    Reader,
};

/// What the trailer states of one section.
#[derive(Default)]
struct Stated {
    name: String,
    rows: Option<u64>,
    sha256: Option<String>,
}

impl<R: Read> Reader<R> {
    /// Reads the trailer, compares it with what was read, and reads to the end of the file.
    pub(super) fn read_trailer(&mut self) -> Result<(), ReadError> {
        let mut compared = vec![false; self.totals.len()];
        loop {
            let child = self.pull.child(|start| {
                if start.name().as_ref() == "section" {
                    Stated::of(pull::attributes(start)?).map(Ok)
                } else {
                    Ok(Err(shorten(start.name().as_ref())))
                }
            })?;
            match child {
                Child::Start(Ok(stated)) => {
                    self.compare(&stated, &mut compared)
                        .map_err(|fault| self.pull.fail(fault))?;
                    self.pull.skip_element()?;
                }
                Child::Start(Err(name)) if self.newer_minor => {
                    self.tell_skipped(None, &name);
                    self.pull.skip_element()?;
                }
                Child::Start(Err(found)) | Child::Stray(found) => {
                    return Err(self
                        .pull
                        .fail(trailer_fault("the trailer", "<section>", &found)));
                }
                Child::End => break,
            }
        }
        let unstated = self
            .totals
            .iter()
            .zip(&compared)
            .find(|(_, compared)| !**compared)
            .map(|(total, _)| total.table.clone());
        if let Some(name) = unstated {
            let fault = trailer_fault(&name, "its count", "nothing");
            return Err(self.pull.fail(fault));
        }
        self.read_to_end()
    }

    fn compare(&mut self, stated: &Stated, compared: &mut [bool]) -> Result<(), FileFault> {
        if self.skipped_sections.contains(&stated.name) {
            return Ok(());
        }
        let found = self
            .totals
            .iter()
            .zip(compared.iter_mut())
            .find(|(total, _)| total.table == stated.name);
        let Some((total, compared)) = found else {
            return Err(trailer_fault(
                &shorten(&stated.name),
                "no such section",
                "its count",
            ));
        };
        if std::mem::replace(compared, true) {
            return Err(trailer_fault(&stated.name, "one entry", "two"));
        }
        stated.check(total)?;
        if stated.sha256.is_none() {
            let section = stated.name.clone();
            self.notice(Notice::NoDigest { section });
        }
        Ok(())
    }

    /// After the trailer only the root's end may come.
    fn read_to_end(&mut self) -> Result<(), ReadError> {
        let mut closed = false;
        loop {
            let fault = match self.pull.next()? {
                Event::End(_) if !closed => {
                    closed = true;
                    None
                }
                Event::Text(text) if value::trim(&text).is_empty() => None,
                Event::Comment(_) | Event::PI(_) => None,
                Event::Eof => return Ok(()),
                _ => Some(FileFault::Malformed(
                    "something after the trailer".to_owned(),
                )),
            };
            if let Some(fault) = fault {
                return Err(self.pull.fail(fault));
            }
        }
    }
}

impl Stated {
    fn of(attributes: Vec<(String, String)>) -> Result<Self, FileFault> {
        let mut stated = Self::default();
        for (name, value) in attributes {
            match name.as_str() {
                "name" => stated.name = value,
                "rows" => stated.rows = value.parse().ok(),
                "sha256" => stated.sha256 = Some(value),
                other if pull::is_xml_attribute(other) => {}
                other => {
                    let expected = "name, rows and sha256";
                    return Err(trailer_fault("the trailer", expected, &shorten(other)));
                }
            }
        }
        Ok(stated)
    }

    fn check(&self, total: &SectionTotal) -> Result<(), FileFault> {
        if self.rows != Some(total.rows) {
            let found = self
                .rows
                .map_or("no number".to_owned(), |rows| rows.to_string());
            let expected = format!("{} rows", total.rows);
            return Err(trailer_fault(&self.name, &expected, &found));
        }
        match &self.sha256 {
            Some(stated) if !stated.eq_ignore_ascii_case(&total.sha256) => Err(FileFault::Digest {
                section: format!("the section {}", self.name),
                expected: shorten(stated),
                found: total.sha256.clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn trailer_fault(section: &str, expected: &str, found: &str) -> FileFault {
    FileFault::Trailer {
        section: section.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
