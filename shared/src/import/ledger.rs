use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use tempfile::TempPath;

use super::ImportError;

/// What an import must remember of the whole file and of the whole warehouse, in a temporary SQLite file, so that memory
/// does not grow with either.
pub(super) struct Ledger {
    db: Connection,
    mapped: bool,
    // The file goes when this is dropped, after the connection above.
    _file: TempPath,
}

/// The rows of the warehouse that carry a natural key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holders {
    None,
    One(String),
    Many,
}

/// A row of the file that stands for a row here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joined {
    /// The id of the row here.
    pub local_id: String,
    /// Digest of what the file's row said when it was joined last.
    pub digest: Option<String>,
}

/// Pages of the temporary file held in memory, in KiB.
const CACHE: i64 = 4 * 1024;

const TABLES: &str = "
    CREATE TABLE ids (tbl TEXT NOT NULL, id TEXT NOT NULL, in_file INTEGER NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID;
    CREATE TABLE joined (tbl TEXT NOT NULL, origin_id TEXT NOT NULL, local_id TEXT NOT NULL, digest TEXT,
        PRIMARY KEY (tbl, origin_id)) WITHOUT ROWID;
    CREATE TABLE taken (tbl TEXT NOT NULL, local_id TEXT NOT NULL, origin TEXT NOT NULL, origin_id TEXT NOT NULL,
        PRIMARY KEY (tbl, local_id, origin)) WITHOUT ROWID;
    CREATE TABLE keys (tbl TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (tbl, kind, key, id)) WITHOUT ROWID;
    CREATE TABLE made (tbl TEXT NOT NULL, id TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID;
    CREATE TABLE fields (id TEXT PRIMARY KEY NOT NULL, form TEXT NOT NULL, secret INTEGER NOT NULL) WITHOUT ROWID;
    BEGIN;
";

impl Ledger {
    /// An empty ledger in this folder.
    pub fn create(folder: &Path) -> Result<Self, ImportError> {
        let file = tempfile::Builder::new()
            .prefix("import-")
            .suffix(".ledger")
            .tempfile_in(folder)
            .map_err(ImportError::Space)?
            .into_temp_path();
        let db = Connection::open(&file)?;
        // Nobody else reads the file, and it is worthless after a crash: durability and rollback cost time for nothing.
        db.pragma_update(None, "journal_mode", "OFF")?;
        db.pragma_update(None, "synchronous", "OFF")?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "cache_size", -CACHE)?;
        db.set_prepared_statement_cache_capacity(32);
        db.execute_batch(TABLES)?;
        Ok(Self {
            db,
            mapped: false,
            _file: file,
        })
    }

    /// Notes a row of the file; false when the file had a row of this id before.
    pub fn arrive(&self, table: &str, id: &str) -> Result<bool, ImportError> {
        let mut statement = self.db.prepare_cached(
            "INSERT INTO ids (tbl, id, in_file) VALUES (?1, ?2, 1)
             ON CONFLICT (tbl, id) DO UPDATE SET in_file = 1 WHERE in_file = 0",
        )?;
        Ok(statement.execute(params![table, id])? == 1)
    }

    /// Notes a row whose id was made of what it holds; the line of the one that the same id was made of before.
    pub fn made_before(
        &self,
        table: &str,
        id: &str,
        line: u64,
    ) -> Result<Option<u64>, ImportError> {
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        let mut insert = self.db.prepare_cached(
            "INSERT INTO made (tbl, id, line) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        if insert.execute(params![table, id, line])? == 1 {
            return Ok(None);
        }
        let mut first = self
            .db
            .prepare_cached("SELECT line FROM made WHERE tbl = ?1 AND id = ?2")?;
        let first: i64 = first.query_row(params![table, id], |row| row.get(0))?;
        Ok(u64::try_from(first).ok())
    }

    /// Whether the file had this row before.
    pub fn has_arrived(&self, table: &str, id: &str) -> Result<bool, ImportError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT 1 FROM ids WHERE tbl = ?1 AND id = ?2 AND in_file = 1")?;
        Ok(statement.exists(params![table, id])?)
    }

    /// Notes a row of the warehouse.
    pub fn is_here(&self, table: &str, id: &str) -> Result<(), ImportError> {
        let mut statement = self.db.prepare_cached(
            "INSERT INTO ids (tbl, id, in_file) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING",
        )?;
        statement.execute(params![table, id])?;
        Ok(())
    }

    /// Whether the file or the warehouse is known to have this row.
    pub fn knows(&self, table: &str, id: &str) -> Result<bool, ImportError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT 1 FROM ids WHERE tbl = ?1 AND id = ?2")?;
        Ok(statement.exists(params![table, id])?)
    }

    /// Notes that a row of the file stands for a row here.
    pub fn join(
        &mut self,
        table: &str,
        origin_id: &str,
        joined: &Joined,
    ) -> Result<(), ImportError> {
        self.mapped = true;
        let mut statement = self.db.prepare_cached(
            "INSERT INTO joined (tbl, origin_id, local_id, digest) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tbl, origin_id) DO UPDATE SET local_id = excluded.local_id, digest = excluded.digest",
        )?;
        statement.execute(params![table, origin_id, joined.local_id, joined.digest])?;
        self.take(table, &joined.local_id, origin_id)?;
        Ok(())
    }

    /// Takes a row here for a row of another shop's file; false when another row of the same shop has it already: two
    /// rows that were told apart there must not fall together here.
    pub fn take(&self, table: &str, local_id: &str, origin_id: &str) -> Result<bool, ImportError> {
        let origin = origin_id.split_once(':').map_or("", |(origin, _)| origin);
        let mut insert = self.db.prepare_cached(
            "INSERT INTO taken (tbl, local_id, origin, origin_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?;
        if insert.execute(params![table, local_id, origin, origin_id])? == 1 {
            return Ok(true);
        }
        let mut holder = self.db.prepare_cached(
            "SELECT origin_id = ?4 FROM taken WHERE tbl = ?1 AND local_id = ?2 AND origin = ?3",
        )?;
        Ok(
            holder.query_row(params![table, local_id, origin, origin_id], |row| {
                row.get(0)
            })?,
        )
    }

    /// The row here that this row of the file stands for, where it was joined with one.
    pub fn joined(&self, table: &str, origin_id: &str) -> Result<Option<Joined>, ImportError> {
        if !self.mapped {
            return Ok(None);
        }
        let mut statement = self.db.prepare_cached(
            "SELECT local_id, digest FROM joined WHERE tbl = ?1 AND origin_id = ?2",
        )?;
        let joined = statement.query_row(params![table, origin_id], |row| {
            Ok(Joined {
                local_id: row.get(0)?,
                digest: row.get(1)?,
            })
        });
        Ok(joined.optional()?)
    }

    /// Notes that a row of the warehouse carries a natural key.
    pub fn add_key(&self, table: &str, kind: &str, key: &str, id: &str) -> Result<(), ImportError> {
        let mut statement = self.db.prepare_cached(
            "INSERT INTO keys (tbl, kind, key, id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?;
        statement.execute(params![table, kind, key, id])?;
        Ok(())
    }

    /// Which rows of the warehouse carry a natural key.
    pub fn holders(&self, table: &str, kind: &str, key: &str) -> Result<Holders, ImportError> {
        let mut statement = self.db.prepare_cached(
            "SELECT id FROM keys WHERE tbl = ?1 AND kind = ?2 AND key = ?3 LIMIT 2",
        )?;
        let mut rows = statement.query(params![table, kind, key])?;
        let Some(first) = rows
            .next()?
            .map(|row| row.get::<_, String>(0))
            .transpose()?
        else {
            return Ok(Holders::None);
        };
        Ok(match rows.next()? {
            None => Holders::One(first),
            Some(_) => Holders::Many,
        })
    }

    /// Notes a custom field: of which form, and whether its values are secret. A field once known as secret stays so.
    pub fn add_field(&self, id: &str, form: &str, secret: bool) -> Result<(), ImportError> {
        let mut statement = self.db.prepare_cached(
            "INSERT INTO fields (id, form, secret) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET secret = max(secret, excluded.secret)",
        )?;
        statement.execute(params![id, form, secret])?;
        Ok(())
    }

    /// Whether this custom field's values are secret; `None` for a field that is nowhere.
    pub fn field(&self, id: &str) -> Result<Option<bool>, ImportError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT secret FROM fields WHERE id = ?1")?;
        Ok(statement
            .query_row(params![id], |row| row.get(0))
            .optional()?)
    }

    /// Whether any custom field of this form has secret values.
    pub fn has_secrets(&self, form: &str) -> Result<bool, ImportError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT 1 FROM fields WHERE form = ?1 AND secret = 1 LIMIT 1")?;
        Ok(statement.exists(params![form])?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::create(folder.path()).unwrap();
        (folder, ledger)
    }

    #[test]
    fn a_row_arrives_once_wherever_it_was_known_from() {
        let (_folder, ledger) = ledger();
        ledger.is_here("customers", "a:1").unwrap();
        assert!(ledger.knows("customers", "a:1").unwrap());
        assert!(ledger.arrive("customers", "a:1").unwrap());
        assert!(!ledger.arrive("customers", "a:1").unwrap());
        assert!(!ledger.knows("repairs", "a:1").unwrap());
    }

    #[test]
    fn a_row_here_is_taken_by_one_row_of_each_other_shop() {
        let (_folder, mut ledger) = ledger();
        let joined = Joined {
            local_id: "us:1".to_owned(),
            digest: None,
        };
        assert_eq!(ledger.joined("customers", "them:1").unwrap(), None);
        ledger.join("customers", "them:1", &joined).unwrap();
        assert_eq!(ledger.joined("customers", "them:1").unwrap(), Some(joined));
        assert!(ledger.take("customers", "us:1", "them:1").unwrap());
        assert!(!ledger.take("customers", "us:1", "them:2").unwrap());
        assert!(ledger.take("customers", "us:1", "others:2").unwrap());
    }

    #[test]
    fn a_key_with_two_holders_is_ambiguous() {
        let (_folder, ledger) = ledger();
        assert_eq!(
            ledger.holders("customers", "email", "a@b").unwrap(),
            Holders::None
        );
        ledger.add_key("customers", "email", "a@b", "us:1").unwrap();
        assert_eq!(
            ledger.holders("customers", "email", "a@b").unwrap(),
            Holders::One("us:1".to_owned())
        );
        ledger.add_key("customers", "email", "a@b", "us:2").unwrap();
        assert_eq!(
            ledger.holders("customers", "email", "a@b").unwrap(),
            Holders::Many
        );
    }

    #[test]
    fn a_field_known_as_secret_stays_so() {
        let (_folder, ledger) = ledger();
        ledger.add_field("f", "REPAIR", true).unwrap();
        ledger.add_field("f", "REPAIR", false).unwrap();
        assert_eq!(ledger.field("f").unwrap(), Some(true));
        assert!(ledger.has_secrets("REPAIR").unwrap() && !ledger.has_secrets("TICKET").unwrap());
        assert_eq!(ledger.field("g").unwrap(), None);
    }
}
