use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{
    ImportError, advice,
    fill::{Filled, Waiting},
    finding::{At, Finding, Severity},
    here::Here,
    judge::{Judge, Judged, edited},
    keys::{self, Match},
    ledger::{Joined, Ledger},
    park::Rejected,
    secrets::{Carried, Custody, Stored},
    shape::Shape,
};
use crate::{
    catalog::{self, Table, repair_shop, system},
    ports::Cipher,
    warehouse::{Filter, Operator, Row, Rows, Scan, internal},
};

/// Some rows of a file, in its order.
#[derive(Debug)]
pub(super) struct Batch {
    pub table: Arc<Table>,
    pub columns: Arc<[String]>,
    pub rows: Rows,
    /// The line that each row begins at, where the format has lines.
    pub lines: Vec<u64>,
}

/// How the rows of a file are taken.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    /// Whether rows that are new by their id are also matched by natural keys.
    pub merge: bool,
    /// Which custom values the file carries.
    pub carried: Carried,
    /// Natural keys of rows that came later than this are not looked at: those may be the import's own.
    pub before: Option<DateTime<Utc>>,
}

/// A batch, ready for the warehouse.
#[derive(Debug)]
pub(super) struct Portion {
    pub table: Arc<Table>,
    pub columns: Arc<[String]>,
    /// Rows that come in under their own id, with the line of each.
    pub rows: Rows,
    pub lines: Vec<u64>,
    /// What rows of the file fill in rows here.
    pub filled: Vec<Filled>,
    /// Which rows of the file stand for which rows here, as far as that is new.
    pub joined: Vec<(String, Joined)>,
    /// Rows that were matched with rows here just now.
    pub merged: u64,
    /// Rows that stand for rows here and bring nothing new.
    pub unchanged: u64,
    pub rejected: Vec<Rejected>,
    pub findings: Vec<Finding>,
    /// Rows of the file that went into this.
    pub seen: u64,
}

/// Takes a file's rows one batch after the other and makes of each what the warehouse is to be given.
pub(super) struct Assay {
    here: Here,
    ledger: Ledger,
    cipher: Cipher,
    terms: Terms,
    shapes: HashMap<String, Arc<Shape>>,
    empty: HashMap<String, bool>,
}

/// What is known of each row of a batch before it is judged.
struct Standing {
    /// The row here that it stands for.
    joined: Option<Joined>,
    /// Whether that was found just now.
    fresh: bool,
}

impl Assay {
    /// Gathers what must be known of the warehouse: its custom fields, rows joined by earlier imports, natural keys.
    pub fn begin(
        here: Here,
        ledger: Ledger,
        cipher: Cipher,
        terms: Terms,
    ) -> Result<Self, ImportError> {
        let mut assay = Self {
            here,
            ledger,
            cipher,
            terms,
            shapes: HashMap::new(),
            empty: HashMap::new(),
        };
        assay.gather_fields()?;
        assay.gather_joined()?;
        if assay.terms.merge {
            for table in catalog::tables() {
                assay.gather_keys(table)?;
            }
        }
        Ok(assay)
    }

    /// What is remembered of the file and of the warehouse.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The warehouse.
    pub const fn here(&self) -> &Here {
        &self.here
    }

    fn gather_fields(&self) -> Result<(), ImportError> {
        let Some(table) = catalog::table("custom_fields") else {
            return Ok(());
        };
        self.here
            .each(Scan::of(table).columns(["id", "form", "type"]), |row| {
                let [id, form, ty] =
                    [0, 1, 2].map(|column| row.get(column).as_str().unwrap_or_default());
                self.ledger.add_field(id, form, ty == repair_shop::PASSWORD)
            })
    }

    fn gather_joined(&mut self) -> Result<(), ImportError> {
        let Self { here, ledger, .. } = self;
        let scan =
            Scan::of(internal::merged_ids()).columns(["table", "origin_id", "local_id", "digest"]);
        here.each(scan, |row| {
            let [table, origin_id, local_id] =
                [0, 1, 2].map(|column| row.get(column).as_str().unwrap_or_default());
            let digest = row.get(3).as_str().map(str::to_owned);
            ledger.join(
                table,
                origin_id,
                &Joined {
                    local_id: local_id.to_owned(),
                    digest,
                },
            )
        })
    }

