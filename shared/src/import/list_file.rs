use std::{fs::File, path::Path, sync::Arc};

use chrono_tz::Tz;

use super::{ImportError, intake::Tools};
use crate::{
    SubscriptionId,
    catalog::Table,
    progress::{Progress, Watched},
    sheets::{Mapping, ReadOptions, Separator, SheetFile, SheetFormat},
};

/// A list to be read.
pub(super) struct ListOrder {
    pub format: SheetFormat,
    pub table: Arc<Table>,
    /// Which column is which; guessed where it is not given.
    pub mapping: Option<Mapping>,
    /// The zone of times without an offset.
    pub zone: Tz,
    pub subscription: SubscriptionId,
}

impl ListOrder {
    /// Opens the list's file, as far as somebody stated how to read it.
    pub fn open(
        &self,
        path: &Path,
        tools: &Tools,
    ) -> Result<SheetFile<Watched<File>>, ImportError> {
        let stated = self.mapping.as_ref();
        let separator = stated.and_then(|mapping| mapping.separator);
        let options = ReadOptions {
            format: Some(self.format),
            encoding: stated.and_then(|mapping| mapping.encoding),
            separator: separator.map(Separator::byte),
            ..ReadOptions::new(self.zone, self.subscription.as_str(), &tools.folder)
        };
        open(path, options, &tools.progress)
    }
}

pub(super) fn open(
    path: &Path,
    options: ReadOptions,
    progress: &Progress,
) -> Result<SheetFile<Watched<File>>, ImportError> {
    let content = File::open(path).map_err(ImportError::Space)?;
    Ok(SheetFile::open(Watched::new(content, progress), options)?)
}
