//! Several companies of one account: one sign-in that their sources share.

use std::{io::Write, process::Stdio};

use serde_json::Value as Json;
use wynos_sandbox::{Options, Running, Sandbox};
use wynos_tests::program::{Backend, Ended, Installation};

const OWNER: [&str; 3] = ["--login", "owner@sandbox.test", "--password-stdin"];

/// Connects with these words; the password is typed where it is asked for.
fn add(wynos: &Installation, shop: &str, words: &[&str]) -> Ended {
    let mut child = wynos
        .command(["source", "add", "yclients", "--subscription", shop])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    // Nobody reads it where a sign-in is there.
    let _ = typed.write_all(b"sandbox\n");
    drop(typed);
    Ended::read(&child.wait_with_output().unwrap()).unwrap()
}

/// The company and the sign-in of every source.
fn sign_ins(wynos: &Installation, shop: &str) -> Vec<(i64, String)> {
    let listed = wynos
        .done(["source", "list", "--subscription", shop])
        .unwrap();
    let mut found: Vec<_> = listed["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            let credential = source["credential"].as_str().unwrap();
            (
                source["company_id"].as_i64().unwrap(),
                credential.to_owned(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

/// A shop, and the companies of an account that nobody has connected yet.
async fn account() -> (Running, Installation, String, Vec<String>) {
    let options = Options {
        records: 30,
        companies: 3,
        limits: None,
        ..Options::default()
    };
    let vendor = Sandbox::start(options).await.unwrap();
    let mut wynos = Installation::new(Backend::Sqlite).await.unwrap();
    wynos.tell("WYNOS_YCLIENTS_BASE_URL", &vendor.base_url);
    wynos.tell("WYNOS_YCLIENTS_PARTNER_TOKEN", "partner");
    let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
    let told = add(&wynos, &shop, &OWNER);
    let companies = told.result["companies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|company| company["id"].as_i64().unwrap().to_string())
        .collect();
    (vendor, wynos, shop, companies)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_is_of_no_company_ends_it_and_what_was_connected_is_told() {
    let (_vendor, wynos, shop, companies) = account().await;
    let [first, second, third] = &companies[..] else {
        panic!("{companies:?}");
    };
    let file = wynos.data_dir().join("control.sqlite");
    let control = rusqlite::Connection::open(file).unwrap();
    let trigger = format!(
        "CREATE TRIGGER mute BEFORE INSERT ON sources WHEN NEW.company_id = {second} \
         BEGIN SELECT RAISE(ABORT, 'not now'); END"
    );
    control.execute_batch(&trigger).unwrap();
    drop(control);
    let named = |companies: &[&String]| -> Vec<String> {
        let words = companies.iter().copied();
        words
            .flat_map(|company| ["--company".to_owned(), company.clone()])
            .collect()
    };
    let connect = |companies: &[&String]| {
        let words = named(companies);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(OWNER).collect();
        add(&wynos, &shop, &words)
    };
    // Nothing was done: that is an error.
    assert_eq!(connect(&[second, third]).code, Some(1));
    assert!(sign_ins(&wynos, &shop).is_empty());
    let partly = connect(&[first, second, third]);
    assert_eq!(partly.code, Some(3), "{partly:?}");
    let refused = partly.result["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 1, "{partly:?}");
    assert_eq!(
        (refused[0]["company_id"].to_string(), &refused[0]["code"]),
        (second.clone(), &Json::from("failed"))
    );
    assert!(partly.told.contains("not tried"), "{partly:?}");
    let connected = sign_ins(&wynos, &shop);
    assert_eq!(
        partly.result["sources"].as_array().unwrap().len(),
        connected.len()
    );
    assert_eq!(connected.len(), 1, "{partly:?}");
    assert_eq!(connected[0].0.to_string(), *first);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_of_one_account_share_its_sign_in() {
    let (_vendor, wynos, shop, companies) = account().await;
    let companies: Vec<&str> = companies.iter().map(String::as_str).collect();
    let [first, second, third] = companies[..] else {
        panic!("{companies:?}");
    };

    let named = ["--company", first, "--company", second, "--company", first];
    let both = add(&wynos, &shop, &[&named[..], &OWNER].concat());
    assert_eq!(both.code, Some(0), "{both:?}");
    assert_eq!(
        both.result["sources"].as_array().unwrap().len(),
        2,
        "{both:?}"
    );
    let shared = sign_ins(&wynos, &shop);
    assert_eq!(shared.len(), 2);
    assert_eq!(shared[0].1, shared[1].1);

    // One that is connected already keeps no other one from it.
    let source = both.result["sources"][0]["id"].as_str().unwrap().to_owned();
    let more = [
        "--company",
        second,
        "--company",
        third,
        "--like",
        source.as_str(),
    ];
    let partly = add(&wynos, &shop, &more);
    assert_eq!(partly.code, Some(3), "{partly:?}");
    let codes: Vec<&Json> = partly.result["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refused| &refused["code"])
        .collect();
    assert_eq!(codes, ["source.connected"]);
    let all = sign_ins(&wynos, &shop);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|(_, credential)| *credential == shared[0].1));

    // Signing in again is the same sign-in, and so is naming it.
    let third_source = partly.result["sources"][0]["id"].as_str().unwrap();
    let gone = [
        "source",
        "remove",
        "--delete-rows",
        "--source",
        third_source,
    ];
    wynos.done(gone).unwrap();
    let again = add(&wynos, &shop, &[&["--company", third][..], &OWNER].concat());
    assert_eq!(
        again.result["credential"],
        shared[0].1.as_str(),
        "{again:?}"
    );
    let again = again.result["id"].as_str().unwrap().to_owned();
    wynos
        .done([
            "source",
            "remove",
            "--delete-rows",
            "--source",
            again.as_str(),
        ])
        .unwrap();
    let by_id = ["--company", third, "--credential", shared[0].1.as_str()];
    let by_id = add(&wynos, &shop, &by_id);
    assert_eq!(
        by_id.result["credential"],
        shared[0].1.as_str(),
        "{by_id:?}"
    );

    // What cannot be meant is refused before anybody is asked.
    let like = ["--like", source.as_str()];
    for wrong in [
        vec!["--company", third],
        [&like[..], &OWNER].concat(),
        vec!["--credential", "nobodys0000credential"],
        [
            &like[..],
            &["--name", "Two", "--company", "1", "--company", "2"],
        ]
        .concat(),
    ] {
        let refused = add(&wynos, &shop, &wrong);
        assert_eq!(refused.code, Some(2), "{wrong:?}: {refused:?}");
    }
}
