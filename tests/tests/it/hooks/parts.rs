//! Bodies that tell of different columns, in any order.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value as Json, json};
use wynos_tests::stack::Database;

use super::{BOTH, Bed, COMPANY, client, minute, order::pull_into};

/// Orders that are tried on each database.
const CASES: u32 = 15;

/// What events tell of; each value ends with the number of the change that made it.
const PARTS: [&str; 4] = ["name", "surname", "comment", "card"];

const TABLE: &str = "yclients_clients";

/// What happened to a client at the vendor, and how its events come.
#[derive(Debug)]
struct Case {
    /// Whether a pull had the client before.
    pulled: bool,
    /// Which parts each change touched.
    changes: Vec<[bool; 4]>,
    /// Which changes are told of, in the order they come; each at least once.
    told: Vec<usize>,
}

fn cases() -> impl Strategy<Value = Case> {
    let changes = prop::collection::vec(any::<[bool; 4]>(), 1..7);
    (any::<bool>(), changes).prop_flat_map(|(pulled, changes)| {
        let all: Vec<usize> = (0..changes.len()).collect();
        let twice = prop::sample::subsequence(all.clone(), 0..=all.len());
        (twice, Just(all)).prop_flat_map(move |(twice, all)| {
            let changes = changes.clone();
            let told = Just([all, twice].concat()).prop_shuffle();
            told.prop_map(move |told| Case {
                pulled,
                changes: changes.clone(),
                told,
            })
        })
    })
}

impl Case {
    /// What a change told of.
    fn body(&self, change: usize) -> Json {
        let mut body = json!({});
        for (part, touched) in PARTS.iter().zip(self.changes[change]) {
            if touched {
                body[part] = json!(format!("{part} {}", change + 1));
            }
        }
        body
    }

    /// The client as the vendor has it after all changes.
    fn truth(&self, id: i64) -> Json {
        let mut client = json!({ "id": id, "phone": "", "last_change_date": minute(i64::try_from(self.changes.len()).unwrap()).to_rfc3339() });
        for (place, part) in PARTS.iter().enumerate() {
            let last = (0..self.changes.len())
                .rev()
                .find(|change| self.changes[*change][place]);
            client[part] = json!(format!("{part} {}", last.map_or(0, |change| change + 1)));
        }
        client
    }
}

/// Which change made what is shown of each part; -1 where nothing is.
async fn shown(bed: &Bed, id: i64) -> Result<Vec<i64>> {
    let columns = [&["id"], PARTS.as_slice()].concat();
    let rows = bed.rows(TABLE, &columns).await?;
    let row = rows.iter().find(|row| row[0] == format!("Integer({id})"));
    let number = |value: &String| {
        let digits = value.trim_end_matches("\")").rsplit(' ').next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(-1)
    };
    Ok(row.map_or(vec![-1; PARTS.len()], |row| {
        row[1..].iter().map(number).collect()
    }))
}

async fn is_due_soon(bed: &Bed) -> Result<bool> {
    let services = bed.stack.services();
    let tables = services
        .control
        .sources(&bed.stack.shop)
        .tables(&bed.source.id)
        .await?;
    let table = tables
        .iter()
        .find(|table| table.table_name == TABLE)
        .context("the table")?;
    let soon = services.clock.now() + TimeDelta::minutes(3);
    Ok(table.next_at.is_some_and(|at| at <= soon))
}

async fn not_due(bed: &Bed) -> Result<()> {
    let services = bed.stack.services();
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut sources = tx.sources(&bed.stack.shop);
    sources
        .add_tables(&bed.source.id, &[TABLE], Some(now), now)
        .await?;
    let later = now + TimeDelta::hours(1);
    sources
        .set_due(&bed.source.id, &[TABLE], Some(later))
        .await?;
    Ok(tx.commit().await?)
}

