//! Files of the command line whose customers are noted before the file is finished. A command that was killed takes
//! nothing back, and no delivery tells of it: so the note says which event was begun, until the event is committed.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value as Json, json};

use super::personal_log;
use crate::warehouse::{Filter, Operator, Rows, Scan, Warehouse, WarehouseError, Write, internal};

/// What the names of the notes begin with, and the first name that does not.
const PREFIX: &str = "export/begun/";
const BEHIND: &str = "export/begun0";
/// Notes looked at in one go; what is left goes the next night.
const AT_ONCE: u64 = 1_000;

fn key(event: &str) -> String {
    format!("{PREFIX}{event}")
}

fn note(at: DateTime<Utc>) -> Json {
    json!({ "at": at })
}

/// Notes that customers of this event are being noted.
pub(super) fn begin(event: &str, at: DateTime<Utc>) -> Write {
    Write::PutState {
        key: key(event),
        value: Some(note(at)),
    }
}

/// Takes the note away with the load that commits the event, which is refused where the customers were forgotten.
pub(super) fn finish(event: &str, at: DateTime<Utc>) -> [Write; 2] {
    let expected = Write::Expect {
        key: key(event),
        value: Some(note(at)),
    };
    [expected, forgotten(event)]
}

fn forgotten(event: &str) -> Write {
    Write::PutState {
        key: key(event),
        value: None,
    }
}

/// Forgets the customers of a file that failed, and the note with them.
pub(super) async fn forget(
    warehouse: &Warehouse,
    event: &str,
    now: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    personal_log::forget(warehouse, &[event.to_owned()], now).await?;
    if warehouse.state(&key(event)).await?.is_some() {
        let done = personal_log::load(event, now, vec![forgotten(event)]);
        warehouse.commit(done).await?;
    }
    Ok(())
}

/// Forgets the customers of files that were begun before this and never finished; of how many files. One that is finished
/// all the same is refused from then on. Broken off and done again, it goes on.
pub(crate) async fn forget_unfinished(
    warehouse: &Warehouse,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, WarehouseError> {
    let begun = Filter::compare("key", Operator::AtLeast, PREFIX);
    let begun = begun.and(Filter::compare("key", Operator::Less, BEHIND));
    let scan = Scan::of(internal::state()).columns(["key", "value"]);
    let snapshot = warehouse.snapshot().await?;
    let batches = snapshot.scan(scan.filter(begun).limit(AT_ONCE)).await?;
    let notes: Vec<Rows> = batches.try_collect().await?;
    drop(snapshot);
    let mut forgot = 0;
    for row in notes.iter().flat_map(Rows::iter) {
        let event = row.get(0).as_str().and_then(|key| key.strip_prefix(PREFIX));
        let kept = row
            .get(1)
            .as_str()
            .and_then(|text| serde_json::from_str::<Json>(text).ok());
        let (Some(event), Some(kept)) = (event, kept) else {
            continue;
        };
        if at_of(&kept).is_some_and(|at| at >= before) {
            continue;
        }
        let given_up = json!({ "given_up": now });
        // From here on the event cannot be committed any more.
        let claim = vec![
            Write::Expect {
                key: key(event),
                value: Some(kept),
            },
            Write::PutState {
                key: key(event),
                value: Some(given_up),
            },
        ];
        match warehouse
            .commit(personal_log::load(event, now, claim))
            .await
        {
            Ok(_) => {}
            // It was finished meanwhile.
            Err(WarehouseError::Moved { .. }) => continue,
            Err(error) => return Err(error),
        }
        forget(warehouse, event, now).await?;
        forgot += 1;
    }
    Ok(forgot)
}

/// When the file was begun; `None` where the note is that it was given up.
fn at_of(note: &Json) -> Option<DateTime<Utc>> {
    note.get("at")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        delivery::personal_log::{SubjectLog, load},
        warehouse::Warehouses,
    };

    #[tokio::test]
    async fn customers_of_a_file_that_was_never_finished_go_and_it_cannot_be_finished_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let warehouses = Warehouses::sqlite(folder.path().join("warehouses"));
        let warehouse = warehouses.open(&"sampleshop".parse().unwrap());
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut customers = Rows::new(1);
        customers.push_values(&["c1".into()]);
        customers.push_values(&["c2".into()]);
        let begun = async |event, days| {
            let mut log = SubjectLog::new(&warehouse, event, now - TimeDelta::days(days)).noted();
            log.note(&customers, 0).await.unwrap();
            log.flush().await.unwrap();
            log.finish()
        };
        let (old, young) = (begun("old", 8).await, begun("young", 6).await);
        let failed = begun("failed", 8).await;
        forget(&warehouse, "failed", now).await.unwrap();
        let before = now - TimeDelta::days(7);
        for forgot in [1, 0] {
            let unfinished = forget_unfinished(&warehouse, before, now).await;
            assert_eq!(unfinished.unwrap(), forgot);
        }
        let snapshot = warehouse.snapshot().await.unwrap();
        let subjects = internal::personal_data_subjects();
        assert_eq!(snapshot.count(subjects, &Filter::All).await.unwrap(), 2);
        for late in [old, failed] {
            let refused = warehouse.commit(load("late", now, late)).await;
            assert!(matches!(refused, Err(WarehouseError::Moved { .. })));
        }
        let finished = warehouse.commit(load("young", now, young)).await;
        assert!(finished.is_ok());
        assert_eq!(warehouse.state(&key("young")).await.unwrap(), None);
        assert_eq!(forget_unfinished(&warehouse, now, now).await.unwrap(), 0);
    }
}
