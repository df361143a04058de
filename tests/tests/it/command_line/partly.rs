//! Runs of jobs that leave something out.

use serde_json::json;
use wynos::ports::Clock;
use wynos_tests::program::Backend;

use super::{beside_vendor, interrupted::connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_could_not_read_a_list_ends_with_three_and_says_what_is_missing() {
    for backend in Backend::ALL {
        let (vendor, wynos) = beside_vendor(backend, 60, "").await;
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let connected = connect(&wynos, &shop);
        let source = connected.result["id"].as_str().unwrap();
        let of = ["--subscription", shop.as_str()];
        let listed = wynos.run([&["job", "list"][..], &of].concat()).unwrap();
        let jobs = listed.result["jobs"].as_array().unwrap();
        let compares = jobs.iter().find(|job| job["kind"] == "reconciliation");
        let job = compares.unwrap()["id"].as_str().unwrap();
        let today = Clock::System.now().date_naive();
        let from = (today - chrono::TimeDelta::days(2)).to_string();
        let to = (today - chrono::TimeDelta::days(1)).to_string();
        let days = ["--from", from.as_str(), "--to", &to];
        let run = [&["job", "run", job][..], &of, &days].concat();
        let whole = wynos.run(&run).unwrap();
        assert_eq!(whole.code, Some(0), "{whole:?}");
        assert_eq!(whole.result["counts"]["checked"], 2, "{whole:?}");
        let url = format!("{}/sandbox/faults", vendor.control_url);
        let denied = json!({ "spec": "forbidden=goods_transactions" });
        let sent = reqwest::Client::new().post(url).json(&denied).send().await;
        assert!(sent.unwrap().status().is_success());
        let partly = wynos.run(&run).unwrap();
        assert_eq!(partly.code, Some(3), "{partly:?}");
        assert_eq!(partly.result["counts"]["not_checked"], 2, "{partly:?}");
        let listed = wynos.run([&["job", "list"][..], &of].concat()).unwrap();
        for told in [&partly.told, &listed.told] {
            assert!(told.contains("2 days were not checked"), "{told}");
        }
        let compare = [&["reconcile", "--source", source][..], &days].concat();
        let compared = wynos.run(&compare).unwrap();
        assert_eq!(compared.code, Some(3), "{compared:?}");
        let goods = &compared.result["tables"]["yclients_goods_transactions"];
        assert_eq!(goods["reason"], "vendor.forbidden", "{compared:?}");
        for told in [
            "0 of 2 days checked in every table, 8 of 10 table by table",
            "2 days not checked: ",
        ] {
            assert!(compared.told.contains(told), "{compared:?}");
        }
    }
}
