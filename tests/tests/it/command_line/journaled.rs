//! Every command that changes data or settings, or lets data out, writes an entry.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value as Json;
use wynos::ports::Clock;
use wynos_tests::{
    program::{Backend, Ended, Installation},
    project,
};

use super::beside_vendor;

/// What the journal says of a command.
#[derive(Debug, Clone, Copy)]
enum Noted {
    /// An entry of this code.
    As(&'static str),
    /// The same, on PostgreSQL alone: on files it is refused.
    OnPostgres(&'static str),
    /// Nothing, for this reason.
    Not(&'static str),
}
use Noted::{As, Not, OnPostgres};

const LOOKS: &str =
    "tells how the business is set up, what ran and how many rows there are, and no row";
const OTHERS: &str = "does nothing by itself: what is done through it is noted";

/// Every command.
const TABLE: &[(&str, Noted)] = &[
    ("serve", Not(OTHERS)),
    ("demo", Not(OTHERS)),
    (
        "migrate",
        Not("makes tables of the installation, and touches no business"),
    ),
    ("subscription create", As("access.subscription-made")),
    ("subscription list", Not(LOOKS)),
    (
        "subscription bi-login",
        OnPostgres("access.bi-login-renewed"),
    ),
    ("token create", As("access.token-made")),
    ("source add", As("source.added")),
    ("source list", Not(LOOKS)),
    ("source edit", As("source.changed")),
    ("source pause", As("source.paused")),
    ("source resume", As("source.resumed")),
    ("source renew", As("source.renewed")),
    ("source remove", As("source.removed")),
    ("source clear", As("source.rows-given-up")),
    ("source companies", Not(LOOKS)),
    ("source tables", As("source.table-off")),
    ("source filter", As("source.filtered")),
    ("source webhook", As("webhook.registered")),
    ("source calls", Not(LOOKS)),
    ("lanes", Not(LOOKS)),
    ("pull", As("load.pulled")),
    ("reconcile", As("reconciliation.asked")),
    ("job list", Not(LOOKS)),
    ("job add", As("job.created")),
    ("job run", As("job.asked")),
    ("job pause", As("job.paused")),
    ("job resume", As("job.resumed")),
    ("job edit", As("job.changed")),
    ("job remove", As("job.removed")),
    ("report preview", As("access.rows-read")),
    ("report add", As("report.created")),
    ("report edit", As("report.changed")),
    ("report run", As("job.asked")),
    ("report list", Not(LOOKS)),
    ("report remove", As("report.removed")),
    (
        "journal list",
        Not("shows what the journal has, which is no data of people"),
    ),
    ("journal export", As("journal.exported")),
    ("import", As("import.applied")),
    ("imports list", Not(LOOKS)),
    (
        "imports continue",
        Not("ends what import began, which is noted when it is applied"),
    ),
    ("imports undo", As("import.undone")),
    ("imports report", As("access.rows-read")),
    ("export", As("export.written")),
    ("retention", As("job.asked")),
    ("erase", As("retention.erased")),
    (
        "parked list",
        Not("shows reasons and lines, and nothing that a record holds"),
    ),
    ("parked replay", As("parked.replayed")),
    (
        "sandbox yclients",
        Not("is another's business, and made up"),
    ),
];

/// The commands as the program tells them, without those that only hold others.
fn commands(above: &[&str]) -> BTreeSet<String> {
    let program = project::program().unwrap();
    let help = Command::new(program).args(above).arg("--help").output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let Some((_, listed)) = help.split_once("\nCommands:\n") else {
        return [above.join(" ")].into();
    };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let mut found = BTreeSet::new();
    for line in lines.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            let own: Vec<&str> = above.iter().copied().chain([name]).collect();
            found.extend(commands(&own));
        }
    }
    found
}

#[test]
fn every_command_says_what_the_journal_has_of_it() {
    let known: BTreeSet<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known.len(), TABLE.len(), "a command stands twice");
    assert_eq!(known, commands(&[]));
    for (name, noted) in TABLE {
        if let Not(why) = noted {
            assert!(why.len() > 20, "{name} needs a reason");
        }
    }
}

