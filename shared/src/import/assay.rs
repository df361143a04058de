use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    ImportError, advice,
    fill::Waiting,
    finding::{At, Finding, Severity},
    here::Here,
    judge::{Judge, Judged, edited},
    keys::{self, Match},
    ledger::{Joined, Ledger},
    park::{Problems, Rejected},
    portion::{Batch, Portion, Terms},
    secrets::{Carried, Custody, Stored},
    shape::Shape,
};
use crate::{
    catalog::{self, Table, repair_shop},
    ports::Cipher,
    warehouse::{Row, Rows},
};

/// Takes a file's rows one batch after the other and makes of each what the warehouse is to be given.
pub(super) struct Assay {
    pub(super) here: Here,
    pub(super) ledger: Ledger,
    cipher: Cipher,
    pub(super) terms: Terms,
    shapes: HashMap<String, Arc<Shape>>,
    empty: HashMap<String, bool>,
    /// By line, what to say of rows of the next batch whose id was there before; where nothing is said, their id.
    pub(super) repeated: HashMap<u64, Finding>,
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
            repeated: HashMap::new(),
        };
        assay.gather_fields()?;
        assay.gather_joined()?;
        if assay.terms.merge {
            for table in catalog::tables_of(catalog::TableGroup::RepairShop) {
                assay.gather_keys(table)?;
            }
        }
        Ok(assay)
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
        let shape = Shape::of(&batch.table, &batch.columns, self.terms.home)
            .map(Arc::new)
            .ok_or_else(|| ImportError::order("file", "rows come without their ids"))?;
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
        let keys = keys::of(table, self.terms.home, |name| {
            row.get(shape.position(name)?).as_str()
        });
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
        let known = Problems::of(&portion.findings);
        for (index, (row, judged)) in batch.rows.iter().zip(&judged).enumerate() {
            let at = At {
                id: row.get(shape.id).as_str(),
                line: batch.lines.get(index).copied(),
            };
            let before = portion.findings.len();
            advice::look_at(shape, row, at, &mut portion.findings);
            let stays_out =
                judged.rejected || !self.arrives(shape, row, at, &mut portion.findings)?;
            if stays_out {
                let problems = known.and(at, portion.findings.iter().skip(before));
                let rejected = Rejected::of(shape, row, at.line, problems, &self.ledger)?;
                portion.rejected.push(rejected);
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
                    waiting.push(row, &judged.edits, joined, standing.fresh, line);
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
            let known = at.line.and_then(|line| self.repeated.get(&line));
            let by_id = || Finding::of(Severity::Error, "repeated_row", table, &at).field("id");
            findings.push(known.cloned().unwrap_or_else(|| by_id().found(id)));
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
