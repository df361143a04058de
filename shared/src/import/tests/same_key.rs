use super::bed::{bed, counts, order};
use crate::{
    catalog::Locale,
    control::ImportFormat,
    import::{ConflictPolicy, Phase, message},
};

#[tokio::test(flavor = "multi_thread")]
async fn people_who_share_a_telephone_are_told_with_the_key_and_the_other_line() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let list = |name: &str, rows: &str| {
        let text = format!("Imię i nazwisko;Telefon\n{rows}");
        let mut csv = order(bed.file(name, text.as_bytes()), ImportFormat::Csv);
        csv.table = Some("customers".into());
        csv
    };
    let family = list(
        "family.csv",
        "Jan Nowak;22 555 66 77\nEwa Nowak;225556677\n",
    );
    let import = bed.applied(&shop, family).await;
    let told = bed.findings(&import, Phase::Apply).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let second = &told[0];
    assert_eq!(
        (second.code.as_ref(), second.line, second.field.as_deref()),
        ("repeated_key", Some(3), Some("phone"))
    );
    assert!(message(Locale::Pl, second).contains("wiersz 2"));

    let other = list("other.csv", "Karol Nowak;225556677\n");
    let import = bed.applied(&shop, other).await;
    let told = bed.findings(&import, Phase::Apply).await;
    let renamed: Vec<_> = told
        .iter()
        .filter(|told| told.code == "other_name")
        .collect();
    assert_eq!(renamed.len(), 1, "{told:?}");
    assert_eq!(
        (renamed[0].expected.as_str(), renamed[0].found.as_str()),
        ("Jan Nowak", "Karol Nowak")
    );
    let turned = list("turned.csv", "nowak karol;22 5556677\n");
    let import = bed.applied(&shop, turned).await;
    assert!(bed.findings(&import, Phase::Apply).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_that_the_file_wins_is_counted_as_changed() {
    let bed = bed().await;
    let shop = bed.subscription().await;
    let list = |name: &str, person: &str| {
        let text = format!("id;person;type\nc1;{person};PERSONAL\n");
        let mut csv = order(bed.file(name, text.as_bytes()), ImportFormat::Csv);
        csv.table = Some("customers".into());
        csv
    };
    bed.applied(&shop, list("one.csv", "Jan")).await;
    bed.later();
    let id = format!("{shop}:c1");
    let here: &[Option<&str>] = &[Some(&id), Some("PERSONAL"), Some("Janek")];
    bed.enter(&shop, "customers", &["id", "type", "person"], &[here])
        .await;
    let mut theirs = list("two.csv", "Jan Nowak");
    theirs.conflict = ConflictPolicy::TakeTheirs;
    let import = bed.applied(&shop, theirs).await;
    let customers = counts(&import).tables["customers"];
    assert_eq!((customers.conflict, customers.changed), (1, 1));
}
