use aws_sdk_secretsmanager::Client;
use wynos::ports::{KeyName, Secrets, SecretsError};
use wynos_runtime::{DatabasePlace, SecretValues, SecretsManagerKeys};
use wynos_tests::aws::{Moto, cloud};

#[tokio::test]
async fn the_first_key_is_made_once_and_only_kms_can_open_it() {
    let cloud = cloud(Moto::shared().unwrap().endpoint()).await;
    let (client, kms) = (Client::new(&cloud), aws_sdk_kms::Client::new(&cloud));
    let made = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    client
        .create_secret()
        .name("keys/made")
        .send()
        .await
        .unwrap();
    let keys = || SecretsManagerKeys::new(&cloud, SecretValues::new(&cloud), "keys/made");

    let missing = keys().keys(KeyName::Csrf).await;
    assert!(
        matches!(missing, Err(SecretsError::Malformed { .. })),
        "{missing:?}"
    );
    assert!(keys().create(&made.key_id).await.unwrap());
    assert!(!keys().create(&made.key_id).await.unwrap());
    let stored = client.get_secret_value().secret_id("keys/made");
    let stored = stored.send().await.unwrap().secret_string.unwrap();
    assert!(stored.starts_with("1 kms:"), "{stored}");
    let mac = async |keys: SecretsManagerKeys| {
        let ring = keys.keys(KeyName::Csrf).await.unwrap();
        (
            ring.current().version(),
            ring.version(1).unwrap().mac(&[b"x"]),
        )
    };
    let first = mac(keys()).await;
    assert_eq!(first, mac(keys()).await);

    let rotated = format!("{stored}2 {}\n", data_encoding::BASE64.encode(&[7; 32]));
    let update = client.put_secret_value().secret_id("keys/made");
    update.secret_string(rotated).send().await.unwrap();
    let (version, mac_of_first) = mac(keys()).await;
    assert_eq!(
        (version, mac_of_first),
        (2, first.1),
        "older keys stay honoured"
    );
}

#[tokio::test]
async fn what_is_no_key_is_refused_with_its_place() {
    let cloud = cloud(Moto::shared().unwrap().endpoint()).await;
    let client = Client::new(&cloud);
    for (name, text) in [("short", "1 AAAA"), ("words", "no key"), ("order", "x")] {
        let name = format!("keys/{name}");
        let make = client.create_secret().name(&name).secret_string(text);
        make.send().await.unwrap();
        let keys = SecretsManagerKeys::new(&cloud, SecretValues::new(&cloud), &name);
        let error = keys.keys(KeyName::Csrf).await.unwrap_err().to_string();
        assert!(error.contains(&name) && error.contains("line 1"), "{error}");
    }
}

#[tokio::test]
async fn the_database_is_where_the_secret_says() {
    let cloud = cloud(Moto::shared().unwrap().endpoint()).await;
    let make = Client::new(&cloud).create_secret().name("database/whole");
    let value = r#"{"username":"u","password":"p","host":"localhost","dbname":"d"}"#;
    make.secret_string(value).send().await.unwrap();
    let values = SecretValues::new(&cloud);
    let place = |secret: &str| DatabasePlace {
        secret: secret.to_owned(),
        host: None,
        name: "wynos".to_owned(),
    };
    let url = place("database/whole").url(&values).await.unwrap();
    assert_eq!(url, "postgres://u:p@localhost:5432/d");
    let missing = place("database/missing").url(&values).await.unwrap_err();
    assert!(missing.to_string().contains("cannot be read"), "{missing}");
}
