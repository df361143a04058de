use bytes::Bytes;
use chrono::TimeDelta;
use futures::TryStreamExt;

use super::*;
use crate::ports::{KeyName, MasterKey};

struct Bed {
    directory: tempfile::TempDir,
    objects: DirectoryObjects,
    clock: Clock,
}

fn bed() -> Bed {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00.9Z".parse().unwrap());
    let keys = KeyRing::derive(KeyName::ObjectUrl, &MasterKey::new(1, [4; 32]), &[]);
    let url = Url::parse("http://127.0.0.1:8787/base/").unwrap();
    let objects =
        DirectoryObjects::open(&directory.path().join("objects"), url, keys, clock.clone())
            .unwrap();
    Bed {
        directory,
        objects,
        clock,
    }
}

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

fn stream(parts: &[&'static str]) -> ByteStream {
    let parts: Vec<io::Result<Bytes>> = parts
        .iter()
        .map(|part| Ok(Bytes::from_static(part.as_bytes())))
        .collect();
    futures::stream::iter(parts).boxed()
}

async fn read(
    objects: &DirectoryObjects,
    at: &str,
    range: Option<Range<u64>>,
) -> Result<String, ObjectsError> {
    let chunks: Vec<Bytes> = objects
        .get(&key(at), range)
        .await?
        .try_collect()
        .await
        .unwrap();
    Ok(String::from_utf8(chunks.concat()).unwrap())
}

fn files(root: &Path) -> usize {
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            if entry.file_type().unwrap().is_dir() {
                files(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[tokio::test]
async fn an_object_is_stored_read_replaced_and_removed() {
    let Bed {
        objects, directory, ..
    } = bed();
    let at = key("exports/shop/a.1.xml");
    assert_eq!(objects.head(&at).await.unwrap(), None);
    assert_eq!(
        objects
            .put(&at, stream(&["zażółć", " gęślą"]))
            .await
            .unwrap(),
        Stored { size: 19 }
    );
    assert_eq!(objects.head(&at).await.unwrap(), Some(Stored { size: 19 }));
    assert_eq!(
        read(&objects, at.as_str(), None).await.unwrap(),
        "zażółć gęślą"
    );
    assert_eq!(
        read(&objects, at.as_str(), Some(10..14)).await.unwrap(),
        " gę"
    );
    assert_eq!(
        read(&objects, at.as_str(), Some(10..1_000)).await.unwrap(),
        " gęślą"
    );
    assert_eq!(read(&objects, at.as_str(), Some(19..25)).await.unwrap(), "");
    for bad in [20..21, Range { start: 5, end: 4 }] {
        let refused = objects.get(&at, Some(bad)).await.err().unwrap();
        assert!(matches!(refused, ObjectsError::BadRange { .. }));
    }
    objects.put(&at, stream(&["nowe"])).await.unwrap();
    assert_eq!(read(&objects, at.as_str(), None).await.unwrap(), "nowe");
    objects.delete(&at).await.unwrap();
    objects.delete(&at).await.unwrap();
    assert!(matches!(
        read(&objects, at.as_str(), None).await,
        Err(ObjectsError::NotFound { .. })
    ));
    assert_eq!(files(directory.path()), 0);
    assert!(
        !directory.path().join("objects/exports").exists(),
        "empty directories go"
    );
}

#[tokio::test]
async fn what_breaks_off_leaves_nothing_and_the_old_object_stays() {
    let Bed {
        objects, directory, ..
    } = bed();
    let at = key("a/b");
    objects.put(&at, stream(&["stare"])).await.unwrap();
    let broken = futures::stream::iter([
        Ok(Bytes::from_static(b"nowe")),
        Err(io::Error::other("cut")),
    ])
    .boxed();
    assert!(matches!(
        objects.put(&at, broken).await,
        Err(ObjectsError::Content { .. })
    ));
    let endless = stream(&["nowe"]).chain(futures::stream::pending()).boxed();
    assert!(
        tokio::time::timeout(Duration::from_millis(200), objects.put(&at, endless))
            .await
            .is_err()
    );
    assert_eq!(read(&objects, "a/b", None).await.unwrap(), "stare");
    assert_eq!(files(directory.path()), 1);
    assert!(
        matches!(
            read(&objects, "a", None).await,
            Err(ObjectsError::NotFound { .. })
        ),
        "a directory"
    );
    assert!(
        matches!(
            read(&objects, "a/b/c", None).await,
            Err(ObjectsError::NotFound { .. })
        ),
        "below a file"
    );
    objects.delete(&key("a")).await.unwrap();
    assert_eq!(read(&objects, "a/b", None).await.unwrap(), "stare");
}

#[tokio::test]
async fn a_list_goes_through_everything_in_the_order_of_keys() {
    let Bed {
        objects,
        directory: _directory,
        ..
    } = bed();
    let mut expected = Vec::new();
    for at in [
        "a", "a-b", "b/c/1", "b/c/2", "b/c-d", "b/d", "b0", "bb/1", "c/x/y/z", "c/x.1",
    ] {
        objects.put(&key(at), stream(&["x"])).await.unwrap();
        expected.push(at);
    }
    expected.sort_unstable();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = objects.list("", after.as_ref(), 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        seen.extend(page.into_iter().map(|listed| listed.key.to_string()));
    }
    assert_eq!(seen, expected);
    let within = objects.list("b/c", None, 10).await.unwrap();
    assert_eq!(
        within
            .iter()
            .map(|listed| listed.key.as_str())
            .collect::<Vec<_>>(),
        ["b/c-d", "b/c/1", "b/c/2"]
    );
    assert_eq!(within[0].size, 1);
    assert_eq!(objects.list("", None, 0).await.unwrap(), []);
}

#[tokio::test]
async fn a_signed_url_opens_one_object_for_one_minute() {
    let Bed {
        objects,
        clock,
        directory: _directory,
    } = bed();
    let at = key("exports/a.xml");
    let too_long = objects
        .presign_get(&at, "x", "text/xml", Duration::from_secs(61))
        .await;
    assert!(matches!(too_long, Err(ObjectsError::TtlTooLong)));
    let name = "dane & \"żółw\"\r\n.xml";
    let url = objects
        .presign_get(&at, name, "application/xml", MAX_GET_TTL)
        .await
        .unwrap();
    assert_eq!(url.path(), "/base/objects/exports/a.xml");
    let query = url.query().unwrap();
    let grant = objects.verify(Method::Get, at.as_str(), query).unwrap();
    assert_eq!(
        (
            grant.file_name.as_str(),
            grant.content_type.as_str(),
            grant.size_limit
        ),
        (name, "application/xml", None)
    );
    assert!(grant.expires_at <= clock.now() + TimeDelta::seconds(60));
    let verify = |method, key: &str, query: &str| objects.verify(method, key, query).unwrap_err();
    assert_eq!(
        verify(Method::Put, at.as_str(), query),
        SignatureError::Mismatch
    );
    assert_eq!(
        verify(Method::Get, "exports/b.xml", query),
        SignatureError::Mismatch
    );
    assert_eq!(
        verify(Method::Get, "exports/../a.xml", query),
        SignatureError::Malformed
    );
    for (from, to) in [
        ("n=dane", "n=inne"),
        ("e=1", "e=2"),
        ("v=1", "v=2"),
        ("xml", "html"),
    ] {
        assert!(query.contains(from));
        assert_eq!(
            verify(Method::Get, at.as_str(), &query.replacen(from, to, 1)),
            SignatureError::Mismatch,
            "{from}"
        );
    }
    assert_eq!(
        verify(Method::Get, at.as_str(), &format!("{query}&l=5")),
        SignatureError::Mismatch
    );
    for query in ["", "e=1&v=1", "e=x&v=1&s=AA", &"x".repeat(5_000)] {
        assert_eq!(
            verify(Method::Get, at.as_str(), query),
            SignatureError::Malformed
        );
    }
    clock.advance(TimeDelta::seconds(60));
    assert_eq!(
        verify(Method::Get, at.as_str(), query),
        SignatureError::Expired
    );
}

#[tokio::test]
async fn an_upload_url_names_its_limit() {
    let Bed {
        objects,
        directory: _directory,
        ..
    } = bed();
    let at = key("imports/a");
    let url = objects
        .presign_put(&at, Upload::up_to(1_000), Duration::from_secs(3_600))
        .await
        .unwrap()
        .url;
    let query = url.query().unwrap();
    assert_eq!(
        objects
            .verify(Method::Put, "imports/a", query)
            .unwrap()
            .size_limit,
        Some(1_000)
    );
    let raised = query.replace("l=1000", "l=9000");
    assert_eq!(
        objects.verify(Method::Put, "imports/a", &raised),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        objects.verify(Method::Get, "imports/a", query),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn only_what_is_long_abandoned_is_swept() {
    let Bed { directory, .. } = bed();
    let unfinished = directory.path().join("objects").join(UNFINISHED);
    let (old, new) = (unfinished.join("old"), unfinished.join("new"));
    fs::write(&old, "x").unwrap();
    fs::write(&new, "x").unwrap();
    let past =
        fs::metadata(&new).unwrap().modified().unwrap() - ABANDONED - Duration::from_secs(60);
    fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(past)
        .unwrap();
    sweep(&unfinished).unwrap();
    assert!(!old.exists() && new.exists());
}
