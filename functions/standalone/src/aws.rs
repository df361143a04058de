//! S3, SQS and SES, or what speaks like them, in place of the embedded queue, objects and mails; without Lambda.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use clap::Args;
use url::Url;
use wynos::{ports::QueueName, services::Services};
use wynos_runtime::{KeyedQueue, Parts, QueueUrls, S3Objects, SesMailer, SqsQueue, configuration};

use crate::{args::Mail, failure::Failure};

/// How long a worker waits at an empty queue: each look is paid for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is kept in AWS. Region, credentials and addresses are those of `AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL` and
/// so on.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Cloud {
    /// Keep files in this bucket of S3.
    #[arg(long, global = true, env = "WYNOS_BUCKET")]
    pub(crate) bucket: Option<String>,
    /// Ask for the bucket by path, as stores that speak like S3 want it.
    #[arg(long, global = true, env = "WYNOS_BUCKET_BY_PATH")]
    pub(crate) bucket_by_path: bool,
    /// Let work wait in SQS: NAME=URL,DEAD-LETTERS-URL for each queue, separated by spaces in the environment.
    #[arg(
        long,
        global = true,
        env = "WYNOS_SQS_QUEUES",
        value_delimiter = ' ',
        value_parser = queue
    )]
    pub(crate) sqs_queue: Vec<(QueueName, QueueUrls)>,
    /// Hand mails to SES.
    #[arg(long, global = true, env = "WYNOS_SES")]
    pub(crate) ses: bool,
    /// The configuration set that mails handed to SES belong to, which tells whoever it names of bounces and complaints.
    #[arg(long, global = true, env = "WYNOS_MAIL_CONFIGURATION_SET")]
    pub(crate) mail_configuration_set: Option<String>,
}

fn queue(text: &str) -> Result<(QueueName, QueueUrls), String> {
    let read = || {
        let (name, urls) = text.split_once('=')?;
        let (queue, dead_letters) = urls.split_once(',')?;
        let urls = QueueUrls {
            queue: queue.to_owned(),
            dead_letters: Some(dead_letters.to_owned()),
        };
        Some((QueueName::parse(name)?, urls))
    };
    read().ok_or_else(|| "it is not of the form export=URL,DEAD-LETTERS-URL".to_owned())
}

impl Cloud {
    /// Puts what was asked for in place of the embedded; the address of the bucket, where there is one.
    pub(crate) async fn instead(
        &self,
        mail: &Mail,
        services: &mut Services,
    ) -> anyhow::Result<Option<Url>> {
        if !self.ses && self.mail_configuration_set.is_some() {
            return Err(Failure::usage("a configuration set is of SES: say --ses too").into());
        }
        if self.bucket.is_none() && self.sqs_queue.is_empty() && !self.ses {
            return Ok(None);
        }
        let cloud = configuration().await;
        if self.ses {
            let from = mail.mail_from.parse().map_err(|_| {
                Failure::usage("the sender of mails is not of the form: Name <name@example.com>")
            })?;
            let set = self.mail_configuration_set.clone();
            services.mailer = Arc::new(SesMailer::new(&cloud, from, set, services.clock.clone()));
        }
        if !self.sqs_queue.is_empty() {
            let urls: BTreeMap<QueueName, QueueUrls> = self.sqs_queue.iter().cloned().collect();
            if let Some(missing) = QueueName::ALL.iter().find(|name| !urls.contains_key(name)) {
                let message = format!("there is no URL of the queue {missing}: name all or none");
                return Err(Failure::usage(message).into());
            }
            let queue = SqsQueue::new(&cloud, urls).waiting(PATIENCE);
            let (control, clock) = (services.control.clone(), services.clock.clone());
            services.queue = Arc::new(KeyedQueue::new(queue, control, clock));
        }
        let Some(bucket) = &self.bucket else {
            return Ok(None);
        };
        let objects = S3Objects::new(&cloud, bucket, Parts::default(), self.bucket_by_path);
        let origin = objects.origin().await?;
        services.objects = Arc::new(objects);
        Ok(Some(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_with_both_of_its_urls() {
        let (name, urls) = queue("mail=https://a/1/m,https://a/1/d").unwrap();
        assert_eq!(name, QueueName::Mail);
        assert_eq!(urls.queue, "https://a/1/m");
        assert_eq!(urls.dead_letters.as_deref(), Some("https://a/1/d"));
        for bad in ["mail", "mail=https://a", "other=a,b", ""] {
            assert!(queue(bad).is_err(), "{bad}");
        }
    }
}
