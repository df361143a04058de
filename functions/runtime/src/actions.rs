//! Which AWS actions each adapter makes, and which uses each function has for them: what its role must grant, and nothing
//! more. A test holds every role of the template against it.

/// What a function does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Takes messages: Lambda for it, and the batch loop gives back what failed.
    Work,
    /// Sends messages.
    Send,
    /// Puts messages aside, where a queue's dead letters are.
    PutAside,
    /// Writes objects: `S3Objects::put`, in parts or at once, and `presign_put`.
    Store,
    /// Reads objects: `S3Objects::get`, `head` and `presign_get`.
    Read,
    /// Removes objects: `S3Objects::delete`.
    Remove,
    /// Lists objects: `S3Objects::list`; without it S3 does not even say that an object is not there.
    List,
    /// Sends mails: `SesMailer`.
    Mail,
    /// Reads secrets: `SecretValues::get`.
    ReadSecret,
    /// Fills the secret with the master key: `SecretsManagerKeys::create`.
    FillSecret,
    /// Opens master keys: `SecretsManagerKeys::keys`.
    OpenKey,
    /// Makes the first master key: `SecretsManagerKeys::create`.
    MakeKey,
    /// Writes its log: Lambda for it.
    Log,
    /// Is in the network of a database made here: Lambda for it, with interfaces that it makes and removes. What AWS asks for is
    /// told at <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>.
    Network,
}

impl Use {
    /// The actions that it takes.
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Work => &[
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",
            ],
            Self::Send | Self::PutAside => &["sqs:SendMessage"],
            Self::Store => &["s3:PutObject", "s3:AbortMultipartUpload"],
            Self::Read => &["s3:GetObject"],
            Self::Remove => &["s3:DeleteObject"],
            Self::List => &["s3:ListBucket"],
            Self::Mail => &["ses:SendRawEmail"],
            Self::ReadSecret => &["secretsmanager:GetSecretValue"],
            Self::FillSecret => &["secretsmanager:PutSecretValue"],
            Self::OpenKey => &["kms:Decrypt"],
            Self::MakeKey => &["kms:GenerateDataKeyWithoutPlaintext"],
            Self::Log => &["logs:CreateLogStream", "logs:PutLogEvents"],
            Self::Network => &[
                "ec2:CreateNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:DeleteNetworkInterface",
                "ec2:AssignPrivateIpAddresses",
                "ec2:UnassignPrivateIpAddresses",
            ],
        }
    }
}

