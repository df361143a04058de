//! What was imported last, the file, and what is here now: every combination, by both policies.

use std::collections::{BTreeMap, BTreeSet};

use wynos::{
    SubscriptionId, catalog,
    import::{ConflictPolicy, Phase},
    warehouse::{Outcome, Scan, Value},
};

use super::{
    Bed, beds,
    files::{customer, file_of},
    table_counts, xml,
};

/// The file says `Anna` of every customer.
const FILE: &str = "Anna";

/// What is here when the file comes.
#[derive(Debug, Clone, Copy)]
enum Now {
    /// What was there before: imported last, or nothing at all.
    AsBefore,
    /// A person entered this name.
    Says(&'static str),
    Deleted,
}

/// Whose file it is, and what a file from here knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Another subscription: when its file was made says nothing about rows here.
    Other,
    /// This one, before anything was changed here.
    HereBefore,
    /// This one, after everything was changed here: the file knew it all.
    HereAfter,
}

/// One customer.
struct Case {
    id: &'static str,
    /// The name that was imported last.
    last: Option<&'static str>,
    now: Now,
    outcome: Outcome,
    /// The outcome where the file knew what is here.
    known: Outcome,
}

const fn case(
    id: &'static str,
    last: Option<&'static str>,
    now: Now,
    outcome: Outcome,
    known: Outcome,
) -> Case {
    Case {
        id,
        last,
        now,
        outcome,
        known,
    }
}

/// Last imported never, as the file says, or otherwise; here now as before, as the file says, otherwise, or deleted.
const CASES: [Case; 12] = {
    use Outcome::{Changed, Conflict, New, Unchanged};
    [
        case("x:01", None, Now::AsBefore, New, New),
        case("x:02", None, Now::Says("Anna"), Unchanged, Unchanged),
        case("x:03", None, Now::Says("Ola"), Conflict, Changed),
        case("x:04", None, Now::Deleted, Conflict, Conflict),
        case("x:05", Some("Anna"), Now::AsBefore, Unchanged, Unchanged),
        case(
            "x:06",
            Some("Anna"),
            Now::Says("Anna"),
            Unchanged,
            Unchanged,
        ),
        case("x:07", Some("Anna"), Now::Says("Ola"), Unchanged, Unchanged),
        case("x:08", Some("Anna"), Now::Deleted, Unchanged, Unchanged),
        case("x:09", Some("Ewa"), Now::AsBefore, Changed, Changed),
        case("x:10", Some("Ewa"), Now::Says("Anna"), Unchanged, Unchanged),
        case("x:11", Some("Ewa"), Now::Says("Ola"), Conflict, Changed),
        case("x:12", Some("Ewa"), Now::Deleted, Conflict, Conflict),
    ]
};

impl Case {
    fn outcome(&self, origin: Origin) -> Outcome {
        match origin {
            Origin::HereAfter => self.known,
            Origin::Other | Origin::HereBefore => self.outcome,
        }
    }

    /// The name that is here before the file comes; `None` for no row.
    fn ours(&self) -> Option<&'static str> {
        match self.now {
            Now::AsBefore => self.last,
            Now::Says(name) => Some(name),
            Now::Deleted => None,
        }
    }

    /// The name that is here afterwards.
    fn result(&self, origin: Origin, policy: ConflictPolicy) -> Option<&'static str> {
        match (self.outcome(origin), policy) {
            (Outcome::New | Outcome::Changed, _)
            | (Outcome::Conflict, ConflictPolicy::TakeTheirs) => Some(FILE),
            _ => self.ours(),
        }
    }
}

