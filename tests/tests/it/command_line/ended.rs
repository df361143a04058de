//! What ends with a report or a source that is removed, and what is found and ended later.

use wynos_tests::program::{Backend, Ended};

use super::{beside_vendor, interrupted::connect};

#[tokio::test(flavor = "multi_thread")]
async fn removed_reports_and_sources_leave_no_names_jobs_or_reports_behind() {
    for backend in Backend::ALL {
        let (_vendor, wynos) = beside_vendor(backend, 40, "").await;
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let of = ["--subscription", shop.as_str()];
        let connected = connect(&wynos, &shop);
        let source = connected.result["id"].as_str().unwrap().to_owned();
        let report = |words: &[&str]| -> Ended {
            let asked = [&["report"][..], words, &of].concat();
            wynos.run(asked).unwrap()
        };
        let order = ["--source", source.as_str(), "--kind", "services"];
        let table = [&order[..], &["--table", "visits"]].concat();
        let daily = ["--schedule", "daily at 03:30", "--yes"];
        let add = [&["add"][..], &table, &daily].concat();
        let made = report(&add);
        assert_eq!(made.code, Some(0), "{made:?}");
        let id = made.result["id"].as_str().unwrap().to_owned();

        let kept = report(&["remove", &id]);
        assert_eq!(kept.result["rows"], "kept", "{kept:?}");
        let preview = [&["preview"][..], &table].concat();
        let taken = report(&preview);
        assert_eq!(taken.code, Some(2), "{taken:?}");
        let removed = report(&["list", "--removed"]);
        assert_eq!(removed.result["reports"][0]["id"], id.as_str());
        assert_eq!(removed.result["reports"][0]["tables"][0], "visits");
        let gone = report(&["remove", &id, "--delete-rows"]);
        assert_eq!(gone.result["rows"], "gone", "{gone:?}");
        assert_eq!(report(&preview).code, Some(0), "the name is free");
        let unknown = report(&["remove", &id, "--delete-rows"]);
        assert_eq!(unknown.code, Some(2), "{unknown:?}");

        assert_eq!(report(&add).code, Some(0));
        let source = ["--source", source.as_str()];
        let ended = [&["source", "remove"][..], &source, &["--delete-rows"]].concat();
        let ended = wynos.run(ended).unwrap();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.result["reports_removed"], 1, "{ended:?}");
        assert!(ended.told.contains("1 report, 3 jobs"), "{ended:?}");
        let left = report(&["list"]).result["reports"].clone();
        assert_eq!(left.as_array().map(Vec::len), Some(0), "{left}");
        let jobs = wynos.run([&["job", "list"][..], &of].concat()).unwrap();
        assert_eq!(jobs.result["jobs"].as_array().map(Vec::len), Some(0));
    }
}
