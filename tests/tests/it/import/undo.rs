//! Imports taken back, but for what somebody touched or still needs.

use std::collections::BTreeSet;

use wynos::{
    control::ImportStatus,
    import::{self, Phase},
    warehouse::Value,
};

use super::{
    beds,
    files::{customer, repair, sample_file, small_file},
    table_counts, xml,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_touched_or_needs_is_as_it_was() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let person = |name: &'static str, id: &'static str| customer(id, &[("person", name)]);
        let first = small_file(&[(
            "customers",
            vec![person("Anna", "o:changed"), person("Ewa", "o:touched")],
        )]);
        bed.applied(&shop, xml(&bed.file("first.xml", &first)))
            .await;
        let before = bed.contents(&shop).await;

        let names = [
            "o:changed",
            "o:gone",
            "o:needed",
            "o:touched",
            "o:touched-new",
        ];
        let second = small_file(&[
            ("customers", names.map(|id| person("Nowa", id)).to_vec()),
            ("repairs", vec![repair("o:r", &[("customer_id", "o:gone")])]),
        ]);
        let import = bed
            .applied(&shop, xml(&bed.file("second.xml", &second)))
            .await;
        for id in ["o:touched", "o:touched-new"] {
            let fields =
                [("id", id), ("remarks", "zmiana")].map(|(name, text)| (name, Value::from(text)));
            bed.change(&shop, "customers", &fields).await;
        }
        let own = [
            ("id", "us:r"),
            ("rma", "1"),
            ("status", "CLOSED"),
            ("customer_id", "o:needed"),
        ];
        let own = own.map(|(name, text)| (name, Value::from(text)));
        bed.change(&shop, "repairs", &own).await;

        bed.later();
        let undone = import::undo(&bed.services, &shop, &import.id)
            .await
            .unwrap();
        assert_eq!(undone.status, ImportStatus::Undone);
        let names = [
            "o:changed",
            "o:gone",
            "o:needed",
            "o:touched",
            "o:touched-new",
        ];
        let mut left = Vec::new();
        for id in names {
            left.push(bed.text(&shop, "customers", id, "person").await);
        }
        let left: Vec<_> = left.iter().map(Option::as_deref).collect();
        assert_eq!(
            left,
            [Some("Anna"), None, Some("Nowa"), Some("Nowa"), Some("Nowa")]
        );
        assert_eq!(bed.text(&shop, "repairs", "o:r", "id").await, None);
        let counts = table_counts(&undone, "customers");
        assert_eq!((counts.undone, counts.kept), (2, 3));
        let found: BTreeSet<_> = bed.codes(&undone, Phase::Undo).await.into_iter().collect();
        let expected = [
            ("o:needed", "undo_needed"),
            ("o:touched", "undo_touched"),
            ("o:touched-new", "undo_touched"),
        ];
        let expected = expected.map(|(id, code)| (id.to_owned(), code.to_owned()));
        assert_eq!(found, BTreeSet::from(expected));

        // Undone a second time, nothing happens.
        let contents = bed.contents(&shop).await;
        bed.later();
        let again = import::undo(&bed.services, &shop, &import.id)
            .await
            .unwrap();
        assert_eq!((again.status, again.counts), (undone.status, undone.counts));
        assert_eq!(bed.contents(&shop).await, contents);
        assert_ne!(contents, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_shop_comes_in_and_leaves_without_a_trace() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let own = [("id", "us:1"), ("type", "PERSONAL"), ("person", "Nasz")];
        let own = own.map(|(name, text)| (name, Value::from(text)));
        bed.change(&shop, "customers", &own).await;
        let before = bed.contents(&shop).await;
        let path = bed.file("shop.xml", &sample_file(40));
        for _ in 0..2 {
            let import = bed.applied(&shop, xml(&path)).await;
            assert_eq!(table_counts(&import, "customers").new, 40);
            bed.later();
            import::undo(&bed.services, &shop, &import.id)
                .await
                .unwrap();
            assert_eq!(bed.contents(&shop).await, before);
        }
    }
}
