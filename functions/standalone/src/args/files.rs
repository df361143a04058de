use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use wynos::{
    SubscriptionId,
    sheets::{Encoding, Separator},
};

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file: .xml, .xml.gz, .csv or .xlsx.
    pub(crate) file: PathBuf,
    /// Whose warehouse it goes into.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// What the file is; by default told by its name.
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    /// The table that a list fills: customers, repairs, tickets, parts.
    #[arg(long)]
    pub(crate) table: Option<String>,
    /// Reads and compares everything and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also recognises rows by tax id, e-mail, phone or name, and fills in what is empty here.
    #[arg(long)]
    pub(crate) merge: bool,
    /// What a row becomes that changed both in the file and here.
    #[arg(long, value_enum, default_value_t = OnConflict::Ours)]
    pub(crate) on_conflict: OnConflict,
    /// A JSON file that says which column of a list fills which column of the table.
    #[arg(long)]
    pub(crate) mapping: Option<PathBuf>,
    /// The encoding of a CSV list, such as utf-8 or windows-1250; by default told by its content.
    #[arg(long, value_parser = encoding)]
    pub(crate) encoding: Option<Encoding>,
    /// What stands between the cells of a CSV list: `;`, `,`, `|` or `tab`; by default told by its content.
    #[arg(long, value_parser = separator)]
    pub(crate) separator: Option<Separator>,
    /// Where to write the report as CSV; a file that is there is replaced, also when the import goes on that wrote it.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportsCommand {
    /// Lists the latest imports.
    List(Imports),
    /// Goes on with one that broke off while its rows were written.
    Continue(OneImport),
    /// Takes back what one has written and nobody touched since.
    Undo(OneImport),
    /// Writes what was noticed about one, and about its undoing, as CSV.
    Report(ImportReport),
}

#[derive(Debug, Args)]
pub(crate) struct Imports {
    /// Whose imports.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
}

#[derive(Debug, Args)]
pub(crate) struct OneImport {
    /// The import, as the list shows it.
    pub(crate) id: wynos::control::ImportId,
    /// Whose import.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
}

#[derive(Debug, Args)]
pub(crate) struct ImportReport {
    #[command(flatten)]
    pub(crate) import: OneImport,
    /// The file to write; one that is there is replaced.
    #[arg(long)]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// The XML exchange file, plain or gzipped.
    Exchange,
    /// A list as CSV.
    Csv,
    /// A list as XLSX.
    Xlsx,
    /// The Open Repair Data Standard's CSV.
    Ords,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OnConflict {
    /// It stays as it is here.
    Ours,
    /// It becomes what the file says.
    Theirs,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Whose data.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// What file.
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// The list of a CSV or XLSX file: customers, repairs, tickets, warehouse, or any table.
    #[arg(long)]
    pub(crate) table: Option<String>,
    /// Only these columns of a list, in this order, each once: names as the API has them, with commas between.
    #[arg(long, value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Only rows of a list whose column compares so, by =, !=, <, <=, >, >= or ~ (holds); may be given more than once. The
    /// column is one of the table's own, no custom field. Days are those of the business.
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    pub(crate) conditions: Vec<String>,
    /// What an exchange file carries.
    #[arg(long, value_enum, default_value_t = Profile::Full)]
    pub(crate) profile: Profile,
    /// The conventions of a list: pl, ru, en, or plain for programs. By default the subscription's language.
    #[arg(long)]
    pub(crate) locale: Option<String>,
    /// Lets the values of password fields out, in an exchange file of profile full.
    #[arg(long)]
    pub(crate) with_passwords: bool,
    /// Why the data leaves; it is kept in the personal-data log.
    #[arg(long)]
    pub(crate) purpose: Option<String>,
    /// The file to write; one that is there is replaced, that behind a link where it is one.
    #[arg(long)]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The exchange file.
    Xml,
    /// A list as CSV.
    Csv,
    /// A list as XLSX.
    Xlsx,
    /// The whole warehouse as one SQLite file.
    Sqlite,
    /// Repairs by the Open Repair Data Standard.
    Ords,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// What the common exchange carries.
    Basic,
    /// Everything.
    Full,
}

fn condition(text: &str) -> Result<String, String> {
    let known = wynos::delivery::Condition::parse(text);
    known.ok_or("of the form COLUMN=VALUE, or with another comparison")?;
    Ok(text.to_owned())
}

fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::parse(name).ok_or_else(|| {
        let known = Encoding::ALL.map(Encoding::name).join(", ");
        format!("one of {known}")
    })
}

fn separator(text: &str) -> Result<Separator, String> {
    Separator::parse(text).ok_or_else(|| "one of ; , | tab".to_owned())
}
