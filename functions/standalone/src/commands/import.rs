use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;
use wynos::{
    SubscriptionId,
    catalog::{self, Locale, TableGroup},
    control::{self, Actor, ImportId, ImportStatus},
    i18n::{Args, text_with},
    import::{self, ConflictPolicy, Counts, FileSource, ImportOrder, Options, Phase},
    journal,
    progress::Progress,
    services::Services,
};

use crate::{
    args::{self, ImportFormat, OnConflict},
    commands::{findings, imports::give_up_dead, known_subscription, mapping},
    failure::{Ending, Failure},
    output::{Counted, Output},
};

/// Imports that one begun and not ended is looked for among.
const RECENT: usize = 100;

/// Imports a file: reads and compares it whole, shows what it would do, and does it in checkpoints. A run that was killed
/// is gone on with when the same file is given again.
pub(crate) async fn run(
    services: &Services,
    command: args::Import,
    output: Output,
) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &command.subscription).await?;
    let order = order(&command)?;
    readable(&command.file)?;
    if let Some(report) = &command.report {
        // Found out before anything is written, not after.
        writable(report, &command)?;
    }
    let begun = match unfinished(services, &subscription.id, &order).await? {
        Some(import) if !command.dry_run => {
            output.say("This file's import was broken off; it goes on after the last checkpoint.");
            import
        }
        _ => {
            if let FileSource::Disk(path) = &order.file {
                give_up_dead(services, &subscription.id, Some(path)).await?;
            }
            validate(services, &subscription.id, order, output).await?
        }
    };
    let counts = counts(&begun);
    let ended = if command.dry_run || !(begun.may_apply() || begun.status == ImportStatus::Applying)
    {
        begun
    } else {
        apply(services, &subscription.id, &begun.id, output).await?
    };
    let counts = if command.dry_run {
        counts
    } else {
        self::counts(&ended)
    };
    show(services, &subscription.id, &ended, &counts, output).await?;
    if let Some(path) = &command.report {
        findings::write_report(services, &subscription.id, &ended.id, path).await?;
        output.say(format!("The report is in {}", path.display()));
    }
    if command.dry_run {
        output.say("Nothing was changed: this was a dry run.");
        let mut tx = services.control.begin().await?;
        tx.imports(&subscription.id)
            .abandon(&ended.id, services.clock.now())
            .await?;
        tx.commit().await?;
    }
    output.result(&json!({ "id": ended.id, "dry_run": command.dry_run, "counts": counts.tables }));
    Ok(if counts.has_problems() {
        Ending::WithProblems
    } else {
        Ending::Done
    })
}

/// Imports an exchange file from this machine's disk without telling anything; gives what became of its rows.
pub(crate) async fn import_file(
    services: &Services,
    into: &SubscriptionId,
    file: &Path,
) -> anyhow::Result<Counts> {
    let order = of_file(file.to_owned(), control::ImportFormat::Exchange);
    let quiet = Output::silent();
    let import = validate(services, into, order, quiet).await?;
    Ok(counts(&apply(services, into, &import.id, quiet).await?))
}

