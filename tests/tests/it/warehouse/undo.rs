//! Imports are undone row by row, but for what somebody touched since.

use std::{collections::BTreeSet, sync::Arc};

use wynos::{
    catalog::Table,
    warehouse::{
        Conflict, Filter, Outcome, Rule, Scan, Value, Warehouse, Write, internal, restoration,
    },
};

use super::{
    admit, commit, committed, everything, hour, load, on_both, places::Place, read, tables::notes,
};

fn file(values: &[[&str; 2]], import: &str) -> wynos::warehouse::Admit {
    let values: Vec<_> = values.iter().map(|row| row.map(Value::from)).collect();
    let rule = Rule::ThreeWay {
        made_at: None,
        conflict: Conflict::TakeTheirs,
    };
    let mut admit = admit(&notes(), rule, ["id", "text"], &values);
    admit.undo = Some(import.to_owned());
    admit
}

/// Undoes an import whose loads are these; what became of its rows.
async fn undo(
    warehouse: &Warehouse,
    table: &Arc<Table>,
    import: &str,
    loads: &[i64],
) -> Vec<Outcome> {
    let of_import = Scan::of(internal::undo())
        .columns(["key", "image"])
        .filter(Filter::equal("import", import));
    let entries = read(warehouse, of_import).await;
    let entries = entries
        .iter()
        .map(|row| (row[0].as_ref().as_str().unwrap(), row[1].as_ref().as_str()));
    let rule = Rule::Undo {
        loads: BTreeSet::from_iter(loads.iter().copied()),
    };
    let admits = restoration(table, &rule, entries).unwrap();
    let writes = admits.into_iter().map(Write::Admit).collect();
    let done = warehouse.commit(load(hour(20), writes)).await.unwrap();
    done.admitted.concat()
}

async fn texts(warehouse: &Warehouse) -> Vec<Value> {
    read(warehouse, Scan::of(&notes()).columns(["text"]))
        .await
        .concat()
}

on_both! {
    async fn an_import_is_undone_but_for_what_was_touched(place: &Place) {
        let warehouse = place.warehouse();
        let ours = admit(
            &notes(), Rule::Change, ["id", "text"], &[["a".into(), Value::from("ours")]],
        );
        commit(&warehouse, hour(8), ours).await;
        let before = everything(&warehouse, &notes()).await;
        // Two checkpoints of one import; the second brings a row that the first brought already.
        let first = committed(&warehouse, hour(9), file(&[["a", "1"], ["b", "1"], ["c", "1"]], "i1")).await;
        let second = committed(&warehouse, hour(9), file(&[["c", "2"], ["d", "2"]], "i1")).await;
        let touch = admit(
            &notes(), Rule::Change, ["id", "text"], &[["b".into(), Value::from("touched")]],
        );
        commit(&warehouse, hour(10), touch).await;
        let loads = [first.load_id, second.load_id];
        let mut outcomes = undo(&warehouse, &notes(), "i1", &loads).await;
        outcomes.sort_unstable();
        assert_eq!(outcomes, [Outcome::Undone, Outcome::Undone, Outcome::Undone, Outcome::Touched]);
        assert_eq!(texts(&warehouse).await, ["ours".into(), "touched".into()] as [Value; 2]);
        let after = everything(&warehouse, &notes()).await;
        // As it was, but for the time of observation, which never goes back.
        let observed = notes().position("_observed_at").unwrap();
        let mut expected = before[0].clone();
        expected[observed] = hour(9).into();
        assert_eq!(after[0], expected);
        // Undoing again changes nothing.
        let again = undo(&warehouse, &notes(), "i1", &loads).await;
        assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Touched | Outcome::Unchanged)));
        assert_eq!(everything(&warehouse, &notes()).await, after);
    }

    async fn imports_upon_each_other_are_undone_from_the_last(place: &Place) {
        let warehouse = place.warehouse();
        let one = committed(&warehouse, hour(9), file(&[["a", "1"]], "i1")).await.load_id;
        let two = committed(&warehouse, hour(10), file(&[["a", "2"]], "i2")).await.load_id;
        assert_eq!(undo(&warehouse, &notes(), "i1", &[one]).await, [Outcome::Touched]);
        assert_eq!(undo(&warehouse, &notes(), "i2", &[two]).await, [Outcome::Undone]);
        assert_eq!(texts(&warehouse).await, [Value::from("1")]);
        assert_eq!(undo(&warehouse, &notes(), "i1", &[one]).await, [Outcome::Undone]);
        assert!(everything(&warehouse, &notes()).await.is_empty());
        // The file can come again as if it never had.
        let again = commit(&warehouse, hour(21), file(&[["a", "1"]], "i3")).await;
        assert_eq!(again, [Outcome::New]);
    }
}
