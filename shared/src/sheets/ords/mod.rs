//! The Open Repair Data Standard v0.3: repairs as repair cafés publish them (openrepair.org/open-data/open-standard).
//!
//! What a repair of ours has a place for goes there; the rest becomes values of custom fields with fixed ids, so that a file
//! written again has every cell as it came. A cell that its place cannot give back exactly is kept as a custom value too.

mod read;
mod stored;
mod write;

pub use read::{is_ords, read_ords, unknown_columns};
pub use write::{OrdsOrigin, OrdsWriter};

/// The columns, in the order of the published files.
pub(super) const COLUMNS: [&str; 14] = [
    "id",
    "data_provider",
    "country",
    "partner_product_category",
    "product_category",
    "product_category_id",
    "brand",
    "year_of_manufacture",
    "product_age",
    "repair_status",
    "repair_barrier_if_end_of_life",
    "group_identifier",
    "event_date",
    "problem",
];

/// What the ids of rows begin with that come from such a file.
pub(super) const PREFIX: &str = "ords:";
/// What the ids of dictionary entries for product categories begin with; the number and the name follow.
pub(super) const CATEGORY_PREFIX: &str = "ords:category:";
/// The brand that says that none is known.
pub(super) const NO_BRAND: &str = "Unknown";

/// The outcome of a repair, and our status for it. An unknown outcome still awaits its summary.
pub(super) const STATUSES: [(&str, &str); 4] = [
    ("Fixed", "CLOSED"),
    ("Repairable", "CANCELED"),
    ("End of life", "NOT_PROCESSABLE"),
    ("Unknown", "REQ_SUMMARY"),
];

/// The category of things that are in no other.
pub(super) const MISC: (&str, &str) = ("Misc", "18");

/// The standard's product categories with their numbers.
pub(super) const CATEGORIES: [(&str, &str); 40] = [
    ("Aircon/dehumidifier", "1"),
    ("Battery/charger/adapter", "2"),
    ("Decorative or safety lights", "3"),
    ("Desktop computer", "4"),
    ("Digital compact camera", "5"),
    ("DSLR/video camera", "6"),
    ("Fan", "7"),
    ("Flat screen", "8"),
    ("Hair & beauty item", "9"),
    ("Handheld entertainment device", "10"),
    ("Headphones", "11"),
    ("Hi-Fi integrated", "12"),
    ("Hi-Fi separates", "13"),
    ("Kettle", "14"),
    ("Lamp", "15"),
    ("Laptop", "16"),
    ("Large home electrical", "17"),
    MISC,
    ("Mobile", "19"),
    ("Musical instrument", "20"),
    ("Paper shredder", "21"),
    ("PC accessory", "22"),
    ("Portable radio", "23"),
    ("Power tool", "24"),
    ("Printer/scanner", "25"),
    ("Projector", "26"),
    ("Sewing machine", "27"),
    ("Small home electrical", "28"),
    ("Small kitchen item", "29"),
    ("Tablet", "30"),
    ("Toaster", "31"),
    ("Toy", "32"),
    ("TV and gaming-related accessories", "33"),
    ("Vacuum", "34"),
    ("Watch/clock", "35"),
    ("Coffee maker", "36"),
    ("Food processor", "37"),
    ("Games console", "38"),
    ("Hair dryer", "39"),
    ("Iron", "40"),
];

/// Columns that a repair has no place for, with the names of their custom fields.
pub(super) const ONLY_HERE: [(&str, &str); 7] = [
    ("data_provider", "Data Provider"),
    ("country", "Country"),
    ("partner_product_category", "Partner Product Category"),
    ("year_of_manufacture", "Year of Manufacture"),
    ("product_age", "Product Age"),
    ("repair_barrier_if_end_of_life", "Repair Barrier"),
    ("group_identifier", "Repair Group"),
];