/// Whether the file can be read at all: the message names the file and the cause.
fn readable(path: &Path) -> anyhow::Result<()> {
    let refused = |cause: String| {
        Failure::new(
            "file_unreadable",
            format!("the file {} {cause}; nothing was imported", path.display()),
        )
    };
    let file =
        std::fs::File::open(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let metadata = file
        .metadata()
        .map_err(|error| refused(format!("cannot be read: {error}")))?;
    if !metadata.is_file() {
        return Err(refused("is a folder or a device; give a file".to_owned()).into());
    }
    Ok(())
}

/// Whether the report can be written, and over nothing that the import reads. What the file holds stays until then.
fn writable(report: &Path, command: &args::Import) -> Result<(), Failure> {
    let shown = report.display();
    let place = |path: &Path| std::fs::canonicalize(path).ok();
    let read = [Some(&command.file), command.mapping.as_ref()];
    let same = |path: &&PathBuf| place(path).is_some_and(|path| Some(path) == place(report));
    if read.into_iter().flatten().any(|path| same(&path)) {
        return Err(Failure::usage(format!(
            "the report {shown} would be written over what is read; nothing was imported"
        )));
    }
    let opened = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(report);
    opened.map(|_| ()).map_err(|error| {
        Failure::usage(format!(
            "the report {shown} cannot be written: {error}; nothing was imported"
        ))
    })
}

fn order(command: &args::Import) -> anyhow::Result<ImportOrder> {
    let path = std::path::absolute(&command.file).context("the file's place cannot be told")?;
    let format = format_of(command)?;
    if matches!(
        format,
        control::ImportFormat::Csv | control::ImportFormat::Xlsx
    ) {
        fillable(command.table.as_deref())?;
    }
    let mut order = of_file(path, format);
    order.table = command.table.clone();
    order.merge = command.merge;
    order.conflict = match command.on_conflict {
        OnConflict::Ours => ConflictPolicy::KeepOurs,
        OnConflict::Theirs => ConflictPolicy::TakeTheirs,
    };
    order.mapping = mapping::stated(command, order.format)?;
    Ok(order)
}

/// Whether a list can fill this table; otherwise it is said which there are.
fn fillable(table: Option<&str>) -> Result<(), Failure> {
    let tables = catalog::tables_of(TableGroup::RepairShop).map(|table| table.name.as_ref());
    let tables: Vec<&str> = tables.collect();
    if table.is_some_and(|table| tables.contains(&table)) {
        return Ok(());
    }
    let args = Args::new().with("tables", tables.join(", "));
    Err(Failure::usage(text_with(
        Locale::En,
        "import-list-needs-table",
        &args,
    )))
}

fn of_file(path: PathBuf, format: control::ImportFormat) -> ImportOrder {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    ImportOrder {
        created_by: Actor::CommandLine,
        file_name: name.unwrap_or_default(),
        format,
        table: None,
        mapping: None,
        merge: false,
        conflict: ConflictPolicy::KeepOurs,
        file: FileSource::Disk(path),
        idempotency_key: None,
    }
}

fn format_of(command: &args::Import) -> Result<control::ImportFormat, Failure> {
    let name = command.file.to_string_lossy().to_lowercase();
    Ok(match command.format {
        Some(ImportFormat::Exchange) => control::ImportFormat::Exchange,
        Some(ImportFormat::Csv) => control::ImportFormat::Csv,
        Some(ImportFormat::Xlsx) => control::ImportFormat::Xlsx,
        Some(ImportFormat::Ords) => control::ImportFormat::Ords,
        None if name.ends_with(".xml") || name.ends_with(".xml.gz") => {
            control::ImportFormat::Exchange
        }
        None if name.ends_with(".csv") => control::ImportFormat::Csv,
        None if name.ends_with(".xlsx") => control::ImportFormat::Xlsx,
        None => {
            return Err(Failure::usage(
                "the file's name does not tell its format: say it with --format",
            ));
        }
    })
}

/// The import of the same file that was broken off while its rows were written.
async fn unfinished(
    services: &Services,
    subscription: &SubscriptionId,
    order: &ImportOrder,
) -> anyhow::Result<Option<control::Import>> {
    let FileSource::Disk(path) = &order.file else {
        return Ok(None);
    };
    let recent = services
        .control
        .imports(subscription)
        .list(None, RECENT)
        .await?;
    let chosen = order.mapping.as_ref().map(serde_json::to_value);
    let chosen = chosen.transpose().context("the mapping cannot be kept")?;
    let mapping = chosen.unwrap_or_else(|| json!({}));
    let same = recent.items.into_iter().find(|import| {
        let options: Options = serde_json::from_value(import.options.clone()).unwrap_or_default();
        // One that failed because its file changed is over: the new file is another import.
        let failed = import.status == ImportStatus::Failed
            && import.may_apply()
            && import.failure_code.as_deref() != Some("import.file-changed");
        (import.status == ImportStatus::Applying || failed)
            && import.created_by == Actor::CommandLine
            && options.local_path.as_deref() == path.to_str()
            && options.conflict == order.conflict
            && import.merge == order.merge
            && import.format == order.format
            && import.table_name == order.table
            // A corrected mapping is another import: what the old one wrote is compared with it.
            && import.mapping == mapping
    });
    Ok(same)
}

async fn validate(
    services: &Services,
    subscription: &SubscriptionId,
    order: ImportOrder,
    output: Output,
) -> anyhow::Result<control::Import> {
    let mapping = order.mapping.clone();
    let (import, _) = import::begin(services, subscription, order)
        .await
        .map_err(refused)?;
    let import = import::noted(services, subscription, &import.id, mapping.as_ref()).await?;
    let import = ended_well(import)?;
    let compare = async |progress: &Progress| {
        import::validate_watched(services, subscription, &import.id, progress).await
    };
    let validated = output.watch("reading and comparing", Counted::Bytes, compare);
    ended_well(validated.await?)
}

async fn apply(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    output: Output,
) -> anyhow::Result<control::Import> {
    let write = async |progress: &Progress| {
        import::apply_watched(services, subscription, id, progress).await
    };
    let applied = output.watch("importing", Counted::Bytes, write);
    let applied = ended_well(applied.await?)?;
    journal::relay(services, subscription).await?;
    Ok(applied)
}

fn refused(error: import::ImportError) -> anyhow::Error {
    match &error {
        import::ImportError::Order { .. } => Failure::usage(error.to_string()).into(),
        _ => error.into(),
    }
}

/// An import that failed says why; the shop's tables are as they were, or as far as the last checkpoint.
pub(crate) fn ended_well(import: control::Import) -> anyhow::Result<control::Import> {
    match &import.failure_code {
        Some(code) if import.status == ImportStatus::Failed => Err(Failure::new(
            "import_failed",
            journal::reason(Locale::En, code, import.failure_details.as_ref()),
        )
        .into()),
        _ => Ok(import),
    }
}

fn counts(import: &control::Import) -> Counts {
    serde_json::from_value(import.counts.clone()).unwrap_or_default()
}

async fn show(
    services: &Services,
    subscription: &SubscriptionId,
    import: &control::Import,
    counts: &Counts,
    output: Output,
) -> anyhow::Result<()> {
    output.say(format!(
        "{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "rows", "new", "changed", "unchanged", "conflict", "merged", "rejected", "left out"
    ));
    for (table, of) in &counts.tables {
        output.say(format!(
            "{table:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            of.rows,
            of.new,
            of.changed,
            of.unchanged,
            of.conflict,
            of.merged,
            of.rejected,
            of.left_out
        ));
    }
    let phases = Phase::of(import);
    findings::show(
        services,
        subscription,
        &import.id,
        phases,
        counts.findings,
        output,
    )
    .await
}