/// Runs commands, and asks the journal of each.
struct Watch {
    wynos: Installation,
    shop: String,
    proven: BTreeSet<&'static str>,
}

impl Watch {
    /// How many entries of each code there are.
    fn entries(&self) -> BTreeMap<String, usize> {
        let asked = ["journal", "list", "--limit", "10000", "--subscription"];
        let told = self
            .wynos
            .done(asked.into_iter().chain([self.shop.as_str()]));
        let mut counts = BTreeMap::new();
        for entry in told.unwrap()["entries"].as_array().unwrap() {
            let code = entry["code"].as_str().unwrap().to_owned();
            *counts.entry(code).or_insert(0) += 1;
        }
        counts
    }

    fn ask(&mut self, name: &'static str, rest: &[&str]) -> Json {
        self.ask_with(name, rest, "")
    }

    /// Runs a command of the table, with something on its standard input, and looks for its entry.
    fn ask_with(&mut self, name: &'static str, rest: &[&str], input: &str) -> Json {
        let (_, noted) = TABLE.iter().find(|(known, _)| *known == name).unwrap();
        let before = self.entries();
        let words = name.split(' ').chain(rest.iter().copied());
        let mut child = self
            .wynos
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut typed = child.stdin.take().unwrap();
        typed.write_all(input.as_bytes()).unwrap();
        drop(typed);
        let ended = Ended::read(&child.wait_with_output().unwrap()).unwrap();
        assert!(matches!(ended.code, Some(0 | 3)), "{name}: {ended:?}");
        if let As(code) | OnPostgres(code) = noted {
            let count = |entries: &BTreeMap<String, usize>| entries.get(*code).copied();
            let (had, has) = (count(&before).unwrap_or(0), count(&self.entries()));
            assert!(has.unwrap_or(0) > had, "{name} left no entry {code}");
        }
        self.proven.insert(name);
        ended.result
    }

