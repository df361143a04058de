use chrono::{DateTime, Utc};
use wynos::ports::{Listed, ObjectKey, ObjectsError};

use super::{S3Objects, failed};

/// The most objects of one list.
const MAX_ROWS: usize = 1_000;

impl S3Objects {
    /// One page of a list. What has a name that is none of ours is somebody else's and left out.
    pub(super) async fn page(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, ObjectsError> {
        let limit = limit.min(MAX_ROWS);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let listed = self
            .client
            .list_objects_v2()
            .bucket(&*self.bucket)
            .prefix(prefix)
            .set_start_after(after.map(ToString::to_string))
            .max_keys(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("list objects", error))?;
        let objects = listed.contents.unwrap_or_default().into_iter();
        let found = objects.filter_map(|object| {
            let stored_at = object.last_modified?;
            Some(Listed {
                key: object.key?.parse().ok()?,
                size: object.size?.try_into().ok()?,
                stored_at: DateTime::<Utc>::from_timestamp(
                    stored_at.secs(),
                    stored_at.subsec_nanos(),
                )?,
            })
        });
        Ok(found.collect())
    }
}
