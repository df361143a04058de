use std::sync::Arc;

use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use aws_types::SdkConfig;
use data_encoding::BASE64;
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::OnceCell;
use wynos_base::ports::{KeyName, KeyRing, MasterKey, Secrets, SecretsError};

use super::{SecretValues, malformed, unavailable};

/// What stands before a key that KMS must decrypt.
const SEALED: &str = "kms:";

/// What keys are bound to in KMS: a ciphertext copied into another secret opens nothing there.
const CONTEXT: (&str, &str) = ("purpose", "wynos-master-key");

/// Master keys in a secret of Secrets Manager: one line per version, the newest last, `VERSION kms:BASE64` with a data key
/// that KMS encrypted, or `VERSION BASE64` as in the key file. Older ones stay honoured for as long as their lines are
/// there. They are fetched when the first key is needed, and kept until the process ends.
#[derive(Debug, Clone)]
pub struct SecretsManagerKeys {
    values: SecretValues,
    kms: aws_sdk_kms::Client,
    secret: Arc<str>,
    masters: Arc<OnceCell<(MasterKey, Vec<MasterKey>)>>,
}

impl SecretsManagerKeys {
    /// The keys in the secret of that name or ARN. Asks nothing yet.
    pub fn new(cloud: &SdkConfig, values: SecretValues, secret: &str) -> Self {
        Self {
            values,
            kms: aws_sdk_kms::Client::new(cloud),
            secret: secret.into(),
            masters: Arc::default(),
        }
    }

    /// Gives a secret that has no value yet its first key: a data key of the KMS key of that id. `false` when there was
    /// one. Only who sets the system up may do this, and one at a time.
    pub async fn create(&self, kms_key: &str) -> Result<bool, SecretsError> {
        if self.values.get(&self.secret).await?.is_some() {
            return Ok(false);
        }
        let made = self
            .kms
            .generate_data_key_without_plaintext()
            .key_id(kms_key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT.0, CONTEXT.1)
            .send()
            .await
            .map_err(unavailable)?;
        let sealed = made
            .ciphertext_blob
            .ok_or_else(|| malformed("the data key of KMS"))?;
        let line = format!("1 {SEALED}{}\n", BASE64.encode(sealed.as_ref()));
        self.values.put(&self.secret, &line).await?;
        Ok(true)
    }

    async fn masters(&self) -> Result<&(MasterKey, Vec<MasterKey>), SecretsError> {
        self.masters.get_or_try_init(|| self.fetch()).await
    }

    async fn fetch(&self) -> Result<(MasterKey, Vec<MasterKey>), SecretsError> {
        let text = self.values.get(&self.secret).await?;
        let text = text.ok_or_else(|| malformed(&self.place(1)))?;
        let mut masters: Vec<MasterKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let place = self.place(index + 1);
            let master = self.open(line.trim(), &place).await?;
            if masters
                .last()
                .is_some_and(|last| last.version() >= master.version())
            {
                return Err(malformed(&place));
            }
            masters.push(master);
        }
        let current = masters.pop().ok_or_else(|| malformed(&self.place(1)))?;
        Ok((current, masters))
    }

    async fn open(&self, line: &str, place: &str) -> Result<MasterKey, SecretsError> {
        let bad = || malformed(place);
        let (version, key) = line.split_once(' ').ok_or_else(bad)?;
        let version = version.parse().map_err(|_| bad())?;
        let (sealed, key) = match key.trim().strip_prefix(SEALED) {
            Some(key) => (true, key),
            None => (false, key.trim()),
        };
        let mut bytes = BASE64.decode(key.as_bytes()).map_err(|_| bad())?;
        if sealed {
            let opened = self
                .kms
                .decrypt()
                .ciphertext_blob(Blob::new(bytes))
                .encryption_context(CONTEXT.0, CONTEXT.1)
                .send()
                .await
                .map_err(unavailable)?;
            bytes = opened.plaintext.ok_or_else(bad)?.into_inner();
        }
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| bad())?;
        Ok(MasterKey::new(version, bytes))
    }

    fn place(&self, line: usize) -> String {
        format!("the secret {} line {line}", self.secret)
    }
}

impl Secrets for SecretsManagerKeys {
    fn keys<'a>(&'a self, name: KeyName) -> BoxFuture<'a, Result<KeyRing, SecretsError>> {
        async move {
            let (current, older) = self.masters().await?;
            Ok(KeyRing::derive(name, current, older))
        }
        .boxed()
    }
}
