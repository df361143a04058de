//! Lists and custom values on their way out of a file: elements become JSON in canonical form.

use std::io::Read;

use super::{
    FileFault, Limits, ReadError,
    json::{push_json_text, push_slot},
    problem::{Fault, Problem, shorten},
    pull::{self, Child, Pull},
    row::{Slot, Span, read_scalar},
};
use crate::catalog::{Column, ColumnType};

/// The most custom values of one row.
const MOST_VALUES: usize = 10_000;

/// Buffers that every list uses again.
#[derive(Default)]
pub(super) struct ListScratch {
    /// Where ids come from that do not say so.
    pub(super) origin: String,
    /// The fields of one record, as JSON.
    fields: Vec<Option<Span>>,
    json: String,
    /// The order of the fields by name.
    order: Vec<usize>,
    custom: CustomScratch,
}

/// Buffers that every object of custom values uses again.
#[derive(Default)]
struct CustomScratch {
    text: String,
    entries: Vec<(Span, Span)>,
}

/// Takes what is wrong with a field of a list; `None` for the list itself.
pub(super) type Tell<'t> = dyn FnMut(Option<&str>, Fault) + 't;

impl ListScratch {
    /// Appends a list as a JSON array of objects. Its start tag was just read.
    pub(super) fn read_list<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        item: &str,
        fields: &[Column],
        out: &mut String,
        limits: &Limits,
        tell: &mut Tell<'_>,
    ) -> Result<(), ReadError> {
        self.order.clear();
        self.order.extend(0..fields.len());
        self.order
            .sort_unstable_by_key(|&field| fields.get(field).map(|field| field.name.as_ref()));
        let mut first = true;
        out.push('[');
        loop {
            let is_item =
                pull.child(|start| element(start, |name| (name == item).then_some(())))?;
            match is_item {
                Child::Start(Ok(())) if out.len() > limits.row => {
                    tell(None, too_long(limits));
                    pull.skip_element()?;
                }
                Child::Start(Ok(())) => {
                    self.read_record(pull, fields, limits, tell)?;
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    self.push_record(fields, out);
                }
                Child::Start(Err(fault)) => {
                    tell(None, fault);
                    pull.skip_element()?;
                }
                Child::Stray(found) => tell(None, stray(&found)),
                Child::End => break,
            }
        }
        out.push(']');
        Ok(())
    }

    fn read_record<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        fields: &[Column],
        limits: &Limits,
        tell: &mut Tell<'_>,
    ) -> Result<(), ReadError> {
        self.json.clear();
        self.fields.clear();
        self.fields.resize(fields.len(), None);
        loop {
            let field = pull.child(|start| {
                element(start, |name| {
                    fields.iter().position(|field| field.name == name)
                })
            })?;
            match field {
                Child::Start(Ok(index)) => {
                    self.read_field(pull, fields, index, limits, tell)?;
                }
                Child::Start(Err(fault)) => {
                    tell(None, fault);
                    pull.skip_element()?;
                }
                Child::Stray(found) => tell(None, stray(&found)),
                Child::End => break,
            }
        }
        for (field, value) in fields.iter().zip(&self.fields) {
            if field.required && value.is_none() {
                tell(Some(&field.name), missing());
            }
        }
        Ok(())
    }

    fn read_field<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        fields: &[Column],
        index: usize,
        limits: &Limits,
        tell: &mut Tell<'_>,
    ) -> Result<(), ReadError> {
        let (Some(field), Some(place)) = (fields.get(index), self.fields.get_mut(index)) else {
            return pull.skip_element();
        };
        if place.is_some() {
            tell(Some(&field.name), repeated());
            return pull.skip_element();
        }
        let start = self.json.len();
        if start > limits.row {
            tell(Some(&field.name), too_long(limits));
            return pull.skip_element();
        }
        if field.ty == ColumnType::CustomValues {
            let mut tell = |_: Option<&str>, fault| tell(Some(&field.name), fault);
            self.custom
                .read(pull, &self.origin, &mut self.json, limits, &mut tell)?;
        } else {
            match read_scalar(pull, &field.ty, &mut self.custom.text, limits)? {
                Ok(Slot::Text(id)) if field.reference.is_some() => {
                    let id = id.whole_id(&self.origin, &mut self.custom.text);
                    push_slot(Slot::Text(id), &self.custom.text, &mut self.json);
                }
                Ok(slot) => push_slot(slot, &self.custom.text, &mut self.json),
                Err(fault) => tell(Some(&field.name), fault),
            }
            self.custom.text.clear();
        }
        *place = Some(Span::since(start, &self.json));
        Ok(())
    }

    fn push_record(&self, fields: &[Column], out: &mut String) {
        out.push('{');
        let mut first = true;
        for &index in &self.order {
            let (Some(field), Some(Some(value))) = (fields.get(index), self.fields.get(index))
            else {
                continue;
            };
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            push_json_text(&field.name, out);
            out.push(':');
            out.push_str(value.of(&self.json));
        }
        out.push('}');
    }

    /// Appends custom values as a JSON object. Their start tag was just read.
    pub(super) fn read_custom_values<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        out: &mut String,
        limits: &Limits,
        tell: &mut Tell<'_>,
    ) -> Result<(), ReadError> {
        self.custom.read(pull, &self.origin, out, limits, tell)
    }
}

