use serde_json::json;
use wynos::ports::Clock;
use wynos_sandbox::{Limits, OWNER_EMAIL, Options, PASSWORD, Sandbox};

use crate::{
    args::{SandboxCommand, Switch},
    failure::{Ending, Failure},
    output::Output,
    serve::StopSignal,
};

/// Runs a simulated vendor until SIGINT or SIGTERM. Its JSON result is told when it listens, not when it ends.
pub(crate) async fn run(command: SandboxCommand, output: Output) -> anyhow::Result<Ending> {
    let SandboxCommand::Yclients(asked) = command;
    let mut stop = StopSignal::listen()?;
    let options = Options {
        listen: asked.listen,
        seed: asked.seed,
        records: asked.records,
        companies: asked.companies,
        limits: (asked.limits == Switch::On).then(Limits::default),
        faults: asked.faults,
        quirks: asked.quirks == Switch::On,
        clock: Clock::System,
    };
    let running = Sandbox::start(options).await.map_err(|error| {
        let message = format!(
            "cannot listen on {}: {error}; choose another address with --listen",
            asked.listen
        );
        Failure::new("listen", message)
    })?;
    let companies = running.companies();
    output.say(format!(
        "A simulated YCLIENTS answers at {}",
        running.base_url
    ));
    output.say(format!(
        "Sign in as {OWNER_EMAIL} with the password {PASSWORD}; companies: {companies:?}"
    ));
    output.say(format!("It is steered at {}/sandbox", running.control_url));
    output.result(&json!({
        "base_url": running.base_url,
        "control_url": running.control_url,
        "companies": companies,
    }));
    stop.come().await;
    running.stop().await;
    Ok(Ending::Done)
}