    fn file(&self, name: &str) -> String {
        self.wynos.folder().join(name).to_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commands_do_is_in_the_journal() {
    for backend in Backend::ALL {
        let (_vendor, wynos) = beside_vendor(backend, 60, "").await;
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let mut watch = Watch {
            wynos,
            shop,
            proven: BTreeSet::new(),
        };
        assert_eq!(watch.entries()["access.subscription-made"], 1);
        watch.proven.insert("subscription create");
        let shop = watch.shop.clone();
        let of = ["--subscription", shop.as_str()];
        watch.ask("token create", &[&of[..], &["--scope", "read"]].concat());
        if backend == Backend::Postgres {
            watch.ask("subscription bi-login", &[&shop]);
        }
        let source = sources(&mut watch);
        jobs(&mut watch, &source);
        reports(&mut watch, &source);
        files(&mut watch);
        watch.ask(
            "journal export",
            &[&of[..], &["--output", &watch.file("journal.csv")]].concat(),
        );
        watch.ask("source remove", &["--source", &source, "--keep-rows"]);
        watch.ask("source clear", &["--source", &source]);
        let is_due = |noted: &Noted| match noted {
            As(_) => true,
            OnPostgres(_) => backend == Backend::Postgres,
            Not(_) => false,
        };
        let untried = TABLE.iter().filter(|(_, noted)| is_due(noted));
        let untried = untried.map(|(name, _)| *name);
        let untried: Vec<_> = untried
            .filter(|name| !watch.proven.contains(name))
            .collect();
        assert!(untried.is_empty(), "{untried:?}");
    }
}

/// A company that is connected, read and compared; its id.
fn sources(watch: &mut Watch) -> String {
    let shop = watch.shop.clone();
    let enter = ["--login", "owner@sandbox.test", "--password-stdin"];
    let company = ["yclients", "--subscription", &shop, "--company", "4564"];
    let made = watch.ask_with("source add", &[&company[..], &enter].concat(), "sandbox\n");
    let source = made["id"].as_str().unwrap().to_owned();
    let of = ["--source", source.as_str()];
    watch.ask_with("source renew", &[&of[..], &enter].concat(), "sandbox\n");
    watch.ask("source webhook", &[&of[..], &["register"]].concat());
    let table = ["--disable", "yclients_labels"];
    watch.ask("source tables", &[&of[..], &table].concat());
    watch.ask("source edit", &[&of[..], &["--hints", "off"]].concat());
    let filter = ["--table", "yclients_goods", "--none"];
    watch.ask("source filter", &[&of[..], &filter].concat());
    watch.ask("source pause", &of);
    watch.ask("source resume", &of);
    watch.ask("pull", &of);
    let today = Clock::System.now().date_naive();
    let yesterday = today.pred_opt().unwrap().to_string();
    let today = today.to_string();
    let days = ["--from", yesterday.as_str(), "--to", &today];
    watch.ask("reconcile", &[&of[..], &days].concat());
    source
}

fn jobs(watch: &mut Watch, source: &str) {
    let shop = watch.shop.clone();
    let of = ["--subscription", shop.as_str()];
    let new = ["retention", "--name", "Old", "--source", source];
    let age = ["--older-than-days", "90"];
    let made = watch.ask("job add", &[&new[..], &of, &age].concat());
    let job = made["id"].as_str().unwrap().to_owned();
    watch.ask("retention", &of);
    let one = [&of[..], &[job.as_str()]].concat();
    for name in ["job run", "job pause", "job resume"] {
        watch.ask(name, &one);
    }
    watch.ask("job edit", &[&one[..], &["--name", "Older"]].concat());
    watch.ask("job remove", &one);
}

fn reports(watch: &mut Watch, source: &str) {
    let shop = watch.shop.clone();
    let of = ["--subscription", shop.as_str()];
    let kind = ["--source", source, "--kind", "services"];
    let new = [&of[..], &kind].concat();
    watch.ask("report preview", &new);
    watch.ask("report add", &new);
    let listed = watch.ask("report list", &of);
    let report = listed["reports"][0]["id"].as_str().unwrap().to_owned();
    let one = [&of[..], &[report.as_str()]].concat();
    watch.ask("report run", &one);
    // What is so already is no change.
    let same = [&["report", "edit"][..], &one[..]].concat();
    let told = watch.wynos.done(same).unwrap();
    assert_eq!(told["id"], report.as_str());
    assert_eq!(watch.entries().get("report.changed"), None);
    watch.ask("report edit", &[&one[..], &["--name", "Wares"]].concat());
    watch.ask("report remove", &one);
}

fn files(watch: &mut Watch) {
    let shop = watch.shop.clone();
    let of = ["--subscription", shop.as_str()];
    let list = watch.file("list.csv");
    fs::write(&list, "id;type;person\nc1;PERSONAL;Jan\nc2;ALIEN;Zed\n").unwrap();
    let table = ["--table", "customers"];
    let made = watch.ask("import", &[&[list.as_str()][..], &of, &table].concat());
    let import = made["id"].as_str().unwrap().to_owned();
    let report = watch.file("report.csv");
    let one = [&[import.as_str()][..], &of].concat();
    watch.ask(
        "imports report",
        &[&one[..], &["--output", &report]].concat(),
    );
    let aside = watch.ask("parked list", &of);
    let aside = aside["records"][0]["id"].as_str().unwrap().to_owned();
    let mended = [&[aside.as_str()][..], &of, &["--set", "type=PERSONAL"]].concat();
    watch.ask("parked replay", &mended);
    let file = watch.file("out.csv");
    let list = [
        "--format",
        "csv",
        "--table",
        "customers",
        "--locale",
        "plain",
    ];
    watch.ask("export", &[&of[..], &list, &["--output", &file]].concat());
    let rows = fs::read_to_string(&file).unwrap();
    let first = rows.lines().nth(1).unwrap().split(',').next().unwrap();
    let whom = ["--of", "shop", "--customer", first.trim_matches('"')];
    watch.ask("erase", &[&of[..], &whom].concat());
    watch.ask("imports undo", &one);
}
