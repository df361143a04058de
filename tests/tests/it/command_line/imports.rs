//! Imports that are listed, gone on with and taken back, and what is said of an owner who has an account.

use std::io::Write as _;

use wynos_tests::program::{Backend, Installation};

use super::customers_file;

#[tokio::test]
async fn an_import_is_listed_and_taken_back() {
    let installation = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = installation
        .subscription("Serwis", "ola@example.pl")
        .unwrap();
    let file = customers_file(installation.folder(), 5);
    let file = file.to_str().unwrap();
    let imported = installation
        .done(["import", file, "--subscription", &shop])
        .unwrap();
    let id = imported["id"].as_str().unwrap();
    let list = ["imports", "list", "--subscription", &shop];
    let listed = installation.done(list).unwrap();
    assert_eq!(listed["imports"][0]["id"], id);
    assert_eq!(listed["imports"][0]["status"], "applied");
    let undo = ["imports", "undo", id, "--subscription", &shop];
    let undone = installation.done(undo).unwrap();
    assert_eq!(undone["status"], "undone");
    assert_eq!(undone["counts"]["customers"]["undone"], 5);
    let go_on = ["imports", "continue", id, "--subscription", &shop];
    let refused = installation.run(go_on).unwrap();
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[tokio::test]
async fn a_password_for_an_owner_who_has_an_account_is_said_to_be_ignored() {
    let installation = Installation::new(Backend::Sqlite).await.unwrap();
    installation
        .subscription("Jeden", "ola@example.pl")
        .unwrap();
    let create = [
        "subscription",
        "create",
        "Dwa",
        "--owner",
        "ola@example.pl",
        "--password-stdin",
    ];
    let mut child = installation
        .command(create)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody may read it, and then it cannot be written.
    let _ = child.stdin.take().unwrap().write_all(b"another password\n");
    let ended = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.success() && told.contains("is ignored"),
        "{told}"
    );
    assert!(String::from_utf8_lossy(&ended.stdout).contains("\"password_ignored\":true"));
}
