//! The proxy that fails on demand does so, and passes everything when it does not.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use wynos_tests::chaos_proxy::ChaosProxy;

const SOON: Duration = Duration::from_secs(5);
const A_WHILE: Duration = Duration::from_millis(300);

/// A server that sends back what it gets.
async fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn say(stream: &mut TcpStream, word: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(word).await?;
    let mut heard = vec![0; word.len()];
    stream.read_exact(&mut heard).await?;
    Ok(heard)
}

#[tokio::test]
async fn bytes_pass_both_ways_and_so_does_the_end() {
    let proxy = ChaosProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let long: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();

    let (mut from, mut to) = stream.split();
    let sent = async {
        to.write_all(&long).await?;
        to.shutdown().await
    };
    let mut heard = Vec::new();
    let (sent, read) = timeout(SOON, async {
        tokio::join!(sent, from.read_to_end(&mut heard))
    })
    .await
    .unwrap();
    sent.unwrap();
    read.unwrap();
    assert_eq!(heard, long);
}

#[tokio::test]
async fn refusing_resets_new_connections_and_leaves_old_ones() {
    let proxy = ChaosProxy::start(echo_server().await).await.unwrap();
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut old, b"before").await.unwrap(), b"before");

    proxy.refuse();
    let refused = async { say(&mut TcpStream::connect(proxy.address()).await?, b"hello").await };
    let error = timeout(SOON, refused).await.unwrap().unwrap_err();
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        ),
        "{error}"
    );
    assert_eq!(say(&mut old, b"still").await.unwrap(), b"still");

    proxy.calm();
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut new, b"again").await.unwrap(), b"again");
}

#[tokio::test]
async fn cutting_resets_what_exists_and_lets_new_connections_in() {
    let proxy = ChaosProxy::start(echo_server().await).await.unwrap();
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut old, b"before").await.unwrap(), b"before");

    proxy.cut();
    let error = timeout(SOON, old.read(&mut [0]))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut new, b"after").await.unwrap(), b"after");
}

#[tokio::test]
async fn stalling_holds_bytes_back_until_it_is_calm() {
    let proxy = ChaosProxy::start(echo_server().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut stream, b"before").await.unwrap(), b"before");

    proxy.stall();
    stream.write_all(b"held").await.unwrap();
    let mut heard = [0; 4];
    assert!(
        timeout(A_WHILE, stream.read_exact(&mut heard))
            .await
            .is_err(),
        "{heard:?} came through"
    );

    proxy.calm();
    timeout(SOON, stream.read_exact(&mut heard))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&heard, b"held");
}
