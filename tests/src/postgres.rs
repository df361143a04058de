//! One private PostgreSQL for all tests of a process, and a database of its own for each test.
//!
//! The server is started from the installed binaries (version 15 or newer), listens on a free port of the loopback
//! address, and runs as an unprivileged user when the tests run as root. `WYNOS_TEST_DATABASE_URL`, the address of a
//! superuser on a server that tests may use freely, takes its place.
//!
//! Databases sort text by Polish rules, as a shop's own server may: a query that needs byte order has to ask for it.
//! Roles belong to the whole server, so tests need subscription ids that nobody else uses.

use std::{
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use url::Url;

use crate::{
    environment, find_program, is_root,
    supervised::{Supervised, private_directory},
};

/// A database made for one test. It is dropped with this value, together with the roles of its warehouses.
#[derive(Debug)]
pub struct DatabaseUrl {
    server: Url,
    url: Url,
    name: String,
    /// Copies share the roles of the original, which drops them.
    is_copy: bool,
    is_gone: bool,
}

impl DatabaseUrl {
    /// The database's address, as the `--database-url` option and sqlx take it.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Its name at the server, which no other has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its server listens.
    pub fn address(&self) -> Result<SocketAddr> {
        let host = self
            .url
            .host_str()
            .context("the database's address names no host")?;
        let port = self.url.port().unwrap_or(5432);
        (host, port)
            .to_socket_addrs()?
            .next()
            .with_context(|| format!("{host} has no address"))
    }

    /// The same database reached through another listener, such as a [`crate::chaos_proxy::ChaosProxy`].
    pub fn through(&self, address: SocketAddr) -> Result<Url> {
        let mut url = self.url.clone();
        url.set_ip_host(address.ip())
            .and_then(|()| url.set_port(Some(address.port())))
            .map_err(|()| anyhow!("not a server's address: {url}"))?;
        Ok(url)
    }

    /// Another database with everything that is in this one. Nobody may be connected to the original; it must be dropped
    /// after its copies, because they share the roles of its warehouses.
    pub async fn copy(&self) -> Result<Self> {
        let copied = create(&self.server, &format!("TEMPLATE {}", self.name)).await;
        let mut copy = copied.context("copying a test's database")?;
        copy.is_copy = true;
        Ok(copy)
    }

    /// Drops the database and waits for it, without holding up whoever else the same task serves.
    pub async fn remove(mut self) -> Result<()> {
        self.is_gone = true;
        self.drop_database().await
    }

    async fn drop_database(&self) -> Result<()> {
        let roles = if self.is_copy {
            Vec::new()
        } else {
            self.roles().await?
        };
        let mut server = PgConnection::connect(self.server.as_str()).await?;
        run(
            &mut server,
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await?;
        for role in roles {
            run(
                &mut server,
                format!("DROP ROLE \"{}\"", role.replace('"', "\"\"")),
            )
            .await?;
        }
        server.close().await?;
        Ok(())
    }

    async fn roles(&self) -> Result<Vec<String>> {
        let mut database = PgConnection::connect(self.url.as_str()).await?;
        let warehouses = "SELECT nspname::text FROM pg_namespace JOIN pg_roles ON rolname = nspname WHERE nspname LIKE 'w\\_%'";
        let roles = sqlx::query(warehouses).fetch_all(&mut database).await?;
        database.close().await?;
        roles.iter().map(|role| Ok(role.try_get(0)?)).collect()
    }
}

impl Drop for DatabaseUrl {
    fn drop(&mut self) {
        if self.is_gone {
            return;
        }
        // A thread, because the test's own runtime is busy running the test that drops this.
        let dropped = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()?
                        .block_on(self.drop_database())
                })
                .join()
        });
        // The private server goes with the process, so only somebody else's server has to hear of this.
        if let (Ok(Err(error)), Some(_)) = (dropped, environment("WYNOS_TEST_DATABASE_URL")) {
            #[expect(clippy::print_stderr, reason = "a test's output is its log")]
            {
                eprintln!("database {} was left behind: {error:#}", self.name);
            }
        }
    }
}

/// Makes an empty database for one test, starting the server when this is the first.
///
/// Fails when PostgreSQL is not installed, does not start, or `WYNOS_TEST_DATABASE_URL` is no server we may use.
pub async fn fresh_database() -> Result<DatabaseUrl> {
    let server = server_url()?;
    let empty =
        "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'pl'";
    let created = create(&server, empty).await;
    created.context("creating a test's database")
}

