//! Rows of a file that stand for rows that are here under other ids.

use std::collections::BTreeMap;

use wynos::{catalog, import::Phase, warehouse::Value};

use super::{
    beds,
    files::{customer, repair, small_file},
    table_counts, xml,
};

/// Customers here: the id and the one key that each is known by.
const OURS: [(&str, &str, &str); 8] = [
    ("us:apart-email", "email", "apart@example.pl"),
    ("us:apart-phone", "phone", "701234567"),
    ("us:email", "email", "Anna@Example.pl"),
    ("us:phone", "phone", "501-234-567"),
    ("us:placeholder", "phone", "22 000 00 00"),
    ("us:tax", "tax_id", "856-734-62-15"),
    ("us:twin-1", "email", "twin@example.pl"),
    ("us:twin-2", "email", "twin@example.pl"),
];

type Theirs = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    Option<&'static str>,
);

/// Customers of the file: the id, its keys, which row here stands for it afterwards, and what the report says.
const THEIRS: [Theirs; 7] = [
    (
        "o:apart",
        &[("email", "apart@example.pl"), ("phone", "+48 701 234 567")],
        "o:apart",
        Some("merge_ambiguous"),
    ),
    (
        "o:email",
        &[("email", " anna@example.PL")],
        "us:email",
        Some("merged"),
    ),
    (
        "o:phone",
        &[("phone", "+48 501 234 567")],
        "us:phone",
        Some("merged"),
    ),
    (
        "o:phone-2",
        &[("phone", "0048501234567")],
        "o:phone-2",
        Some("merge_taken"),
    ),
    (
        "o:placeholder",
        &[("phone", "+48 22 000 00 00")],
        "o:placeholder",
        None,
    ),
    (
        "o:tax",
        &[("tax_id", "PL8567346215")],
        "us:tax",
        Some("merged"),
    ),
    (
        "o:twin",
        &[("email", "twin@example.pl")],
        "o:twin",
        Some("merge_ambiguous"),
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_joined_by_their_keys_and_references_follow() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        for (id, key, value) in OURS {
            let fields = [
                ("id", id),
                ("type", "PERSONAL"),
                ("person", "Nasz"),
                (key, value),
            ];
            let fields = fields.map(|(column, value)| (column, Value::from(value)));
            bed.change(&shop, "customers", &fields).await;
        }
        let customers = THEIRS.iter().map(|(id, keys, ..)| {
            let mut row = customer(id, &[("person", "Ich"), ("remarks", "z pliku")]);
            row.extend_from_slice(keys);
            row
        });
        let repairs: Vec<(String, &str)> = THEIRS
            .iter()
            .map(|(id, ..)| (id.replace("o:", "o:r-"), *id))
            .collect();
        let repair_rows = repairs
            .iter()
            .map(|(id, customer)| repair(id, &[("customer_id", customer)]));
        let file = small_file(&[
            ("customers", customers.collect()),
            ("repairs", repair_rows.collect()),
        ]);
        let mut order = xml(&bed.file("merge.xml", &file));
        order.merge = true;
        let import = bed.applied(&shop, order).await;

        let counts = table_counts(&import, "customers");
        assert_eq!((counts.merged, counts.new), (3, 4));
        let table = catalog::table("customers").unwrap();
        assert_eq!(bed.count(&shop, table).await, 8 + 4);
        for (id, _, stands_for, _) in THEIRS {
            let repair = id.replace("o:", "o:r-");
            let led = bed.text(&shop, "repairs", &repair, "customer_id").await;
            assert_eq!(led.as_deref(), Some(stands_for), "{id}");
            let person = bed.text(&shop, "customers", stands_for, "person").await;
            let expected = if stands_for == id { "Ich" } else { "Nasz" };
            assert_eq!(person.as_deref(), Some(expected), "{id}");
            let remarks = bed.text(&shop, "customers", stands_for, "remarks").await;
            assert_eq!(remarks.as_deref(), Some("z pliku"), "{id}");
        }
        for phase in [Phase::Validate, Phase::Apply] {
            let found: BTreeMap<_, _> = bed
                .codes(&import, phase)
                .await
                .into_iter()
                .filter(|(_, code)| code.starts_with("merge"))
                .collect();
            let expected = THEIRS
                .iter()
                .filter_map(|(id, _, _, code)| Some(((*id).to_owned(), (*code)?.to_owned())));
            assert_eq!(found, expected.collect(), "{phase:?}");
        }

        // The same file again, without merging too, changes nothing, and later references lead to the rows here.
        let contents = bed.contents(&shop).await;
        bed.applied(&shop, xml(&bed.file("merge.xml", &file))).await;
        assert_eq!(bed.contents(&shop).await, contents);
        let later = small_file(&[(
            "repairs",
            vec![repair("o:r-later", &[("customer_id", "o:tax")])],
        )]);
        bed.applied(&shop, xml(&bed.file("later.xml", &later)))
            .await;
        let led = bed.text(&shop, "repairs", "o:r-later", "customer_id").await;
        assert_eq!(led.as_deref(), Some("us:tax"));

        // Undone, what was filled is empty again.
        let undone = wynos::import::undo(&bed.services, &shop, &import.id)
            .await
            .unwrap();
        assert_eq!(undone.failure_code, None);
        let remarks = bed.text(&shop, "customers", "us:tax", "remarks").await;
        assert_eq!(remarks, None);
        assert_eq!(bed.count(&shop, table).await, 8);
    }
}
