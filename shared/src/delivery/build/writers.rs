//! One writer per format, all taking the same pieces.

use std::{
    fs, io,
    io::{Read, Write},
    path::PathBuf,
    sync::Arc,
};

use tempfile::TempDir;

use super::{
    database_file::DatabaseFile,
    plan::Recipe,
    produce::WorkSpace,
    secrets::{Places, Secrets},
};
use crate::{
    catalog::{Column, Table},
    delivery::DeliveryError,
    exchange::{self, Passwords, Profile},
    sheets::{CsvWriter, XlsxLimits, XlsxWriter, ords::OrdsWriter},
    warehouse::Rows,
};

/// Bytes moved at once from temporary space to where the file goes.
const COPY: usize = 128 * 1024;

/// What a cell of a spreadsheet takes beside its text, roughly.
const CELL: u64 = 40;

/// Takes the rows of a file's parts in order, and gives back what took the file.
pub(super) trait FileWriter<W> {
    /// Rows of the part at this position follow.
    fn part(&mut self, index: usize) -> Result<(), DeliveryError>;
    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError>;
    fn finish(self: Box<Self>) -> Result<W, DeliveryError>;
}

/// The writer for a recipe.
pub(super) fn writer<'w, W: Write + 'w>(
    recipe: Recipe,
    space: &WorkSpace,
    out: W,
) -> Result<Box<dyn FileWriter<W> + 'w>, DeliveryError> {
    Ok(match recipe {
        Recipe::Exchange { header, secrets } => {
            let profile = Profile::of(header.profile);
            // They were decrypted, each for its place, before they come to the writer.
            let passwords = match secrets {
                Some(_) => Passwords::Include(Box::new(|clear| Ok(clear.to_owned()))),
                None => Passwords::LeaveOut,
            };
            let writer = exchange::Writer::new(out, &header, passwords)?;
            Box::new(Exchange {
                writer,
                profile,
                secrets,
                places: None,
            })
        }
        Recipe::Csv { list, convention } => Box::new(CsvWriter::new(&list, convention, out)?),
        Recipe::Ords { origin } => Box::new(OrdsWriter::new(origin, out)),
        Recipe::Xlsx { list, convention } => {
            let folder = space.folder()?;
            let writer = XlsxWriter::new(&list, convention, XlsxLimits::default(), folder.path())
                .map_err(|error| DeliveryError::from(error).at(folder.path()))?;
            Box::new(Xlsx {
                writer,
                folder,
                limit: space.limit,
                taken: 0,
                out,
            })
        }
        Recipe::Database { tables, secrets } => {
            let folder = space.folder()?;
            let path = folder.path().join("warehouse.sqlite");
            let file = DatabaseFile::create(&path, space.limit)?;
            Box::new(Database {
                file,
                tables,
                secrets,
                places: None,
                path,
                _folder: folder,
                out,
            })
        }
    })
}

struct Exchange<W: Write> {
    writer: exchange::Writer<'static, W>,
    profile: &'static Profile,
    secrets: Option<Secrets>,
    places: Option<Places>,
}

impl<W: Write> FileWriter<W> for Exchange<W> {
    fn part(&mut self, index: usize) -> Result<(), DeliveryError> {
        let Some(section) = self.profile.sections.get(index) else {
            return Err(DeliveryError::Unfinished);
        };
        self.writer.section(&section.table.name)?;
        let columns = section.columns.iter().map(|column| &column.column);
        self.places = Some(Places::of(&section.table, columns));
        Ok(())
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        let revealed = match (&self.secrets, &self.places) {
            (Some(secrets), Some(places)) => secrets.apply(places, rows)?,
            _ => None,
        };
        Ok(self.writer.rows(revealed.as_ref().unwrap_or(rows))?)
    }

    fn finish(self: Box<Self>) -> Result<W, DeliveryError> {
        let (out, _) = self.writer.finish()?;
        Ok(out)
    }
}

