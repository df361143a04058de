//! What the lists of sources and tables say to people: words, and times in the business's zone.

use wynos_sandbox::{Options, Sandbox};
use wynos_tests::program::{Backend, Installation};

use super::interrupted::connect;

#[tokio::test(flavor = "multi_thread")]
async fn lists_speak_to_people_and_an_empty_token_is_none() {
    let options = Options {
        records: 40,
        limits: None,
        faults: "forbidden=clients+clients_search".parse().unwrap(),
        ..Options::default()
    };
    let vendor = Sandbox::start(options).await.unwrap();
    let mut wynos = Installation::new(Backend::Sqlite).await.unwrap();
    wynos.tell("WYNOS_YCLIENTS_BASE_URL", &vendor.base_url);
    wynos.tell("WYNOS_YCLIENTS_PARTNER_TOKEN", "");
    let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
    let refused = connect(&wynos, &shop);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.told.contains("No partner"), "{refused:?}");
    wynos.tell("WYNOS_YCLIENTS_PARTNER_TOKEN", "partner");
    let source = connect(&wynos, &shop).result["id"].clone();
    let source = source.as_str().unwrap();

    let pulled = wynos.run(["pull", "--source", source]).unwrap();
    assert_eq!(pulled.code, Some(3), "{pulled:?}");
    let tables = |words: &[&str]| {
        let asked = [&["source", "tables", "--source", source][..], words].concat();
        wynos.run(asked).unwrap()
    };
    let shown = tables(&["--disable", "yclients_services"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let line = |name: &str| {
        let found = shown.told.lines().find(|line| line.starts_with(name));
        found.unwrap().to_owned()
    };
    let clients = line("yclients_clients ");
    assert!(clients.contains("refused since 20"), "{clients}");
    assert!(!shown.told.contains("vendor.forbidden"), "{shown:?}");
    let documents = line("yclients_documents ");
    assert!(
        documents.ends_with("comes with what mentions it"),
        "{documents}"
    );
    assert!(
        shown.told.contains("  yclients_services is off: "),
        "{shown:?}"
    );
    let child = tables(&["--disable", "yclients_record_services"]);
    assert_eq!(child.code, Some(2), "{child:?}");
    let why = "rows of yclients_record_services come with those of yclients_records";
    assert!(child.told.contains(why), "{child:?}");

    let of = ["--subscription", shop.as_str()];
    let jobs = wynos.run([&["job", "list"][..], &of].concat()).unwrap();
    assert!(!jobs.told.contains("vendor.forbidden"), "{jobs:?}");
    for list in [
        &["source", "list"][..],
        &["source", "calls"],
        &["job", "list"],
    ] {
        let told = wynos.run([list, &of].concat()).unwrap().told;
        let zoned = told.contains(" +01:00") || told.contains(" +02:00");
        assert!(zoned && !told.contains("UTC"), "{list:?}: {told}");
    }
}
