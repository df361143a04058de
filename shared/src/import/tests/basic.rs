use super::bed::{bed, counts, sample_file, xml};
use crate::{catalog, exchange::ProfileName, warehouse::Filter};

#[tokio::test(flavor = "multi_thread")]
async fn a_basic_file_comes_back_equal_from_a_second_subscription() {
    let bed = bed().await;
    let (first, second) = (bed.subscription().await, bed.subscription().await);
    bed.applied(&first, xml(bed.file("shop.xml", &sample_file(120))))
        .await;
    let file = bed.exported(&first, ProfileName::Basic).await;
    bed.applied(&second, xml(bed.file("basic.xml", &file)))
        .await;
    let copy = bed.exported(&second, ProfileName::Basic).await;
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
async fn the_shops_own_basic_file_changes_nothing_and_new_fields_come_in_as_not_required() {
    let bed = bed().await;
    let (first, second) = (bed.subscription().await, bed.subscription().await);
    bed.applied(&first, xml(bed.file("shop.xml", &sample_file(60))))
        .await;
    let required = Filter::equal("required", true);
    let fields = catalog::table("custom_fields").unwrap();
    let snapshot = bed.warehouse(&first).snapshot().await.unwrap();
    assert!(snapshot.count(fields, &required).await.unwrap() > 0);
    let contents = bed.contents(&first).await;
    let path = bed.file("basic.xml", &bed.exported(&first, ProfileName::Basic).await);

    let again = bed.applied(&first, xml(path.clone())).await;
    for (table, counts) in counts(&again).tables {
        assert_eq!(counts.unchanged, counts.rows, "{table}");
    }
    assert_eq!(bed.contents(&first).await, contents);

    bed.applied(&second, xml(path)).await;
    let snapshot = bed.warehouse(&second).snapshot().await.unwrap();
    let all = snapshot.count(fields, &Filter::All).await.unwrap();
    let optional = Filter::equal("required", false);
    assert!(all > 0 && snapshot.count(fields, &optional).await.unwrap() == all);
}
