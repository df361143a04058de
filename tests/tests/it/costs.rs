//! The page of costs adds up: every cell is what its line's arithmetic comes to, and every sum is that of its lines.

use std::{iter::Peekable, str::SplitWhitespace};

use wynos_tests::{lambda_host::Template, project::root};

/// Subscriptions that a use is told for, in the order of the columns.
const SUBSCRIPTIONS: [f64; 4] = [1.0, 10.0, 1_000.0, 10_000.0];

type Words<'a> = Peekable<SplitWhitespace<'a>>;

/// What an arithmetic comes to: numbers, `+`, `×`, `/` and brackets.
fn value(arithmetic: &str) -> f64 {
    let plain = arithmetic.replace(',', "").replace("10⁶", "1000000");
    let apart = plain.replace('(', " ( ").replace(')', " ) ");
    let mut words = apart.split_whitespace().peekable();
    let value = sum(&mut words);
    assert_eq!(words.next(), None, "{arithmetic}");
    value
}

fn sum(words: &mut Words<'_>) -> f64 {
    let mut value = product(words);
    while words.next_if_eq(&"+").is_some() {
        value += product(words);
    }
    value
}

fn product(words: &mut Words<'_>) -> f64 {
    let mut value = factor(words);
    loop {
        if words.next_if_eq(&"×").is_some() {
            value *= factor(words);
        } else if words.next_if_eq(&"/").is_some() {
            value /= factor(words);
        } else {
            return value;
        }
    }
}

fn factor(words: &mut Words<'_>) -> f64 {
    match words.next() {
        Some("(") => {
            let value = sum(words);
            assert_eq!(words.next(), Some(")"));
            value
        }
        Some(number) => number.parse().unwrap(),
        None => panic!("an arithmetic that ends too soon"),
    }
}

/// Cells of the rows of a section's table.
fn rows(page: &str, title: &str) -> Vec<Vec<String>> {
    let (_, rest) = page.split_once(&format!("\n## {title}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|'));
    let cells = lines.skip(2).map(|line| {
        let cells = line.trim_matches('|').split('|');
        let cells = cells.map(|cell| cell.trim().trim_matches('*').to_owned());
        cells.collect()
    });
    cells.collect()
}

/// That a cell shows the value, rounded to as many places as the cell has.
fn shows(cell: &str, value: f64, of: &str) {
    let shown: f64 = cell.replace(',', "").parse().unwrap();
    let places = cell.split_once('.').map_or(0, |(_, places)| places.len());
    let rounding = 0.5 / 10_f64.powi(i32::try_from(places).unwrap());
    let apart = (shown - value).abs();
    assert!(apart <= rounding + 1e-9, "{of}: {cell}, not {value}");
}

/// A use by one subscription, and what the database takes beside it with so many.
#[derive(Default)]
struct Use {
    functions: f64,
    database: f64,
    capacity: [f64; 4],
}

fn fixed(page: &str) -> (f64, f64) {
    let (mut together, mut sums) = (0.0, Vec::new());
    for row in rows(page, "What is always there") {
        let [what, arithmetic, dollars] = row.as_slice() else {
            panic!("{row:?}");
        };
        if arithmetic.is_empty() {
            shows(dollars, together, what);
            sums.push(together);
        } else {
            let value = value(arithmetic);
            shows(dollars, value, what);
            together += value;
        }
    }
    let [given, made] = sums.as_slice() else {
        panic!("{sums:?}");
    };
    (*given, *made)
}

fn used(page: &str) -> Use {
    let mut used = Use::default();
    let mut of_database = false;
    for row in rows(page, "What a subscription uses") {
        let [what, arithmetic, dollars @ ..] = row.as_slice() else {
            panic!("{row:?}");
        };
        assert_eq!(dollars.len(), SUBSCRIPTIONS.len(), "{what}");
        if arithmetic.contains("units") {
            let units = what.split(": ").nth(1).unwrap().replace(" and ", ", ");
            let units = units.split(" units").next().unwrap();
            let units: Vec<&str> = units.split(", ").collect();
            for (column, units) in units.into_iter().enumerate() {
                let capacity = value(&arithmetic.replace("units", units));
                shows(&dollars[column + 1], capacity, what);
                used.capacity[column + 1] = capacity;
            }
            continue;
        }
        let one = if arithmetic.is_empty() {
            of_database = true;
            used.functions
        } else {
            value(arithmetic)
        };
        for (cell, subscriptions) in dollars.iter().zip(SUBSCRIPTIONS) {
            shows(cell, one * subscriptions, what);
        }
        match (arithmetic.is_empty(), of_database) {
            (true, _) => {}
            (false, true) => used.database += one,
            (false, false) => used.functions += one,
        }
    }
    used
}

#[test]
fn the_page_of_costs_adds_up() {
    let page = std::fs::read_to_string(root().join("docs/cost.md")).unwrap();
    let (given, made) = fixed(&page);
    let used = used(&page);
    assert!(used.functions > 0.0 && used.database > 0.0 && used.capacity[3] > 0.0);
    let together = rows(&page, "Together");
    let [here, elsewhere, each] = together.as_slice() else {
        panic!("{together:?}");
    };
    for (column, subscriptions) in SUBSCRIPTIONS.into_iter().enumerate().skip(1) {
        let functions = used.functions * subscriptions;
        let all = made + functions + used.database * subscriptions + used.capacity[column];
        shows(&here[column], all, &here[0]);
        shows(&elsewhere[column], given + functions, &elsewhere[0]);
        shows(&each[column], all / subscriptions, &each[0]);
    }
}

#[test]
fn the_page_of_costs_counts_the_metrics_of_the_alarms_that_are_there() {
    let template = Template::of_project().unwrap();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let measured = alarms.map(|(_, alarm)| {
        let metrics = alarm["Properties"]["Metrics"].as_array().unwrap().iter();
        metrics.filter(|one| one["MetricStat"].is_object()).count()
    });
    let measured: usize = measured.sum();
    let page = std::fs::read_to_string(root().join("docs/cost.md")).unwrap();
    let rows = rows(&page, "What is always there");
    let mut alarms = rows.iter().filter(|row| row[0].starts_with("alarms ("));
    let row = alarms.next().unwrap();
    let told = format!("alarms ({measured} metrics in them)");
    assert!(row[0].starts_with(&told), "{}, not {told}", row[0]);
    assert!(row[1].starts_with(&format!("{measured} × ")), "{}", row[1]);
}
