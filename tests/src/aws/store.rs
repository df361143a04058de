use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, sync::oneshot};

use super::{ACCESS_KEY, SECRET_KEY};

/// An S3 on a folder, which verifies signatures and expiry as the real one does. It ends when it is dropped.
#[derive(Debug)]
pub struct Store {
    address: SocketAddr,
    folder: tempfile::TempDir,
    _stop: oneshot::Sender<()>,
}

impl Store {
    /// Starts one on a thread of its own, so that it serves whatever runtime its test has.
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (stop, stopped) = oneshot::channel();
        let (started, start) = std::sync::mpsc::channel();
        let root = folder.path().to_owned();
        thread::Builder::new()
            .name("s3".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                match runtime {
                    Ok(runtime) => runtime.block_on(async {
                        tokio::select! {
                            ended = serve(root, started) => drop(ended),
                            _ = stopped => {}
                        }
                    }),
                    Err(error) => drop(started.send(Err(error.into()))),
                }
            })?;
        Ok(Self {
            address: start.recv()??,
            folder,
            _stop: stop,
        })
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a bucket.
    pub fn bucket(&self, name: &str) -> Result<()> {
        std::fs::create_dir(self.folder.path().join(name)).context("making a bucket")
    }

    /// The folder that it is on.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keys of the objects in a bucket, in their order.
    pub fn keys(&self, bucket: &str) -> Result<Vec<String>> {
        keys_in(&self.folder.path().join(bucket))
    }

    /// Files of uploads in parts that were neither completed nor aborted.
    pub fn unfinished(&self) -> Result<usize> {
        let mut count = 0;
        for entry in std::fs::read_dir(self.folder.path())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            count += usize::from(name.starts_with(".upload"));
        }
        Ok(count)
    }
}

/// Keys of the objects in a bucket's folder, in their order.
pub(crate) fn keys_in(bucket: &Path) -> Result<Vec<String>> {
    let (mut keys, mut folders) = (Vec::new(), vec![bucket.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // What the store itself keeps begins with a dot.
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                keys.push(path.strip_prefix(bucket)?.to_string_lossy().into_owned());
            }
        }
    }
    keys.sort();
    Ok(keys)
}

async fn serve(root: PathBuf, started: std::sync::mpsc::Sender<Result<SocketAddr>>) -> Result<()> {
    let begun = async {
        let files = FileSystem::new(root).map_err(|error| anyhow!("{error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok::<_, anyhow::Error>((service.build(), listener))
    };
    let (service, listener) = match begun.await {
        Ok(begun) => begun,
        Err(error) => return Ok(started.send(Err(error))?),
    };
    started.send(Ok(listener.local_addr()?))?;
    loop {
        let (socket, _) = listener.accept().await?;
        let service = service.clone();
        tokio::spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            // A client that goes away is no matter of the store's.
            let _ = server.serve_connection(TokioIo::new(socket), service).await;
        });
    }
}
