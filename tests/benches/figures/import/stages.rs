use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Instant,
};

use anyhow::{Context, Result};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use wynos::{
    SubscriptionId,
    catalog::repair_shop::LOCAL_SOURCE,
    exchange::{Item, Limits, Reader, Source},
    warehouse::{Admit, Conflict, Load, Rule, Warehouse, Write},
};

use crate::{
    place::Database,
    task::{Measured, block_on},
};

/// Rows of one load, as imports commit them.
const LOAD_ROWS: usize = 4_000;

/// One stage of an import, done without the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageTask {
    pub stage: Stage,
    pub file: PathBuf,
    pub database: Database,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The file read to its end.
    Read,
    /// Its rows committed; reading them is not counted.
    Write {
        /// With what is kept for undoing.
        undo: bool,
        /// With the personal-data log.
        log: bool,
    },
}

impl StageTask {
    pub fn run(&self) -> Result<Measured> {
        let bytes = self.file.metadata()?.len();
        match self.stage {
            Stage::Read => {
                let begun = Instant::now();
                read(&self.file, |_| Ok(()))?;
                Ok(Measured::new(begun, bytes))
            }
            Stage::Write { undo, log } => block_on(async {
                let subscription = SubscriptionId::random();
                let warehouse = self.database.warehouses().await?.open(&subscription);
                let seconds = self.write(&warehouse, undo, log).await?;
                warehouse.erase().await?;
                Ok(Measured {
                    seconds,
                    peak: 0,
                    bytes,
                    stages: Vec::new(),
                    latency: None,
                })
            }),
        }
    }

    async fn write(&self, warehouse: &Warehouse, undo: bool, log: bool) -> Result<f64> {
        let (sender, admits) = mpsc::sync_channel(1);
        let file = self.file.clone();
        let reading = std::thread::spawn(move || {
            read(&file, |admit| {
                sender.send(admit).context("nobody takes the rows")
            })
        });
        let mut writes = Vec::new();
        let mut seconds = 0.0;
        let mut rows = 0;
        loop {
            let admit = admits.recv().ok();
            let ended = admit.is_none();
            if let Some(mut admit) = admit {
                rows += admit.rows.len();
                admit.undo = undo.then(|| "import".to_owned());
                admit.personal_data_event = log.then(|| "import:event".to_owned());
                writes.push(Write::Admit(admit));
            }
            if rows >= LOAD_ROWS || ended {
                let load = Load {
                    origin: "import",
                    run: "bench".to_owned(),
                    observed_at: DateTime::from_timestamp(1_760_000_000, 0)
                        .context("a moment in range")?,
                    writes: std::mem::take(&mut writes),
                    quota: None,
                };
                let begun = Instant::now();
                warehouse.commit(load).await?;
                seconds += begun.elapsed().as_secs_f64();
                rows = 0;
            }
            if ended {
                break;
            }
        }
        let read = reading
            .join()
            .map_err(|_| anyhow::anyhow!("reading the file failed"))?;
        read.map(|()| seconds)
    }
}

/// Reads an exchange file and gives its rows as an import admits them.
fn read(file: &PathBuf, mut take: impl FnMut(Admit) -> Result<()>) -> Result<()> {
    let limits = Limits::default();
    let mut reader = Reader::new(Source::plain(File::open(file)?, limits), limits)?;
    let mut section = None;
    while let Some(item) = reader.next()? {
        match item {
            Item::Section(opened) => section = Some(opened),
            Item::Batch(batch) => {
                let section = section.context("rows before their section")?;
                take(Admit {
                    table: Arc::clone(&section.table),
                    source_id: LOCAL_SOURCE.to_owned(),
                    columns: section.read_columns(),
                    rows: batch.rows.clone(),
                    rule: Rule::ThreeWay {
                        made_at: None,
                        conflict: Conflict::KeepOurs,
                    },
                    undo: None,
                    personal_data_event: None,
                    children: Vec::new(),
                    filter: None,
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}
