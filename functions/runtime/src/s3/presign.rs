use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use data_encoding::BASE64;
use url::Url;
use wynos::ports::{MAX_GET_TTL, ObjectKey, ObjectsError, PresignedPut, Upload, attachment};

use super::{S3Objects, failed};

impl S3Objects {
    /// A URL to read the object with; the browser saves it under the file's name.
    pub(super) async fn signed_get(
        &self,
        key: &ObjectKey,
        file_name: &str,
        content_type: &str,
        ttl: Duration,
    ) -> Result<Url, ObjectsError> {
        if ttl > MAX_GET_TTL {
            return Err(ObjectsError::TtlTooLong);
        }
        let signed = self
            .client
            .get_object()
            .bucket(&*self.bucket)
            .key(key.as_str())
            .response_content_disposition(attachment(file_name))
            .response_content_type(content_type)
            .presigned(valid_for(ttl)?)
            .await
            .map_err(|error| failed("sign a URL", error))?;
        read(signed.uri())
    }

    /// A URL to store the object with. What the uploader said of the content is signed with it, so that the store refuses
    /// anything else: its size as `Content-Length`, its checksum as a header that must be sent as it is told here.
    pub(super) async fn signed_put(
        &self,
        key: &ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> Result<PresignedPut, ObjectsError> {
        if let Some(size) = upload.size.filter(|size| *size > upload.size_limit) {
            return Err(ObjectsError::TooLarge {
                size,
                limit: upload.size_limit,
            });
        }
        let length = upload.size.and_then(|size| size.try_into().ok());
        let checksum = upload.sha256.map(|digest| BASE64.encode(&digest));
        let signed = self
            .client
            .put_object()
            .bucket(&*self.bucket)
            .key(key.as_str())
            .set_content_length(length)
            .set_checksum_sha256(checksum)
            .presigned(valid_for(ttl)?)
            .await
            .map_err(|error| failed("sign a URL", error))?;
        let headers = signed
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(PresignedPut {
            url: read(signed.uri())?,
            headers: headers.collect(),
        })
    }
}

fn valid_for(ttl: Duration) -> Result<PresigningConfig, ObjectsError> {
    PresigningConfig::expires_in(ttl).map_err(|error| failed("sign a URL", error))
}

fn read(url: &str) -> Result<Url, ObjectsError> {
    Url::parse(url).map_err(|error| failed("sign a URL", error))
}
