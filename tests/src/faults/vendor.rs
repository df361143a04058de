use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use wynos::ports::{CallKind, Interruptions};

use super::Faults;

/// Requests to the vendor are small.
const LONGEST_BODY: usize = 1024 * 1024;

/// A door before a simulated vendor: every request through it is a call that may fail as planned, and is counted.
///
/// Dropping it closes the door.
#[derive(Debug)]
pub struct VendorDoor {
    /// What the API's paths come after.
    pub base_url: String,
    seen: watch::Receiver<u64>,
    listener: JoinHandle<()>,
}

#[derive(Debug)]
struct Door {
    vendor: SocketAddr,
    faults: Arc<Faults>,
    seen: watch::Sender<u64>,
    client: reqwest::Client,
}

impl VendorDoor {
    /// Opens a door before the vendor that listens there.
    pub async fn open(vendor: SocketAddr, faults: Arc<Faults>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (counter, seen) = watch::channel(0);
        let door = Door {
            vendor,
            faults,
            seen: counter,
            client: reqwest::Client::new(),
        };
        let router = Router::new().fallback(pass).with_state(Arc::new(door));
        let listener = tokio::spawn(async move {
            // Nobody is left to be told when the listener ends.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            base_url: format!("http://{address}/api/v1"),
            seen,
            listener,
        })
    }

    /// How many requests came so far.
    pub fn seen(&self) -> u64 {
        *self.seen.borrow()
    }

    /// Waits until so many requests have come since it was opened.
    pub async fn until_seen(&self, number: u64) {
        let mut seen = self.seen.clone();
        // The counter lives as long as the listener, which ends with this door.
        let _ = seen.wait_for(|seen| *seen >= number).await;
    }
}

impl Drop for VendorDoor {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn pass(State(door): State<Arc<Door>>, request: Request) -> Response {
    door.seen.send_modify(|seen| *seen += 1);
    let asked = door.faults.before("vendor", CallKind::Read);
    let asked = asked.and_then(|number| door.faults.after(number));
    let answered = match asked {
        Ok(()) => carry(&door, request).await,
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|_| {
        let mut lost = Response::new(Body::empty());
        *lost.status_mut() = StatusCode::BAD_GATEWAY;
        lost
    })
}

/// Asks the vendor the same, and gives its answer.
async fn carry(door: &Door, request: Request) -> io::Result<Response> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = to_bytes(body, LONGEST_BODY)
        .await
        .map_err(io::Error::other)?;
    let mut headers = parts.headers;
    headers.remove("host");
    let asked = door
        .client
        .request(parts.method, format!("http://{}{path}", door.vendor))
        .headers(headers)
        .body(body);
    let answer = asked.send().await.map_err(io::Error::other)?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "connection" {
            response = response.header(name, value);
        }
    }
    // A body that the vendor breaks off breaks off here too.
    let body = Body::from_stream(answer.bytes_stream());
    response.body(body).map_err(io::Error::other)
}
