use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use wynos::ports::{CallKind, Handed, Mail, Mailer, MailerError};

use super::Faults;

/// A mailer whose calls fail as planned.
#[derive(Debug, Clone)]
pub struct FaultyMailer {
    inner: Arc<dyn Mailer>,
    faults: Arc<Faults>,
}

impl FaultyMailer {
    /// Puts the faults before a mailer.
    pub fn new(inner: Arc<dyn Mailer>, faults: Arc<Faults>) -> Self {
        Self { inner, faults }
    }
}

impl Mailer for FaultyMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        let failed = |source| MailerError::Unavailable {
            source: Box::new(source),
        };
        let work = self.inner.send(mail);
        self.faults
            .around("mailer.send", CallKind::Write, failed, work)
            .boxed()
    }
}
