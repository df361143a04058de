use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc, oneshot},
};

/// How long a process may take to ask for its first event: the machine may be compiling.
const FIRST_ASK: Duration = Duration::from_secs(30);

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invoked {
    /// The function's answer.
    Answer(String),
    /// The function said that it failed.
    Error(String),
    /// It took longer than it may; its process was killed.
    TimedOut,
    /// Its process ended by itself or was killed by somebody else.
    Died,
}

/// A process of a function, which asks for events at an address of its own, as Lambda's Runtime API is asked.
#[derive(Debug)]
pub struct Instance {
    child: Child,
    events: mpsc::Sender<Event>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Event {
    payload: String,
    deadline: u128,
    done: oneshot::Sender<Invoked>,
}

#[derive(Debug)]
struct Api {
    waiting: Mutex<mpsc::Receiver<Event>>,
    /// The one in the function's hands: there is one at a time.
    current: Mutex<Option<oneshot::Sender<Invoked>>>,
    asked: Mutex<Option<oneshot::Sender<()>>>,
}

impl Instance {
    /// Starts the program and waits until it asks for its first event. It ends with this value; should the tests end
    /// first, its next question goes unanswered, which ends it too.
    pub async fn start(program: &Path, environment: &BTreeMap<String, String>) -> Result<Self> {
        let (events, waiting) = mpsc::channel(1);
        let (asked, first_ask) = oneshot::channel();
        let api = Arc::new(Api {
            waiting: Mutex::new(waiting),
            current: Mutex::default(),
            asked: Mutex::new(Some(asked)),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(serve(listener, api));
        let child = spawn(program, environment, address)?;
        let instance = Self {
            child,
            events,
            server,
        };
        let began = tokio::time::timeout(FIRST_ASK, first_ask).await;
        began
            .context("it never asked for an event")?
            .with_context(|| format!("{} ended at its start", program.display()))?;
        Ok(instance)
    }

    /// Gives it an event with so much time, and kills it when it has no answer before `patience` ends.
    pub async fn invoke(
        &mut self,
        payload: String,
        limit: Duration,
        patience: Duration,
    ) -> Result<Invoked> {
        let (done, answer) = oneshot::channel();
        #[expect(
            clippy::disallowed_methods,
            reason = "the process is told a deadline by the machine's clock"
        )]
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let event = Event {
            payload,
            deadline: (now + limit).as_millis(),
            done,
        };
        if self.events.send(event).await.is_err() {
            return Ok(Invoked::Died);
        }
        tokio::select! {
            answer = answer => Ok(answer.unwrap_or(Invoked::Died)),
            _ = self.child.wait() => Ok(Invoked::Died),
            () = tokio::time::sleep(patience) => {
                self.child.kill().await?;
                Ok(Invoked::TimedOut)
            }
        }
    }

    /// Its process, to be killed by a test.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether its process is still there.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn spawn(
    program: &Path,
    environment: &BTreeMap<String, String>,
    address: SocketAddr,
) -> Result<Child> {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    command
        .spawn()
        .with_context(|| format!("starting {}", program.display()))
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .with_state(api);
    // It ends when the instance is dropped.
    let _ = axum::serve(listener, routes).await;
}

/// `GET …/invocation/next`: the next event, whenever there is one.
async fn next(State(api): State<Arc<Api>>) -> Response {
    if let Some(asked) = api.asked.lock().await.take() {
        let _ = asked.send(());
    }
    let Some(event) = api.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    *api.current.lock().await = Some(event.done);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (
            "lambda-runtime-aws-request-id",
            "11111111-2222-4333-8444-555555555555".to_owned(),
        ),
        ("lambda-runtime-deadline-ms", event.deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:::function:local".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    (headers, event.payload).into_response()
}

async fn response(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    tell(&api, Invoked::Answer(text(&body))).await
}

async fn error(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    tell(&api, Invoked::Error(text(&body))).await
}

fn text(body: &Bytes) -> String {
    String::from_utf8_lossy(body).into_owned()
}

async fn tell(api: &Api, outcome: Invoked) -> StatusCode {
    if let Some(current) = api.current.lock().await.take() {
        // Whoever asked may have given up.
        let _ = current.send(outcome);
    }
    StatusCode::ACCEPTED
}
