use std::io::Read;

use chrono::{DateTime, Utc};
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::{
    super::{
        FileFault, Header, MAJOR, MINOR, NAMESPACE, Notice, Profile, ProfileName, ROOT, ReadError,
        list,
        problem::shorten,
        pull::{self, Child},
        value,
    },
    Reader,
};
use crate::SubscriptionId;

/// The longest value in a header; none comes near.
const LONGEST: usize = 1_000;

/// What stands before the root element.
enum Before {
    Root(Vec<(String, String)>),
    Nothing,
    Refused(FileFault),
}

/// The header's values, as they are found.
#[derive(Default)]
struct Found {
    origin: Option<SubscriptionId>,
    created_at: Option<DateTime<Utc>>,
    profile: Option<ProfileName>,
    passwords: Option<bool>,
    generator: Option<String>,
}

#[derive(Clone, Copy)]
enum Field {
    Origin,
    CreatedAt,
    Profile,
    Passwords,
    Generator,
}

impl<R: Read> Reader<R> {
    /// Reads up to the end of the header.
    pub(super) fn read_prolog(&mut self) -> Result<Header, ReadError> {
        let attributes = self.find_root()?;
        self.check_root(&attributes)
            .map_err(|fault| self.pull.fail(fault))?;
        self.read_header()
    }

    fn find_root(&mut self) -> Result<Vec<(String, String)>, ReadError> {
        loop {
            let before = match self.pull.next()? {
                Event::Start(start) => match root_attributes(&start) {
                    Ok(attributes) => Before::Root(attributes),
                    Err(fault) => Before::Refused(fault),
                },
                Event::Decl(declaration) => match check_declaration(&declaration) {
                    Ok(()) => Before::Nothing,
                    Err(fault) => Before::Refused(fault),
                },
                Event::Text(text) if value::trim(&text).is_empty() => Before::Nothing,
                Event::Comment(_) | Event::PI(_) => Before::Nothing,
                Event::Eof => Before::Refused(FileFault::Truncated("before its root".to_owned())),
                _ => Before::Refused(FileFault::NotXml),
            };
            match before {
                Before::Root(attributes) => return Ok(attributes),
                Before::Nothing => {}
                Before::Refused(fault) => return Err(self.pull.fail(fault)),
            }
        }
    }

    fn check_root(&mut self, attributes: &[(String, String)]) -> Result<(), FileFault> {
        let value = |name: &str| {
            attributes
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let version = value("version").unwrap_or_default();
        let (major, minor) = parse_version(version).ok_or_else(|| FileFault::Header {
            element: "wynos version",
            expected: "a format version such as 1.0",
            found: shorten(version),
        })?;
        if major != MAJOR {
            return Err(FileFault::Version(shorten(version)));
        }
        if value("xmlns") != Some(NAMESPACE) {
            return Err(FileFault::NotExchange(ROOT.to_owned()));
        }
        if minor > MINOR {
            self.newer_minor = true;
            self.row.skip_additions();
            self.notice(Notice::NewerMinor {
                version: version.to_owned(),
            });
        }
        Ok(())
    }

    fn read_header(&mut self) -> Result<Header, ReadError> {
        let begun = self.pull.child(|start| {
            if start.name().as_ref() != "header" {
                return Err(header_fault(
                    "header",
                    "the header first",
                    start.name().as_ref(),
                ));
            }
            pull::attributes(start)
        })?;
        let Child::Start(attributes) = begun else {
            let fault = header_fault("header", "the header first", "something else");
            return Err(self.pull.fail(fault));
        };
        let stated = attributes
            .into_iter()
            .find_map(|(name, value)| (name == "sha256").then_some(value));
        self.pull.begin_digest();
        let mut found = Found::default();
        while self.read_header_field(&mut found)? {}
        let digest = self.pull.end_digest();
        match stated {
            Some(stated) if !stated.eq_ignore_ascii_case(&digest) => {
                return Err(self.pull.fail(FileFault::Digest {
                    section: "the header".to_owned(),
                    expected: shorten(&stated),
                    found: digest,
                }));
            }
            Some(_) => {}
            None => self.notice(Notice::NoDigest {
                section: "header".to_owned(),
            }),
        }
        let header = found.complete().map_err(|fault| self.pull.fail(fault))?;
        self.profile = Profile::of(header.profile);
        Ok(header)
    }

    /// Reads one element of the header; `false` at its end.
    fn read_header_field(&mut self, found: &mut Found) -> Result<bool, ReadError> {
        let child = self.pull.child(|start| {
            let name = start.name();
            let field = list::element(start, Field::of)?;
            Ok((field, shorten(name.as_ref())))
        })?;
        match child {
            Child::Start((Ok(field), _)) => {
                let mut text = String::new();
                let fault = self.pull.read_text(&mut text, LONGEST)?;
                let read = match fault {
                    Some(_) => Err(header_fault(field.name(), "a short text", "something else")),
                    None => found.take(field, &text),
                };
                read.map_err(|fault| self.pull.fail(fault))?;
                Ok(true)
            }
            Child::Start((Err(_), name)) if self.newer_minor => {
                self.tell_skipped(None, &name);
                self.pull.skip_element()?;
                Ok(true)
            }
            Child::Start((Err(fault), _)) => {
                let fault = header_fault("header", "only the elements it has", &fault.found);
                Err(self.pull.fail(fault))
            }
            Child::Stray(text) => {
                let fault = header_fault("header", "only elements", &text);
                Err(self.pull.fail(fault))
            }
            Child::End => Ok(false),
        }
    }
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        [
            Self::Origin,
            Self::CreatedAt,
            Self::Profile,
            Self::Passwords,
            Self::Generator,
        ]
        .into_iter()
        .find(|field| field.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::CreatedAt => "created_at",
            Self::Profile => "profile",
            Self::Passwords => "passwords",
            Self::Generator => "generator",
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Origin => "the id of a subscription",
            Self::CreatedAt => "an instant with its zone",
            Self::Profile => "basic or full",
            Self::Passwords => "true or false",
            Self::Generator => "a text",
        }
    }
}