/// A use of a resource, by its name in the template and, of the bucket, the first part of the keys.
pub type Need = (Use, &'static str);

/// What `Function::open` needs, for those who do jobs or serve people.
const OPEN: [Need; 4] = [
    (Use::ReadSecret, "MasterKeySecret"),
    (Use::ReadSecret, "Database"),
    (Use::OpenKey, "Key"),
    (Use::Network, "Network"),
];

/// Those that work with less, and name all of it themselves.
const SPARE: [&str; 3] = ["Webhook", "Schedule", "Migrate"];

/// A function's own needs; the log comes on top, and for most of them [`OPEN`].
const OWN: [(&str, &[Need]); 11] = [
    (
        "Webhook",
        &[
            (Use::ReadSecret, "MasterKeySecret"),
            (Use::OpenKey, "Key"),
            (Use::Send, "IngestQueue"),
        ],
    ),
    (
        "Console",
        &[
            (Use::ReadSecret, "YclientsPartnerSecret"),
            (Use::Send, "ExportQueue"),
            (Use::Send, "ImportQueue"),
            (Use::Send, "PullQueue"),
            (Use::Send, "ReconcileQueue"),
            (Use::Send, "RetentionQueue"),
            (Use::Send, "IngestQueue"),
            (Use::Send, "RelayQueue"),
            (Use::List, "Bucket"),
            (Use::Read, "Bucket/exports"),
            (Use::Read, "Bucket/imports"),
            (Use::Store, "Bucket/imports"),
        ],
    ),
    (
        "Export",
        &[
            (Use::Work, "ExportQueue"),
            (Use::PutAside, "ExportDeadLetters"),
            (Use::Send, "MailQueue"),
            (Use::List, "Bucket"),
            (Use::Store, "Bucket/exports"),
            (Use::Remove, "Bucket/exports"),
        ],
    ),
    (
        "Import",
        &[
            (Use::Work, "ImportQueue"),
            (Use::PutAside, "ImportDeadLetters"),
            (Use::Send, "ImportQueue"),
            (Use::Send, "RelayQueue"),
            (Use::List, "Bucket"),
            (Use::Read, "Bucket/imports"),
        ],
    ),
    (
        "Mail",
        &[
            (Use::Work, "MailQueue"),
            (Use::PutAside, "MailDeadLetters"),
            (Use::Work, "RelayQueue"),
            (Use::PutAside, "RelayDeadLetters"),
            (Use::Send, "MailQueue"),
            (Use::List, "Bucket"),
            (Use::Remove, "Bucket/exports"),
            (Use::Mail, "MailIdentity"),
            (Use::Mail, "MailEvents"),
        ],
    ),
    (
        "Pull",
        &[
            (Use::ReadSecret, "YclientsPartnerSecret"),
            (Use::Work, "PullQueue"),
            (Use::PutAside, "PullDeadLetters"),
            (Use::Send, "PullQueue"),
            (Use::Send, "IngestQueue"),
            (Use::Send, "MailQueue"),
            (Use::Send, "RelayQueue"),
        ],
    ),
    (
        "Ingest",
        &[
            (Use::Work, "IngestQueue"),
            (Use::PutAside, "IngestDeadLetters"),
            (Use::Send, "IngestQueue"),
            (Use::Send, "PullQueue"),
            (Use::Send, "MailQueue"),
            (Use::Send, "RelayQueue"),
        ],
    ),
    (
        "Reconcile",
        &[
            (Use::ReadSecret, "YclientsPartnerSecret"),
            (Use::Work, "ReconcileQueue"),
            (Use::PutAside, "ReconcileDeadLetters"),
            (Use::Send, "ReconcileQueue"),
            (Use::Send, "MailQueue"),
            (Use::Send, "RelayQueue"),
        ],
    ),
    (
        "Retention",
        &[
            (Use::Work, "RetentionQueue"),
            (Use::PutAside, "RetentionDeadLetters"),
            (Use::Send, "RetentionQueue"),
            (Use::Send, "MailQueue"),
            (Use::List, "Bucket"),
            (Use::Remove, "Bucket/exports"),
            (Use::Remove, "Bucket/imports"),
        ],
    ),
    (
        "Schedule",
        &[
            (Use::ReadSecret, "Database"),
            (Use::Network, "Network"),
            (Use::Send, "ExportQueue"),
            (Use::Send, "ImportQueue"),
            (Use::Send, "MailQueue"),
            (Use::Send, "PullQueue"),
            (Use::Send, "ReconcileQueue"),
            (Use::Send, "RetentionQueue"),
        ],
    ),
    (
        "Migrate",
        &[
            (Use::MakeKey, "Key"),
            (Use::OpenKey, "Key"),
            (Use::FillSecret, "MasterKeySecret"),
            (Use::ReadSecret, "MasterKeySecret"),
            (Use::ReadSecret, "Database"),
            (Use::Network, "Network"),
        ],
    ),
];

/// The functions.
pub fn functions() -> impl Iterator<Item = &'static str> {
    OWN.iter().map(|(name, _)| *name)
}

/// Variables with the queues that a function sends to, takes from and puts aside in, by its name in whatever case.
pub(crate) fn queue_variables(function: &str) -> Vec<String> {
    let own = OWN
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(function));
    let needs = own.flat_map(|(_, needs)| needs.iter());
    needs
        .filter_map(|(_, resource)| {
            let queue = resource.strip_suffix("Queue");
            let queue = queue.map(|name| format!("WYNOS_QUEUE_{}", name.to_uppercase()));
            queue.or_else(|| {
                let queue = resource.strip_suffix("DeadLetters")?;
                Some(format!("WYNOS_DEAD_LETTERS_{}", queue.to_uppercase()))
            })
        })
        .collect()
}

/// Everything that the function of that name needs: its action and the resource.
pub fn needs(function: &str) -> Vec<(&'static str, String)> {
    let own = OWN.iter().find(|(name, _)| *name == function);
    let own = own.map_or(&[] as &[Need], |(_, needs)| needs);
    let mut needs = Vec::new();
    let opened = if SPARE.contains(&function) {
        &[]
    } else {
        OPEN.as_slice()
    };
    for (used, resource) in opened.iter().chain(own) {
        for action in used.actions() {
            needs.push((*action, (*resource).to_owned()));
        }
    }
    for action in Use::Log.actions() {
        needs.push((*action, format!("{function}Log")));
    }
    needs
}
