# Why something could not be done: what happened, what was kept, what to do.
problem-internal = Something failed on our side. What was kept before stays as it was; try again, and tell us the code { $code } if it goes on.
# Why a file could not be built; the code follows `problem-export-`.
problem-export-disk-full = There was no room left to build the file or to keep it. Free some space, then order it anew.
problem-export-too-large = The file would be larger than the { $limit } that are set aside for building one. Choose fewer rows or columns, or XML or CSV, which are not limited.
problem-export-erased = Somebody who was in the file was erased, and the file was taken back. Order it anew.
problem-export-database = The database could not be read to its end.
problem-export-store = The finished file could not be stored.
problem-export-broken-off = Building was broken off { $attempts } times.
problem-export-order = What was ordered cannot be written any more: { $problem }.
problem-export-passwords = A stored password could not be decrypted; order the file without passwords, or bring back the key it was encrypted with.
problem-export-value = A stored value cannot be written into the file: { $problem }.
problem-warehouse-stored = Table { $table }, row { $row }, column { $column }: what is stored there is not of the column's type. Correct it in the database or have the row loaded again, then try once more.
problem-export-internal = Something failed on our side.

# Answers of the API, by their code.
problem-unauthorized = Send a valid API token as "Authorization: Bearer wyn_…".
problem-insufficient-scope = This needs a token with the scope "write".
problem-not-found = There is nothing of this name or id in this subscription.
problem-method-not-allowed = This address does not take such a request.
problem-malformed = The request cannot be read.
problem-malformed-why = The request cannot be read: { $problem }.
problem-invalid-field = The value of { $field } cannot be used.
problem-invalid-field-why = The value of { $field } cannot be used: { $problem }.
problem-invalid-cursor = The cursor is not one that was given out for this list.
problem-unknown-column = There is no column { $field } in this table.
problem-conflict = This cannot be done in the present state.
problem-conflict-why = This cannot be done in the present state: { $problem }.
problem-in-use = Others still refer to it, { $field } among them: change or delete those first.
problem-idempotency-mismatch = This Idempotency-Key was used for another request.
problem-too-large = The request is larger than is let in.
problem-upload-differs = The upload is not what was announced: its size or its SHA-256 is another one. Nothing of it was kept; send the right file to the same address.
problem-too-many-failures = Too many requests failed from this address. Wait and try again.
problem-timeout = It took too long. Try again.
problem-unavailable = Something needed is away for a moment. Try again; an Idempotency-Key makes that safe.
problem-no-room = There is no room left on the server's disk. What was sent was not kept; everything kept before stays as it was. Free some space there and send it again; an Idempotency-Key makes that safe.
problem-forbidden = This is not allowed with this link or token.
problem-plan-rows-used = The rows that the plan lets in this month are used up, or what comes next is more than what is left of them. It is loaded by itself next month, or with a larger plan; nothing is lost.
problem-plan-storage-used = The storage of the plan is full. Loading goes on by itself when there is room, or with a larger plan; nothing is lost.
problem-plan-ended = The plan has ended. Exports go on; loading goes on with a new plan, and nothing is lost.
problem-pull-internal = Something went wrong inside; it is tried again.
problem-pull-credential = The token of this source cannot be decrypted with the keys of this server. Sign in again, or let whoever runs the server bring its keys back.
problem-pull-busy = Somebody else works on the source: another command, or a server. Try again when that one is done; were it killed, the source would be free ten minutes after its last sign of life.
problem-pull-busy-until = Somebody else works on the source: another command, or a server. Try again when that one is done; if it was killed, the source is free at { $until } at the latest.
problem-pull-interrupted = The work was interrupted; the next run goes on where it ended.
problem-reconciliation-nothing-compared = Nothing was compared: no table that can be compared is on and was read at that time.
problem-reconciliation-too-long = In many attempts it was not read to its end.
problem-reconciliation-list-short = The list ended with fewer rows than the vendor itself counts: what was not in it may be there all the same.
problem-reconciliation-unreadable = Records came that cannot be made out; they are set aside, and what they may tell was not compared.
problem-reconciliation-table = The table { $table } is not compared with the vendor.
problem-reconciliation-no-table = There is no table { $table }.
problem-pull-not-active = Nothing is read from this source: it is paused, was removed, or waits for a new sign-in. Resume it or sign in again, then order once more.
problem-history-too-far-back = The plan allows history from { $from } on.
problem-history-period = This period cannot be read: it ends before it begins, lies in the future, or is too long.
problem-history-table = No period of { $table } can be asked for by itself: it is read whole, or comes with another table.
problem-selection-table = There is no table { $table }.
problem-selection-child = The rows of this table come with those of { $of }; set the filter there.
problem-selection-filter = The filter cannot be understood: { $problem }.
problem-webhook-full = The company has { $most } addresses for webhooks at the vendor already, which is the most. Take one away there and try again.
problem-webhook-switched-off = Webhooks of other programs are set up at the vendor and switched off. Registering with all kinds (the box on the page, --all-kinds, "kinds": "add") switches them on for those programs too; or switch them on or take them away at the vendor, and try again. Nothing was changed.
problem-webhook-differing = Other programs' webhooks have different settings at the vendor, which registering would make the same. Add the address there by hand; nothing was changed.
problem-webhook-unreadable = The vendor's settings of webhooks cannot be read. Add the address there by hand; nothing was changed.
problem-webhook-not-kept = The vendor did not keep the settings of webhooks. Look at them there.
problem-bi-file = The data is kept in an SQLite file here: open the file itself. Logins for BI tools are made on PostgreSQL.
problem-bi-foreign-tables = No login was made, and one that is there keeps its password: Wynos's user at the database, { $user }, may not make foreign tables with postgres_fdw. Let a superuser run two commands in the database template1, then try again: CREATE EXTENSION IF NOT EXISTS postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO { $user };
problem-bi-trusted = No login was made: the database server asks nobody for a password who comes from the server itself ("trust" in pg_hba.conf), and postgres_fdw reads nothing that way. Let an administrator put these two lines before all others of pg_hba.conf, run SELECT pg_reload_conf(); and try again: host all { $user } 127.0.0.1/32 scram-sha-256 and host all { $user } ::1/128 scram-sha-256
problem-bi-not-made = The database did not do its part; the program's log says more. A login that was there keeps its password. Try again.
problem-bi-in-doubt = The connection to the database broke while the new password came into force, so that it is not known whether the old one still opens anything. Ask for another one: it will open the database whichever of them holds now.