    fn gather_keys(&self, table: &Arc<Table>) -> Result<(), ImportError> {
        let Some(columns) = keys::columns_of(&table.name) else {
            return Ok(());
        };
        let mut scan =
            Scan::of(table).columns(std::iter::once("id").chain(columns.iter().copied()));
        if let Some(before) = self.terms.before {
            scan = scan.filter(Filter::compare(system::RECEIVED_AT, Operator::Less, before));
        }
        self.here.each(scan, |row| {
            let id = row.get(0).as_str().unwrap_or_default();
            let get = |name: &str| {
                let position = columns.iter().position(|column| *column == name)?;
                row.get(position + 1).as_str()
            };
            for (kind, key) in keys::of(&table.name, get) {
                self.ledger.add_key(&table.name, kind, &key, id)?;
            }
            Ok(())
        })
    }

    /// Takes the next batch of the file.
    pub fn take(&mut self, batch: Batch) -> Result<Portion, ImportError> {
        let shape = self.shape(&batch)?;
        let mut portion = Portion {
            table: Arc::clone(&batch.table),
            columns: Arc::clone(&batch.columns),
            rows: Rows::new(batch.columns.len()),
            lines: Vec::new(),
            filled: Vec::new(),
            joined: Vec::new(),
            merged: 0,
            unchanged: 0,
            rejected: Vec::new(),
            findings: Vec::new(),
            seen: batch.rows.len() as u64,
        };
        let standings = self.stand(&shape, &batch, &mut portion.findings)?;
        let stored = self.stored(&shape, &batch, &standings)?;
        let judged = self.judge(&shape, &batch, &standings, &stored, &mut portion.findings)?;
        self.sort(&shape, batch, standings, judged, &mut portion)?;
        Ok(portion)
    }

    fn shape(&mut self, batch: &Batch) -> Result<Arc<Shape>, ImportError> {
        if let Some(shape) = self.shapes.get(batch.table.name.as_ref())
            && shape.columns == batch.columns
        {
            return Ok(Arc::clone(shape));
        }
        let shape = Shape::of(&batch.table, &batch.columns)
            .map(Arc::new)
            .ok_or(ImportError::Order("rows come without their ids"))?;
        self.shapes
            .insert(batch.table.name.to_string(), Arc::clone(&shape));
        Ok(shape)
    }

    fn is_empty(&mut self, table: &Arc<Table>) -> Result<bool, ImportError> {
        if let Some(empty) = self.empty.get(table.name.as_ref()) {
            return Ok(*empty);
        }
        let empty = self.here.is_empty(table)?;
        self.empty.insert(table.name.to_string(), empty);
        Ok(empty)
    }

