use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use futures::{FutureExt, future::BoxFuture};

use super::{MailSender, message};
use crate::ports::{Clock, Handed, Mail, Mailer, MailerError};

/// Mails as `.eml` files in a directory, named by their ids: a mail sent twice is one file.
#[derive(Debug, Clone)]
pub struct MailFolder {
    directory: PathBuf,
    from: MailSender,
    clock: Clock,
}

impl MailFolder {
    /// Opens the directory, making it when it is not there.
    pub fn open(directory: &Path, from: MailSender, clock: Clock) -> Result<Self, MailerError> {
        fs::create_dir_all(directory).map_err(unavailable)?;
        Ok(Self {
            directory: directory.to_owned(),
            from,
            clock,
        })
    }
}

impl Mailer for MailFolder {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        async move {
            let message = message(mail, &self.from, self.clock.now())?.formatted();
            let (directory, name) = (self.directory.clone(), format!("{}.eml", mail.message_id));
            tokio::task::spawn_blocking(move || write(&directory, &name, &message))
                .await
                .map_err(io::Error::other)
                .and_then(|written| written)
                .map(|()| Handed::default())
                .map_err(unavailable)
        }
        .boxed()
    }
}

fn write(directory: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let path = directory.join(name);
    if path.try_exists()? {
        return Ok(());
    }
    // Made readable by its owner alone: it holds a link.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(message)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => fs::File::open(directory)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn unavailable(source: io::Error) -> MailerError {
    MailerError::Unavailable {
        source: Box::new(source),
    }
}
