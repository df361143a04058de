//! What `scripts/deploy.sh` calls, and what it tells them: in a folder whose `sam` and whose Python note how they are called.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;
use wynos_tests::project;

/// Notes its arguments and the region under both of its names, and fails where that is asked for.
const NOTING: &str = r#"#!/bin/sh
echo "$(basename "$0") $* in $AWS_REGION/$AWS_DEFAULT_REGION" >>"$NOTES"
[ "$*" != "$FAILING" ]
"#;

/// Where what is called notes it.
const NOTES: &str = "notes";

/// What takes the new tables in before anything else is new.
const FIRST: &str = "scripts/migrate.py wynos .aws-sam/build/MigrateFunction";

/// The script as it is, the project's environments with the parameters that they need, and nothing that is real.
fn checkout() -> TempDir {
    let (root, folder) = (project::root(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name);
    for made in ["scripts", "target/python/bin"] {
        fs::create_dir_all(path(made)).unwrap();
    }
    fs::copy(root.join("scripts/deploy.sh"), path("scripts/deploy.sh")).unwrap();
    program(&path("scripts/need.sh"), "#!/bin/sh\n");
    for noting in ["sam", "python"] {
        program(&path("target/python/bin").join(noting), NOTING);
    }
    let environments = fs::read_to_string(root.join("samconfig.toml")).unwrap();
    let section = ".deploy.parameters]\n";
    let parameters = format!("{section}parameter_overrides = [\"MailFrom=wynos@example.com\"]\n");
    let environments = environments.replace(section, &parameters);
    fs::write(path("samconfig.toml"), environments).unwrap();
    folder
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Deploys an environment in a shell with these variables; what came of it, and what was called.
fn deploy(environment: Option<&str>, variables: &[(&str, &str)]) -> (Output, Vec<String>) {
    let folder = checkout();
    let mut command = Command::new("bash");
    command.arg("scripts/deploy.sh").args(environment);
    command.current_dir(folder.path());
    for name in [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "WYNOS_PARAMETERS_FIRST",
        "FAILING",
    ] {
        command.env_remove(name);
    }
    command.env("NOTES", folder.path().join(NOTES));
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let notes = fs::read_to_string(folder.path().join(NOTES)).unwrap_or_default();
    (output, notes.lines().map(str::to_owned).collect())
}

/// The same without the regions, which has to succeed.
fn called(environment: Option<&str>, variables: &[(&str, &str)]) -> Vec<String> {
    let (output, called) = deploy(environment, variables);
    assert!(output.status.success(), "{output:?}");
    called.iter().map(|line| without_region(line)).collect()
}

fn without_region(line: &str) -> String {
    line.rsplit_once(" in ").unwrap().0.to_owned()
}

#[test]
fn whatever_a_deploy_calls_is_told_the_region_by_whichever_name_it_was_given() {
    let (region, default) = ("AWS_REGION", "AWS_DEFAULT_REGION");
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[(region, "eu-north-1")], "eu-north-1"),
        (&[(default, "eu-west-3")], "eu-west-3"),
        (
            &[(region, "eu-north-1"), (default, "eu-west-3")],
            "eu-north-1",
        ),
        // A profile may say it.
        (&[], ""),
    ];
    for (variables, expected) in cases {
        let (output, called) = deploy(None, variables);
        assert!(output.status.success(), "{variables:?}: {output:?}");
        assert_eq!(called.len(), 5, "{variables:?}: {called:?}");
        for line in &called {
            let told = format!(" in {expected}/{expected}");
            assert!(line.ends_with(&told), "{variables:?}: {line}");
        }
    }
}

#[test]
fn tables_are_migrated_before_anything_else_is_new_and_nothing_is_where_that_fails() {
    let first = format!("python {FIRST}");
    let whole = [
        "sam build --config-env default",
        first.as_str(),
        "sam deploy --config-env default --no-fail-on-empty-changeset",
        "python scripts/migrate.py wynos",
        "sam list stack-outputs --stack-name wynos",
    ];
    assert_eq!(called(None, &[]), whole);

    let (output, until) = deploy(None, &[("FAILING", FIRST)]);
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(until.len(), 2, "{until:?}");
    assert_eq!(without_region(&until[1]), first);

    let parameters_first = called(None, &[("WYNOS_PARAMETERS_FIRST", "1")]);
    let without: Vec<&str> = whole.into_iter().filter(|line| *line != first).collect();
    assert_eq!(parameters_first, without);

    let staging = called(Some("staging"), &[]);
    assert_eq!(staging[0], "sam build --config-env staging");
    assert_eq!(staging[3], "python scripts/migrate.py wynos-staging");
}

#[test]
fn every_environment_shows_what_will_change_and_asks() {
    let environments = fs::read_to_string(project::root().join("samconfig.toml")).unwrap();
    let mut asking = 0;
    for section in environments.split("\n[") {
        let (name, settings) = section.split_once(']').unwrap_or_default();
        if name.ends_with(".deploy.parameters") {
            let asks = |line: &str| line.trim() == "confirm_changeset = true";
            assert!(settings.lines().any(asks), "{name}");
            asking += 1;
        }
    }
    assert_eq!(asking, 2);
}
