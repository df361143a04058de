//! Rows that came back after they were swept, and documents, which come back with what tells of them.

use std::sync::Arc;

use super::bed::{day, plants};
use crate::{
    catalog::system,
    planner::tests::bed::Plant,
    warehouse::{Admit, Filter, Load, Outcome, Rule, Value, Write},
};

use Outcome::{Changed, KeptOut, New, Unchanged};

const RECORDS: &str = "yclients_records";
const GOODS: &str = "yclients_goods_transactions";
const DOCUMENTS: &str = "yclients_documents";

impl Plant {
    /// How many rows keep what is remembered of swept ones.
    async fn remembered(&self) -> usize {
        let dump = self.dump().await;
        let kept = dump.lines().filter(|line| line.starts_with("_swept: "));
        kept.count()
    }

    /// Goods transactions: their id, document and time of change.
    fn goods(&self, rows: &[(i64, i64, i64)]) -> Admit {
        let columns = ["id", "document_id", system::CHANGED_AT];
        let rows: Vec<[Value; 3]> = rows
            .iter()
            .map(|(id, document, changed)| [(*id).into(), (*document).into(), day(*changed).into()])
            .collect();
        self.bodies(GOODS, Rule::Newest, columns, &rows)
    }

    /// Documents, told of in passing: their id and record.
    fn documents(&self, ordered: bool, rows: &[(i64, Option<i64>)]) -> Admit {
        let rows: Vec<[Value; 2]> = rows
            .iter()
            .map(|(id, record)| [(*id).into(), record.map_or(Value::Null, Value::Integer)])
            .collect();
        let rule = Rule::Passing { ordered };
        self.bodies(DOCUMENTS, rule, ["id", "record_id"], &rows)
    }

    /// Lets rows and the documents that they tell of in with one load; what became of either.
    async fn let_in(&self, at: i64, rows: Admit, documents: Admit) -> [Vec<Outcome>; 2] {
        let load = Load {
            origin: "pull",
            run: "run".to_owned(),
            observed_at: day(at),
            writes: vec![Write::Admit(rows), Write::Admit(documents)],
            quota: None,
        };
        let done = self.warehouse().commit(load).await.unwrap();
        done.admitted.try_into().unwrap()
    }
}

#[tokio::test]
async fn what_came_back_is_remembered_no_more_and_comes_again_when_it_is_lost() {
    for plant in plants().await {
        let all: Vec<_> = (1..=300).map(|id| (id, 7, 1, 1)).collect();
        let records = |rule| plant.records(rule, &all);
        plant.admit(day(1), records(Rule::Newest)).await;
        let ids: Vec<i64> = (1..=300).collect();
        assert_eq!(plant.sweep(RECORDS, 2, &ids).await, 300);
        assert_eq!(plant.remembered().await, 2, "buckets of neighbours");

        let ordered = plant.records(Rule::Ordered, &all[..1]);
        assert_eq!(plant.admit(day(3), ordered).await, [New]);
        let changed = || plant.records(Rule::Newest, &[(2, 7, 3, 1)]);
        assert_eq!(plant.admit(day(3), changed()).await, [New]);
        let lost = "DELETE FROM @yclients_records; DELETE FROM @yclients_record_services";
        plant.tamper(lost).await;
        let again = || plant.records(Rule::Newest, &all[..3]);
        let weighed = plant.warehouse().weigh(again(), day(4)).await.unwrap();
        assert_eq!(
            weighed,
            [New, New, KeptOut],
            "a comparison finds them missing"
        );
        assert_eq!(plant.admit(day(4), again()).await, weighed);
        assert_eq!(plant.ids("yclients_record_services").await, [1, 2]);

        // Swept again, it is remembered again.
        assert_eq!(plant.sweep(RECORDS, 5, &[1]).await, 1);
        let outcomes = plant.admit(day(6), again()).await;
        assert_eq!(outcomes, [KeptOut, Unchanged, KeptOut]);
        plant.admit(day(7), records(Rule::Ordered)).await;
        assert_eq!(plant.ids(RECORDS).await, ids);
        assert_eq!(plant.remembered().await, 0, "nothing is away");
        plant.close().await;
    }
}

