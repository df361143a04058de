//! The ports on one machine: a queue in a SQLite file, objects in a directory, mails as files or by SMTP, a key file.

mod key_file;
mod mail;
mod objects;
mod queue;

pub use key_file::KeyFile;
pub use mail::{MailFolder, MailSender, SmtpMailer, mime};
pub use objects::{DirectoryObjects, Grant, Method, SignatureError};
pub use queue::SqliteQueue;
