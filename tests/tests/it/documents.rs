//! What documents tell people to type or to look for is there: commands with their options, targets of `make`, and what the
//! template calls its parameters, outputs and alarms.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use wynos_tests::{
    lambda_host::Template,
    project::{program, root},
};

/// A document by its path from the root.
fn document(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Every document for people, with its name.
fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    let texts = names.iter().map(|name| document(name));
    names.clone().into_iter().zip(texts).collect()
}

/// What is to be typed: lines of blocks of code, and code within text. Within text a line may be broken anywhere.
fn typed(text: &str) -> Vec<String> {
    let mut typed = Vec::new();
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 1 {
            let lines = part.lines().map(|line| line.trim_start_matches("$ "));
            typed.extend(lines.map(str::to_owned));
        } else {
            let codes = part.split('`').skip(1).step_by(2);
            typed.extend(codes.map(|code| code.replace('\n', " ")));
        }
    }
    typed
}

/// First cells of a table's rows, the code in them.
fn first_cells(text: &str) -> BTreeSet<&str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.trim_matches('`'))
        .collect()
}

/// What programs say of themselves, by their commands.
#[derive(Default)]
struct Help(BTreeMap<Vec<String>, String>);

impl Help {
    fn of(&mut self, path: &[String]) -> &str {
        self.0.entry(path.to_vec()).or_insert_with(|| {
            let asked = Command::new(program().unwrap())
                .args(path)
                .arg("--help")
                .output();
            let asked = asked.unwrap();
            assert!(asked.status.success(), "wynos {} --help", path.join(" "));
            String::from_utf8(asked.stdout).unwrap()
        })
    }

    /// What is wrong with a command line that begins with `wynos`.
    fn objection(&mut self, line: &str) -> Option<String> {
        let line = line.split(" #").next().unwrap_or_default();
        let mut path: Vec<String> = Vec::new();
        let mut options = Vec::new();
        for word in line.split_whitespace().skip(1) {
            let word = word.trim_matches(|letter| "[](){},;'\"|…".contains(letter));
            if word.starts_with("--") {
                options.push(word.split('=').next().unwrap_or(word));
            } else if is_command(self.of(&path), word) {
                path.push(word.to_owned());
            }
        }
        if path.is_empty() && options.is_empty() {
            return Some(format!("no command: {line}"));
        }
        let help = self.of(&path);
        let lacks = |option: &&&str| {
            !help.contains(&format!("{option} ")) && !help.contains(&format!("{option}\n"))
        };
        let missing = options.iter().find(lacks)?;
        Some(format!("wynos {} has no {missing}: {line}", path.join(" ")))
    }
}

/// Whether the help lists that command.
fn is_command(help: &str, word: &str) -> bool {
    let commands = help.split_once("Commands:\n").map(|(_, rest)| rest);
    let commands = commands.and_then(|rest| rest.split("\n\n").next());
    let mut names = commands.into_iter().flat_map(|list| {
        let lines = list.lines().filter_map(|line| line.strip_prefix("  "));
        lines.filter_map(|line| line.split_whitespace().next())
    });
    !word.is_empty() && names.any(|name| name == word)
}

#[test]
fn commands_in_documents_are_there_with_their_options() {
    let mut help = Help::default();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in documents() {
        for line in typed(&text)
            .iter()
            .filter(|line| line.starts_with("wynos "))
        {
            seen += 1;
            let objection = help.objection(line);
            wrong.extend(objection.map(|objection| format!("{name}: {objection}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 30, "{seen} commands");
}

#[test]
fn targets_in_documents_are_there() {
    let makefile = document("Makefile");
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter_map(|line| line.split_once(": ## ").map(|(target, _)| target))
        .collect();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in documents() {
        let lines = typed(&text);
        let made = lines.iter().filter_map(|line| line.strip_prefix("make "));
        for line in made {
            let line = line.split([';', '#']).next().unwrap_or_default();
            for target in line.split_whitespace() {
                if target.starts_with("ARGS=") || target.starts_with('"') {
                    break;
                }
                seen += 1;
                if !targets.contains(target) {
                    wrong.push(format!("{name}: make {target}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 10, "{seen} targets");
}

#[test]
fn every_alarm_has_its_line_in_the_runbook() {
    let template = Template::of_project().unwrap();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let alarms: BTreeSet<&str> = alarms.map(|(id, _)| id).collect();
    let runbook = document("docs/runbook.md");
    let (_, told) = runbook.split_once("## Alarms\n").unwrap();
    let (told, _) = told.split_once("\n## ").unwrap();
    assert_eq!(first_cells(told), alarms);
}

#[test]
fn parameters_and_outputs_that_documents_name_are_there() {
    let template = Template::of_project().unwrap();
    let parameters = template.names("Parameters");
    let outputs = template.names("Outputs");
    let deploy = document("docs/deploy.md");
    let (_, chosen) = deploy.split_once("| parameter |").unwrap();
    let (chosen, _) = chosen.split_once("\n## ").unwrap();
    let chosen = first_cells(chosen);
    assert_eq!(chosen, parameters);
    let mut seen = 0;
    for (name, text) in documents() {
        let text = text.replace('\n', " ");
        for (word, known) in [("output", &outputs), ("parameter", &parameters)] {
            for part in text.split(&format!("{word} `")).skip(1) {
                let named = part.split('`').next().unwrap_or_default();
                assert!(known.contains(named), "{name}: {word} {named}");
                seen += 1;
            }
        }
    }
    assert!(seen > 3, "{seen} names");
    // Whoever deploys is told of them at the end, and here what they are for.
    for output in outputs
        .iter()
        .filter(|output| !["Url", "MigrateFunction", "BucketName"].contains(output))
    {
        assert!(
            deploy.contains(&format!("`{output}`")),
            "{output} is told nowhere"
        );
    }
}

#[test]
fn resources_that_the_runbook_names_are_in_the_template() {
    let template = Template::of_project().unwrap();
    let runbook = document("docs/runbook.md");
    let endings = ["Alarm", "Function", "Queue", "DeadLetters", "Secret"];
    let mut seen = 0;
    for code in typed(&runbook) {
        let is_name = code.bytes().all(|letter| letter.is_ascii_alphabetic());
        let names_a_resource = endings
            .iter()
            .any(|ending| code.len() > ending.len() && code.ends_with(ending));
        if is_name && names_a_resource {
            template.resource(&code).unwrap();
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} names");
}
