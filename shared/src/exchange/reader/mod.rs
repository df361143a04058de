//! Reading: a state machine over the parser's events that gives out one thing at a time.

mod prolog;
mod section;
mod trailer;

use std::{collections::VecDeque, io::Read};

use super::{
    FileFault, Header, Limits, Notice, Place, Profile, ReadError, RowProblem, Section,
    SectionTotal, pull::Pull, row::RowBuilder,
};
use crate::warehouse::Rows;

/// Reads an exchange file piece by piece, in bounded memory.
///
/// It takes plain XML; [`super::open`] unpacks `.xml.gz`. Rows may be trusted only once [`Item::Trailer`] came: until then
/// the file may still turn out to be cut off or damaged.
pub struct Reader<R: Read> {
    pull: Pull<R>,
    limits: Limits,
    state: State,
    told: VecDeque<Told>,
    profile: &'static Profile,
    newer_minor: bool,
    /// The sections that were read, in order, and the names of those that were skipped.
    totals: Vec<SectionTotal>,
    skipped_sections: Vec<String>,
    skipped_elements: Vec<(String, String)>,
    open: Option<Open>,
    row: RowBuilder,
    id: String,
    rows: Rows,
    places: Vec<Place>,
    batch_given: bool,
}

/// One thing that a [`Reader`] found.
#[derive(Debug)]
pub enum Item<'r> {
    /// What the file says of itself; always first, notices about its version aside.
    Header(Header),
    /// The rows of this table follow, with [`Section::read_columns`] as their columns.
    Section(&'static Section),
    /// Rows of the open section.
    Batch(Batch<'r>),
    /// A row that was rejected; its neighbours come through.
    Problem(RowProblem),
    /// Something to know about the file.
    Notice(Notice),
    /// The open section ended: how many rows it has, rejected ones included, and the digest of its bytes.
    SectionEnd(SectionTotal),
    /// The file ended well, and what its trailer states is true: the totals of every section.
    Trailer(Vec<SectionTotal>),
}

/// Rows of one section.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'r> {
    /// The rows; their columns are those of [`Section::read_columns`].
    pub rows: &'r Rows,
    /// Where each row begins, in the same order.
    pub places: &'r [Place],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Prolog,
    Between,
    Inside,
    SectionEnding,
    Done,
    Failed,
}

/// What is given out as soon as the reader looks up from its work.
enum Told {
    Problem(RowProblem),
    Notice(Notice),
}

/// What one step of the state machine found.
enum Step {
    Header(Header),
    Section(&'static Section),
    Batch,
    Told(Told),
    SectionEnd(SectionTotal),
    Trailer,
    End,
}

/// The section that is being read.
struct Open {
    section: &'static Section,
    rows: u64,
}

impl<R: Read> Reader<R> {
    /// Looks at a file's first bytes.
    ///
    /// # Errors
    /// The file cannot be read, is empty, or is no XML in UTF-8.
    pub fn new(source: R, limits: Limits) -> Result<Self, ReadError> {
        Ok(Self {
            pull: Pull::new(source, limits)?,
            limits,
            state: State::Prolog,
            told: VecDeque::new(),
            profile: Profile::of(super::ProfileName::Full),
            newer_minor: false,
            totals: Vec::new(),
            skipped_sections: Vec::new(),
            skipped_elements: Vec::new(),
            open: None,
            row: RowBuilder::default(),
            id: String::new(),
            rows: Rows::new(0),
            places: Vec::new(),
            batch_given: false,
        })
    }

    /// The next thing in the file; `None` after [`Item::Trailer`].
    ///
    /// # Errors
    /// Whatever is wrong with the whole file, with its place. Nothing can be read after that.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items cannot borrow from it"
    )]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        let step = self.advance().inspect_err(|_| self.state = State::Failed)?;
        Ok(Some(match step {
            Step::Header(header) => Item::Header(header),
            Step::Section(section) => Item::Section(section),
            Step::Batch => Item::Batch(Batch {
                rows: &self.rows,
                places: &self.places,
            }),
            Step::Told(Told::Problem(problem)) => Item::Problem(problem),
            Step::Told(Told::Notice(notice)) => Item::Notice(notice),
            Step::SectionEnd(total) => Item::SectionEnd(total),
            Step::Trailer => Item::Trailer(std::mem::take(&mut self.totals)),
            Step::End => return Ok(None),
        }))
    }

    /// Where the reader stands, for progress and messages.
    pub fn place(&mut self) -> Place {
        self.pull.place()
    }

    fn advance(&mut self) -> Result<Step, ReadError> {
        if std::mem::take(&mut self.batch_given) {
            self.rows.clear();
            self.places.clear();
        }
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(Step::Told(told));
            }
            let step = match self.state {
                State::Prolog => {
                    let header = self.read_prolog()?;
                    self.row.set_origin(header.origin.as_str());
                    self.state = State::Between;
                    Some(Step::Header(header))
                }
                State::Between => self.read_between()?,
                State::Inside => self.read_row()?,
                State::SectionEnding => {
                    self.state = State::Between;
                    self.totals.last().cloned().map(Step::SectionEnd)
                }
                State::Done => Some(Step::End),
                State::Failed => return Err(self.pull.fail(FileFault::Ended)),
            };
            if let Some(step) = step {
                self.batch_given = matches!(step, Step::Batch);
                return Ok(step);
            }
        }
    }

    fn notice(&mut self, notice: Notice) {
        self.told.push_back(Told::Notice(notice));
    }

    /// Tells of an element that a newer minor version added, once per element.
    fn tell_skipped(&mut self, table: Option<&str>, element: &str) {
        /// After so many kinds of unknown elements no more are told.
        const MOST: usize = 100;
        let key = (table.unwrap_or_default().to_owned(), element.to_owned());
        if self.skipped_elements.len() < MOST && !self.skipped_elements.contains(&key) {
            self.skipped_elements.push(key);
            let at = self.pull.place();
            self.notice(Notice::Skipped {
                table: table.map(str::to_owned),
                element: element.to_owned(),
                at,
            });
        }
    }
}
