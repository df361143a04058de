use super::bed::{Bed, bed, small_file, xml};
use crate::{
    SubscriptionId, catalog,
    control::Import,
    import::{Counts, Phase},
};

async fn merged(bed: &Bed, shop: &SubscriptionId, file: &[u8]) -> Import {
    let mut order = xml(bed.file("merge.xml", file));
    order.merge = true;
    bed.applied(shop, order).await
}

const COLUMNS: [&str; 6] = ["id", "type", "person", "email", "phone", "tax_id"];

#[tokio::test(flavor = "multi_thread")]
async fn matched_rows_fill_what_is_empty_and_references_follow() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let ours: &[Option<&str>] = &[
        Some("us:1"),
        Some("PERSONAL"),
        Some("Anna"),
        Some("anna@example.pl"),
        None,
        None,
    ];
    bed.enter(&shop, "customers", &COLUMNS, &[ours]).await;
    let file = small_file(&[
        (
            "customers",
            &[&[
                ("id", "othershop:c1"),
                ("type", "PERSONAL"),
                ("person", "A. Nowak"),
                ("email", "Anna@Example.pl"),
                ("phone", "501 234 567"),
            ]],
        ),
        (
            "repairs",
            &[&[
                ("id", "othershop:r1"),
                ("rma", "1"),
                ("status", "CLOSED"),
                ("customer_id", "othershop:c1"),
            ]],
        ),
    ]);
    let import = merged(&bed, &shop, &file).await;
    assert_eq!(
        bed.count(&shop, catalog::table("customers").unwrap()).await,
        1
    );
    assert_eq!(
        bed.value(&shop, "customers", "us:1", "person")
            .await
            .as_deref(),
        Some("Anna")
    );
    assert_eq!(
        bed.value(&shop, "customers", "us:1", "phone")
            .await
            .as_deref(),
        Some("501 234 567")
    );
    assert_eq!(
        bed.value(&shop, "repairs", "othershop:r1", "customer_id")
            .await
            .as_deref(),
        Some("us:1")
    );
    let counts: Counts = serde_json::from_value(import.counts.clone()).unwrap();
    assert_eq!(counts.tables["customers"].merged, 1);
    let previewed = bed.findings(&import, Phase::Validate).await;
    assert!(
        previewed
            .iter()
            .any(|finding| finding.code == "merged" && finding.expected == "us:1"),
        "{previewed:?}"
    );

    // Emptied here since: the same file, without merging too, brings it not back.
    bed.change(&shop, "customers", "us:1", "phone", "").await;
    let contents = bed.contents(&shop).await;
    bed.applied(&shop, xml(bed.file("merge.xml", &file))).await;
    assert_eq!(bed.contents(&shop).await, contents);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_by_the_placeholder_or_by_keys_that_lead_apart() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let rows: [&[Option<&str>]; 3] = [
        &[
            Some("us:1"),
            Some("PERSONAL"),
            Some("A"),
            Some("a@example.pl"),
            Some("22 000 00 00"),
            None,
        ],
        &[
            Some("us:2"),
            Some("PERSONAL"),
            Some("B"),
            Some("b@example.pl"),
            Some("501234567"),
            None,
        ],
        &[
            Some("us:3"),
            Some("PERSONAL"),
            Some("C"),
            None,
            Some("601234567"),
            None,
        ],
    ];
    bed.enter(&shop, "customers", &COLUMNS, &rows).await;
    let customer = |id: &'static str, email: &'static str, phone: &'static str| {
        vec![
            ("id", id),
            ("type", "PERSONAL"),
            ("person", "X"),
            ("email", email),
            ("phone", phone),
        ]
    };
    let theirs = [
        customer("othershop:c1", "x@example.pl", "22 000 00 00"),
        customer("othershop:c2", "a@example.pl", "501234567"),
        customer("othershop:c3", "y@example.pl", "601234567"),
        customer("othershop:c4", "z@example.pl", "601234567"),
    ];
    let theirs: Vec<&[_]> = theirs.iter().map(Vec::as_slice).collect();
    let import = merged(&bed, &shop, &small_file(&[("customers", &theirs)])).await;
    let counts: Counts = serde_json::from_value(import.counts.clone()).unwrap();
    assert_eq!(
        (
            counts.tables["customers"].merged,
            counts.tables["customers"].new
        ),
        (1, 3)
    );
    let found: Vec<_> = bed
        .findings(&import, Phase::Apply)
        .await
        .into_iter()
        .filter(|finding| finding.code.starts_with("merge"))
        .map(|finding| (finding.row_id.unwrap(), finding.code.into_owned()))
        .collect();
    let expected = [
        ("othershop:c2", "merge_ambiguous"),
        ("othershop:c3", "merged"),
        ("othershop:c4", "merge_taken"),
    ];
    assert_eq!(
        found,
        expected.map(|(id, code)| (id.to_owned(), code.to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dictionaries_fields_and_employees_are_matched_and_values_follow() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    bed.enter(
        &shop,
        "dictionaries",
        &["id", "type", "name"],
        &[&[Some("us:d"), Some("REPAIR_SUBJECT_TYPE"), Some("Laptop")]],
    )
    .await;
    bed.enter(
        &shop,
        "employees",
        &["id", "display_name", "email"],
        &[&[Some("us:e"), Some("Jan"), Some("jan@example.pl")]],
    )
    .await;
    let field = |id: &'static str| {
        vec![
            ("id", id),
            ("form", "REPAIR"),
            ("type", "TEXT"),
            ("name", "Kod"),
            ("required", "false"),
        ]
    };
    let own = small_file(&[("custom_fields", &[&field("us:f")])]);
    bed.applied(&shop, xml(bed.file("own.xml", &own))).await;
    let file = small_file(&[
        (
            "dictionaries",
            &[&[
                ("id", "othershop:d1"),
                ("type", "REPAIR_SUBJECT_TYPE"),
                ("name", " laptop "),
            ]],
        ),
        ("custom_fields", &[&field("othershop:f1")]),
        (
            "employees",
            &[&[
                ("id", "othershop:e1"),
                ("display_name", "J."),
                ("email", "JAN@example.pl"),
            ]],
        ),
        (
            "repairs",
            &[&[
                ("id", "othershop:r1"),
                ("rma", "1"),
                ("status", "CLOSED"),
                ("employee_id", "othershop:e1"),
                ("type_id", "othershop:d1"),
                ("custom_values", r#"{"othershop:f1":"7"}"#),
            ]],
        ),
    ]);
    merged(&bed, &shop, &file).await;
    let mut values = Vec::new();
    for column in ["type_id", "employee_id", "custom_values"] {
        values.extend(bed.value(&shop, "repairs", "othershop:r1", column).await);
    }
    assert_eq!(values, ["us:d", "us:e", r#"{"us:f":"7"}"#]);
}
