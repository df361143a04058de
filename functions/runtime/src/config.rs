use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use url::Url;
#[cfg(feature = "domain")]
use wynos::{
    control::LaneShare,
    embedded::MailSender,
    plans::{Plans, PlansError},
};
use wynos_base::ports::QueueName;

use crate::{DatabasePlace, Parts, QueueUrls, metrics, variables::Variables};

/// Deliveries of a message after which SQS puts it aside, where nothing else is said: with the delays between them some
/// three hours, which outlast a database that is away for a while.
const MAX_RECEIVES: u32 = 22;

/// How many of them are left when work on a message is given up, so that somebody can say so.
const LEFT_TO_TELL: u32 = 2;

/// The first pause before a message that failed comes again, where nothing else is said.
const RETRY: u64 = 5;

/// Memory of a function where Lambda does not say, in MiB.
const MEMORY: u64 = 512;

/// Temporary space of a function where nothing else is said, in MiB: what Lambda gives by default.
const TEMPORARY: u64 = 512;

const MEBIBYTE: u64 = 1024 * 1024;

/// What a function is told by its environment. Secrets are named there, never held.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people reach the console.
    pub public_url: Url,
    /// The bucket for files.
    pub bucket: String,
    /// Whether the bucket is asked for by path: at stores with an address of their own.
    pub bucket_by_path: bool,
    /// Where the database is.
    pub database: DatabasePlace,
    /// The secret with the master keys.
    pub master_key_secret: String,
    /// The KMS key for the first of them; for who sets the system up.
    pub kms_key: Option<String>,
    /// Who mails come from.
    #[cfg(feature = "domain")]
    pub mail_from: MailSender,
    /// The configuration set that mails are sent with.
    pub mail_configuration_set: Option<String>,
    /// YCLIENTS.
    pub yclients: VendorPlace,
    /// Altegio.
    pub altegio: VendorPlace,
    /// The share of the vendors' allowance that is used; without one every lane keeps the share that it has.
    #[cfg(feature = "domain")]
    pub vendor_share: Option<LaneShare>,
    /// What the plans allow.
    #[cfg(feature = "domain")]
    pub plans: Plans,
    /// The queues.
    pub queues: BTreeMap<QueueName, QueueUrls>,
    /// Deliveries after which SQS puts a message aside by itself and tells nobody.
    pub max_receives: u32,
    /// The first pause before a message that failed comes again.
    pub retry: Duration,
    /// The namespace of its figures.
    pub metrics_namespace: String,
    /// What the function may use.
    pub budget: Budget,
}

/// How a vendor is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorPlace {
    /// The address, if not the usual one.
    pub base_url: Option<String>,
    /// The secret with the partner's token; without one nothing is read there.
    pub partner_secret: Option<String>,
}

/// What a function may use, by its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// How uploads are cut: an eighth of the memory at most is theirs.
    pub parts: Parts,
    /// Connections to the shared tables.
    pub control_connections: u32,
    /// Connections to the warehouses.
    pub warehouse_connections: u32,
    /// Where temporary files are.
    pub work_dir: PathBuf,
    /// Bytes that one of them may take.
    pub work_limit: u64,
}

/// A variable that keeps a function from starting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not there or empty.
    #[error("the environment variable {name} is not set: {meaning}")]
    Missing {
        /// The variable.
        name: String,
        /// What it is for.
        meaning: &'static str,
    },
    /// It cannot be read.
    #[error("the environment variable {name} is not {expected}")]
    Malformed {
        /// The variable.
        name: String,
        /// What it should be.
        expected: &'static str,
    },
}

#[cfg(feature = "domain")]
impl From<PlansError> for ConfigError {
    fn from(error: PlansError) -> Self {
        Self::Malformed {
            name: error.variable,
            expected: error.expected,
        }
    }
}

impl Config {
    /// Reads the environment of this process, for the function of that name.
    pub fn from_environment(function: &str) -> Result<Self, ConfigError> {
        Self::read_for(function, environment)
    }

