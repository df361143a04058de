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
        "POST /s/{subscription}/sources/{id}/tables/{table}",
        As("source.filtered"),
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
    ("GET /api/v1/journal.csv", As("journal.exported")),
    ("POST /api/v1/sources", As("source.added")),
    ("PATCH /api/v1/sources/{id}", As("source.changed")),
    ("DELETE /api/v1/sources/{id}", As("source.removed")),
    ("PUT /api/v1/sources/{id}/credential", As("source.renewed")),
    ("POST /api/v1/sources/{id}/history", As("history.ordered")),
    ("PUT /api/v1/sources/{id}/webhook", As("webhook.registered")),
    ("POST /api/v1/sources/{id}/webhook", As("webhook.rotated")),
    (
        "DELETE /api/v1/sources/{id}/webhook",
        As("webhook.unregistered"),
    ),
    (
        "PATCH /api/v1/sources/{id}/tables/{table}",
        As("source.filtered"),
    ),
    ("POST /api/v1/reconciliations", As("reconciliation.asked")),
    (
        "GET /api/v1/reconciliations/{id}/differences.csv",
        As("access.rows-read"),
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
    ("DELETE /api/v1/reports/{id}", As("report.removed")),
    ("GET /api/v1/{collection}", As("access.rows-read")),
    ("GET /api/v1/{collection}/{id}", As("access.rows-read")),
    ("PUT /api/v1/{collection}/{id}", As("record.put")),
    ("DELETE /api/v1/{collection}/{id}", As("record.deleted")),
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
fn every_route_that_changes_something_is_in_the_table() {
    let known: BTreeSet<String> = TABLE.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(known.len(), TABLE.len(), "a route stands twice");
    let routed = routed();
    assert!(routed.len() > 60, "{routed:?}");
    let changing = routed.iter().filter(|route| !route.starts_with("GET "));
    let missing: Vec<_> = changing.filter(|route| !known.contains(*route)).collect();
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
