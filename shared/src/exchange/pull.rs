use std::io::{BufRead, Read};

use quick_xml::{
    Reader as XmlReader,
    errors::{Error as XmlError, SyntaxError},
    events::{BytesEnd, BytesStart, Event},
};

use super::{FileFault, Limits, Place, ReadError, gate::Gate, problem::shorten, text};

/// The events of a file, with their places and within the limits.
///
/// An empty element comes as its start and its end, as any other. Comments and processing instructions come through for
/// callers to pass over; a DOCTYPE ends the reading.
pub(super) struct Pull<R: Read> {
    xml: XmlReader<Gate<R>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Whether the element that was just begun is an empty one, whose end comes next.
    empty: bool,
    begun: bool,
    limits: Limits,
}

impl<R: Read> Pull<R> {
    pub(super) fn new(source: R, limits: Limits) -> Result<Self, ReadError> {
        let mut gate = Gate::new(source, limits);
        if let Err(fault) = gate.sniff() {
            return Err(fault.at(&mut gate));
        }
        Ok(Self {
            xml: XmlReader::from_reader(gate),
            buffer: Vec::with_capacity(1024),
            depth: 0,
            empty: false,
            begun: false,
            limits,
        })
    }

    /// The next event; [`Event::Eof`] only where every element is closed.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Event<'_>, ReadError> {
        if std::mem::take(&mut self.empty) {
            self.depth = self.depth.saturating_sub(1);
            return Ok(Event::End(BytesEnd::new("")));
        }
        self.buffer.clear();
        self.xml.get_mut().begin_event();
        let Self {
            xml,
            buffer,
            depth,
            empty,
            begun,
            limits,
        } = self;
        let event = match xml.read_event_into(buffer) {
            Ok(Event::Empty(start)) => {
                *empty = true;
                Event::Start(start)
            }
            Ok(event) => event,
            Err(error) => {
                let fault = fault_of(error, xml.get_mut(), *depth);
                return Err(fault.at(xml.get_mut()));
            }
        };
        let check = match &event {
            Event::Start(start) => {
                *depth += 1;
                check_start(start, *depth, limits)
            }
            Event::End(_) => {
                *depth = depth.saturating_sub(1);
                Ok(())
            }
            Event::DocType(_) => Err(FileFault::Doctype),
            Event::Decl(_) if *begun => Err(FileFault::Malformed(
                "an XML declaration inside the file".to_owned(),
            )),
            Event::Eof if *depth > 0 => Err(FileFault::Truncated("before its last tag".to_owned())),
            _ => Ok(()),
        };
        *begun = true;
        match check {
            Ok(()) => Ok(event),
            Err(fault) => Err(fault.at(xml.get_mut())),
        }
    }

    /// Appends the text up to the end of the element that was begun, references resolved and escapes undone.
    ///
    /// Text past `longest` bytes is passed over. What is wrong with the text comes back beside it.
    pub(super) fn read_text(
        &mut self,
        out: &mut String,
        longest: usize,
    ) -> Result<Option<TextFault>, ReadError> {
        let start = out.len();
        let mut fault = self.read_plain_text(out, longest);
        loop {
            let room = (start + longest).saturating_sub(out.len());
            let step = match self.next()? {
                Event::Text(piece) => Step::of(push_piece(&piece, room, out)),
                Event::CData(piece) => Step::of(push_piece(&piece, room, out)),
                Event::GeneralRef(name) => match text::reference(&name) {
                    Some(character) if room >= character.len_utf8() => {
                        out.push(character);
                        Step::On
                    }
                    Some(_) => Step::Fault(TextFault::TooLong),
                    None => Step::Refuse(FileFault::Entity(shorten(&name))),
                },
                Event::Start(element) => {
                    Step::Skip(TextFault::Element(shorten(element.name().as_ref())))
                }
                Event::End(_) => {
                    text::unescape(out, start);
                    return Ok(fault);
                }
                _ => Step::On,
            };
            match step {
                Step::On => {}
                Step::Fault(found) => {
                    fault.get_or_insert(found);
                }
                Step::Skip(found) => {
                    fault.get_or_insert(found);
                    self.skip_element()?;
                }
                Step::Refuse(fault) => return Err(self.fail(fault)),
            }
        }
    }

    /// Appends the text that stands whole in the block that was read last, up to the next tag: most texts do, and taking
    /// them there saves the parser an event. Where anything is special about the text it is left to the parser.
    fn read_plain_text(&mut self, out: &mut String, longest: usize) -> Option<TextFault> {
        if self.empty {
            return None;
        }
        let piece = self.xml.get_ref().text_ahead()?;
        let piece = std::str::from_utf8(piece).ok()?;
        let length = piece.len();
        let fault = push_piece(piece, longest, out);
        self.xml.stream().consume(length);
        fault
    }

    /// What comes next inside an element that holds only elements; `on_start` takes from a start tag what is needed.
    pub(super) fn child<T>(
        &mut self,
        mut on_start: impl FnMut(&BytesStart<'_>) -> Result<T, FileFault>,
    ) -> Result<Child<T>, ReadError> {
        loop {
            let step = match self.next()? {
                Event::Start(start) => on_start(&start).map(|found| Some(Child::Start(found))),
                Event::End(_) | Event::Eof => Ok(Some(Child::End)),
                Event::Text(piece) => Ok(stray(&piece)),
                Event::CData(piece) => Ok(stray(&piece)),
                Event::GeneralRef(name) => match text::reference(&name) {
                    Some(character) => Ok(Some(Child::Stray(character.to_string()))),
                    None => Err(FileFault::Entity(shorten(&name))),
                },
                _ => Ok(None),
            };
            match step {
                Ok(Some(child)) => return Ok(child),
                Ok(None) => {}
                Err(fault) => return Err(self.fail(fault)),
            }
        }
    }

    /// Passes over the rest of the element that was begun.
    pub(super) fn skip_element(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            let refused = match self.next()? {
                Event::GeneralRef(name) if text::reference(&name).is_none() => Some(shorten(&name)),
                _ => None,
            };
            if let Some(name) = refused {
                return Err(self.fail(FileFault::Entity(name)));
            }
        }
        Ok(())
    }

    /// Where the last event began, which spans this many line feeds.
    pub(super) fn event_place(&mut self, line_feeds: u64) -> Place {
        let gate = self.xml.get_mut();
        Place {
            line: gate.place().line - line_feeds,
            byte: gate.event(),
        }
    }

    /// Where the next event stands.
    pub(super) fn place(&mut self) -> Place {
        self.xml.get_mut().place()
    }

    /// Begins a digest with the next event's first byte.
    pub(super) fn begin_digest(&mut self) {
        self.xml.get_mut().begin_digest();
    }

    /// The digest up to the last event's last byte.
    pub(super) fn end_digest(&mut self) -> String {
        self.xml.get_mut().end_digest()
    }

    /// This fault, here.
    pub(super) fn fail(&mut self, fault: FileFault) -> ReadError {
        fault.at(self.xml.get_mut())
    }
}

