//! The browser opens pages, clicks, and saves downloads.

use std::net::SocketAddr;

use fantoccini::Locator;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wynos_tests::chromium::Browser;

const PAGE: &str = "<!doctype html><title>Plik gotowy</title><h1>Gotowe</h1><a id='take' href='/list.csv'>Pobierz</a>";
const LIST: &str = "nazwa;ilość\r\nśruba;7\r\n";

/// A site of one page and one attachment.
async fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = vec![0; 8192];
    let length = stream.read(&mut request).await?;
    let (headers, body) = if request[..length].starts_with(b"GET /list.csv ") {
        (
            "Content-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment; filename=\"list.csv\"",
            LIST,
        )
    } else {
        ("Content-Type: text/html; charset=utf-8", PAGE)
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn a_page_is_read_and_a_click_saves_a_file() {
    let browser = Browser::start().await.unwrap();
    let page = browser.client();
    page.goto(&format!("http://{}/", site().await))
        .await
        .unwrap();
    assert_eq!(page.title().await.unwrap(), "Plik gotowy");
    assert_eq!(
        page.find(Locator::Css("h1"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "Gotowe"
    );

    page.find(Locator::Id("take"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let file = browser.downloaded("list.csv").await.unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), LIST);
    assert_eq!(browser.download_names().unwrap(), ["list.csv"]);
}
