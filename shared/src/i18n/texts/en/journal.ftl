# Entries of the journal, by their code.
journal-export-ordered = Export ordered: { $what }
journal-export-built = Export built: { $what }, { $rows } rows, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Export downloaded: { $what }
journal-export-claimed-again = Download started again: { $what }
journal-export-failed = Export failed: { $what }. { $reason }
journal-export-written = Export written to a file at the command line: { $what }, { $rows } rows, { $size }, SHA-256 { $sha256 }
journal-mail-bounced = The mail about a file did not reach its recipient: { $what }. The address cannot be reached
journal-mail-complained = The recipient of the mail about a file called it unwanted: { $what }. Mails to this address may be held back from now on
journal-mail-rejected = The mail about a file was refused by the mail service: { $what }
journal-mail-account-bounced = A mail to a member did not arrive: the address cannot be reached. Whose it is can be seen under “People and programs”
journal-mail-account-complained = A member called a mail from here unwanted. Mails to this address may be held back from now on. Whose it is can be seen under “People and programs”
journal-mail-account-rejected = A mail to a member was refused by the mail service. Whose it was can be seen under “People and programs”
journal-work-put-aside = A message of the queue { $queue } was put aside after { $attempts } attempts ({ $kind }): { $error }
journal-webhook-ingested = Webhook: { $events ->
    [one] 1 event
   *[other] { $events } events
} taken in{ $kept ->
    [0] {""}
   *[other] , { $kept } kept without a table
}{ $parked ->
    [0] {""}
   *[other] , { $parked } set aside
}{ $waiting ->
    [0] {""}
   *[other] , { $waiting } waiting
}{ $refused ->
    [0] {""}
   *[other] , { $refused } refused at a revoked address
}
journal-webhook-contradicted = Webhook: bodies of events that name something else than their envelopes were set aside: { $events } ({ $entities })
journal-load-pulled = Loaded from { $source }: { $rows } rows new or changed, { $gone } gone, { $parked } set aside
journal-pull-asked = Reading of { $source } asked for by hand
journal-history-ordered = History of { $source } ordered from { $from } to { $to }
journal-documents-ordered = Details of documents of { $source } ordered: { $calls } calls
journal-load-history = History loaded from { $source }: { $rows } rows new or changed, { $gone } gone, { $parked } set aside
journal-load-history-left-out = { $source }: the history of { $table } could not be read for { $days }, and is not tried any more; order it again for these days. { $reason }
journal-load-list-short = { $source }: the list of { $table } ended with fewer rows than the vendor itself counts. What was in it is loaded; what was not is not taken for deleted.
journal-load-failed = { $source }: { $table } could not be read. { $reason }
journal-load-paused = Loading of { $source } stands still. { $reason }
journal-load-misfit = { $source }: the next { $more } rows to load are more than what the plan still lets in this month, which is { $left } of { $allowed }. They wait until { $until } or for a larger plan, and with them what was due: { $tables }. Smaller loads are let in meanwhile; nothing is lost
journal-plan-ending = The plan ends on { $until }, and loading with it; the owners are mailed. Exports go on, and nothing is lost
journal-plan-ended = The plan ended on { $until }, and loading stands still; the owners are mailed. Exports go on, and nothing is lost
journal-load-table-off = { $source }: { $table } is turned off; it is tried again every day. { $reason }
journal-load-table-poorer = { $source }: the vendor does not let the list of { $table } be read; a list that tells less is read instead, and the other is asked for again every day. { $reason }
journal-load-table-on = { $source }: { $table } can be read again
journal-load-credential-refused = { $source } needs a new credential. { $reason }
journal-load-company-closed = { $source } stands still; it is tried again every day. { $reason }
journal-load-company-open = { $source }: the company is open to the account again, and loading goes on
journal-load-licence-good = { $source }: the licence of the company is good again, and loading goes on
journal-reconciliation-asked = Reconciliation of { $source } from { $from } to { $to } begins
journal-reconciliation-done = Reconciled { $source } with the vendor, { $from } to { $to }: days checked in every table: { $checked }, in some or none: { $not_checked }; rows missing: { $missing }, extra: { $extra }, differing: { $differing }
journal-reconciliation-nothing-compared = Nothing of { $source } was compared with the vendor, { $from } to { $to }: no table that can be compared is on and was read at that time
journal-reconciliation-day = { $source }, { $table } on { $day }: rows missing: { $missing }, extra: { $extra }, differing: { $differing }; { $not_mended ->
    [0] mended
    [one] mended but for 1 row, which could not be taken and was set aside
    [other] mended but for { $not_mended } rows, which could not be taken and were set aside
   *[none] mended
}
journal-reconciliation-not-checked = { $source }: { $table } was not checked from { $from } to { $to }. { $reason }
journal-webhook-registered = Webhook registered with the vendor: { $source }
journal-webhook-kinds-added = All kinds of events were switched on at the vendor, for the addresses of other programs too: { $source }
journal-webhook-unregistered = Webhook taken away at the vendor: { $source }
journal-webhook-rotated = New webhook address: { $source }
journal-webhook-revoked = Old webhook addresses revoked: { $source }
journal-access-bi-login-asked = A login for BI tools, or a new password for it, was asked for
journal-access-bi-login-renewed = BI tools were given a login, or a new password
journal-access-bi-login-failed = BI tools were given neither a login nor a new password. { $reason }
journal-access-bi-login-revoked = The login of BI tools was taken away
