use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    routing::{any, get, post},
};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::{
    Options, control, hooks, http, truth,
    world::{self, Shared},
};

/// Starts simulated vendors.
#[derive(Debug)]
pub struct Sandbox;

/// A simulated vendor that listens; it goes on until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// What the API's paths come after: `http://127.0.0.1:PORT/api/v1`.
    pub base_url: String,
    /// What the controls' paths come after: `http://127.0.0.1:PORT`.
    pub control_url: String,
    /// Where it listens.
    pub address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Sandbox {
    /// Makes the business up and listens; fails when the address is not free.
    pub async fn start(options: Options) -> io::Result<Running> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let made = tokio::task::spawn_blocking(move || Shared::new(&options)).await;
        let shared = Arc::new(made.map_err(io::Error::other)?);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let app = router(Arc::clone(&shared));
        let server =
            axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
        let ended = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                served = server => if let Err(error) = served {
                    warn!(%error, "the sandbox's server ended");
                },
                // Requests that hang on purpose are not waited for.
                () = ended.cancelled() => {}
            }
        });
        tasks.spawn(hooks::post(Arc::clone(&shared), stop.clone()));
        tasks.spawn(world::live(Arc::clone(&shared), stop.clone()));
        tasks.close();
        let control_url = format!("http://{address}");
        let base_url = format!("{control_url}/api/v1");
        Ok(Running {
            base_url,
            control_url,
            address,
            shared,
            stop,
            tasks,
        })
    }
}

impl Running {
    /// Lets so many things happen over so many seconds of the sandbox's time, as `POST /sandbox/step` does.
    pub fn step(&self, events: u64, seconds: i64) -> DateTime<Utc> {
        self.shared.step(events, seconds)
    }

    /// Deletes a movement of goods of a company, as somebody there does; it is told by webhook.
    pub fn take_back_goods(&self, company: i64, id: i64) {
        self.shared.take_back_goods(company, id);
    }

    /// Puts a new service of a category on the price list of a company and makes a record of nothing else; both are told by
    /// webhook. The numbers of the service and of the record; nothing where the category has no service yet.
    pub fn book_new_service(&self, company: i64, category: i64) -> Option<(i64, i64)> {
        self.shared.book_new_service(company, category)
    }

    /// Takes a service off the price list of a company: its list no longer has it, and records name it still. It is told by
    /// webhook.
    pub fn withdraw_service(&self, company: i64, id: i64) {
        self.shared.withdraw_service(company, id);
    }

    /// Moves a service of a company's price list to another category: records that name it are not changed by that. It is
    /// told by webhook.
    pub fn move_service(&self, company: i64, id: i64, category: i64) {
        self.shared.move_service(company, id, category);
    }

    /// The numbers of the companies.
    pub fn companies(&self) -> Vec<i64> {
        let world = self.shared.world();
        world
            .business
            .salons
            .iter()
            .map(|salon| salon.company.id)
            .collect()
    }

    /// Stops listening and posting.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/sandbox", get(control::about))
        .route("/sandbox/step", post(control::step))
        .route("/sandbox/live", post(control::live))
        .route(
            "/sandbox/faults",
            get(control::faults).post(control::set_faults),
        )
        .route(
            "/sandbox/limits",
            get(control::limits).post(control::set_limits),
        )
        .route("/sandbox/revoke", post(control::revoke))
        .route(
            "/sandbox/webhooks",
            get(control::webhooks).post(control::set_posting),
        )
        .route("/sandbox/truth/{table}", get(truth::serve))
        .fallback(any(http::serve))
        .with_state(shared)
}
