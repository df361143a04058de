use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use wynos_tests::program::{Backend, Installation};

/// Starts a server on a free port and waits until it listens; gives the process and what it said.
fn serve(wynos: &Installation) -> (std::process::Child, String) {
    let mut command = wynos.command(["serve", "--listen", "127.0.0.1:0"]);
    let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let said = lines.by_ref().map(Result::unwrap).find(|line| line.contains("listens on")).expect("it listens");
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    (server, said)
}

#[tokio::test]
async fn a_command_says_that_a_server_has_the_data_directory() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let (mut server, _) = serve(&wynos);
    let ended = wynos.run(["token", "create", "--subscription", &shop, "--scope", "read"]).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.result["code"], "in_use");
    let after = wynos.done(["token", "create", "--subscription", &shop, "--scope", "read"]).unwrap();
    assert!(after["token"].as_str().unwrap().starts_with("wyn_"));
}

#[tokio::test]
async fn a_server_answers_and_ends_cleanly_when_told_to() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        wynos.subscription("Shop", "owner@example.com").unwrap();
        let (mut server, said) = serve(&wynos);
        let address = said.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).unwrap();
        let address = address.trim_end_matches(';');
        let health = reqwest::get(format!("http://{address}/healthz")).await.unwrap();
        assert_eq!(health.status(), 200);
        let told = std::process::Command::new("kill").arg(server.id().to_string()).status().unwrap();
        assert!(told.success());
        assert_eq!(server.wait().unwrap().code(), Some(0), "{backend:?}");
    }
}
