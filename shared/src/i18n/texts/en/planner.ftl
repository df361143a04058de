# What scheduled jobs tell.
mail-job-subject = The job "{ $job }" keeps failing
mail-job-failing = The job "{ $job }" of { $subscription } failed { $count } times in a row. What it brought before is untouched. The reason: { $reason }
mail-job-next = It tries again on { $next }, and less and less often. You can look at it, change it or pause it:
mail-job-no-next = It does not try again by itself. You can look at it, change it or run it:
journal-job-created = Job made: { $name }, { $schedule }
journal-job-changed = Job changed: { $name }, { $schedule }
journal-job-paused = Job paused: { $name }
journal-job-resumed = Job resumed: { $name }, { $schedule }
journal-job-removed = Job removed: { $name }
journal-job-asked = Job run by hand: { $name }
journal-job-done = Job done: { $name }, { $done } rows, { $seconds } s
journal-job-failed = Job failed: { $name }, failure { $failures } in a row. { $reason }
journal-job-partial = Job done in part: { $name }, { $done } rows, { $seconds } s. Tables that could not be read: { $failed_tables }{ $set_aside ->
    [one] ; records that were set aside: { $set_aside }
    [other] ; records that were set aside: { $set_aside }
   *[none] {""}
}
journal-job-set-aside = Job done in part: { $name }, { $done } rows, { $seconds } s. Records that were set aside, as they cannot be made out or taken: { $set_aside }
journal-job-not-checked = Job done in part: { $name }, { $done } rows, { $seconds } s. Days that were not checked: { $not_checked }
journal-job-nothing-compared = Nothing was compared: { $name }, { $seconds } s. No table that can be compared is on and was read at that time. Days: { $nothing_compared }
journal-job-left-out = Job done in part: { $name }, { $done } rows, { $seconds } s. Left out, as their key or id is missing or others have it: { $left_out }
journal-job-unreadable = Job done in part: { $name }, { $done } rows, { $seconds } s. Old rows that stayed, as their key cannot be read: { $left_out }
journal-job-unread = Job done in part: { $name }, { $done } rows, { $seconds } s. Records whose rows stayed as they were, as the vendor sent something else than a list: { $left_out }
journal-job-not-run = Nothing was done: { $name }. { $reason }
problem-job-settings = The settings of the job cannot be read: { $reason }
problem-job-not-served = This version does no jobs of the kind { $kind }.
problem-job-gave-up = It was begun several times and never came to its end.
problem-job-lost = Another worker took the run over.
problem-job-warehouse = The database of the data failed.
problem-job-control = The shared database failed.
problem-job-period = The period holds no days that could be looked at.
journal-report-created = Report made: { $name }
journal-report-changed = Report changed: { $name }
journal-report-removed = Report removed: { $name }. { $rows ->
    [deleted] Its rows go with it.
   *[kept] Its rows stay.
}
journal-report-rows-given-up = The rows that were kept of the removed report { $name } are erased.
journal-report-cleared = Rows of the removed report { $name } erased
journal-report-fields = New fields in the records of the report { $name }: { $fields }
journal-report-variant = Report { $name }: values in { $table }.{ $column } changed their type; they go to the column { $variant }
journal-report-unread = Report { $name }: at { $path } stands something else than a list, so rows of { $table } stay as they were. Records: { $records }
problem-report-gone = The report was removed.
problem-report-broken = The report as it is kept cannot be read.
problem-report-too-many-documents = The period has more than { $limit } documents; choose a shorter one.
report-preview-without-key = { $count ->
    [one] 1 row is left out, since a part of its key is missing ({ $key }).
   *[other] { $count } rows are left out, since a part of their key is missing ({ $key }).
}
report-preview-same-key = Warning: { $key } does not tell rows apart. { $count ->
    [one] 1 row is left out, since another one has the same key.
   *[other] { $count } rows are left out, since others have the same key.
}
report-preview-unread = Warning: at { $path } stands something else than a list. { $count ->
    [one] No rows are made of 1 record, and those that it had stay.
   *[other] No rows are made of { $count } records, and those that they had stay.
}
problem-job-pull = The table { $table } could not be read. { $reason }
problem-job-reconciliation = No day could be compared with the vendor. { $reason }
console-nav-jobs = Jobs
console-jobs-title = Jobs and reports
console-jobs-none = There are no jobs yet. Make one, and it runs by itself when you say.
console-jobs-job = Job
console-jobs-next = Next run
console-jobs-last = Last run
console-jobs-rows = Rows
console-jobs-actions = Actions
console-jobs-running = running
console-jobs-never = not run yet
console-jobs-done = done
console-jobs-paused = paused
console-jobs-waits = waits for its removed source
console-jobs-source-busy = waits: another run works on its source
console-jobs-by-hand = by hand
console-jobs-run = Run now
console-jobs-pause = Pause
console-jobs-resume = Resume
console-jobs-remove = Remove
console-job-base-pull = Base pull
console-job-report = Report
console-job-reconciliation = Reconciliation
console-job-retention = Removal of old data
console-reports-title = Reports
console-reports-none = There are no reports yet. A report turns the vendor's records into a table of your own.
console-reports-report = Report
console-reports-tables = Tables
console-reports-new = New fields
console-report-documents = Documents
console-report-consumables = Consumables by record
console-report-goods-transactions = Goods transactions
console-report-finance-transactions = Finance transactions
console-report-record-categories = Record categories
console-report-services = Services
problem-retention-table = The table { $table } cannot be chosen: it is unknown, it holds what is the shop's own, or its rows go with those that they belong to.
problem-job-queue = The queue failed.
journal-retention-swept = Nightly sweep: { $done } things removed whose time was over
journal-retention-erased = A person was erased; the log goes on under { $proof }
journal-retention-erased-nothing = Nothing was found of a person who was to be erased: no row speaks of them. Nothing personal of them comes in; the log goes on under { $proof }
journal-retention-erasure-asked = Erasure of a person asked for; the log will go on under { $proof }
journal-retention-erasure-failed = The erasure { $proof } could not be finished. Nothing new of the person comes in, and it is tried again every night
console-jobs-lead = What runs by itself, when it ran last and when it runs next.
console-jobs-new = New job
console-jobs-new-title = New job
console-jobs-new-lead = Choose what is to be done by itself, and when. Reports are made on a page of their own.
console-jobs-name = Name
console-jobs-kind = Kind
console-jobs-id = Job
console-jobs-make = Make the job
console-jobs-made = The job is made.
console-jobs-asked = The job runs now.
console-jobs-removed = The job is removed. What it brought stays.
console-jobs-edit = Change this job
console-jobs-sure = I am sure
console-jobs-queued = queued
console-jobs-failed = failed
console-jobs-partial = done in part
job-gap-tables = { $count ->
    [one] 1 table could not be read
   *[other] { $count } tables could not be read
}
job-gap-set-aside = { $count ->
    [one] 1 record was set aside
   *[other] { $count } records were set aside
}
job-gap-days = { $count ->
    [one] 1 day was not checked
   *[other] { $count } days were not checked
}
job-gap-nothing-compared = { $count ->
    [one] nothing was compared on 1 day
   *[other] nothing was compared on { $count } days
}
job-gap-rows-without-key = { $count ->
    [one] 1 row left out because it has no key
   *[other] { $count } rows left out because they have no key
}
job-gap-rows-with-same-key = { $count ->
    [one] 1 row left out because another one has its key
   *[other] { $count } rows left out because others have their key
}
job-gap-records-without-id = { $count ->
    [one] 1 record left out because the vendor gave it no id
   *[other] { $count } records left out because the vendor gave them no id
}
job-gap-unreadable-rows = { $count ->
    [one] 1 old row stayed because its key cannot be read
   *[other] { $count } old rows stayed because their keys cannot be read
}
job-gap-unread-records = { $count ->
    [one] rows of 1 record stayed as they were because the vendor sent something else than a list
   *[other] rows of { $count } records stayed as they were because the vendor sent something else than a list
}
console-jobs-failures = Failures in a row
console-jobs-runs = Latest runs
console-jobs-when = When
console-jobs-outcome = Outcome
console-jobs-took = Duration
console-jobs-run-hint = Without days it covers what its settings say.
console-jobs-to-report = To the report that it refreshes
console-jobs-all-sources = all sources
console-jobs-tables = Tables
console-jobs-all-chosen = None chosen: all that the source has turned on.
console-jobs-all-compared = None chosen: all that can be compared.
console-jobs-all-facts = None chosen: records, movements of goods and money, and other facts; lists stay.
console-jobs-period = Period
console-jobs-older = Remove rows received more than so many days ago
console-jobs-older-hint = They do not come back, unless the vendor changes them or you ask for them.
console-jobs-older-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
console-job-base-pull-text = Reads what changed at the vendor.
console-job-reconciliation-text = Compares what is here with what the vendor has, and mends what differs.
console-job-retention-text = Removes rows that were received long ago and gives their space back.
console-took-seconds = { $count } s
console-took-minutes = { $count } min
console-took-hours = { $count } h
console-schedule = When
console-schedule-minutes = every so many minutes
console-schedule-hours = every so many hours
console-schedule-daily = every day
console-schedule-weekly = on days of the week
console-schedule-interval = How many
console-schedule-at = At
console-schedule-days = Days
console-schedule-hint = Times are those of the business's own clock, summer time included. A run that was missed is made up for once.
console-schedule-every-minutes = { $count ->
    [one] every minute
   *[other] every { $count } minutes
}
console-schedule-every-hours = { $count ->
    [one] every hour
   *[other] every { $count } hours
}
console-schedule-daily-at = every day at { $time }
console-schedule-weekly-at = { $days } at { $time }
console-day-mon = Mon
console-day-tue = Tue
console-day-wed = Wed
console-day-thu = Thu
console-day-fri = Fri
console-day-sat = Sat
console-day-sun = Sun
console-period-days = the last days
console-period-months = the last months
console-period-since = since a day
console-period-count = How many
console-period-day = Day
console-period-hint = Up to the present day. Months are whole ones before the present one.
console-period-last-days = { $count ->
    [one] the last day
   *[other] the last { $count } days
}
console-period-last-months = { $count ->
    [0] this month
    [one] the last month
   *[other] the last { $count } months
}
console-period-since-day = since { $day }
problem-planner-name = A name has 1 to 64 characters.
problem-planner-source = Choose one of your sources.
problem-planner-table = A job of this kind cannot take the table { $table }.
problem-planner-no-table = There is no table { $table }.
problem-planner-report = The job of a report stays with its report and its source.
problem-planner-schedule = This is no schedule: give a number of minutes or hours, or a time of day.
problem-planner-schedule-written = "{ $text }" is no schedule: write "every 15 minutes", "every 2 hours", "every hour", "daily at 03:30" or "weekly on mon,thu at 04:00".
problem-planner-never-fires = This schedule would never fire: choose at least one day, or a number that is not zero.
problem-planner-too-rare = A schedule may pause for four weeks at most.
problem-planner-time = This is no time of day: give 00:00 to 23:59.
problem-planner-time-written = "{ $text }" is no time of day: write 00:00 to 23:59.
problem-planner-day-written = "{ $text }" is no day of the week: write mon, tue, wed, thu, fri, sat or sun.
problem-planner-period = This is no period: give both days, or a number of days or months.
problem-planner-period-written = "{ $text }" is no period: write "last 7 days", "last 2 months" or "since 2026-01-31".
problem-planner-period-empty = This period holds no day.
problem-planner-period-reversed = The period ends before it begins.
problem-planner-period-future = The period lies in the future: there is nothing in it yet.
problem-planner-period-long = A period may hold ten years at most.
problem-planner-no-period = This job takes no period: it always does all there is.
problem-planner-read-whole = This report takes no period: its records belong to no days, and a run always reads the whole list.
problem-planner-under-way = the job is under way; it can be run again when that run is over
problem-planner-held = another worker is at this run
problem-planner-of-report = this job refreshes a report: remove the report instead, or pause the job
console-reports-make = New report
console-reports-removed = The report is removed.
console-reports-cleared = The rows of the removed report are given up: they are erased within some minutes.
console-reports-left = Removed reports with rows still here
console-reports-left-lead = Rows of these reports are still in your database, and their tables keep their names. Erase them, and the names are free again.
console-reports-clear-sure = I want to erase the rows of this report for good.
console-reports-connect = Reports are made of a vendor's records: connect a company first.
console-reports-new-title = New report
console-reports-new-lead = Choose what the vendor's records are to become: look at a sample, pick fields, see the rows, then make it.
console-reports-kind = Records
console-reports-sample = Look at a sample
console-reports-sample-hint = Reads some of the latest records at the vendor, to see which fields there are. Nothing is kept. Of documents up to 15, each of which costs a call.
console-reports-fields = Fields
console-reports-all = all
console-reports-none-all = None chosen: all of them.
console-reports-adds = Choose new fields that the table is to have columns for. Those that are there stay; new ones fill with the next refresh.
console-reports-looked = { $count ->
    [one] One record was looked at. None chosen: all fields.
   *[other] { $count } records were looked at. None chosen: all fields.
}
console-reports-no-records = The vendor has no records of this kind yet: only a report of JSON rows can be made.
console-reports-form = Where the rows go
console-reports-json = JSON rows
console-reports-json-text = One row for each record, in the table yclients_reports.
console-reports-table = A table of its own
console-reports-table-text = Typed columns, as a sample has them; you see and approve them first.
console-reports-table-name = Name of the table
console-reports-description = Table description
console-reports-description-text = A small document says which tables come out, and how: lines of nested lists too.
console-reports-description-hint = YAML, as docs/table-description.md explains.
console-reports-preview = Show the rows
console-reports-make-it = Make the report
console-reports-approve = These are the columns that the table will have. Look at them, and make the report if they are right.
console-reports-rows = { $count ->
    [one] 1 row of the sample
   *[other] { $count } rows of the sample
}
console-reports-made = The report is made. It fills with its first run.
console-reports-refresh = Refresh now
console-reports-offered = Records have new fields:
console-reports-to-job = To the job that refreshes it
console-reports-edit = Change this report
console-reports-remove = Remove this report
console-reports-keep-text = They can be listed, exported and swept as before, and their tables keep their names.
console-reports-delete-text = They are erased for good, and the names of their tables are free again.
console-reports-sure = I want to remove this report.
problem-reports-field = A chosen field cannot be used: { $reason }
problem-reports-kind = Choose a kind of records.
problem-reports-long = The description is too long.
problem-reports-description = The description has faults: { $reason }
problem-reports-table = This name of a table cannot be used: { $reason }
problem-reports-no-sample = The vendor has no records of this kind yet, so their structure is not known. Make a report of JSON rows.
problem-reports-not-approved = its tables were not looked at yet: ask for them by POST /api/v1/reports/preview, then say approve
problem-reports-settled = The tables of this report are settled by its description, which can only be given more columns, none of them part of a key. Make another report for anything else.
console-reports-more-columns = The description can be given more columns; they fill with the next refresh. What it says now has to stay.
problem-reports-wide = A table has at most 300 columns.
console-retention-title = Remove old data
console-retention-lead = Rows of connected companies that were received long ago are removed, and their space is given back. Nothing goes before you have seen what it would be.
console-retention-name = Old data
console-retention-facts = Visits, goods, money, reports
console-retention-own = Rows of your own shop are never removed by age.
console-retention-lists = Lists
console-retention-lists-hint = Chosen ones lose what nothing here refers to any more: a client with a visit stays.
console-retention-look = Show what would go
console-retention-effect = What would go now
console-retention-before = Rows received before { $day }. Nothing was removed yet.
console-retention-nothing = Nothing here is that old.
console-retention-oldest = Oldest received
console-retention-newest = Newest received
console-retention-total = Together
console-retention-sure = I have seen what goes. Remove it now.
console-retention-unsure = Tick the box if these rows are to go now. Nothing was removed.
console-retention-save = Save as a job
console-retention-run = Save and remove now
console-retention-look-first = This is what it would remove now. Look at it below, and save it if it is right.
console-retention-days-wrong = Give a number of days from 1 to 36500.
console-retention-to = See what would go, or change it
console-jobs-connect = Jobs work on the data of a connected company: connect one first.
console-reports-more = These are the newest; the API lists all of them.