impl Found {
    fn take(&mut self, field: Field, text: &str) -> Result<(), FileFault> {
        let trimmed = value::trim(text);
        let taken = match field {
            Field::Origin => put(&mut self.origin, trimmed.parse().ok()),
            Field::CreatedAt => put(&mut self.created_at, value::instant(trimmed).ok()),
            Field::Profile => put(&mut self.profile, trimmed.parse().ok()),
            Field::Passwords => put(&mut self.passwords, value::boolean(trimmed).ok()),
            Field::Generator => put(&mut self.generator, Some(text.to_owned())),
        };
        if taken {
            Ok(())
        } else {
            Err(header_fault(field.name(), field.expected(), text))
        }
    }

    fn complete(self) -> Result<Header, FileFault> {
        let missing = |field: Field| header_fault(field.name(), field.expected(), "nothing");
        Ok(Header {
            origin: self.origin.ok_or_else(|| missing(Field::Origin))?,
            created_at: self.created_at.ok_or_else(|| missing(Field::CreatedAt))?,
            profile: self.profile.ok_or_else(|| missing(Field::Profile))?,
            passwords: self.passwords.unwrap_or(false),
            generator: self.generator.unwrap_or_default(),
        })
    }
}

/// Puts a value where none is yet; `false` where there is one or there is no value.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let good = place.is_none() && value.is_some();
    if good {
        *place = value;
    }
    good
}

fn header_fault(element: &'static str, expected: &'static str, found: &str) -> FileFault {
    FileFault::Header {
        element,
        expected,
        found: shorten(found),
    }
}

fn root_attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, FileFault> {
    if start.name().as_ref() == ROOT {
        pull::attributes(start)
    } else {
        Err(FileFault::NotExchange(shorten(start.name().as_ref())))
    }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), FileFault> {
    let malformed = |error: quick_xml::Error| FileFault::Malformed(error.to_string());
    if declaration.version().map_err(malformed)? != "1.0" {
        return Err(FileFault::Malformed("only XML 1.0 is read".to_owned()));
    }
    match declaration.encoding() {
        Some(Ok(encoding)) if !encoding.eq_ignore_ascii_case("utf-8") => {
            Err(FileFault::Encoding(shorten(&encoding)))
        }
        Some(Err(error)) => Err(FileFault::Malformed(error.to_string())),
        Some(Ok(_)) | None => Ok(()),
    }
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    Some((number(major)?, number(minor)?))
}
