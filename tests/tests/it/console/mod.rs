//! People at the console in a real browser.

mod salon;
mod sent;
mod taken;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use fantoccini::{Client, Locator};
use tokio::net::TcpListener;
use url::Url;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{NewAccount, Password, Role},
    jobs,
    ports::{Clock, QueueName},
    services::Services,
    yclients::client::{Vendor, VendorSettings},
};
use wynos_console::{Options, SetupToken, router};
use wynos_tests::postgres::DatabaseUrl;

use crate::assembled::assembled_at;

const PASSWORD: &str = "a sentence, not a word";

/// A site on a free port, with a worker beside it.
struct Site {
    url: Url,
    services: Services,
    mails: PathBuf,
    _directory: tempfile::TempDir,
}

impl Site {
    /// A site on SQLite, or on this database.
    async fn start(database: Option<&DatabaseUrl>) -> Self {
        Self::at(VendorSettings::default(), database).await
    }

    /// A site that reaches this vendor.
    async fn at(vendor: VendorSettings, database: Option<&DatabaseUrl>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let root = directory.path();
        let (mut services, objects) =
            assembled_at(url.clone(), root, database, Clock::System).await;
        services.vendor = Vendor::new(vendor);
        let mails = root.join("outbox");
        let options = Options {
            setup_token: Some(SetupToken::new("first")),
            embedded_objects: Some(objects),
            objects_origin: None,
        };
        let app =
            router(services.clone(), options).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let worker = services.clone();
        // Beside the browser's runtime, so that neither waits for the other.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(work(worker));
        });
        Self {
            url,
            services,
            mails,
            _directory: directory,
        }
    }

    fn address(&self, path: &str) -> String {
        self.url.join(path).unwrap().to_string()
    }

    /// The subscription that Anna has set up.
    async fn shop(&self) -> SubscriptionId {
        let control = &self.services.control;
        let anna = control
            .accounts()
            .by_email("anna@example.com")
            .await
            .unwrap()
            .unwrap();
        let mut shops = control.memberships(&anna.id).await.unwrap();
        shops.remove(0).subscription_id
    }

    /// Lets a second owner into the subscription.
    async fn join(&self, email: &str) {
        let (control, now) = (&self.services.control, self.services.clock.now());
        let shop = self.shop().await;
        let new = NewAccount {
            email: email.to_owned(),
            name: "Jan Kowalski".to_owned(),
            locale: Locale::En,
            password: Password::hash(PASSWORD).await.unwrap(),
        };
        let mut tx = control.begin().await.unwrap();
        let jan = tx.create_account(&new, now).await.unwrap();
        tx.set_role(&shop, &jan.id, Role::Owner, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The link in the mail, once it has come.
    async fn mailed_link(&self) -> String {
        for _ in 0..300 {
            if let Some(mail) = newest_mail(&self.mails) {
                let text = std::fs::read_to_string(mail).unwrap();
                let text = text.replace("=\r\n", "").replace("=3D", "=");
                let start = text.find(&self.address("/d/")).expect("a link in the mail");
                return text[start..]
                    .chars()
                    .take_while(|c| !c.is_whitespace() && !"\"<>".contains(*c))
                    .collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail came within 30 seconds");
    }
}

async fn work(services: Services) {
    loop {
        jobs::housekeep(&services).await.unwrap();
        for queue in QueueName::ALL {
            let received = services
                .queue
                .receive(queue, 10, Duration::from_secs(60))
                .await
                .unwrap();
            for message in received {
                let receipt = message.receipt.clone();
                match jobs::run(&services, queue, message).await {
                    Ok(()) => services.queue.ack(queue, &receipt).await.unwrap(),
                    // Somebody else is at it for a moment.
                    Err(_) => {
                        let wait = Duration::from_millis(200);
                        services.queue.release(queue, &receipt, wait).await.unwrap();
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn newest_mail(directory: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(directory)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()));
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .max()
}

async fn fill(page: &Client, field: &str, text: &str) {
    page.find(Locator::Css(&format!("[name={field}]")))
        .await
        .unwrap()
        .send_keys(text)
        .await
        .unwrap();
}

async fn click(page: &Client, selector: &str) {
    page.find(Locator::Css(selector))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
}

/// Clicks, and waits until the browser is at another address.
async fn follow(page: &Client, selector: &str) {
    let before = page.current_url().await.unwrap();
    click(page, selector).await;
    for _ in 0..200 {
        if page.current_url().await.unwrap() != before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{selector} leads nowhere: {}", page.source().await.unwrap());
}

/// The text of the page's content.
async fn content(page: &Client) -> String {
    let main = page.find(Locator::Css("main")).await.unwrap();
    main.text().await.unwrap()
}

/// Sets up the first owner with a business of this name.
async fn set_up(page: &Client, site: &Site, business: &str) {
    page.goto(&site.address("/setup?token=first"))
        .await
        .unwrap();
    fill(page, "business", business).await;
    fill(page, "person", "Anna Nowak").await;
    sign_in(page, "anna@example.com").await;
}

async fn sign_in(page: &Client, email: &str) {
    fill(page, "email", email).await;
    fill(page, "password", PASSWORD).await;
    follow(page, "main button").await;
}
