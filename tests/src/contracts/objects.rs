use std::{io, ops::Range, time::Duration};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use wynos::ports::{ByteStream, MAX_GET_TTL, ObjectKey, Objects, ObjectsError, Stored};

/// More than one part of an upload, and no whole number of them.
const LARGE: usize = 13 * 1024 * 1024 + 7;

/// An object store, which must be empty, and is afterwards.
pub async fn objects(objects: &dyn Objects) -> Result<()> {
    stored_read_replaced_and_removed(objects)
        .await
        .context("one object")?;
    large_ones_come_back_equal(objects)
        .await
        .context("a large object")?;
    what_breaks_off_leaves_nothing(objects)
        .await
        .context("broken off")?;
    lists_go_through_everything(objects)
        .await
        .context("lists")?;
    let key = key("a")?;
    let refused = objects.presign_get(
        &key,
        "a",
        "text/plain",
        MAX_GET_TTL + Duration::from_secs(1),
    );
    ensure!(
        matches!(refused.await, Err(ObjectsError::TtlTooLong)),
        "a URL for longer"
    );
    Ok(())
}

async fn stored_read_replaced_and_removed(objects: &dyn Objects) -> Result<()> {
    let at = key("exports/shop/a.1.xml")?;
    ensure!(objects.head(&at).await?.is_none());
    let stored = objects.put(&at, content(&["zażółć", " gęślą"])).await?;
    ensure!(stored == Stored { size: 19 }, "{stored:?}");
    ensure!(objects.head(&at).await? == Some(stored));
    for (range, expected) in [
        (None, "zażółć gęślą"),
        (Some(10..14), " gę"),
        (Some(10..1_000), " gęślą"),
        (Some(19..25), ""),
        (Some(4..4), ""),
    ] {
        let found = read(objects, &at, range.clone()).await?;
        ensure!(found == expected.as_bytes(), "{range:?}: {found:?}");
    }
    for bad in [20..21, Range { start: 5, end: 4 }] {
        let refused = objects.get(&at, Some(bad.clone())).await.err();
        ensure!(
            matches!(refused, Some(ObjectsError::BadRange { .. })),
            "{bad:?}: {refused:?}"
        );
    }
    objects.put(&at, content(&["nowe"])).await?;
    ensure!(read(objects, &at, None).await? == b"nowe");
    objects.put(&at, content(&[])).await?;
    ensure!(read(objects, &at, None).await?.is_empty(), "an empty one");
    objects.delete(&at).await?;
    objects.delete(&at).await?;
    for range in [None, Some(0..4), Some(0..0)] {
        let missing = objects.get(&at, range).await.err();
        ensure!(
            matches!(missing, Some(ObjectsError::NotFound { .. })),
            "{missing:?}"
        );
    }
    Ok(())
}

async fn large_ones_come_back_equal(objects: &dyn Objects) -> Result<()> {
    let at = key("exports/large")?;
    let bytes = pattern();
    let pieces: Vec<io::Result<Bytes>> = bytes
        .chunks(100_003)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let stored = objects.put(&at, stream::iter(pieces).boxed()).await?;
    ensure!(stored.size == LARGE as u64, "{stored:?}");
    let found = read(objects, &at, None).await?;
    ensure!(
        Sha256::digest(&found) == Sha256::digest(&bytes),
        "it changed on its way"
    );
    let middle = 8 * 1024 * 1024 - 5;
    let found = read(objects, &at, Some(middle as u64..middle as u64 + 10)).await?;
    ensure!(
        bytes.get(middle..middle + 10) == Some(found.as_slice()),
        "its middle changed"
    );
    objects.delete(&at).await?;
    Ok(())
}

async fn what_breaks_off_leaves_nothing(objects: &dyn Objects) -> Result<()> {
    let at = key("broken/off")?;
    objects.put(&at, content(&["stare"])).await?;
    let begun = Bytes::from(pattern());
    let broken = stream::iter([Ok(begun.clone()), Err(io::Error::other("cut"))]).boxed();
    let failed = objects.put(&at, broken).await;
    ensure!(
        matches!(failed, Err(ObjectsError::Content { .. })),
        "{failed:?}"
    );
    let endless = stream::iter([Ok(begun)]).chain(stream::pending()).boxed();
    let dropped = tokio::time::timeout(Duration::from_millis(700), objects.put(&at, endless));
    ensure!(dropped.await.is_err(), "it has no end");
    ensure!(
        read(objects, &at, None).await? == b"stare",
        "the old one stays"
    );
    objects.delete(&at).await?;
    Ok(())
}

async fn lists_go_through_everything(objects: &dyn Objects) -> Result<()> {
    let mut expected = [
        "a", "a-b", "b/c/1", "b/c/2", "b/c-d", "b/d", "b0", "bb/1", "c/x.1",
    ];
    for at in expected {
        objects.put(&key(at)?, content(&["x"])).await?;
    }
    expected.sort_unstable();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = objects.list("", after.as_ref(), 4).await?;
        ensure!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        seen.extend(page.into_iter().map(|listed| listed.key));
    }
    let names: Vec<&str> = seen.iter().map(ObjectKey::as_str).collect();
    ensure!(names == expected, "{names:?}");
    let within = objects.list("b/c", None, 10).await?;
    let names: Vec<&str> = within.iter().map(|listed| listed.key.as_str()).collect();
    ensure!(names == ["b/c-d", "b/c/1", "b/c/2"], "{names:?}");
    ensure!(within.iter().all(|listed| listed.size == 1));
    ensure!(objects.list("", None, 0).await?.is_empty());
    for at in &seen {
        objects.delete(at).await?;
    }
    ensure!(objects.list("", None, 10).await?.is_empty());
    Ok(())
}

fn key(text: &str) -> Result<ObjectKey> {
    Ok(text.parse()?)
}

fn pattern() -> Vec<u8> {
    (0..LARGE).map(|at| (at % 251) as u8).collect()
}

fn content(parts: &[&'static str]) -> ByteStream {
    let parts: Vec<io::Result<Bytes>> = parts
        .iter()
        .map(|part| Ok(Bytes::from_static(part.as_bytes())))
        .collect();
    stream::iter(parts).boxed()
}

async fn read(objects: &dyn Objects, at: &ObjectKey, range: Option<Range<u64>>) -> Result<Vec<u8>> {
    let pieces: Vec<Bytes> = objects.get(at, range).await?.try_collect().await?;
    Ok(pieces.concat())
}