async fn create(server: &Url, options: &str) -> Result<DatabaseUrl> {
    let name = format!("wynos_test_{:016x}", rand::random::<u64>());
    let mut connection = PgConnection::connect(server.as_str())
        .await
        .context("connecting to the test server")?;
    // Copying files is several times faster than going through the log, which nobody reads here.
    let statement = format!("CREATE DATABASE {name} {options} STRATEGY FILE_COPY");
    run(&mut connection, statement).await?;
    connection.close().await?;
    let (server, mut url) = (server.clone(), server.clone());
    url.set_path(&name);
    Ok(DatabaseUrl {
        server,
        url,
        name,
        is_copy: false,
        is_gone: false,
    })
}

async fn run(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(|_| ())
}

fn server_url() -> Result<Url> {
    if let Some(url) = environment("WYNOS_TEST_DATABASE_URL") {
        return Url::parse(&url).context("WYNOS_TEST_DATABASE_URL");
    }
    static SERVER: OnceLock<Result<PrivateServer, String>> = OnceLock::new();
    match SERVER.get_or_init(|| PrivateServer::start().map_err(|error| format!("{error:#}"))) {
        Ok(server) => Ok(server.url.clone()),
        Err(message) => bail!("starting a private PostgreSQL: {message}"),
    }
}

/// A PostgreSQL of this process's own, without durability.
#[derive(Debug)]
struct PrivateServer {
    url: Url,
    _process: Supervised,
}

/// Arguments: the folder of the programs, that of the server, and its port. The password comes from a file there.
const START: &str = r#"
"$0/initdb" --username=postgres --auth=password --pwfile="$1/password" --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync --pgdata="$1/data" >/dev/null &&
exec "$0/postgres" -D "$1/data" -c listen_addresses=127.0.0.1 -c port="$2" -c unix_socket_directories="$1" \
    -c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off
"#;

impl PrivateServer {
    fn start() -> Result<Self> {
        let binaries = binaries()?;
        let user = Unprivileged::needed()?;
        // PostgreSQL cannot be asked to choose a port; this one was free a moment ago.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let password = format!("{:032x}", rand::random::<u128>());

        let directory = private_directory("wynos-postgres-")?;
        fs::write(directory.join("password"), &password)?;
        if let Some(user) = &user {
            chown(&directory, Some(user.uid), Some(user.gid))?;
            chown(directory.join("password"), Some(user.uid), Some(user.gid))?;
        }
        let mut command = as_user(user.as_ref());
        command.extend(["sh", "-c", START].map(OsString::from));
        command.extend([
            binaries.clone().into(),
            directory.clone().into(),
            port.to_string().into(),
        ]);
        let process = Supervised::start(directory, "QUIT", &command)?;
        process.wait_until(Duration::from_secs(60), |_| {
            let mut asking = Command::new(binaries.join("pg_isready"));
            let answer = asking
                .args(["-q", "-h", "127.0.0.1", "-p"])
                .arg(port.to_string())
                .status();
            answer.is_ok_and(|status| status.success()).then_some(())
        })?;
        let url = Url::parse(&format!(
            "postgres://postgres:{password}@127.0.0.1:{port}/postgres"
        ))?;
        Ok(Self {
            url,
            _process: process,
        })
    }
}

/// The user a server runs as when the tests run as root.
#[derive(Debug)]
struct Unprivileged {
    uid: u32,
    gid: u32,
}

impl Unprivileged {
    /// `postgres` where the package made it, otherwise `nobody`; none when we are not root.
    fn needed() -> Result<Option<Self>> {
        if !is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("reading the list of users")?;
        let find = |name: &str| {
            users.lines().find_map(|line| {
                let mut fields = line.split(':');
                let matches = fields.next() == Some(name);
                let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
                matches.then_some(Self { uid, gid })
            })
        };
        find("postgres")
            .or_else(|| find("nobody"))
            .map(Some)
            .context("neither a user `postgres` nor `nobody` exists")
    }
}

/// The start of a command line that runs the rest as `user`.
fn as_user(user: Option<&Unprivileged>) -> Vec<OsString> {
    let Some(Unprivileged { uid, gid }) = user else {
        return Vec::new();
    };
    vec![
        "setpriv".into(),
        format!("--reuid={uid}").into(),
        format!("--regid={gid}").into(),
        "--clear-groups".into(),
        "--".into(),
    ]
}

/// The folder of PostgreSQL's programs: that of the `postgres` in `PATH`, the newest of Debian's, or what `pg_config` says.
fn binaries() -> Result<PathBuf> {
    let mut folders = Vec::new();
    if let Some(postgres) = find_program("postgres") {
        folders.extend(postgres.canonicalize()?.parent().map(Path::to_path_buf));
    }
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| {
            Some((
                version.file_name().to_str()?.parse().ok()?,
                version.path().join("bin"),
            ))
        })
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, folder)| folder));
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    folders
        .into_iter()
        .find(complete)
        .context("PostgreSQL is not installed (Debian: apt-get install postgresql)")
}
