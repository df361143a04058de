//! What changes data or settings or lets data out over HTTP, and the entry of the journal that comes of it.

use std::collections::BTreeSet;

/// What the journal says of a route.
#[derive(Debug, Clone, Copy)]
pub(super) enum Noted {
    /// An entry of this code.
    As(&'static str),
    /// Nothing, for this reason.
    Not(&'static str),
}
use Noted::{As, Not};

const NOTHING_YET: &str = "nothing of the file is written before it is applied, which is noted";
const ERASED: &str = "retention.erased";
const ON_POSTGRES: &str =
    "refused on the files these tests are kept in; PostgreSQL's test looks for the entry";
const SAME_COMPARISON: &str =
    "the first look at a comparison's differences on a day is noted, as taking its file is";
const NO_DATA: &str = "ends a session and touches no data";

/// Every route that is not only to look at, and those by which data leaves.
pub(super) const TABLE: &[(&str, Noted)] = &[
    ("POST /setup", As("access.subscription-made")),
    ("POST /sign-in", As("access.signed-in")),
    ("POST /sign-out", Not(NO_DATA)),
    ("POST /account/language", As("access.language-changed")),
    ("POST /account/password", As("access.password-changed")),
    ("POST /d/{token}", As("export.claimed")),
    ("POST /s/{subscription}/exports", As("export.ordered")),
    ("POST /s/{subscription}/imports", Not(NOTHING_YET)),
    ("POST /s/{subscription}/imports/begin", Not(NOTHING_YET)),
    (
        "POST /s/{subscription}/imports/{id}/uploaded",
        Not(NOTHING_YET),
    ),
    (
        "POST /s/{subscription}/imports/{id}/validate",
        Not(NOTHING_YET),
    ),
    (
        "POST /s/{subscription}/imports/{id}/mapping",
        Not(NOTHING_YET),
    ),
    (
        "POST /s/{subscription}/imports/{id}/apply",
        As("import.applied"),
    ),
    (
        "POST /s/{subscription}/imports/{id}/undo",
        As("import.undone"),
    ),
    (
        "GET /s/{subscription}/imports/{id}/report.csv",
        As("access.rows-read"),
    ),
    ("GET /s/{subscription}/parked", As("access.rows-read")),
    ("GET /s/{subscription}/parked.csv", As("access.rows-read")),
    ("POST /s/{subscription}/parked", As("parked.replayed")),
    (
        "POST /s/{subscription}/sources",
        Not("a credential that no company is connected with is forgotten; connecting is noted"),
    ),
    ("POST /s/{subscription}/sources/connect", As("source.added")),
    (
        "POST /s/{subscription}/sources/{id}/settings",
        As("source.changed"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/tables",
        As("source.table-off"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/state",
        As("source.paused"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/renew",
        As("source.renewed"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/remove",
        As("source.removed"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/history",
        As("history.ordered"),
    ),
    ("POST /s/{subscription}/sources/{id}/pull", As("pull.asked")),
    (
        "POST /s/{subscription}/sources/{id}/tables/{table}",
        As("source.filtered"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/documents",
        As("documents.ordered"),
    ),
    (
        "POST /s/{subscription}/sources/{id}/webhook",
        As("webhook.registered"),
    ),
    ("POST /s/{subscription}/jobs", As("job.created")),
    (
        "POST /s/{subscription}/sources/{id}/reconciliations",
        As("reconciliation.asked"),
    ),
    (
        "GET /s/{subscription}/reconciliations/{id}/differences.csv",
        As("access.rows-read"),
    ),
    (
        "GET /s/{subscription}/reconciliations/{id}/days.csv",
        Not(SAME_COMPARISON),
    ),
    (
        "GET /s/{subscription}/reconciliations/{id}",
        Not(SAME_COMPARISON),
    ),
    ("POST /s/{subscription}/retention", As("job.created")),
    (
        "GET /s/{subscription}/tables/{table}",
        As("access.rows-read"),
    ),
    ("POST /s/{subscription}/jobs/{id}", As("job.paused")),
    ("POST /s/{subscription}/jobs/{id}/edit", As("job.changed")),
    ("POST /s/{subscription}/reports", As("report.created")),
    (
        "POST /s/{subscription}/reports/{id}/edit",
        As("report.changed"),
    ),
    (
        "POST /s/{subscription}/reports/{id}/remove",
        As("report.removed"),
    ),
    ("GET /s/{subscription}/journal.csv", As("journal.exported")),
    ("POST /s/{subscription}/personal-data", As(ERASED)),
    ("POST /s/{subscription}/people", As("access.role-given")),
    (
        "POST /s/{subscription}/people/{account}",
        As("access.person-removed"),
    ),
    ("POST /s/{subscription}/tokens", As("access.token-made")),
    (
        "POST /s/{subscription}/tokens/{id}/revoke",
        As("access.token-revoked"),
    ),
    ("POST /api/v1/erasures", As(ERASED)),
    ("POST /api/v1/exports", As("export.ordered")),
    ("POST /api/v1/imports", Not(NOTHING_YET)),
    ("POST /api/v1/imports/{id}/start", Not(NOTHING_YET)),
    ("POST /api/v1/imports/{id}/apply", As("import.applied")),
    ("POST /api/v1/imports/{id}/undo", As("import.undone")),
    ("GET /api/v1/imports/{id}/report", As("access.rows-read")),
    ("GET /api/v1/parked", As("access.rows-read")),
    ("POST /api/v1/parked/{id}/replay", As("parked.replayed")),
    ("GET /api/v1/journal.csv", As("journal.exported")),
    ("POST /api/v1/sources", As("source.added")),
    ("PATCH /api/v1/sources/{id}", As("source.changed")),
    ("DELETE /api/v1/sources/{id}", As("source.removed")),
    ("PUT /api/v1/sources/{id}/credential", As("source.renewed")),
    ("POST /api/v1/sources/{id}/history", As("history.ordered")),
    (
        "POST /api/v1/sources/{id}/documents",
        As("documents.ordered"),
    ),
    ("PUT /api/v1/sources/{id}/webhook", As("webhook.registered")),
    ("POST /api/v1/sources/{id}/webhook", As("webhook.rotated")),
    (
        "DELETE /api/v1/sources/{id}/webhook",
        As("webhook.unregistered"),
    ),
    (
        "DELETE /api/v1/sources/{id}/webhook/earlier",
        As("webhook.revoked"),
    ),
    (
        "PATCH /api/v1/sources/{id}/tables/{table}",
        As("source.filtered"),
    ),
    (
        "POST /api/v1/sources/{id}/tables/{table}/preview",
        Not("counts rows and tells of none of them, and changes nothing"),
    ),
    ("POST /api/v1/reconciliations", As("reconciliation.asked")),
    (
        "GET /api/v1/reconciliations/{id}/differences.csv",
        As("access.rows-read"),
    ),
    (
        "GET /api/v1/reconciliations/{id}/differences",
        Not(SAME_COMPARISON),
    ),
    (
        "GET /api/v1/reconciliations/{id}/days.csv",
        Not(SAME_COMPARISON),
    ),
    ("POST /api/v1/bi-login", Not(ON_POSTGRES)),
    ("DELETE /api/v1/bi-login", Not(ON_POSTGRES)),
    ("GET /api/v1/tables/{name}/rows", As("access.rows-read")),
    ("POST /api/v1/jobs", As("job.created")),
    ("PUT /api/v1/jobs/{id}", As("job.changed")),
    ("DELETE /api/v1/jobs/{id}", As("job.removed")),
    ("POST /api/v1/jobs/{id}/run", As("job.asked")),
    ("POST /api/v1/jobs/{id}/pause", As("job.paused")),
    ("POST /api/v1/jobs/{id}/resume", As("job.resumed")),
    ("POST /api/v1/reports", As("report.created")),
    ("POST /api/v1/reports/preview", As("access.rows-read")),
    ("PUT /api/v1/reports/{id}", As("report.changed")),
    ("DELETE /api/v1/reports/{id}", As("report.removed")),
    ("GET /api/v1/{collection}", As("access.rows-read")),
    ("GET /api/v1/{collection}/{id}", As("access.rows-read")),
    ("PUT /api/v1/{collection}/{id}", As("record.put")),
    ("DELETE /api/v1/{collection}/{id}", As("record.deleted")),
];

/// Pages and answers that tell how the business is set up, what ran and how many rows there are, and no row: nothing is noted.
/// The log of a customer is for people to look at, and would grow by each look.
const LOOKS: &[&str] = &[
    "GET /",
    "GET /account",
    "GET /api/v1/exports",
    "GET /api/v1/exports/{id}",
    "GET /api/v1/imports",
    "GET /api/v1/imports/{id}",
    "GET /api/v1/jobs",
    "GET /api/v1/jobs/{id}",
    "GET /api/v1/jobs/{id}/preview",
    "GET /api/v1/jobs/{id}/runs",
    "GET /api/v1/journal",
    "GET /api/v1/reconciliations",
    "GET /api/v1/reconciliations/{id}",
    "GET /api/v1/reconciliations/{id}/days",
    "GET /api/v1/reports",
    "GET /api/v1/reports/{id}",
    "GET /api/v1/sources",
    "GET /api/v1/sources/{id}",
    "GET /api/v1/sources/{id}/companies",
    "GET /api/v1/sources/{id}/documents",
    "GET /api/v1/sources/{id}/history",
    "GET /api/v1/sources/{id}/tables",
    "GET /api/v1/sources/{id}/webhook",
    "GET /api/v1/storage",
    "GET /api/v1/tables",
    "GET /api/{*path}",
    "GET /d/{token}",
    "GET /docs",
    "GET /openapi.json",
    "GET /s/{subscription}",
    "GET /s/{subscription}/exports",
    "GET /s/{subscription}/exports/new",
    "GET /s/{subscription}/exports/{id}",
    "GET /s/{subscription}/imports",
    "GET /s/{subscription}/imports/new",
    "GET /s/{subscription}/imports/{id}",
    "GET /s/{subscription}/jobs",
    "GET /s/{subscription}/jobs/new",
    "GET /s/{subscription}/jobs/{id}",
    "GET /s/{subscription}/journal",
    "GET /s/{subscription}/people",
    "GET /s/{subscription}/personal-data",
    "GET /s/{subscription}/reports/new",
    "GET /s/{subscription}/reports/{id}",
    "GET /s/{subscription}/retention",
    "GET /s/{subscription}/sources",
    "GET /s/{subscription}/sources/choose/{credential}",
    "GET /s/{subscription}/sources/new",
    "GET /s/{subscription}/sources/{id}",
    "GET /s/{subscription}/sources/{id}/documents",
    "GET /s/{subscription}/sources/{id}/reconciliations",
    "GET /s/{subscription}/sources/{id}/tables/{table}",
    "GET /s/{subscription}/sources/{id}/webhook",
    "GET /setup",
    "GET /sign-in",
];

/// The routes as the router has them, with their methods.
pub(in crate::tests) fn routed() -> BTreeSet<String> {
    let sources = [
        include_str!("../../pages/mod.rs"),
        include_str!("../../api/mod.rs"),
    ];
    let mut routes = BTreeSet::new();
    for source in sources {
        for piece in source.split(".route(").skip(1) {
            let path = piece.split('"').nth(1).unwrap();
            // What is chained after the path, up to the next route.
            let handlers = piece.split_once(path).unwrap().1;
            for (call, method) in [
                ("get(", "GET"),
                ("post(", "POST"),
                ("put(", "PUT"),
                ("patch(", "PATCH"),
                ("delete(", "DELETE"),
            ] {
                if handlers.contains(call) {
                    routes.insert(format!("{method} {path}"));
                }
            }
        }
    }
    routes
}

#[test]
fn every_route_says_what_the_journal_has_of_it() {
    let known: BTreeSet<String> = TABLE.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(known.len(), TABLE.len(), "a route stands twice");
    let routed = routed();
    assert!(routed.len() > 60, "{routed:?}");
    let looks: BTreeSet<String> = LOOKS.iter().map(|route| (*route).to_owned()).collect();
    assert!(
        looks.iter().all(|route| route.starts_with("GET ")),
        "{looks:?}"
    );
    assert!(looks.is_subset(&routed), "pages that are no more");
    let missing: Vec<_> = routed
        .iter()
        .filter(|route| !known.contains(*route) && !looks.contains(*route))
        .collect();
    assert!(
        missing.is_empty(),
        "routes without a word about their entry in the journal: {missing:?}"
    );
    let gone: Vec<_> = known.difference(&routed).collect();
    assert!(gone.is_empty(), "routes that are no more: {gone:?}");
    for (route, noted) in TABLE {
        if let Not(why) = noted {
            assert!(why.len() > 20, "{route} needs a reason");
        }
    }
}
