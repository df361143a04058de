# Why something could not be done: what happened, what was kept, what to do.
problem-internal = Something failed on our side. What was kept before stays as it was; try again, and tell us the code { $code } if it goes on.
# Why a file could not be built; the code follows `problem-export-`.
problem-export-disk-full = There was no room left to build the file. Free some space, or choose XML or CSV, which need none.
problem-export-too-large = The file would be larger than the { $limit } that are set aside for building one. Choose fewer rows or columns, or XML or CSV, which are not limited.
problem-export-erased = Somebody who was in the file was erased, and the file was taken back. Order it anew.
problem-export-database = The database could not be read to its end.
problem-export-store = The finished file could not be stored.
problem-export-broken-off = Building was broken off { $attempts } times.
problem-export-order = What was ordered cannot be written any more: { $problem }.
problem-export-passwords = A stored password could not be decrypted; order the file without passwords, or bring back the key it was encrypted with.
problem-export-value = A stored value cannot be written into the file: { $problem }.
problem-export-internal = Something failed on our side.

# Answers of the API, by their code.
problem-unauthorized = Send a valid API token as "Authorization: Bearer wyn_…".
problem-insufficient-scope = This needs a token with the scope "write".
problem-not-found = There is nothing of this name or id in this subscription.
problem-method-not-allowed = This address does not take such a request.
problem-malformed = The request cannot be read.
problem-invalid-field = The value of { $field } cannot be used.
problem-invalid-cursor = The cursor is not one that was given out for this list.
problem-unknown-column = There is no column { $field } in this table.
problem-conflict = This cannot be done in the present state.
problem-idempotency-mismatch = This Idempotency-Key was used for another request.
problem-too-large = The request is larger than is let in.
problem-too-many-failures = Too many requests failed from this address. Wait and try again.
problem-timeout = It took too long. Try again.
problem-unavailable = Something needed is away for a moment. Try again; an Idempotency-Key makes that safe.
problem-forbidden = This is not allowed with this link or token.
problem-plan-rows-used = The rows that the plan lets in this month are used up. Loading goes on by itself next month, or with a larger plan; nothing is lost.
problem-plan-ended = The plan has ended. Exports go on; loading goes on with a new plan, and nothing is lost.
problem-pull-internal = Something went wrong inside; it is tried again.
problem-pull-busy = Somebody else works on the source.
problem-pull-interrupted = The work was interrupted; the next run goes on where it ended.
problem-pull-not-active = The source is paused, removed or waits for a credential.
problem-history-too-far-back = The plan allows history from { $from } on.
problem-history-period = This period cannot be read.
problem-history-table = { $table } has no history of its own.
problem-selection-table = There is no table { $table }.
problem-selection-child = Rows of { $table } come with those of another table; filter that one.
problem-selection-filter = The filter cannot be understood: { $problem }.
problem-webhook-full = The company has { $most } addresses for webhooks at the vendor already, which is the most. Take one away there and try again.
problem-webhook-switched-off = Webhooks of other programs are set up at the vendor and switched off. Switch them on there, or take them away, and try again; nothing was changed.
problem-webhook-differing = Other programs' webhooks have different settings at the vendor, which registering would make the same. Add the address there by hand; nothing was changed.
problem-webhook-unreadable = The vendor's settings of webhooks cannot be read. Add the address there by hand; nothing was changed.
problem-webhook-not-kept = The vendor did not keep the settings of webhooks. Look at them there.
problem-bi-file = The data is kept in an SQLite file here: open the file itself. Logins for BI tools are made on PostgreSQL.