async fn try_case(bed: &Bed, id: i64, case: &Case) -> Result<()> {
    not_due(bed).await?;
    if case.pulled {
        let before = Case {
            pulled: true,
            changes: Vec::new(),
            told: Vec::new(),
        };
        pull_into(bed, TABLE, minute(0), before.truth(id)).await?;
    }
    let mut before = shown(bed, id).await?;
    for change in &case.told {
        let at = i64::try_from(change + 1)?;
        bed.take(&client(id, "update", Some(at), case.body(*change)))
            .await?;
        let after = shown(bed, id).await?;
        let forward = before
            .iter()
            .zip(&after)
            .all(|(before, after)| before <= after);
        assert!(
            forward,
            "{before:?} became {after:?} by change {at}: {case:?}"
        );
        before = after;
    }
    let truth: Vec<i64> = PARTS
        .iter()
        .map(|part| {
            case.truth(id)[part]
                .as_str()
                .unwrap()
                .rsplit(' ')
                .next()
                .unwrap()
                .parse()
        })
        .collect::<Result<_, _>>()?;
    let is_known = |place: usize| truth[place] > 0 || case.pulled;
    let right = (0..PARTS.len()).all(|place| !is_known(place) || before[place] == truth[place]);
    assert!(
        right || is_due_soon(bed).await?,
        "{before:?}, not {truth:?}, and nobody asks: {case:?}"
    );
    bed.stack.clock.advance(TimeDelta::minutes(2));
    let now = bed.stack.clock.now();
    pull_into(bed, TABLE, now, case.truth(id)).await?;
    assert_eq!(shown(bed, id).await?, truth, "{case:?}");
    // What comes even later changes nothing any more.
    for change in 0..case.changes.len() {
        let at = i64::try_from(change + 1)?;
        bed.take(&client(id, "update", Some(at), case.body(change)))
            .await?;
    }
    assert_eq!(shown(bed, id).await?, truth, "{case:?}");
    Ok(())
}

/// An event of a record, changed so many minutes after a fixed time.
fn visit(changed: i64, mut data: Json) -> Json {
    data["id"] = json!(7);
    data["last_change_date"] = json!(minute(changed).to_rfc3339());
    json!({ "company_id": COMPANY, "resource": "record", "resource_id": 7, "status": "update", "data": data })
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_03_lines_of_a_late_part_fill_what_was_never_seen_and_nothing_else() -> Result<()>
{
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let lines = async || -> Result<Vec<String>> {
            let rows = bed.rows("yclients_record_services", &["title"]).await?;
            Ok(rows.concat())
        };
        let title = |title: &str| json!([{ "id": 1, "title": title }]);
        bed.take(&visit(5, json!({ "comment": "newest" }))).await?;
        assert!(lines().await?.is_empty());
        bed.take(&visit(3, json!({ "services": title("late") })))
            .await?;
        assert_eq!(lines().await?, ["Text(\"late\")"]);
        bed.take(&visit(4, json!({ "services": title("later") })))
            .await?;
        assert_eq!(lines().await?, ["Text(\"late\")"], "they were seen");
        // That there are none any more is told as well.
        bed.take(&visit(6, json!({ "services": [] }))).await?;
        bed.take(&visit(2, json!({ "services": title("gone") })))
            .await?;
        assert!(lines().await?.is_empty());
        let rows = bed
            .rows("yclients_records", &["comment", "_partial"])
            .await?;
        assert_eq!(rows, [["Text(\"newest\")", "Boolean(false)"]]);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_03_parts_in_any_order_never_go_back_and_end_right_with_the_next_pull()
-> Result<()> {
    for database in BOTH {
        Box::pin(parts_on(database)).await?;
    }
    Ok(())
}

async fn parts_on(database: Database) -> Result<()> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let bed = Bed::new(database).await?;
    for number in 0..CASES {
        let tree = cases().new_tree(&mut runner).map_err(anyhow::Error::msg)?;
        try_case(&bed, i64::from(number) + 1, &tree.current()).await?;
    }
    bed.end().await
}
