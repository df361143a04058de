# Entries of the journal, by their code.
journal-export-ordered = Export ordered: { $what }
journal-export-built = Export built: { $what }, { $rows } rows, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Export downloaded: { $what }
journal-export-claimed-again = Download started again: { $what }
journal-export-failed = Export failed: { $what }. { $reason }
journal-export-written = Export written to a file at the command line: { $what }, { $rows } rows, { $size }, SHA-256 { $sha256 }
journal-webhook-ingested = Webhook: { $events } events taken in, { $kept } kept without a table, { $parked } set aside, { $waiting } waiting{ $refused ->
    [0] {""}
   *[other] , { $refused } refused at a revoked address
}
