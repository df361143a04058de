//! What becomes of arriving rows.

use wynos::warehouse::{
    Conflict, Outcome, Rule, Scan, Value,
    Value::{Null, Text},
    Write,
};

use super::{
    admit, at, commit, committed, everything, hour, load, on_both,
    places::Place,
    read,
    tables::{notes, notes_grown, vendor_copy},
};

fn text(text: &str) -> Value {
    text.into()
}

on_both! {
    async fn invariant_02_redelivery_changes_nothing(place: &Place) {
        let warehouse = place.warehouse();
        let table = vendor_copy();
        let page = || admit(
            &table,
            Rule::Newest,
            ["id", "name", "note", "_changed_at"],
            &[
                [1.into(), text("one"), Null, hour(8).into()],
                [2.into(), text("two"), text(""), Null],
            ],
        );
        let first = committed(&warehouse, hour(9), page()).await;
        assert_eq!(first.admitted, [[Outcome::New, Outcome::New]]);
        assert_eq!(first.load_id, 1);
        let before = everything(&warehouse, &table).await;
        for _ in 0..2 {
            let again = committed(&warehouse, hour(9), page()).await;
            assert_eq!(again.admitted, [[Outcome::Unchanged, Outcome::Unchanged]]);
            assert_eq!(again.load_id, 0);
        }
        assert_eq!(everything(&warehouse, &table).await, before);
    }

    async fn invariant_03_the_newest_fact_wins_in_any_order(place: &Place) {
        // Three bodies of one row; whichever order they come in, the newest stands.
        let facts = [(7, "old"), (8, "newer"), (9, "newest")];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let table = vendor_copy();
        let warehouse = place.warehouse();
        for (id, order) in orders.into_iter().enumerate() {
            for (minute, fact) in order.into_iter().enumerate() {
                let (changed, name) = facts[fact];
                let body = admit(
                    &table,
                    Rule::Newest,
                    ["id", "name", "note", "_changed_at"],
                    &[[Value::from(id as i64), text(name), Null, hour(changed).into()]],
                );
                let observed = at(&format!("2026-05-01T12:{minute:02}:00Z"));
                commit(&warehouse, observed, body).await;
            }
        }
        let names = read(&warehouse, Scan::of(&table).columns(["name"])).await;
        assert_eq!(names, vec![vec![text("newest")]; orders.len()]);
    }

    async fn invariant_03_a_partial_body_never_blanks_and_an_older_one_fills_what_was_never_seen(place: &Place) {
        let warehouse = place.warehouse();
        let table = vendor_copy();
        let part = |name: Value| admit(&table, Rule::Newest, ["id", "name"], &[[1.into(), name]]);
        let full = |name: &str, note: Value| {
            admit(&table, Rule::Newest, ["id", "name", "note"], &[[1.into(), text(name), note]])
        };
        let contents = || read(&warehouse, Scan::of(&table).columns(["name", "note"]));
        assert_eq!(commit(&warehouse, hour(10), part(text("event"))).await, [Outcome::New]);
        assert_eq!(commit(&warehouse, hour(9), full("page", text("n"))).await, [Outcome::Changed]);
        assert_eq!(contents().await, [[text("event"), text("n")]]);
        assert_eq!(commit(&warehouse, hour(11), part(Null)).await, [Outcome::Unchanged]);
        assert_eq!(contents().await, [[text("event"), text("n")]]);
        assert_eq!(commit(&warehouse, hour(12), full("whole", Null)).await, [Outcome::Changed]);
        assert_eq!(contents().await, [[text("whole"), Null]]);
        // Now that the row was seen whole, its null is a fact that an older body does not undo.
        assert_eq!(commit(&warehouse, hour(8), full("page", text("n"))).await, [Outcome::Stale]);
        assert_eq!(contents().await, [[text("whole"), Null]]);
    }

    async fn invariant_03_a_fact_seen_again_makes_those_between_stale(place: &Place) {
        let warehouse = place.warehouse();
        let table = vendor_copy();
        let full = |name: &str| {
            admit(&table, Rule::Newest, ["id", "name", "note"], &[[1.into(), text(name), Null]])
        };
        commit(&warehouse, hour(8), full("a")).await;
        assert_eq!(commit(&warehouse, hour(10), full("a")).await, [Outcome::Unchanged]);
        assert_eq!(commit(&warehouse, hour(9), full("b")).await, [Outcome::Stale]);
        let load_ids = read(&warehouse, Scan::of(&table).columns(["name", "_load_id"])).await;
        assert_eq!(load_ids, [[text("a"), 1.into()]]);
    }

    async fn invariant_10_tombstones_keep_the_order_of_rows(place: &Place) {
        let warehouse = place.warehouse();
        let table = vendor_copy();
        let living = || admit(
            &table, Rule::Newest, ["id", "name", "note"], &[[1.into(), text("a"), Null]],
        );
        let deleted = |when| admit(
            &table,
            Rule::Newest,
            ["id", "_deleted_at"],
            &[[1.into(), Value::from(hour(when))]],
        );
        commit(&warehouse, hour(9), living()).await;
        assert_eq!(commit(&warehouse, hour(8), deleted(8)).await, [Outcome::Stale]);
        assert_eq!(commit(&warehouse, hour(10), deleted(10)).await, [Outcome::Changed]);
        assert!(read(&warehouse, Scan::of(&table)).await.is_empty());
        let kept = read(&warehouse, Scan::of(&table).columns(["name"]).with_deleted()).await;
        assert_eq!(kept, [[text("a")]]);
        assert_eq!(commit(&warehouse, hour(9), living()).await, [Outcome::Stale]);
        assert_eq!(commit(&warehouse, hour(11), living()).await, [Outcome::Changed]);
        assert_eq!(read(&warehouse, Scan::of(&table)).await.len(), 1);
    }

    async fn a_key_twice_in_one_batch_gives_an_outcome_each(place: &Place) {
        let warehouse = place.warehouse();
        let changes = admit(
            &notes(),
            Rule::Change,
            ["id", "text"],
            &[
                [text("b"), text("1")],
                [text("a"), text("2")],
                [text("b"), text("3")],
                [text("b"), text("3")],
            ],
        );
        let outcomes = commit(&warehouse, hour(9), changes).await;
        use Outcome::{Changed, New, Unchanged};
        assert_eq!(outcomes, [New, New, Changed, Unchanged]);
        let newest = admit(
            &vendor_copy(),
            Rule::Newest,
            ["id", "name", "note", "_changed_at"],
            &[
                [1.into(), text("newest"), Null, hour(9).into()],
                [1.into(), text("old"), Null, hour(8).into()],
            ],
        );
        assert_eq!(commit(&warehouse, hour(9), newest).await, [New, Outcome::Stale]);
        let texts = read(&warehouse, Scan::of(&notes()).columns(["text"])).await;
        assert_eq!(texts, [[text("2")], [text("3")]]);
        let names = read(&warehouse, Scan::of(&vendor_copy()).columns(["name"])).await;
        assert_eq!(names, [[text("newest")]]);
    }

    async fn a_file_is_compared_three_ways(place: &Place) {
        let warehouse = place.warehouse();
        let file = |rows: &[[&str; 2]], conflict| {
            let rows: Vec<_> = rows.iter().map(|row| row.map(text)).collect();
            let rule = Rule::ThreeWay { made_at: None, conflict };
            admit(&notes(), rule, ["id", "text"], &rows)
        };
        use Conflict::{KeepOurs, TakeTheirs};
        let first = [["a", "1"], ["b", "1"], ["c", "1"], ["d", "1"]];
        commit(&warehouse, hour(9), file(&first, KeepOurs)).await;
        let again = commit(&warehouse, hour(10), file(&first, KeepOurs)).await;
        assert_eq!(again, [Outcome::Unchanged; 4]);

        let ours = admit(
            &notes(), Rule::Change, ["id", "text"],
            &[[text("a"), text("ours")], [text("b"), text("ours")], [text("c"), text("both")]],
        );
        commit(&warehouse, hour(11), ours).await;
        // Ours changed alone; both changed; both changed alike; theirs changed alone; a new one.
        let second = [["a", "1"], ["b", "2"], ["c", "both"], ["d", "2"], ["e", "2"]];
        let expected = [
            Outcome::Unchanged, Outcome::Conflict, Outcome::Unchanged, Outcome::Changed, Outcome::New,
        ];
        let weighed = warehouse.weigh(file(&second, KeepOurs), hour(12)).await.unwrap();
        assert_eq!(weighed, expected);
        let outcomes = commit(&warehouse, hour(12), file(&second, KeepOurs)).await;
        assert_eq!(outcomes, expected);
        let texts = || read(&warehouse, Scan::of(&notes()).columns(["text"]));
        assert_eq!(texts().await.concat(), ["ours", "ours", "both", "2", "2"].map(text));

        let outcomes = commit(&warehouse, hour(13), file(&second, TakeTheirs)).await;
        let expected = [
            Outcome::Unchanged, Outcome::Conflict, Outcome::Unchanged, Outcome::Unchanged,
            Outcome::Unchanged,
        ];
        assert_eq!(outcomes, expected);
        assert_eq!(texts().await.concat(), ["ours", "2", "both", "2", "2"].map(text));
    }

    async fn a_row_deleted_here_does_not_come_back_with_the_same_file(place: &Place) {
        let warehouse = place.warehouse();
        let file = |content: &str| {
            let rule = Rule::ThreeWay { made_at: None, conflict: Conflict::KeepOurs };
            admit(&notes(), rule, ["id", "text"], &[[text("a"), text(content)]])
        };
        commit(&warehouse, hour(9), file("1")).await;
        let deletion = admit(
            &notes(), Rule::Change, ["id", "_deleted_at"], &[[text("a"), Value::from(hour(10))]],
        );
        assert_eq!(commit(&warehouse, hour(10), deletion).await, [Outcome::Changed]);
        assert_eq!(commit(&warehouse, hour(11), file("1")).await, [Outcome::Unchanged]);
        assert_eq!(commit(&warehouse, hour(11), file("2")).await, [Outcome::Conflict]);
        assert!(read(&warehouse, Scan::of(&notes())).await.is_empty());
    }

    async fn a_file_made_here_knows_what_was_here_then(place: &Place) {
        let warehouse = place.warehouse();
        let change = |content: &str| {
            admit(&notes(), Rule::Change, ["id", "text"], &[[text("a"), text(content)]])
        };
        let file = |content: &str, made_at| {
            let rule = Rule::ThreeWay { made_at: Some(made_at), conflict: Conflict::KeepOurs };
            admit(&notes(), rule, ["id", "text"], &[[text("a"), text(content)]])
        };
        commit(&warehouse, hour(9), change("here")).await;
        let before = commit(&warehouse, hour(12), file("edited", hour(8))).await;
        assert_eq!(before, [Outcome::Conflict]);
        let after = commit(&warehouse, hour(12), file("edited", hour(10))).await;
        assert_eq!(after, [Outcome::Changed]);
    }

    async fn unknown_fields_are_kept_and_merged(place: &Place) {
        let warehouse = place.warehouse();
        let table = vendor_copy();
        let json = |text: &str| Value::Json(text.to_owned());
        let part = |extra: &str| admit(
            &table, Rule::Newest, ["id", "_extra"], &[[Value::from(1), json(extra)]],
        );
        commit(&warehouse, hour(9), part(r#"{"a":1,"b":2}"#)).await;
        commit(&warehouse, hour(10), part(r#"{"b":3,"c":null}"#)).await;
        let extra = read(&warehouse, Scan::of(&table).columns(["_extra"])).await;
        assert_eq!(extra, [[json(r#"{"a":1,"b":3,"c":null}"#)]]);
    }

    async fn a_table_grows_with_its_declaration(place: &Place) {
        let (warehouse, elsewhere) = (place.warehouse(), place.elsewhere().await);
        let old = |id: &str| admit(
            &notes(), Rule::Change, ["id", "text"], &[[text(id), text("x")]],
        );
        commit(&warehouse, hour(9), old("a")).await;
        // Columns that are declared and not there yet are null, also as conditions.
        let grown = notes_grown();
        let stars = || Scan::of(&grown).columns(["id", "stars"]);
        assert_eq!(read(&warehouse, stars()).await, [[text("a"), Null]]);
        let new = admit(
            &grown, Rule::Change, ["id", "stars"], &[[text("a"), Value::from(5)]],
        );
        assert_eq!(commit(&elsewhere, hour(10), new).await, [Outcome::Changed]);
        // The older declaration goes on beside the newer one.
        assert_eq!(commit(&warehouse, hour(11), old("b")).await, [Outcome::New]);
        assert_eq!(commit(&warehouse, hour(11), old("a")).await, [Outcome::Unchanged]);
        let again = admit(
            &grown, Rule::Change, ["id", "stars"], &[[text("a"), Value::from(5)]],
        );
        assert_eq!(commit(&warehouse, hour(12), again).await, [Outcome::Unchanged]);
        assert_eq!(read(&warehouse, stars()).await, [[text("a"), 5.into()], [text("b"), Null]]);
    }

    async fn times_of_receipt_stay_and_of_observation_never_go_back(place: &Place) {
        let warehouse = place.warehouse();
        let change = |content: &str| {
            admit(&notes(), Rule::Change, ["id", "text"], &[[text("a"), text(content)]])
        };
        commit(&warehouse, hour(10), change("1")).await;
        commit(&warehouse, hour(8), change("2")).await;
        let columns = ["text", "_load_id", "_received_at", "_observed_at"];
        let row = read(&warehouse, Scan::of(&notes()).columns(columns)).await;
        let expected = [Text("2".to_owned()), 2.into(), hour(10).into(), hour(10).into()];
        assert_eq!(row, [expected]);
    }

    async fn what_a_table_cannot_take_is_refused_by_name(place: &Place) {
        let warehouse = place.warehouse();
        let wrong = [
            (admit(&notes(), Rule::Change, ["id", "text"], &[[text("a"), 1.into()]]), "text"),
            (admit(&notes(), Rule::Change, ["id", "tekst"], &[[text("a"), Null]]), "tekst"),
            (admit(&notes(), Rule::Change, ["id", "_load_id"], &[[text("a"), 1.into()]]), "_load_id"),
            (admit(&notes(), Rule::Change, ["id", "text"], &[[Null, Null]]), "key"),
            (admit(&notes(), Rule::Change, ["text"], &[[Null]]), "id is missing"),
        ];
        for (admit, named) in wrong {
            let load = load(hour(9), vec![Write::Admit(admit)]);
            let error = warehouse.commit(load).await.unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(warehouse.snapshot().await.unwrap().tables().await.unwrap().is_empty());
    }
}