    /// The same, which has to tell every queue that the function uses: a message to one that is not told would be tried until
    /// it is put aside.
    fn read_for(
        function: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let config = Self::read(&variable)?;
        for name in crate::actions::queue_variables(function) {
            Variables(&variable).required(&name, "the URL of a queue that this function uses")?;
        }
        Ok(config)
    }

    /// Reads variables, by whatever gives their values.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let variables = Variables(&variable);
        let max_receives = variables.number("WYNOS_MAX_RECEIVES")?;
        Ok(Self {
            public_url: variables.parse(
                "WYNOS_PUBLIC_URL",
                "where people reach the console",
                "an address such as https://wynos.example.com",
            )?,
            bucket: variables.required("WYNOS_BUCKET", "the bucket for files")?,
            bucket_by_path: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
                .iter()
                .any(|name| variables.optional(name).is_some()),
            database: DatabasePlace {
                secret: variables.required(
                    "WYNOS_DATABASE_SECRET",
                    "the name of the secret with the database's address",
                )?,
                host: variables.optional("WYNOS_DATABASE_HOST"),
                name: variables
                    .optional("WYNOS_DATABASE_NAME")
                    .unwrap_or_else(|| "wynos".to_owned()),
            },
            master_key_secret: variables.required(
                "WYNOS_MASTER_KEY_SECRET",
                "the name of the secret with the master keys",
            )?,
            kms_key: variables.optional("WYNOS_KMS_KEY"),
            #[cfg(feature = "domain")]
            mail_from: variables.parse(
                "WYNOS_MAIL_FROM",
                "who mails come from",
                "of the form: Name <name@example.com>",
            )?,
            mail_configuration_set: variables.optional("WYNOS_MAIL_CONFIGURATION_SET"),
            yclients: variables.vendor("YCLIENTS"),
            altegio: variables.vendor("ALTEGIO"),
            #[cfg(feature = "domain")]
            vendor_share: variables.given("WYNOS_VENDOR_SHARE", LaneShare::EXPECTED)?,
            #[cfg(feature = "domain")]
            plans: Plans::read(&variable)?,
            queues: variables.queues(),
            max_receives: max_receives
                .map_or(Ok(MAX_RECEIVES), u32::try_from)
                .unwrap_or(MAX_RECEIVES)
                .max(1),
            retry: Duration::from_secs(variables.number("WYNOS_RETRY_SECONDS")?.unwrap_or(RETRY)),
            metrics_namespace: metrics::namespace(variables.optional(metrics::NAMESPACE_VARIABLE))?,
            budget: Budget::of(
                variables
                    .number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?
                    .unwrap_or(MEMORY),
                variables.number("WYNOS_TEMPORARY_MB")?.unwrap_or(TEMPORARY),
                variables.optional("WYNOS_WORK_DIR"),
            ),
        })
    }

    /// How often work on a message is begun. The deliveries that are left then are for telling that it was given up: whoever
    /// killed a process the last time it was begun cannot tell it.
    pub fn tries(&self) -> u32 {
        self.max_receives.saturating_sub(LEFT_TO_TELL).max(1)
    }

    /// The queue whose ARN or URL ends with the same name.
    pub fn queue_named(&self, name: &str) -> Option<QueueName> {
        let same = |urls: &QueueUrls| urls.queue.rsplit('/').next() == Some(name);
        let found = self.queues.iter().find(|(_, urls)| same(urls));
        found.map(|(queue, _)| *queue)
    }
}

impl Budget {
    /// What a function with so many MiB of memory and of temporary space may use.
    fn of(memory: u64, temporary: u64, work_dir: Option<String>) -> Self {
        let parts = Parts::default();
        let for_uploads = memory * MEBIBYTE / 8;
        let part = (for_uploads / 4).clamp(5 * MEBIBYTE, parts.size as u64);
        let at_once = (for_uploads / part).saturating_sub(1).clamp(1, 4);
        let roomy = memory >= 1_024;
        Self {
            parts: Parts {
                size: usize::try_from(part).unwrap_or(parts.size),
                at_once: usize::try_from(at_once).unwrap_or(1),
            },
            control_connections: if roomy { 3 } else { 2 },
            warehouse_connections: if roomy { 4 } else { 3 },
            work_dir: work_dir.map_or_else(|| PathBuf::from("/tmp/wynos"), PathBuf::from),
            // The rest is for what programs and libraries put there.
            work_limit: temporary * MEBIBYTE / 10 * 9,
        }
    }
}

