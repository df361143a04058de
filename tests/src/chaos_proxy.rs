//! A TCP proxy that fails on demand: it refuses, cuts or stalls the connections to one address, or answers in its place.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// A listener on a free loopback port that passes bytes to its target, until told otherwise.
///
/// Needs a tokio runtime. Dropping it closes the listener and cuts every connection.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    answered: Arc<AtomicUsize>,
    listener: JoinHandle<()>,
}

/// How long somebody who was answered may go on talking.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What happens to connections now.
#[derive(Debug, Clone, Copy, Default)]
struct Weather {
    refusing: bool,
    stalled: bool,
    /// What is said to whoever comes, instead of what the target would say.
    answer: Option<&'static str>,
    /// How often all connections were cut; one that was made under an earlier number is over.
    cuts: u64,
}

impl ChaosProxy {
    /// Starts passing connections to `target`.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let (weather, forecast) = watch::channel(Weather::default());
        let answered = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answered);
        let listener = tokio::spawn(async move {
            while let Ok((client, _)) = socket.accept().await {
                let (forecast, count) = (forecast.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let answer = forecast.borrow().answer;
                    match answer {
                        Some(answer) => {
                            count.fetch_add(1, Ordering::SeqCst);
                            say(client, answer).await
                        }
                        None => carry(client, target, forecast).await,
                    }
                });
            }
        });
        Ok(Self {
            address,
            weather,
            answered,
            listener,
        })
    }

    /// Where to connect instead of the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on new connections are reset at once. Those that exist go on: see [`ChaosProxy::cut`].
    pub fn refuse(&self) {
        self.weather.send_modify(|weather| weather.refusing = true);
    }

    /// Resets every connection that exists, in the middle of whatever it carries.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| weather.cuts += 1);
    }

    /// From now on connections stay open and carry nothing.
    pub fn stall(&self) {
        self.weather.send_modify(|weather| weather.stalled = true);
    }

    /// Cuts every connection, and answers each new one with this HTTP response, whatever it asks.
    pub fn answer(&self, response: &'static str) {
        self.weather
            .send_modify(|weather| weather.answer = Some(response));
        self.cut();
    }

    /// How many connections were answered by [`ChaosProxy::answer`].
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Ends [`ChaosProxy::refuse`], [`ChaosProxy::stall`] and [`ChaosProxy::answer`]; bytes that were held back go on.
    pub fn calm(&self) {
        self.weather.send_modify(|weather| {
            (weather.refusing, weather.stalled, weather.answer) = (false, false, None);
        });
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.listener.abort();
        self.cut();
    }
}

/// Lets the client ask, and says that.
async fn say(mut client: TcpStream, answer: &str) -> io::Result<()> {
    let mut asked = Vec::new();
    let mut buffer = [0; 4 * 1024];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        match client.read(&mut buffer).await? {
            0 => return Ok(()),
            length => asked.extend_from_slice(buffer.get(..length).unwrap_or_default()),
        }
    }
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    // A body that is still on its way would turn an end at once into a reset, and the answer would be lost.
    let rest = async {
        while client.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    tokio::time::timeout(LAST_WORDS, rest)
        .await
        .unwrap_or(Ok(()))
}

async fn carry(
    mut client: TcpStream,
    target: SocketAddr,
    mut weather: watch::Receiver<Weather>,
) -> io::Result<()> {
    let at_start = *weather.borrow();
    if at_start.refusing {
        return client.set_zero_linger();
    }
    let (upward, downward) = (weather.clone(), weather.clone());
    let pass = async {
        let mut server = TcpStream::connect(target).await?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(
            pump(from_client, to_server, upward),
            pump(from_server, to_client, downward)
        )
    };
    let passed = tokio::select! {
        passed = pass => passed.is_ok(),
        _ = weather.wait_for(|now| now.cuts != at_start.cuts) => false,
    };
    if passed {
        // What is on its way still arrives, and then the end.
        return Ok(());
    }
    // Closing then sends a reset, as a crashed server's machine does, and not an orderly end.
    client.set_zero_linger()
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut weather: watch::Receiver<Weather>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        // An error means that the proxy is gone, and with it every connection.
        weather
            .wait_for(|now| !now.stalled)
            .await
            .map_err(io::Error::other)?;
        match buffer.get(..length) {
            Some(bytes) if !bytes.is_empty() => to.write_all(bytes).await?,
            _ => return to.shutdown().await,
        }
    }
}
