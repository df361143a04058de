//! Settings of a source, which rows of its tables are kept, and what is told of tables that are turned off.

use serde_json::json;
use wynos_tests::program::Backend;

use super::{beside_vendor, interrupted::connect};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_of_a_source_does_to_its_rows_is_said() {
    for backend in Backend::ALL {
        let (_vendor, wynos) = beside_vendor(backend, 60, "").await;
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let made = connect(&wynos, &shop);
        let source = made.result["id"].as_str().unwrap().to_owned();
        let ask = |name: &str, rest: &[&str]| {
            let words = [&["source", name, "--source", source.as_str()][..], rest].concat();
            wynos.run(words).unwrap()
        };
        let pulled = wynos.run(["pull", "--source", source.as_str()]).unwrap();
        assert!(matches!(pulled.code, Some(0 | 3)), "{pulled:?}");

        assert_eq!(ask("edit", &[]).code, Some(2));
        let changes = [
            "--name",
            "Main",
            "--hints",
            "on",
            "--time-zone",
            "Asia/Tokyo",
        ];
        let edited = ask("edit", &changes);
        assert_eq!(edited.code, Some(0), "{edited:?}");
        assert_eq!(edited.result["name"], "Main");
        assert_eq!(edited.result["hints"], true);
        assert_eq!(edited.result["time_zone"], "Asia/Tokyo");
        for said in [
            "read again by the zone Asia/Tokyo",
            "only say what to read again",
        ] {
            assert!(edited.told.contains(said), "{said}: {edited:?}");
        }
        assert_eq!(ask("edit", &["--time-zone", "Nowhere"]).code, Some(1));

        let none_of_it = r#"{"column": "id", "is": "equal", "value": -1}"#;
        let of = ["--table", "yclients_staff"];
        let kept = || ask("filter", &of).result["filter"].clone();
        assert_eq!(kept(), json!(null));
        let wanted = [&of[..], &["--filter", none_of_it]].concat();
        let seen = ask("filter", &[&wanted[..], &["--preview"]].concat());
        assert_eq!(seen.code, Some(0), "{seen:?}");
        let held = seen.result["held"].as_u64().unwrap();
        assert!(held > 0, "{seen:?}");
        assert_eq!(seen.result["kept"], 0);
        assert_eq!(seen.result["gone"], held);
        assert_eq!(seen.result["saved"], false);
        assert_eq!(kept(), json!(null));
        let saved = ask("filter", &wanted);
        assert_eq!(saved.code, Some(0), "{saved:?}");
        assert_eq!(saved.result["saved"], true);
        assert!(saved.told.contains("tombstones"), "{saved:?}");
        assert_eq!(kept()["column"], "id");
        let all = ask("filter", &[&of[..], &["--none"]].concat());
        assert_eq!(all.code, Some(0), "{all:?}");
        assert_eq!(kept(), json!(null));
        for wrong in [
            &["--table", "yclients_staff", "--filter", "id = 5"][..],
            &["--table", "yclients_staff", "--preview"],
            &["--table", "nothing", "--none"],
            &["--table", "nothing"],
        ] {
            assert_eq!(ask("filter", wrong).code, Some(2), "{wrong:?}");
        }

        let off = ask("tables", &["--disable", "yclients_clients"]);
        assert_eq!(off.code, Some(0), "{off:?}");
        let told = &off.result["turned_off"][0];
        assert!(told["rows"].as_u64().unwrap() > 0, "{told}");
        let named_by = told["named_by"].as_array().unwrap();
        assert!(
            named_by.contains(&json!("yclients_records.client_id")),
            "{told}"
        );
        assert!(off.told.contains("stays as it is"), "{off:?}");
        // A table that names itself is no other one.
        let off = ask("tables", &["--disable", "yclients_goods_categories"]);
        let named_by = off.result["turned_off"][0]["named_by"].as_array().unwrap();
        let own = |column: &serde_json::Value| column == "yclients_goods_categories.parent_id";
        assert!(!named_by.is_empty() && !named_by.iter().any(own), "{off:?}");

        assert_eq!(ask("webhook", &["status", "--all-kinds"]).code, Some(2));
        let alone = ask("webhook", &["register", "--all-kinds"]);
        assert_eq!(alone.code, Some(0), "{alone:?}");
        assert_eq!(alone.result["missing"], json!([]));
    }
}