impl CustomScratch {
    fn read<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        origin: &str,
        out: &mut String,
        limits: &Limits,
        tell: &mut Tell<'_>,
    ) -> Result<(), ReadError> {
        self.text.clear();
        self.entries.clear();
        loop {
            match pull.child(value_field)? {
                Child::Start(Ok(_)) if self.entries.len() == MOST_VALUES => {
                    let expected = format!("at most {MOST_VALUES} values");
                    tell(None, Fault::new(Problem::TooLong, expected, "more"));
                    pull.skip_element()?;
                }
                Child::Start(Ok(field)) => {
                    let start = self.text.len();
                    self.text.push_str(&field);
                    let key = Span::since(start, &self.text).whole_id(origin, &mut self.text);
                    match read_scalar(pull, &ColumnType::Text, &mut self.text, limits)? {
                        Ok(Slot::Text(text)) => self.entries.push((key, text)),
                        Ok(_) => {}
                        Err(fault) => tell(Some(&field), fault),
                    }
                }
                Child::Start(Err(fault)) => {
                    tell(None, fault);
                    pull.skip_element()?;
                }
                Child::Stray(found) => tell(None, stray(&found)),
                Child::End => break,
            }
        }
        self.push_object(out, tell);
        Ok(())
    }

    fn push_object(&mut self, out: &mut String, tell: &mut Tell<'_>) {
        let Self { text, entries } = self;
        entries.sort_unstable_by(|(one, _), (other, _)| one.of(text).cmp(other.of(text)));
        out.push('{');
        let mut before = None;
        for (key, value) in entries.iter() {
            let key = key.of(text);
            if before == Some(key) {
                tell(Some(key), repeated());
            }
            if before.is_some() {
                out.push(',');
            }
            push_json_text(key, out);
            out.push(':');
            push_json_text(value.of(text), out);
            before = Some(key);
        }
        out.push('}');
        self.text.clear();
    }
}

/// The field that a `<value field="…">` speaks of.
fn value_field(
    start: &quick_xml::events::BytesStart<'_>,
) -> Result<Result<String, Fault>, FileFault> {
    if start.name().as_ref() != "value" {
        return Ok(Err(unknown_element(start.name().as_ref())));
    }
    let mut field = None;
    for (name, value) in pull::attributes(start)? {
        match name.as_str() {
            "field" => field = Some(value),
            other if pull::is_xml_attribute(other) => {}
            other => return Ok(Err(unknown_attribute(other))),
        }
    }
    Ok(field
        .filter(|field| !field.is_empty())
        .ok_or_else(|| Fault::new(Problem::Missing, "the attribute field", "none")))
}

/// What an element without attributes is, by its name.
pub(super) fn element<T>(
    start: &quick_xml::events::BytesStart<'_>,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<Result<T, Fault>, FileFault> {
    let name = start.name();
    if !start.attributes_raw().is_empty() {
        for (attribute, _) in pull::attributes(start)? {
            if !pull::is_xml_attribute(&attribute) {
                return Ok(Err(unknown_attribute(&attribute)));
            }
        }
    }
    Ok(find(name.as_ref()).ok_or_else(|| unknown_element(name.as_ref())))
}

pub(super) fn unknown_element(name: &str) -> Fault {
    Fault::new(
        Problem::UnknownElement,
        "an element of the format",
        &format!("<{}>", shorten(name)),
    )
}

pub(super) fn unknown_attribute(name: &str) -> Fault {
    Fault::new(Problem::UnknownAttribute, "no such attribute", name)
}

pub(super) fn stray(found: &str) -> Fault {
    Fault::new(Problem::StrayText, "only elements", found)
}

pub(super) fn missing() -> Fault {
    Fault::new(Problem::Missing, "a value", "none")
}

pub(super) fn repeated() -> Fault {
    Fault::new(Problem::Repeated, "the element once", "it again")
}

fn too_long(limits: &Limits) -> Fault {
    Fault::new(
        Problem::TooLong,
        format!("at most {} bytes in one row", limits.row),
        "a longer list",
    )
}