/// Brings every case to where it is when the file comes, and gives the file.
async fn prepare(bed: &Bed, shop: &SubscriptionId, origin: Origin) -> Vec<u8> {
    let maker: SubscriptionId = match origin {
        Origin::Other => "othershop".parse().unwrap(),
        Origin::HereBefore | Origin::HereAfter => shop.clone(),
    };
    let first = CASES
        .iter()
        .filter_map(|case| Some(customer(case.id, &[("person", case.last?)])));
    let first = file_of(
        &maker,
        bed.services.clock.now(),
        &[("customers", first.collect())],
    );
    bed.applied(shop, xml(&bed.file("first.xml", &first))).await;
    let before = bed.services.clock.now();
    for case in &CASES {
        let name = match case.now {
            Now::AsBefore => continue,
            Now::Says(name) => name,
            Now::Deleted => FILE,
        };
        if case.last.is_none() || !matches!(case.now, Now::Deleted) {
            let fields = [("id", case.id), ("type", "PERSONAL"), ("person", name)];
            let fields = fields.map(|(column, value)| (column, Value::from(value)));
            bed.change(shop, "customers", &fields).await;
        }
        if matches!(case.now, Now::Deleted) {
            bed.delete(shop, "customers", case.id).await;
        }
    }
    bed.later();
    let made_at = match origin {
        Origin::HereBefore => before,
        Origin::Other | Origin::HereAfter => bed.services.clock.now(),
    };
    let rows = CASES
        .iter()
        .map(|case| customer(case.id, &[("person", FILE)]));
    file_of(&maker, made_at, &[("customers", rows.collect())])
}

async fn names(bed: &Bed, shop: &SubscriptionId) -> BTreeMap<String, String> {
    let scan = Scan::of(catalog::table("customers").unwrap()).columns(["id", "person"]);
    let rows = bed.scan(shop, scan).await;
    let text = |value: &Value| value.as_ref().as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(&row[0]), text(&row[1])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_compared_three_ways() {
    for bed in beds().await {
        for origin in [Origin::Other, Origin::HereBefore, Origin::HereAfter] {
            for policy in [ConflictPolicy::KeepOurs, ConflictPolicy::TakeTheirs] {
                compared(&bed, origin, policy).await;
            }
        }
    }
}

async fn compared(bed: &Bed, origin: Origin, policy: ConflictPolicy) {
    let what = format!("{origin:?} {policy:?}");
    let shop = bed.subscription().await;
    let file = prepare(bed, &shop, origin).await;
    let mut order = xml(&bed.file("second.xml", &file));
    order.conflict = policy;
    let import = bed.applied(&shop, order).await;

    let expected: BTreeMap<_, _> = CASES
        .iter()
        .filter_map(|case| {
            let name = case.result(origin, policy)?;
            Some((case.id.to_owned(), name.to_owned()))
        })
        .collect();
    assert_eq!(names(bed, &shop).await, expected, "{what}");

    let counted = table_counts(&import, "customers");
    let expected = |outcome| {
        let of_case = |case: &&Case| match case.outcome(origin) {
            // What the file wins is told as what it was, and as changed.
            Outcome::Conflict if policy == ConflictPolicy::TakeTheirs => {
                matches!(outcome, Outcome::Conflict | Outcome::Changed)
            }
            other => other == outcome,
        };
        CASES.iter().filter(of_case).count() as u64
    };
    let counted = (
        counted.new,
        counted.changed,
        counted.unchanged,
        counted.conflict,
    );
    let outcomes = [
        Outcome::New,
        Outcome::Changed,
        Outcome::Unchanged,
        Outcome::Conflict,
    ];
    assert_eq!(counted, outcomes.map(expected).into(), "{what}");

    // A conflict names both sides; one with a row that was deleted and is the same has nothing to show.
    let found: BTreeSet<_> = bed
        .findings(&import, Phase::Apply)
        .await
        .into_iter()
        .map(|finding| {
            let id = finding.row_id.unwrap();
            (
                id,
                finding.code.into_owned(),
                finding.expected,
                finding.found,
            )
        })
        .collect();
    let conflicts = CASES
        .iter()
        .filter(|case| case.outcome(origin) == Outcome::Conflict);
    let expected: BTreeSet<_> = conflicts
        .map(|case| {
            let differing = match (case.now, case.last) {
                (Now::Says(name), _) => Some(("conflict", name)),
                (_, Some(last)) => Some(("conflict_gone", last)),
                _ => None,
            };
            match differing {
                Some((code, ours)) => (case.id, code, ours, FILE),
                None => (case.id, "conflict_deleted", "", ""),
            }
        })
        .map(|(id, code, ours, theirs)| {
            (
                id.to_owned(),
                code.to_owned(),
                ours.to_owned(),
                theirs.to_owned(),
            )
        })
        .collect();
    assert_eq!(found, expected, "{what}");
}