/// What comes next inside an element that holds only elements.
pub(super) enum Child<T> {
    /// An element begins.
    Start(T),
    /// The element that was begun ends.
    End,
    /// Text that is not white space, shortened.
    Stray(String),
}

/// What to do after a piece of an element's text.
enum Step {
    On,
    Fault(TextFault),
    Skip(TextFault),
    Refuse(FileFault),
}

impl Step {
    fn of(fault: Option<TextFault>) -> Self {
        fault.map_or(Self::On, Self::Fault)
    }
}

fn push_piece(piece: &str, room: usize, out: &mut String) -> Option<TextFault> {
    if piece.len() > room {
        return Some(TextFault::TooLong);
    }
    text::push_literal(piece, out).map(TextFault::Character)
}

fn stray<T>(piece: &str) -> Option<Child<T>> {
    let piece = super::value::trim(piece);
    (!piece.is_empty()).then(|| Child::Stray(shorten(piece)))
}

/// What can be wrong with the text of an element.
#[derive(Debug)]
pub(super) enum TextFault {
    /// It is longer than the limit.
    TooLong,
    /// It holds a character that XML cannot hold.
    Character(char),
    /// It holds an element.
    Element(String),
}

impl FileFault {
    fn at<R: Read>(self, gate: &mut Gate<R>) -> ReadError {
        ReadError {
            at: gate.place(),
            fault: Box::new(self),
        }
    }
}

fn check_start(start: &BytesStart<'_>, depth: usize, limits: &Limits) -> Result<(), FileFault> {
    if depth > limits.depth {
        return Err(FileFault::TooLarge {
            what: "the depth of elements",
            limit: limits.depth as u64,
            unit: "elements",
        });
    }
    if start.len() > limits.tag {
        return Err(FileFault::TooLarge {
            what: "one start tag",
            limit: limits.tag as u64,
            unit: "bytes",
        });
    }
    Ok(())
}

fn fault_of<R: Read>(error: XmlError, gate: &mut Gate<R>, depth: usize) -> FileFault {
    match error {
        XmlError::Io(error) => gate
            .take_fault()
            .unwrap_or_else(|| FileFault::Io(std::io::Error::new(error.kind(), error.to_string()))),
        XmlError::Syntax(SyntaxError::InvalidBangMarkup) if !gate.ended() => {
            FileFault::Malformed(SyntaxError::InvalidBangMarkup.to_string())
        }
        // Every other syntax error means that something begun is not closed before the end of the file.
        XmlError::Syntax(_) => FileFault::Truncated("in the middle of a tag".to_owned()),
        XmlError::Encoding(_) if gate.ended() && depth > 0 => {
            FileFault::Truncated("in the middle of a character".to_owned())
        }
        XmlError::Encoding(_) => FileFault::NotUtf8,
        XmlError::IllFormed(_) if gate.ended() && depth > 0 => {
            FileFault::Truncated("in the middle of a reference".to_owned())
        }
        other => FileFault::Malformed(other.to_string()),
    }
}

/// The attributes of a start tag, names as they are and values resolved.
///
/// # Errors
/// An entity that is not allowed, or attributes that are not well formed.
pub(super) fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, FileFault> {
    /// More than any element of the format has, namespace declarations included.
    const MOST: usize = 32;
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|error| FileFault::Malformed(format!("an attribute: {error}")))?;
        if found.len() == MOST {
            return Err(FileFault::TooLarge {
                what: "the number of attributes",
                limit: MOST as u64,
                unit: "attributes",
            });
        }
        if attribute.value.contains('<') || attribute.value.chars().any(text::is_unholdable) {
            let problem = "an attribute with a character that must not be there";
            return Err(FileFault::Malformed(problem.to_owned()));
        }
        let value = text::attribute(&attribute.value).map_err(FileFault::Entity)?;
        found.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(found)
}

/// Whether an attribute belongs to XML itself and says nothing about the data.
pub(super) fn is_xml_attribute(name: &str) -> bool {
    name == "xmlns"
        || name.starts_with("xmlns:")
        || name.starts_with("xml:")
        || name.starts_with("xsi:")
}
