use super::bed::{Bed, bed, counts, file_with_passwords, sample_file, small_file, xml};
use crate::{
    SubscriptionId, catalog,
    control::{Actor, ImportStatus},
    exchange::ProfileName,
    import::{ConflictPolicy, Phase, Replayed, Severity, replay, report_csv, validate},
    parked,
    warehouse::internal,
};

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_a_full_file_comes_back_equal_and_a_second_import_changes_nothing() {
    let bed = bed().await;
    let (first, second) = (bed.subscription().await, bed.subscription().await);
    let path = bed.file("shop.xml", &sample_file(300));
    let import = bed.applied(&first, xml(path.clone())).await;
    assert_eq!(import.status, ImportStatus::Applied);
    assert_eq!(counts(&import).tables["customers"].new, 300);
    let contents = bed.contents(&first).await;

    let again = bed.applied(&first, xml(path)).await;
    for (table, counts) in counts(&again).tables {
        assert_eq!((counts.unchanged, counts.new), (counts.rows, 0), "{table}");
    }
    assert_eq!(bed.contents(&first).await, contents);

    let file = bed.exported(&first, ProfileName::Full).await;
    bed.applied(&second, xml(bed.file("again.xml", &file)))
        .await;
    let copy = bed.exported(&second, ProfileName::Full).await;
    let body = |file: &[u8]| {
        let text = String::from_utf8(file.to_vec()).unwrap();
        text[text.find("<customers").unwrap()..text.find("<trailer").unwrap()].to_owned()
    };
    assert!(
        body(&file) == body(&copy),
        "the copy differs from the first file"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_kept_encrypted_and_an_equal_one_is_unchanged() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let file = |pin: Option<&str>| {
        let values = pin.map(|pin| format!(r#"{{"othershop:f1":"{pin}"}}"#));
        let mut repair = vec![("id", "othershop:r1"), ("rma", "1"), ("status", "CLOSED")];
        repair.extend(values.as_deref().map(|values| ("custom_values", values)));
        let field = [
            ("id", "othershop:f1"),
            ("form", "REPAIR"),
            ("type", "PASSWORD"),
            ("name", "PIN"),
            ("required", "false"),
        ];
        file_with_passwords(
            pin.is_some(),
            &[("custom_fields", &[&field]), ("repairs", &[&repair])],
        )
    };
    let place = "repairs/othershop:r1/othershop:f1";
    let kept = async || {
        let values = bed
            .value(&shop, "repairs", "othershop:r1", "custom_values")
            .await
            .unwrap();
        assert!(
            !values.contains("1234") && !values.contains("5678"),
            "{values}"
        );
        let values: serde_json::Value = serde_json::from_str(&values).unwrap();
        bed.services
            .keys
            .fields
            .decrypt(values["othershop:f1"].as_str().unwrap(), place)
            .unwrap()
    };
    // What the file carries, what is here afterwards, and what became of the row.
    let steps = [
        (Some("1234"), "1234", "new"),
        (Some("1234"), "1234", "unchanged"),
        (None, "1234", "unchanged"),
        (Some("5678"), "5678", "changed"),
        (None, "5678", "unchanged"),
    ];
    for (pin, expected, outcome) in steps {
        let import = bed
            .applied(&shop, xml(bed.file("pins.xml", &file(pin))))
            .await;
        assert_eq!(kept().await, expected, "{pin:?}");
        let counts = serde_json::to_value(counts(&import).tables["repairs"]).unwrap();
        assert_eq!(counts[outcome], 1, "{pin:?} {counts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn validating_writes_no_table_of_the_shop() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let import = bed
        .validated(&shop, xml(bed.file("shop.xml", &sample_file(50))))
        .await;
    assert_eq!(import.status, ImportStatus::Previewed);
    assert_eq!(counts(&import).tables["customers"].new, 50);
    let existing = bed
        .warehouse(&shop)
        .snapshot()
        .await
        .unwrap()
        .tables()
        .await
        .unwrap();
    assert!(
        existing.iter().all(|name| name.starts_with('_')),
        "{existing:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_fails_with_its_place_and_keeps_nothing() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let file = sample_file(50);
    let mut changed = file.clone();
    let at = file
        .windows(9)
        .position(|window| window == b"<customer")
        .unwrap()
        + 2_000;
    changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
    let cases: [(&str, Vec<u8>, &str); 4] = [
        (
            "cut.xml",
            file[..file.len() / 2].to_vec(),
            "import.file-truncated",
        ),
        ("changed.xml", changed, "import.file-malformed"),
        ("zip.xml", b"PK\x03\x04rest".to_vec(), "import.zip"),
        ("empty.xml", Vec::new(), "import.empty"),
    ];
    for (name, content, code) in cases {
        let import = bed.begin(&shop, xml(bed.file(name, &content))).await;
        let import = match import.status {
            ImportStatus::Failed => import,
            _ => validate(&bed.services, &shop, &import.id).await.unwrap(),
        };
        assert_eq!(import.failure_code.as_deref(), Some(code), "{name}");
        if code.starts_with("import.file-") {
            assert!(
                import.failure_details.unwrap()["line"].as_u64().unwrap() > 1,
                "{name}"
            );
        }
    }
    assert!(bed.contents(&shop).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_04_a_bad_row_never_blocks_its_neighbours() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let action = |id: &'static str, repair: &'static str| -> Vec<(&'static str, &'static str)> {
        vec![("id", id), ("repair_id", repair), ("name", "x")]
    };
    let actions = [
        action("othershop:a1", "othershop:r1"),
        action("othershop:a2", "othershop:r9"),
    ];
    let actions: Vec<&[_]> = actions.iter().map(Vec::as_slice).collect();
    let file = small_file(&[
        (
            "customers",
            &[&[
                ("id", "othershop:c1"),
                ("type", "PERSONAL"),
                ("tax_id", "1234567890"),
            ]],
        ),
        (
            "repairs",
            &[
                &[
                    ("id", "othershop:r1"),
                    ("rma", "1"),
                    ("status", "CLOSED"),
                    ("customer_id", "othershop:c1"),
                ],
                &[
                    ("id", "othershop:r2"),
                    ("rma", "2"),
                    ("status", "CLOSED"),
                    ("customer_id", "othershop:c9"),
                ],
                &[("id", "othershop:r3"), ("rma", "3"), ("status", "LOST")],
            ],
        ),
        ("repair_actions", &actions),
    ]);
    let import = bed.applied(&shop, xml(bed.file("bad.xml", &file))).await;
    let repairs = counts(&import).tables["repairs"];
    assert_eq!((repairs.rows, repairs.new, repairs.rejected), (3, 2, 1));
    assert_eq!(
        bed.value(&shop, "repairs", "othershop:r2", "customer_id")
            .await,
        None
    );
    assert_eq!(
        bed.value(&shop, "repairs", "othershop:r1", "customer_id")
            .await
            .as_deref(),
        Some("othershop:c1")
    );
    let actions = counts(&import).tables["repair_actions"];
    assert_eq!((actions.new, actions.rejected), (1, 1));
    let found: Vec<_> = bed
        .findings(&import, Phase::Apply)
        .await
        .into_iter()
        .map(|finding| (finding.severity, finding.code.into_owned(), finding.found))
        .collect();
    let expected =
        |severity, code: &str, found: &str| (severity, code.to_owned(), found.to_owned());
    for finding in [
        expected(Severity::Warning, "nip", "1234567890"),
        expected(Severity::Warning, "reference_left_out", "othershop:c9"),
        expected(Severity::Error, "unknown_value", "LOST"),
        expected(Severity::Error, "reference_missing", "othershop:r9"),
    ] {
        assert!(found.contains(&finding), "{finding:?} in {found:?}");
    }
    both_are_kept_and_come_in_once_their_cause_is_mended(&bed, &shop).await;
    let report = report_csv(&bed.services, &shop, &import.id, catalog::Locale::Pl)
        .await
        .unwrap();
    let pieces: Vec<_> = futures::TryStreamExt::try_collect(report).await.unwrap();
    let text = String::from_utf8(pieces.concat()).unwrap();
    assert!(text.starts_with("\u{feff}Rodzaj;Tabela;"), "{text}");
    assert_eq!(text.lines().count(), 1 + found.len());
    assert!(!text.contains("report-"), "{text}");
}

/// The row that could not be read and the one that refers to nothing.
async fn both_are_kept_and_come_in_once_their_cause_is_mended(bed: &Bed, shop: &SubscriptionId) {
    let warehouse = bed.warehouse(shop);
    let kept = parked::records(&warehouse, None, 10).await.unwrap();
    let reasons: Vec<_> = kept
        .iter()
        .map(|kept| (kept.table.as_str(), kept.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            ("repairs", "import.unknown_value"),
            ("repair_actions", "import.reference_missing"),
        ]
    );
    let again = async |id: &str, values: &[(&str, &str)]| {
        let values = values
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()));
        replay(
            &bed.services,
            shop,
            id,
            &values.collect(),
            &Actor::CommandLine,
        )
        .await
        .unwrap()
        .unwrap()
    };
    for kept in &kept {
        let refused = again(&kept.id, &[]).await;
        assert!(matches!(refused, Replayed::Refused(found) if !found.is_empty()));
    }
    bed.enter(
        shop,
        "repairs",
        &["id", "rma", "status"],
        &[&[Some("othershop:r9"), Some("9"), Some("CLOSED")]],
    )
    .await;
    let status: &[_] = &[("status", "CLOSED")];
    for (kept, values) in kept.iter().zip([status, &[]]) {
        let done = again(&kept.id, values).await;
        assert!(matches!(done, Replayed::Done), "{done:?}");
    }
    assert_eq!(bed.count(shop, internal::parked()).await, 0);
    let value = async |table, id, column| bed.value(shop, table, id, column).await;
    assert_eq!(
        [
            value("repairs", "othershop:r3", "rma").await.as_deref(),
            value("repairs", "othershop:r3", "status").await.as_deref(),
            value("repair_actions", "othershop:a2", "repair_id")
                .await
                .as_deref(),
        ],
        [Some("3"), Some("CLOSED"), Some("othershop:r9")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_compared_three_ways() {
    let person = |name: &str| {
        small_file(&[(
            "customers",
            &[&[
                ("id", "othershop:c1"),
                ("type", "PERSONAL"),
                ("person", name),
            ]],
        )])
    };
    // What the file says at the second import, what is said here, and what comes of it by either policy.
    let cases = [
        ("Anna", "Anna", "Anna", "Anna", "unchanged"),
        ("Anna", "Ewa", "Ewa", "Ewa", "unchanged"),
        ("Ola", "Anna", "Ola", "Ola", "changed"),
        ("Ola", "Ola", "Ola", "Ola", "unchanged"),
        ("Ola", "Ewa", "Ewa", "Ola", "conflict"),
    ];
    let bed = bed().await;
    for (index, (theirs, ours, keep, take, outcome)) in cases.into_iter().enumerate() {
        for (policy, result) in [
            (ConflictPolicy::KeepOurs, keep),
            (ConflictPolicy::TakeTheirs, take),
        ] {
            let shop = bed.subscription().await;
            bed.applied(&shop, xml(bed.file("first.xml", &person("Anna"))))
                .await;
            if ours != "Anna" {
                bed.change(&shop, "customers", "othershop:c1", "person", ours)
                    .await;
            }
            let mut order = xml(bed.file("second.xml", &person(theirs)));
            order.conflict = policy;
            let import = bed.applied(&shop, order).await;
            let person = bed
                .value(&shop, "customers", "othershop:c1", "person")
                .await;
            assert_eq!(person.as_deref(), Some(result), "case {index} {policy:?}");
            let counts = serde_json::to_value(counts(&import).tables["customers"]).unwrap();
            assert_eq!(counts[outcome], 1, "case {index} {policy:?}");
            let conflicts = bed.findings(&import, Phase::Apply).await;
            let fields: Vec<_> = conflicts
                .iter()
                .map(|finding| (finding.expected.as_str(), finding.found.as_str()))
                .collect();
            assert_eq!(
                fields,
                if outcome == "conflict" {
                    vec![("Ewa", "Ola")]
                } else {
                    vec![]
                }
            );
        }
    }
}
