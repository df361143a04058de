use std::sync::Arc;

use super::bed::{Bed, bed, counts, sample_file, small_file, xml};
use crate::{
    SubscriptionId,
    catalog::{self, Table, system},
    exchange::ProfileName,
    import::Phase,
    warehouse::{Admit, Dependents, Load, Rows, Rule, Scan, Value, Write},
};

/// Deletes rows as a program does.
async fn bury(bed: &Bed, shop: &SubscriptionId, going: Vec<(&'static Arc<Table>, Vec<String>)>) {
    bed.later();
    let now = bed.clock.now();
    let writes = going.into_iter().map(|(table, ids)| {
        let mut rows = Rows::new(2);
        for id in ids {
            rows.push_values(&[Value::from(id), Value::Timestamp(now)]);
        }
        Write::Admit(Admit {
            table: Arc::clone(table),
            source_id: "local".into(),
            columns: vec!["id".into(), system::DELETED_AT.into()],
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        })
    });
    let load = Load {
        origin: "api",
        run: "test".into(),
        observed_at: now,
        writes: writes.collect(),
        quota: None,
    };
    bed.warehouse(shop).commit(load).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_a_full_file_comes_back_equal_after_rows_were_deleted() {
    let bed = bed().await;
    let (first, second) = (bed.subscription().await, bed.subscription().await);
    bed.applied(&first, xml(bed.file("shop.xml", &sample_file(80))))
        .await;
    let (mut deleted, mut refused, mut along) = (0, 0, 0);
    for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
        let mut ids = Vec::new();
        bed.each(&first, Scan::of(table).columns(["id"]).limit(12), |row| {
            ids.push(row.get(0).as_str().unwrap().to_owned());
        })
        .await;
        for id in ids {
            let snapshot = bed.warehouse(&first).snapshot().await.unwrap();
            match snapshot.dependents(table, &id).await.unwrap() {
                Dependents::Go(going) => {
                    deleted += 1;
                    along += going.iter().map(|(_, ids)| ids.len()).sum::<usize>() - 1;
                    let going = going.into_iter();
                    let going = going.map(|(table, ids)| (table, ids.into_iter().collect()));
                    bury(&bed, &first, going.collect()).await;
                }
                Dependents::Needed { .. } => refused += 1,
                Dependents::TooMany { table } => panic!("too many of {}", table.name),
            }
        }
    }
    assert!(
        deleted > 10 && refused > 10 && along > 10,
        "{deleted} {refused} {along}"
    );

    let file = bed.exported(&first, ProfileName::Full).await;
    let import = bed.applied(&second, xml(bed.file("rest.xml", &file))).await;
    assert!(!counts(&import).has_problems(), "{:?}", counts(&import));
    let copy = bed.exported(&second, ProfileName::Full).await;
    let body = |file: &[u8]| {
        let text = String::from_utf8(file.to_vec()).unwrap();
        text[text.find("<customers").unwrap()..text.find("<trailer").unwrap()].to_owned()
    };
    assert!(body(&file) == body(&copy), "the copy differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_deleted_here_and_changed_in_the_file_is_told_as_such() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let file = |person| {
        let id = ("id", "othershop:c1");
        small_file(&[(
            "customers",
            &[&[id, ("type", "PERSONAL"), ("person", person)]],
        )])
    };
    bed.applied(&shop, xml(bed.file("first.xml", &file("Anna"))))
        .await;
    let customers = catalog::table("customers").unwrap();
    bury(&bed, &shop, vec![(customers, vec!["othershop:c1".into()])]).await;
    let import = bed
        .applied(&shop, xml(bed.file("second.xml", &file("Ewa"))))
        .await;
    let findings = bed.findings(&import, Phase::Apply).await;
    let told: Vec<_> = findings
        .iter()
        .map(|one| (one.code.as_ref(), one.field.as_deref()))
        .collect();
    assert_eq!(told, [("conflict_gone", Some("person"))]);
}
