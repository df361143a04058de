use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;
use crate::ports::{Clock, Disposition, Mailer};

fn mail(id: &str) -> Mail {
    Mail {
        message_id: id.into(),
        to: "ola@example.pl".into(),
        subject: "Plik gotowy: żółw".into(),
        text: "Otwórz https://example.pl/d/abc".into(),
        html: "<p>Otwórz <a href=\"https://example.pl/d/abc\">plik</a></p>".into(),
    }
}

fn sender() -> MailSender {
    "Wynos <wynos@example.com>".parse().unwrap()
}

fn clock() -> Clock {
    Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn a_mail_sent_twice_is_one_file_with_both_bodies() {
    let directory = tempfile::tempdir().unwrap();
    let folder = MailFolder::open(&directory.path().join("outbox"), sender(), clock()).unwrap();
    folder.send(&mail("export-ready-abc")).await.unwrap();
    folder.send(&mail("export-ready-abc")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(directory.path().join("outbox"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name(), "export-ready-abc.eml");
    let text = std::fs::read_to_string(files[0].path()).unwrap();
    for part in [
        "Message-ID: <export-ready-abc@example.com>\r\n",
        "To: ola@example.pl\r\n",
        "Date: Sun, 01 Mar 2026 10:00:00",
        "Content-Type: multipart/alternative;",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Subject: ",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("żółw"), "headers are encoded");
}

#[tokio::test]
async fn what_cannot_be_a_mail_is_refused_by_part() {
    let directory = tempfile::tempdir().unwrap();
    let folder = MailFolder::open(directory.path(), sender(), clock()).unwrap();
    let refused = async |change: fn(&mut Mail), part: &str| {
        let mut mail = mail("a");
        change(&mut mail);
        let error = folder.send(&mail).await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::Park);
        assert!(
            matches!(error, MailerError::Malformed { part: found } if found == part),
            "{error:?}"
        );
    };
    refused(|mail| mail.message_id = "../a".into(), "id").await;
    refused(|mail| mail.message_id = String::new(), "id").await;
    refused(
        |mail| mail.subject = "a\r\nBcc: x@example.pl".into(),
        "subject",
    )
    .await;
    refused(|mail| mail.to = "ola".into(), "recipient").await;
    refused(
        |mail| mail.to = "a@example.pl\r\nBcc: x@example.pl".into(),
        "recipient",
    )
    .await;
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    assert!(!format!("{:?}", mail("a")).contains("ola@"));
}

/// A server that speaks as much SMTP as it takes for one mail, answering RCPT with `rcpt`; gives what it was told.
async fn server(rcpt: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        let mut in_data = false;
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.split(' ').next().unwrap() {
                "." => {
                    in_data = false;
                    "250 ok\r\n"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "RCPT" => rcpt,
                "QUIT" => {
                    let _ = writer.write_all(b"221 bye\r\n").await;
                    break;
                }
                _ => "250 ok\r\n",
            };
            if writer.write_all(answer.as_bytes()).await.is_err() {
                break;
            }
        }
        heard
    });
    (address, heard)
}

#[tokio::test]
async fn a_mail_is_handed_to_the_server() {
    let (address, heard) = server("250 ok\r\n").await;
    let mailer = SmtpMailer::new(&format!("smtp://{address}"), sender(), clock()).unwrap();
    mailer.send(&mail("a.1")).await.unwrap();
    let heard = heard.await.unwrap();
    assert!(
        heard.contains("MAIL FROM:<wynos@example.com>")
            && heard.contains("RCPT TO:<ola@example.pl>"),
        "{heard}"
    );
    assert!(heard.contains("Message-ID: <a.1@example.com>"), "{heard}");
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    for (answer, disposition) in [
        ("550 no such person\r\n", Disposition::Park),
        ("451 later\r\n", Disposition::Retry),
    ] {
        let (address, _heard) = server(answer).await;
        let mailer = SmtpMailer::new(&format!("smtp://{address}"), sender(), clock()).unwrap();
        assert_eq!(
            mailer.send(&mail("a")).await.unwrap_err().disposition(),
            disposition,
            "{answer}"
        );
    }
    let mailer = SmtpMailer::new("smtp://127.0.0.1:1", sender(), clock()).unwrap();
    assert_eq!(
        mailer.send(&mail("a")).await.unwrap_err().disposition(),
        Disposition::Retry,
        "nobody there"
    );
}

#[test]
fn a_bad_address_of_the_server_shows_no_password() {
    let error = SmtpMailer::new("http://ola:tajne@example.pl", sender(), clock()).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("tajne"));
    let mailer = SmtpMailer::new("smtps://ola:tajne@example.pl:465", sender(), clock()).unwrap();
    assert!(!format!("{mailer:?}").contains("tajne"));
}
