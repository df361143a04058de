//! What the operator of an installation is told of the vendors' allowance, and how they say what is used of it.

use serde_json::{Value as Json, json};
use wynos_tests::program::{Backend, Installation};

use super::{beside_vendor, interrupted::connect};

/// The one lane there is.
fn lane(wynos: &Installation) -> Json {
    let told = wynos.done(["lanes"]).unwrap();
    let lanes = told["lanes"].as_array().unwrap();
    assert_eq!(lanes.len(), 1, "{told}");
    lanes[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_that_is_set_is_used_and_the_operator_sees_who_spends_it() {
    for backend in Backend::ALL {
        let (vendor, mut wynos) = beside_vendor(backend, 5, "").await;
        wynos.tell("WYNOS_VENDOR_SHARE", "100");
        let nothing = wynos.done(["lanes"]).unwrap();
        assert_eq!(nothing, json!({ "lanes": [] }));
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let source = connect(&wynos, &shop).result["id"].clone();
        let ask = ["source", "companies", "--source", source.as_str().unwrap()];
        assert_eq!(
            (&lane(&wynos)["share"], &lane(&wynos)["pace"]),
            (&json!(100), &json!(200))
        );

        // What is said holds from the next call on; where nothing is said it stays.
        for (said, share) in [("40", 40), ("", 40), ("60", 60)] {
            wynos.tell("WYNOS_VENDOR_SHARE", said);
            wynos.done(ask).unwrap();
            assert_eq!(lane(&wynos)["share"], share, "{said}");
        }

        let shown = wynos.run(["lanes"]).unwrap();
        for words in [
            "60% of 200 calls a minute and 5 a second",
            "  connect  ",
            shop.as_str(),
        ] {
            assert!(shown.told.contains(words), "{words}: {shown:?}");
        }
        for name in ["Salon", "owner@", "partner"] {
            assert!(!shown.told.contains(name), "{name}: {shown:?}");
        }
        let lane = lane(&wynos);
        let spenders = lane["spenders"].as_array().unwrap();
        assert!(
            spenders
                .iter()
                .all(|row| row["subscription"] == shop.as_str())
        );
        let calls = spenders
            .iter()
            .map(|row| row["day"]["calls"].as_i64().unwrap());
        let calls: i64 = calls.sum();
        assert!(calls > 3 && lane["day"]["calls"] == calls, "{lane}");

        for wrong in ["0", "101", "90%"] {
            wynos.tell("WYNOS_VENDOR_SHARE", wrong);
            let refused = wynos.run(["lanes"]).unwrap();
            assert_eq!(refused.code, Some(2), "{refused:?}");
            let message = refused.result["message"].as_str().unwrap();
            assert!(message.contains("WYNOS_VENDOR_SHARE"), "{message}");
            assert!(
                message.contains("a whole per cent from 1 to 100"),
                "{message}"
            );
        }
        vendor.stop().await;
    }
}
