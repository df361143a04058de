use std::os::unix::fs::PermissionsExt;

use wynos::{
    catalog,
    control::{Actor, FileFormat},
    delivery::{self, DeliveryError},
    services::password_place,
    warehouse::{Admit, Rows, Rule, ValueRef, Write},
};

use super::{Bed, beds};

#[tokio::test]
async fn a_database_file_holds_every_row_and_stands_alone() {
    for bed in beds().await {
        bed.delivered(bed.order(FileFormat::Csv, Some("customers")))
            .await;
        let path = bed.folder.path().join("taken.sqlite");
        let mut order = bed.order(FileFormat::Sqlite, None);
        order.ordered_by = Actor::CommandLine;
        let made = delivery::build_to(&bed.services, &order, &path)
            .await
            .unwrap();

        let file = rusqlite::Connection::open(&path).unwrap();
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            file.query_row(&sql, [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
            let rows = bed.rows(table, &[&table.columns[0].name]).await.len() as i64;
            assert_eq!(count(&table.name), rows, "{}", table.name);
            assert_eq!(made.counts[table.name.as_ref()], rows);
        }
        assert_eq!(count("personal_data_log"), 60);
        let hidden = "sqlite_schema WHERE type = 'table' AND name LIKE '\\_%' ESCAPE '\\'";
        assert_eq!(count(hidden), 0);
        assert_eq!(count("sqlite_schema WHERE sql LIKE '%_load_id%'"), 0);
        let checked: String = file
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(checked, "ok");

        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "readable by its owner alone");
        assert!(bed.journal().await.contains(&"export.written".to_owned()));
        let event = format!("export:{}:1", made.id);
        let logged = bed
            .logged()
            .await
            .into_iter()
            .filter(|line| line.0 == event)
            .count();
        assert_eq!(logged, 60);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_names_its_place_and_leaves_nothing() {
    for bed in beds().await {
        let order = bed.order(FileFormat::Xml, None);
        // Every byte written there meets a full disk.
        let full = std::path::Path::new("/dev/full/x.xml");
        let folder = bed.folder.path().join("taken");
        std::fs::create_dir_all(folder.join("is-a-folder/inside")).unwrap();
        for path in [
            full,
            &folder.join("is-a-folder"),
            &folder.join("absent/x.xml"),
        ] {
            let error = delivery::build_to(&bed.services, &order, path)
                .await
                .unwrap_err();
            let DeliveryError::File { place, .. } = &error else {
                panic!("{error:?}")
            };
            assert_eq!(place, &path.display().to_string());
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        assert!(bed.logged().await.is_empty());
        bed.work().await;
        wynos::journal::relay(&bed.services, &bed.shop)
            .await
            .unwrap();
        assert!(bed.journal().await.is_empty());
    }
}

async fn taken(bed: &Bed, format: FileFormat, passwords: bool) -> String {
    let path = bed.folder.path().join("taken");
    let mut order = bed.order(format, None);
    order.include_passwords = passwords;
    delivery::build_to(&bed.services, &order, &path)
        .await
        .unwrap();
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

#[tokio::test]
async fn passwords_leave_only_when_an_owner_asks_for_them() {
    for bed in beds().await {
        let fields = catalog::table("custom_fields").unwrap();
        let fields = bed.rows(fields, &["id", "type"]).await;
        let field = fields
            .into_iter()
            .find(|row| row[1].as_deref() == Some("PASSWORD"))
            .unwrap();
        let field = field[0].clone().unwrap();
        let repairs = catalog::table("repairs").unwrap();
        let id = bed.rows(repairs, &["id"]).await[0][0].clone().unwrap();
        let place = password_place("repairs", &id, &field);
        let sealed = bed
            .services
            .keys
            .fields
            .encrypt("tajne-haslo-77", &place)
            .unwrap();
        let mut rows = Rows::new(2);
        let values = serde_json::json!({ field: sealed }).to_string();
        rows.push_row([ValueRef::Text(&id), ValueRef::Json(&values)]);
        bed.commit(vec![Write::Admit(Admit {
            table: repairs.clone(),
            source_id: "local".to_owned(),
            columns: vec!["id".to_owned(), "custom_values".to_owned()],
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        })])
        .await;
        for format in [FileFormat::Xml, FileFormat::Sqlite] {
            let without = taken(&bed, format, false).await;
            assert!(
                !without.contains("tajne-haslo-77") && !without.contains("enc:v1:"),
                "{format}"
            );
        }
        let with = taken(&bed, FileFormat::Xml, true).await;
        assert!(with.contains("tajne-haslo-77") && !with.contains(&sealed));
        let mut database = bed.order(FileFormat::Sqlite, None);
        database.include_passwords = true;
        let path = bed.folder.path().join("refused");
        let refused = delivery::build_to(&bed.services, &database, &path).await;
        assert!(refused.is_err() && !path.exists());
    }
}