    /// For every row: the row here that it stands for, joined by an earlier import or matched now.
    fn stand(
        &mut self,
        shape: &Shape,
        batch: &Batch,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Standing>, ImportError> {
        let table = batch.table.name.as_ref();
        let mut standings = Vec::with_capacity(batch.rows.len());
        for row in batch.rows.iter() {
            let joined = match row.get(shape.id).as_str() {
                Some(id) => self.ledger.joined(table, id)?,
                None => None,
            };
            standings.push(Standing {
                joined,
                fresh: false,
            });
        }
        let matching = self.terms.merge && keys::columns_of(table).is_some();
        if !matching || self.is_empty(&batch.table)? {
            return Ok(standings);
        }
        let here = self.ids_here(shape, batch)?;
        for (index, (row, standing)) in batch.rows.iter().zip(&mut standings).enumerate() {
            let Some(id) = row.get(shape.id).as_str() else {
                continue;
            };
            if standing.joined.is_some() || here.contains(id) {
                continue;
            }
            let at = At {
                id: Some(id),
                line: batch.lines.get(index).copied(),
            };
            standing.joined = self.recognise(shape, row, at, findings)?;
            standing.fresh = standing.joined.is_some();
        }
        Ok(standings)
    }

    fn ids_here(&self, shape: &Shape, batch: &Batch) -> Result<HashSet<String>, ImportError> {
        let ids = batch
            .rows
            .iter()
            .filter_map(|row| row.get(shape.id).as_str());
        let rows = self.here.rows(&batch.table, &["id"], ids)?;
        Ok(rows
            .iter()
            .filter_map(|row| row.get(0).as_str().map(str::to_owned))
            .collect())
    }

    /// The row here that a new row's natural keys lead to.
    fn recognise(
        &mut self,
        shape: &Shape,
        row: Row<'_>,
        at: At<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Joined>, ImportError> {
        let table = shape.table.name.as_ref();
        let id = at.id.unwrap_or_default();
        let keys = keys::of(table, |name| row.get(shape.position(name)?).as_str());
        match keys::find(&self.ledger, table, &keys)? {
            Match::None => Ok(None),
            Match::Ambiguous { by } => {
                findings
                    .push(Finding::of(Severity::Warning, "merge_ambiguous", table, &at).field(by));
                Ok(None)
            }
            Match::One { local_id, by } => {
                if !self.ledger.take(table, &local_id, id)? {
                    let finding = Finding::of(Severity::Warning, "merge_taken", table, &at);
                    findings.push(finding.field(by).expected(&local_id));
                    return Ok(None);
                }
                let finding = Finding::of(Severity::Merge, "merged", table, &at);
                findings.push(finding.field(by).expected(&local_id));
                let joined = Joined {
                    local_id,
                    digest: None,
                };
                self.ledger.join(table, id, &joined)?;
                self.ledger.is_here(table, &joined.local_id)?;
                Ok(Some(joined))
            }
        }
    }

    /// What rows here hold of secret values, where the batch could change any.
    fn stored(
        &mut self,
        shape: &Shape,
        batch: &Batch,
        standings: &[Standing],
    ) -> Result<HashMap<String, Stored>, ImportError> {
        let lists: Vec<_> = shape
            .lists
            .iter()
            .filter(|list| list.custom.is_some())
            .collect();
        let mut forms = shape
            .custom
            .iter()
            .chain(lists.iter().filter_map(|list| list.custom.as_ref()));
        let secrets = forms.try_fold(false, |any, custom| {
            Ok::<_, ImportError>(any || self.ledger.has_secrets(custom.form)?)
        })?;
        let may_change = secrets || self.terms.carried == Carried::Some;
        if !may_change
            || (shape.custom.is_none() && lists.is_empty())
            || self.is_empty(&batch.table)?
        {
            return Ok(HashMap::new());
        }
        let mut columns = vec!["id"];
        columns.extend(shape.custom.iter().map(|custom| custom.name.as_str()));
        columns.extend(lists.iter().map(|list| list.name.as_str()));
        let ids = batch
            .rows
            .iter()
            .zip(standings)
            .filter_map(|(row, standing)| match &standing.joined {
                Some(joined) => Some(joined.local_id.as_str()),
                None => row.get(shape.id).as_str(),
            });
        let rows = self.here.rows(&batch.table, &columns, ids)?;
        let first_list = columns.len() - lists.len();
        let stored = rows.iter().filter_map(|row| {
            let values = shape.custom.as_ref().and_then(|_| row.get(1).as_str());
            let texts = lists.iter().enumerate().filter_map(|(index, list)| {
                Some((
                    list.name.clone(),
                    row.get(first_list + index).as_str()?.to_owned(),
                ))
            });
            Some((row.get(0).as_str()?.to_owned(), Stored::read(values, texts)))
        });
        Ok(stored.collect())
    }

    /// Judges every row; asks the warehouse once for whatever the file does not have.
    fn judge(
        &mut self,
        shape: &Shape,
        batch: &Batch,
        standings: &[Standing],
        stored: &HashMap<String, Stored>,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Judged>, ImportError> {
        let custody = Custody {
            cipher: &self.cipher,
            carried: self.terms.carried,
        };
        let mut judge = Judge::new(&self.ledger, custody);
        loop {
            let mut judged = Vec::with_capacity(batch.rows.len());
            for (index, (row, standing)) in batch.rows.iter().zip(standings).enumerate() {
                let own = row.get(shape.id).as_str();
                let id = standing
                    .joined
                    .as_ref()
                    .map(|joined| joined.local_id.as_str())
                    .or(own)
                    .unwrap_or_default();
                let at = At {
                    id: own,
                    line: batch.lines.get(index).copied(),
                };
                judged.push(judge.judge(shape, row, id, at, stored.get(id))?);
            }
            if judge.unasked.is_empty() {
                findings.append(&mut judge.findings);
                return Ok(judged);
            }
            for (name, ids) in &judge.unasked {
                if let Some(table) = catalog::table(name) {
                    let found = self
                        .here
                        .rows(table, &["id"], ids.iter().map(String::as_str))?;
                    for id in found.iter().filter_map(|row| row.get(0).as_str()) {
                        self.ledger.is_here(name, id)?;
                    }
                }
            }
            judge.asked();
        }
    }

    /// Parts the rows that come in from those that fill rows here and those that stay out.
    fn sort(
        &mut self,
        shape: &Shape,
        batch: Batch,
        standings: Vec<Standing>,
        judged: Vec<Judged>,
        portion: &mut Portion,
    ) -> Result<(), ImportError> {
        let mut rejected = Vec::with_capacity(judged.len());
        for (index, (row, judged)) in batch.rows.iter().zip(&judged).enumerate() {
            let at = At {
                id: row.get(shape.id).as_str(),
                line: batch.lines.get(index).copied(),
            };
            advice::look_at(shape, row, at, &mut portion.findings);
            let stays_out =
                judged.rejected || !self.arrives(shape, row, at, &mut portion.findings)?;
            if stays_out {
                portion
                    .rejected
                    .push(Rejected::of(shape, row, at, &self.ledger)?);
            }
            rejected.push(stays_out);
        }
        let untouched = !rejected.contains(&true)
            && standings.iter().all(|standing| standing.joined.is_none())
            && judged.iter().all(|judged| judged.edits.is_empty());
        if untouched {
            portion.rows = batch.rows;
            portion.lines = batch.lines;
            return Ok(());
        }
        let mut waiting = Waiting::new(shape);
        let each = batch
            .rows
            .iter()
            .zip(standings)
            .zip(&judged)
            .zip(&rejected)
            .enumerate();
        for (index, (((row, standing), judged), rejected)) in each {
            let line = batch.lines.get(index).copied();
            match (rejected, standing.joined) {
                (true, _) => {}
                (false, Some(joined)) => {
                    waiting.push(row, &judged.edits, joined, standing.fresh, line)
                }
                (false, None) => {
                    portion.rows.push_row(edited(row, &judged.edits));
                    portion.lines.extend(line);
                }
            }
        }
        waiting.fill(&self.here, portion)
    }

    /// Whether a row is the first of its id; notes it, and what others must know of it.
    fn arrives(
        &self,
        shape: &Shape,
        row: Row<'_>,
        at: At<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<bool, ImportError> {
        let table = shape.table.name.as_ref();
        let Some(id) = at.id else {
            findings.push(Finding::of(Severity::Error, "missing", table, &at).field("id"));
            return Ok(false);
        };
        if !self.ledger.arrive(table, id)? {
            findings.push(
                Finding::of(Severity::Error, "repeated_row", table, &at)
                    .field("id")
                    .found(id),
            );
            return Ok(false);
        }
        if table == "custom_fields" {
            let text = |name: &str| {
                shape
                    .position(name)
                    .and_then(|at| row.get(at).as_str())
                    .unwrap_or_default()
            };
            self.ledger
                .add_field(id, text("form"), text("type") == repair_shop::PASSWORD)?;
        }
        Ok(true)
    }
}