#[tokio::test]
async fn a_row_that_is_kept_out_by_a_filter_stays_remembered() {
    for plant in plants().await {
        let records = |rule| plant.records(rule, &[(1, 7, 1, 0)]);
        plant.admit(day(1), records(Rule::Newest)).await;
        assert_eq!(plant.sweep(RECORDS, 2, &[1]).await, 1);
        let mut ordered = records(Rule::Ordered);
        let others = Filter::equal("client_id", 8_i64);
        ordered.filter = Some(Arc::new(others));
        assert_eq!(plant.admit(day(3), ordered).await, [KeptOut]);
        let again = plant.admit(day(4), records(Rule::Newest)).await;
        assert_eq!(again, [KeptOut]);
        assert_eq!(plant.remembered().await, 1);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_document_comes_back_with_a_transaction_that_comes_and_with_none_that_stayed() {
    for plant in plants().await {
        let documents = |ids: &[i64]| {
            let rows: Vec<_> = ids.iter().map(|id| (*id, None)).collect();
            plant.documents(false, &rows)
        };
        let goods = plant.goods(&[(1, 71, 1), (2, 72, 1)]);
        let [_, came] = plant.let_in(1, goods, documents(&[71, 72])).await;
        assert_eq!(came, [New, New]);
        assert_eq!(plant.sweep(DOCUMENTS, 2, &[71, 72]).await, 2);

        let goods = plant.goods(&[(1, 71, 2), (2, 72, 1)]);
        let told = plant.let_in(3, goods, documents(&[71, 72])).await;
        assert_eq!(told, [[Unchanged, Unchanged], [KeptOut, KeptOut]]);
        let goods = plant.goods(&[(3, 71, 1)]);
        let told = plant.let_in(4, goods, documents(&[71, 72])).await;
        assert_eq!(told, [vec![New], vec![New, KeptOut]]);

        assert_eq!(plant.sweep(GOODS, 2, &[2]).await, 1);
        let goods = plant.goods(&[(2, 72, 1)]);
        let told = plant.let_in(5, goods, documents(&[72])).await;
        assert_eq!(told, [[KeptOut], [KeptOut]]);
        let goods = plant.goods(&[(2, 72, 6)]);
        let told = plant.let_in(6, goods, documents(&[72])).await;
        assert_eq!(told, [[New], [New]], "it changed since");
        assert_eq!(plant.ids(DOCUMENTS).await, [71, 72]);
        assert_eq!(plant.remembered().await, 0);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_document_comes_back_with_its_record_and_with_what_somebody_orders() {
    for plant in plants().await {
        let told = |at, rule, changed, ordered| {
            let records = plant.records(rule, &[(10, 7, changed, 1)]);
            plant.let_in(at, records, plant.documents(ordered, &[(73, Some(10))]))
        };
        let both = |outcome: Outcome| [vec![outcome], vec![outcome]];
        assert_eq!(told(1, Rule::Newest, 1, false).await, both(New));
        for (table, id) in [(RECORDS, 10), (DOCUMENTS, 73)] {
            assert_eq!(plant.sweep(table, 2, &[id]).await, 1);
        }
        assert_eq!(told(3, Rule::Newest, 1, false).await, both(KeptOut));
        assert_eq!(told(4, Rule::Newest, 4, false).await, both(New));

        assert_eq!(plant.sweep(DOCUMENTS, 5, &[73]).await, 1);
        let stayed = told(6, Rule::Newest, 6, false).await;
        assert_eq!(stayed, [vec![Unchanged], vec![KeptOut]]);
        let ordered = told(7, Rule::Ordered, 6, true).await;
        assert_eq!(ordered, [vec![Unchanged], vec![New]]);
        assert_eq!(plant.remembered().await, 0);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_document_stays_away_whose_details_come_again_without_what_its_record_told() {
    for plant in plants().await {
        let details = |number: i64| {
            let row = [Value::Integer(74), Value::Integer(number)];
            plant.bodies(DOCUMENTS, Rule::Asked, ["id", "number"], &[row])
        };
        assert_eq!(plant.admit(day(1), details(3)).await, [New]);
        let record = plant.records(Rule::Newest, &[(10, 7, 1, 1)]);
        let documents = plant.documents(false, &[(74, Some(10))]);
        let told = plant.let_in(1, record, documents).await;
        assert_eq!(told, [[New], [Changed]], "the record tells whose it is");
        assert_eq!(plant.sweep(DOCUMENTS, 2, &[74]).await, 1);
        assert_eq!(plant.admit(day(3), details(3)).await, [KeptOut]);
        assert_eq!(plant.admit(day(4), details(4)).await, [New]);
        assert_eq!(plant.remembered().await, 0);
        plant.close().await;
    }
}
