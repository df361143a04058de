use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::{StatusCode, header};
use sha2::{Digest, Sha256};
use wynos::ports::{MAX_GET_TTL, ObjectKey, Objects, ObjectsError, PresignedPut, Upload};
use wynos_runtime::{Parts, S3Objects};
use wynos_tests::{
    aws::{Moto, Store, cloud},
    contracts,
};

/// As small as S3 takes them, so that a test's object has several.
const PARTS: Parts = Parts {
    size: 5 * 1024 * 1024,
    at_once: 2,
};

async fn bucket(store: &Store) -> S3Objects {
    store.bucket("files").unwrap();
    S3Objects::new(&cloud(&store.endpoint()).await, "files", PARTS, true)
}

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

async fn put(objects: &S3Objects, at: &ObjectKey, content: &'static str) {
    let content = stream::iter([Ok(Bytes::from_static(content.as_bytes()))]);
    objects.put(at, content.boxed()).await.unwrap();
}

#[tokio::test]
async fn s3_keeps_the_contract_of_object_stores() {
    let store = Store::start().unwrap();
    let objects = bucket(&store).await;
    contracts::objects(&objects).await.unwrap();
    let began = Instant::now();
    // What was dropped is aborted by a task of its own.
    while store.unfinished().unwrap() > 0 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "parts stay behind"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn another_s3_keeps_it_too() {
    let cloud = cloud(Moto::shared().unwrap().endpoint()).await;
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&cloud)
            .force_path_style(true)
            .build(),
    );
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuCentral1)
        .build();
    let made = client.create_bucket().bucket("contract");
    made.create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
    let objects = S3Objects::new(&cloud, "contract", PARTS, true);
    contracts::objects(&objects).await.unwrap();
    let left = client.list_multipart_uploads().bucket("contract");
    assert_eq!(left.send().await.unwrap().uploads(), []);
}

#[tokio::test]
async fn a_signed_url_opens_one_object_under_its_name_until_it_expires() {
    let store = Store::start().unwrap();
    let objects = bucket(&store).await;
    let at = key("exports/a.csv");
    put(&objects, &at, "id;name\n1;żółw\n").await;
    put(&objects, &key("exports/b.csv"), "secret").await;
    let name = "klienci żółć.csv";
    let url = objects
        .presign_get(&at, name, "text/csv", MAX_GET_TTL)
        .await
        .unwrap();
    let got = reqwest::get(url.clone()).await.unwrap();
    assert_eq!(got.status(), StatusCode::OK);
    assert_eq!(got.headers()[header::CONTENT_TYPE], "text/csv");
    let disposition = got.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        disposition.contains("filename*=UTF-8''klienci%20%C5%BC%C3%B3%C5%82%C4%87.csv"),
        "{disposition}"
    );
    assert_eq!(got.text().await.unwrap(), "id;name\n1;żółw\n");

    for (from, to) in [
        ("a.csv", "b.csv"),
        ("klienci", "inne"),
        ("X-Amz-Expires=60", "X-Amz-Expires=600"),
    ] {
        let changed = url.as_str().replacen(from, to, 1);
        assert_ne!(changed, url.as_str());
        let refused = reqwest::get(changed).await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{from}");
    }
    let brief = Duration::from_secs(1);
    let url = objects
        .presign_get(&at, name, "text/csv", brief)
        .await
        .unwrap();
    let began = Instant::now();
    while reqwest::get(url.clone()).await.unwrap().status() != StatusCode::FORBIDDEN {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "it never expires"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn upload(put: &PresignedPut, content: &str) -> StatusCode {
    let mut request = reqwest::Client::new().put(put.url.clone());
    // The client says the length of what it sends, whatever it was told.
    for (name, value) in put
        .headers
        .iter()
        .filter(|(name, _)| name != "content-length")
    {
        request = request.header(name, value);
    }
    let answer = request.body(content.to_owned()).send().await.unwrap();
    answer.status()
}

#[tokio::test]
async fn an_upload_is_what_its_sender_announced_or_nothing() {
    let store = Store::start().unwrap();
    let objects = bucket(&store).await;
    let at = key("imports/a");
    let life = Duration::from_secs(600);
    let announced = Upload {
        size_limit: 1_000,
        size: Some(5),
        sha256: Some(Sha256::digest(b"abcde").into()),
    };
    let signed = objects.presign_put(&at, announced, life).await.unwrap();
    for other in ["abcdef", "abcd"] {
        let status = upload(&signed, other).await;
        assert!(status.is_client_error(), "{other}: {status}");
        assert_eq!(objects.head(&at).await.unwrap(), None, "{other}");
    }
    // This store compares checksums when it has written the file already, so the answer alone tells.
    let status = upload(&signed, "abcdX").await;
    assert!(status.is_client_error(), "{status}");
    assert_eq!(upload(&signed, "abcde").await, StatusCode::OK);
    assert_eq!(objects.head(&at).await.unwrap().unwrap().size, 5);

    let open = objects
        .presign_put(&key("imports/b"), Upload::up_to(1_000), life)
        .await
        .unwrap();
    assert_eq!(upload(&open, "anything").await, StatusCode::OK);
    let large = Upload {
        size: Some(1_001),
        ..announced
    };
    let refused = objects.presign_put(&at, large, life).await;
    assert!(
        matches!(refused, Err(ObjectsError::TooLarge { .. })),
        "{refused:?}"
    );
}