order-no-table = a list needs the name of a table
order-all-tables = a file in the format { $format } has no single table
order-not-a-list = only lists have chosen columns and rows
order-no-list = there is no list named { $name }
order-no-column = { $table } has no column { $column }
order-twice = the column { $column } is named twice
order-no-condition = “{ $text }” is no condition: a column, a sign as = or >=, and a value
order-too-many-conditions = there are more than { $most } conditions
order-no-value = “{ $value }” is no value of the column { $column }
order-no-profile = there is no profile { $name }
order-passwords = passwords leave only in an exchange file of the profile full
order-long-purpose = a purpose has at most { $most } characters
order-nul-in-purpose = a purpose is text, without U+0000

filter-too-deep = conditions may lie at most { $most } deep in one another
filter-not-a-list = “and” and “or” need a list of at most { $most } conditions
filter-no-condition = { $text } is no condition: a column with “is” and a value, “in” or “has”; “null” or “not_null” with a column; or “and”, “or”, “not” with conditions
filter-unexpected = the condition has no use for “{ $word }”: a condition says one thing
filter-no-column = the table has no column “{ $column }”
filter-no-value = { $value } is no value of { $column }
filter-no-values = { $column } needs a list of at most { $most } values
filter-holds-nothing = { $column } is no list that could hold { $value }
filter-no-comparison = { $column } cannot be compared by “{ $word }”: there are { $known }
filter-not-text = { $column } is no text that could contain another
filter-not-json = it is not JSON ({ $reason })

problem-one-of = it has to be one of { $choices }
problem-both-days = the first and the last day of a period are named together, or neither
problem-journal-time = write a time like 2026-01-31T08:00:00Z, or a day like 2026-01-31
problem-name-length = it is empty or too long
problem-reports-no-field = no record has a field { $path }
problem-reports-no-field-near = no record has a field { $path }; did you mean { $nearest }?
problem-reports-taken = another report, or the kept rows of one that was removed, has a table of this name

# What is wrong with a description of tables, and where.
description-fault = line { $line }, column { $column }: { $problem }
description-syntax = this is no YAML of a description: { $reason }
description-repeats = anchors and aliases are not read here; write it out
description-unknown-field = there is no field { $field } here; there can be { $known }
description-missing-field = the field { $field } is missing here
description-field-twice = the field { $field } stands twice here
description-no-list = a list belongs here: write [ and ] around it, with commas between, as in [a, b]
description-no-fields = fields belong here: write a name, a colon and a value
description-too-long = the description is longer than { $limit } bytes
description-nothing = { $what ->
    [tables] there are no tables
    [columns] there are no columns
   *[conditions] there are no conditions
}
description-too-many = { $what ->
    [tables] there are more than { $limit } tables
    [columns] there are more than { $limit } columns
   *[conditions] there are more than { $limit } conditions
}
description-name = "{ $name }" cannot be a name: use a-z, 0-9 and single _, begin with a letter, at most 48 characters
description-reserved = the name { $name } is kept for tables of the system
description-taken = a table called { $name } is there already
description-twice = { $name } is declared twice
description-path = "{ $path }" is no path: names of fields with points between, [] after an array, as in services[].cost
description-unknown-path = nothing stands at { $path }
description-unknown-path-near = nothing stands at { $path }; did you mean { $nearest }?
description-rows-of-one = rows are made of the record (.) or of the elements of an array: write [] at the end of { $path }
description-type = "{ $type }" is no type: write text, integer, decimal(2), boolean, date, timestamp or json
description-type-does-not-fit = what stands at { $path } does not fit { $type }; { $fitting } would take it
description-many = { $path } leads to many values; a column of them is of type json
description-default = the default does not fit { $type }
description-no-parent = no table called { $name } is described before this one
description-parent-without-key = the parent { $name } has no key: mark a column of it with key: true
description-outside-parent = the rows of a table whose parent is { $parent } begin with { $rows }
description-tests = a condition has exactly one of equals, not, one_of, none_of, above, below, empty
description-comparison = a condition compares with texts, numbers, true and false

# What is wrong with the settings of a job.
settings-no-object = they are no JSON object
settings-missing = the field { $field } is missing
settings-unknown = there is no field { $field }; there can be { $known }
settings-days = { $field } is a whole number of days, 1 at least
settings-period = { $field } is a period: "last 7 days", "last 2 months" or "since 2026-01-31"
settings-report = { $field } is the id of a report
settings-tables = { $field } is a list of names of tables, { $most } at most
settings-other-kind = a job of the kind { $kind } stays one