impl<W: Write> FileWriter<W> for CsvWriter<W> {
    fn part(&mut self, _: usize) -> Result<(), DeliveryError> {
        Ok(())
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        Ok(self.write(rows)?)
    }

    fn finish(self: Box<Self>) -> Result<W, DeliveryError> {
        Ok(CsvWriter::finish(*self)?)
    }
}

impl<W: Write> FileWriter<W> for OrdsWriter<W> {
    fn part(&mut self, _: usize) -> Result<(), DeliveryError> {
        Ok(())
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        Ok(self.write(rows)?)
    }

    fn finish(self: Box<Self>) -> Result<W, DeliveryError> {
        Ok(OrdsWriter::finish(*self)?)
    }
}

struct Xlsx<W> {
    writer: XlsxWriter,
    folder: TempDir,
    limit: u64,
    /// What the rows so far take in temporary space, roughly.
    taken: u64,
    out: W,
}

impl<W: Write> FileWriter<W> for Xlsx<W> {
    fn part(&mut self, _: usize) -> Result<(), DeliveryError> {
        Ok(())
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        let bytes = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let cells = bytes(rows.len()).saturating_mul(bytes(rows.width()));
        self.taken += bytes(rows.text_len()).saturating_add(cells.saturating_mul(CELL));
        if self.taken > self.limit {
            return Err(DeliveryError::TooLarge { limit: self.limit });
        }
        self.writer
            .write(rows)
            .map_err(|error| DeliveryError::from(error).at(self.folder.path()))
    }

    fn finish(self: Box<Self>) -> Result<W, DeliveryError> {
        let Self {
            writer,
            folder,
            mut out,
            ..
        } = *self;
        let file = writer
            .finish()
            .map_err(|error| DeliveryError::from(error).at(folder.path()))?;
        copy(file, &mut out)?;
        Ok(out)
    }
}

struct Database<W> {
    file: DatabaseFile,
    tables: Vec<(Arc<Table>, Vec<Column>)>,
    secrets: Secrets,
    places: Option<Places>,
    path: PathBuf,
    /// Removed with everything in it when the writer goes.
    _folder: TempDir,
    out: W,
}

impl<W: Write> FileWriter<W> for Database<W> {
    fn part(&mut self, index: usize) -> Result<(), DeliveryError> {
        let Some((table, columns)) = self.tables.get(index) else {
            return Err(DeliveryError::Unfinished);
        };
        let columns: Vec<&Column> = columns.iter().collect();
        self.places = Some(Places::of(table, columns.iter().copied()));
        self.file.table(table, &columns)
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        let shown = match &self.places {
            Some(places) => self.secrets.apply(places, rows)?,
            None => None,
        };
        self.file.rows(shown.as_ref().unwrap_or(rows))
    }

    fn finish(self: Box<Self>) -> Result<W, DeliveryError> {
        let Self {
            file,
            path,
            _folder,
            mut out,
            ..
        } = *self;
        file.finish()?;
        let file = fs::File::open(&path).map_err(|error| place_error(&path, error))?;
        copy(file, &mut out)?;
        Ok(out)
    }
}

impl WorkSpace {
    /// A folder of this file's own, removed with everything in it when it is dropped.
    fn folder(&self) -> Result<TempDir, DeliveryError> {
        fs::create_dir_all(&self.folder)
            .and_then(|()| {
                tempfile::Builder::new()
                    .prefix("build-")
                    .tempdir_in(&self.folder)
            })
            .map_err(|error| place_error(&self.folder, error))
    }
}

fn copy(mut file: fs::File, out: &mut impl Write) -> Result<(), DeliveryError> {
    let mut buffer = vec![0; COPY];
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(crate::sheets::SheetError::from)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        out.write_all(bytes)
            .map_err(crate::sheets::SheetError::from)?;
    }
}

fn place_error(path: &std::path::Path, source: io::Error) -> DeliveryError {
    DeliveryError::File {
        place: path.display().to_string(),
        source,
    }
}
