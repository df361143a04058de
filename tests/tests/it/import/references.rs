//! References that lead nowhere.

use std::collections::{BTreeMap, BTreeSet};

use wynos::{
    control::Actor,
    import::{Phase, Replayed, replay},
    parked,
};

use super::{
    beds,
    files::{customer, repair, small_file},
    table_counts, xml,
};

#[tokio::test(flavor = "multi_thread")]
async fn invariant_04_a_dangling_reference_costs_only_what_cannot_do_without_it() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let action = |id: &'static str, repair: &'static str| {
            vec![("id", id), ("repair_id", repair), ("name", "x")]
        };
        let file = small_file(&[
            ("customers", vec![customer("o:c1", &[("person", "Anna")])]),
            (
                "repairs",
                vec![
                    repair("o:r1", &[("customer_id", "o:c1")]),
                    repair("o:r2", &[("customer_id", "o:nobody")]),
                    repair("o:r3", &[("type_id", "o:nokind")]),
                ],
            ),
            (
                "repair_actions",
                vec![action("o:a1", "o:r1"), action("o:a2", "o:nowhere")],
            ),
        ]);
        let path = bed.file("dangling.xml", &file);
        let import = bed.applied(&shop, xml(&path)).await;
        let counts = |table| {
            let counts = table_counts(&import, table);
            (counts.rows, counts.new, counts.rejected, counts.warnings)
        };
        assert_eq!(counts("repairs"), (3, 3, 0, 2));
        assert_eq!(counts("repair_actions"), (2, 1, 1, 0));
        let customer = async |id| bed.text(&shop, "repairs", id, "customer_id").await;
        assert_eq!(customer("o:r1").await.as_deref(), Some("o:c1"));
        assert_eq!(customer("o:r2").await, None);
        assert_eq!(bed.text(&shop, "repairs", "o:r3", "type_id").await, None);

        let found: BTreeSet<_> = bed
            .findings(&import, Phase::Apply)
            .await
            .into_iter()
            .map(|finding| {
                let line = finding.line.unwrap();
                assert!(line > 1, "{line}");
                (
                    finding.row_id.unwrap(),
                    finding.code.into_owned(),
                    finding.found,
                )
            })
            .collect();
        let expected = [
            ("o:a2", "reference_missing", "o:nowhere"),
            ("o:r2", "reference_left_out", "o:nobody"),
            ("o:r3", "reference_left_out", "o:nokind"),
        ];
        let expected =
            expected.map(|(id, code, found)| (id.to_owned(), code.to_owned(), found.to_owned()));
        assert_eq!(found, BTreeSet::from(expected));

        // Once what was missing is there, the file that has it brings the rest in.
        let mended = small_file(&[
            ("repairs", vec![repair("o:nowhere", &[])]),
            (
                "repair_actions",
                vec![action("o:a1", "o:r1"), action("o:a2", "o:nowhere")],
            ),
        ]);
        let import = bed
            .applied(&shop, xml(&bed.file("mended.xml", &mended)))
            .await;
        let actions = table_counts(&import, "repair_actions");
        assert_eq!(
            (actions.new, actions.unchanged, actions.rejected),
            (1, 1, 0)
        );

        // What was kept aside of the first import is tried again, too: there is nothing left to do, or to keep.
        let warehouse = bed.services.warehouses.open(&shop);
        let kept = parked::records(&warehouse, None, 10).await.unwrap();
        let told: Vec<_> = kept
            .iter()
            .map(|kept| (&*kept.table, &*kept.reason))
            .collect();
        assert_eq!(told, [("repair_actions", "import.reference_missing")]);
        let by = Actor::CommandLine;
        let again = replay(&bed.services, &shop, &kept[0].id, &BTreeMap::new(), &by).await;
        assert!(matches!(again, Ok(Some(Replayed::Done))), "{again:?}");
        let kept = parked::records(&warehouse, None, 10).await.unwrap();
        assert_eq!(kept, []);
    }
}