/// A variable of this process that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the functions' configuration, which Lambda gives in no other way"
)]
pub(crate) fn environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    value.filter(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 6] = [
        ("WYNOS_PUBLIC_URL", "https://wynos.example.com"),
        ("WYNOS_BUCKET", "files"),
        ("WYNOS_DATABASE_SECRET", "wynos/database"),
        ("WYNOS_MASTER_KEY_SECRET", "wynos/keys"),
        ("WYNOS_MAIL_FROM", "Wynos <wynos@example.com>"),
        ("WYNOS_QUEUE_MAIL", "https://sqs.example.com/1/mails"),
    ];

    fn read(change: Option<(&str, &str)>) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let changed = change.filter(|(changed, _)| *changed == name);
            let usual = WHOLE.iter().find(|(known, _)| *known == name).copied();
            changed.or(usual).map(|(_, value)| value.to_owned())
        })
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        for (name, _) in WHOLE.iter().take(5) {
            let error = read(Some((name, " "))).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("not set"), "{error}");
        }
        for (name, value) in [
            ("WYNOS_PUBLIC_URL", "wynos"),
            ("WYNOS_MAIL_FROM", "nobody"),
            ("WYNOS_MAX_RECEIVES", "many"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1 GB"),
            ("WYNOS_TRIAL_GB", "one"),
            ("WYNOS_VENDOR_SHARE", "0"),
            ("WYNOS_VENDOR_SHARE", "90%"),
            ("WYNOS_METRICS_NAMESPACE", "AWS/Lambda"),
        ] {
            let error = read(Some((name, value))).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("is not"), "{error}");
        }
    }

    #[test]
    fn a_function_that_is_not_told_one_of_its_queues_does_not_start() {
        let read = |lacking: &str| {
            Config::read_for("webhook", |name| {
                let known = WHOLE.iter().find(|(known, _)| *known == name).copied();
                let queue = ("WYNOS_QUEUE_INGEST", "https://sqs.example.com/1/events");
                let known = known.or((name == queue.0).then_some(queue));
                known
                    .filter(|(name, _)| *name != lacking)
                    .map(|(_, value)| value.to_owned())
            })
        };
        assert!(read("").is_ok());
        let error = read("WYNOS_QUEUE_INGEST").unwrap_err().to_string();
        assert!(error.contains("WYNOS_QUEUE_INGEST is not set"), "{error}");
    }

    #[test]
    fn queues_are_found_by_the_name_in_their_arn() {
        let config = read(None).unwrap();
        assert_eq!(config.queue_named("mails"), Some(QueueName::Mail));
        assert_eq!(config.queue_named("other"), None);
        assert_eq!(config.max_receives, MAX_RECEIVES);
        assert_eq!(config.tries(), MAX_RECEIVES - LEFT_TO_TELL);
    }

    #[test]
    fn uploads_take_an_eighth_of_the_memory_at_most_where_s3_lets_them() {
        for memory in [128, 256, 512, 1_024, 2_048, 10_240] {
            let parts = Budget::of(memory, 512, None).parts;
            let held = parts.size as u64 * (parts.at_once as u64 + 1);
            assert!(parts.size as u64 >= 5 * MEBIBYTE, "{memory}");
            assert!(
                held <= (memory * MEBIBYTE / 8).max(10 * MEBIBYTE),
                "{memory}: {held}"
            );
        }
        let small = read(Some(("WYNOS_TEMPORARY_MB", "100"))).unwrap();
        assert_eq!(small.budget.work_limit, 90 * MEBIBYTE);
    }
}
