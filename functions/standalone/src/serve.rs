use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};
use url::Url;
use wynos::{ports::QueueName, services::Services, yclients::client::VendorSettings};

use crate::{
    args::{Front, Place},
    assemble::{self, Opened},
    failure::{Ending, Failure},
    housekeeping,
    output::Output,
    worker::{self, Runs},
};

/// How long requests and work in hand may take after the stop was asked for, before the process ends regardless.
const LAST_CALL: Duration = Duration::from_secs(30);

/// The server and its workers, running.
pub(crate) struct Running {
    /// What they work with.
    pub(crate) services: Services,
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    opened: Opened,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Runs until SIGINT or SIGTERM; then requests and work in hand are finished, or handed back.
pub(crate) async fn run(place: &Place, front: &Front, output: Output) -> anyhow::Result<Ending> {
    let mut stop = StopSignal::listen()?;
    let running = Running::start(place, place.vendor.settings(), front).await?;
    let public_url = &running.services.settings.public_url;
    output.say(format!(
        "Wynos listens on {}; open {public_url}",
        running.address
    ));
    if let Some(token) = running.setup_token().await? {
        output.say(format!(
            "Nobody has an account yet. Set up the owner at {}",
            setup_address(public_url, &token)
        ));
    }
    stop.come().await;
    output.say("Stopping: finishing what is in hand.");
    running.stop().await;
    Ok(Ending::Done)
}

impl Running {
    /// Opens everything, and starts the server and a worker for each queue, of those that read sources as many as were asked
    /// for. Vendors are reached by these settings.
    pub(crate) async fn start(
        place: &Place,
        vendor: VendorSettings,
        front: &Front,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(&front.listen).await.map_err(|error| {
            Failure::new(
                "listen",
                format!(
                    "cannot listen on {}: {error}; choose another address with --listen",
                    front.listen
                ),
            )
        })?;
        let address = listener.local_addr()?;
        let public_url = match &place.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://{address}"))
                .context("the address cannot be part of a link")?,
        };
        let opened = assemble::open_for(place, vendor, public_url).await?;
        opened.describe(&format!(
            "`wynos serve` at {}",
            opened.services.settings.public_url
        ))?;
        let services = opened.services.clone();
        // The plans may be larger than when it last ran: what they refused is tried at once.
        let mut tx = services.control.begin().await?;
        tx.read_refused_by_plan(services.clock.now()).await?;
        tx.commit().await?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        for queue in QueueName::ALL {
            let workers = match queue {
                QueueName::Pull => front.pull_workers,
                _ => 1,
            };
            let runs = Runs::default();
            for _ in 0..workers {
                let (services, runs, stop) = (services.clone(), runs.clone(), stop.clone());
                tasks.spawn(worker::work(services, queue, runs, stop));
            }
        }
        tasks.spawn(housekeeping::keep(services.clone(), stop.clone()));
        let app = opened.router();
        let server = axum::serve(
            listener,
            app.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(stop.clone().cancelled_owned());
        tasks.spawn(async move {
            if let Err(error) = server.await {
                warn!(%error, "the HTTP server ended");
            }
        });
        tasks.close();
        info!(%address, "started");
        Ok(Self {
            services,
            address,
            opened,
            stop,
            tasks,
        })
    }

    /// The folder that mails are written into, where no mail server is given.
    pub(crate) fn outbox(&self) -> PathBuf {
        self.opened.outbox()
    }

    /// The token that the first set-up asks for, while nobody has an account.
    pub(crate) async fn setup_token(&self) -> anyhow::Result<Option<String>> {
        let needed = self.services.control.first_owner_needed().await?;
        Ok(needed.then(|| self.opened.setup_token().to_owned()))
    }

    /// Finishes what is in hand, or hands it back, and closes everything.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        // What is in hand ends after its step and goes on at the next start: no source stays taken.
        self.services.stop.ask();
        if tokio::time::timeout(LAST_CALL, self.tasks.wait())
            .await
            .is_err()
        {
            warn!("ended with work in hand; it comes again at the next start");
        }
        self.opened.close().await;
    }
}

fn setup_address(public_url: &Url, token: &str) -> Url {
    let mut address = public_url.clone();
    address.set_path("/setup");
    address.query_pairs_mut().append_pair("token", token);
    address
}

/// The wish of whoever started the process that it ends.
pub(crate) struct StopSignal {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// Listens from now on: a signal that comes before [`StopSignal::come`] is asked is not lost, and ends nothing abruptly.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
                interrupt: signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits until the signal has come.
    pub(crate) async fn come(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::args::{Arguments, Command};

    #[test]
    fn as_many_sources_are_read_at_once_as_is_said_within_limits() {
        let workers = |said: &str| {
            let parsed =
                Arguments::try_parse_from(["wynos", "serve", &format!("--pull-workers={said}")]);
            parsed.map(|arguments| match arguments.command {
                Command::Serve(front) => front.pull_workers,
                other => panic!("{other:?}"),
            })
        };
        assert_eq!([workers("1").unwrap(), workers("8").unwrap()], [1, 8]);
        for wrong in ["0", "9", "many", "-1"] {
            let refusal = workers(wrong).unwrap_err().to_string();
            assert!(refusal.contains("--pull-workers"), "{wrong}: {refusal}");
        }
    }
}
