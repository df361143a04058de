use super::{
    ImportError,
    file::LocalFile,
    intake::{Intake, Tools, read_exchange},
};
use crate::{
    control::{Import, ImportFormat},
    services::Services,
};

/// Begins to read an import's file, whatever its format.
pub(super) async fn begin(
    _services: &Services,
    import: &Import,
    file: LocalFile,
    tools: Tools,
) -> Result<Intake, ImportError> {
    Ok(match import.format {
        ImportFormat::Exchange => Intake::begin(move |out| read_exchange(&file, tools, out)),
        ImportFormat::Csv | ImportFormat::Xlsx | ImportFormat::Ords => {
            return Err(ImportError::Order("lists"));
        }
    })
}
