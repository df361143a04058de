# Why a company could not be connected or read; the code follows `problem-vendor-` and `problem-source-`.
problem-vendor-wrong-password = The vendor did not take this login and password. Nothing was kept; check both and try again.
problem-vendor-two-factor = This account signs in with a second factor, which a program cannot give. Use an account without one, or the token of an application.
problem-vendor-unauthorized = The vendor does not take the token: the password was changed, or the application was disconnected. Sign in again or give a new token.
problem-vendor-company-closed = The account's token works, but this company is not open to it: the account was taken out of the company, or the application is not connected there. What was loaded stays, and the account's other sources go on. Have the company opened to the account, or sign in with one that sees it; a source of the company is tried every day, and goes on by itself.
problem-vendor-not-configured = No partner token of the vendor is configured on this server. Whoever runs it has to set WYNOS_YCLIENTS_PARTNER_TOKEN or WYNOS_ALTEGIO_PARTNER_TOKEN.
problem-vendor-partner-refused = The vendor does not know this server's partner token. Whoever runs the server has to check it.
problem-vendor-licence-expired = The licence of the company at the vendor has run out. Renew it there; what was loaded stays.
problem-vendor-forbidden = This account has no right to read this at the vendor. Ask for the right in the company's settings there.
problem-vendor-not-found = The vendor has no such thing: it may have been deleted there.
problem-vendor-invalid = The vendor did not take the request. Tell us what you did; nothing was changed.
problem-vendor-throttled = The vendor's allowance is used up for now. Try again in some minutes.
problem-vendor-unavailable = The vendor does not answer now. Try again later; nothing was changed.
problem-vendor-malformed = The vendor's answer could not be read. Try again later; nothing was changed.
problem-vendor-too-large = The vendor's answer was larger than is let in.
problem-vendor-bad-address = The vendor's address cannot be used: it has to begin with https:// and name a host.
problem-vendor-ledger = Something failed on our side. Try again.
problem-source-token = The stored token cannot be decrypted. Sign in again, or bring back the key it was encrypted with.
problem-source-no-such-company = This account does not see the company { $company }. Choose one that it sees, or sign in with another account.
problem-source-connected = The company { $company } is connected already.
problem-source-no-companies = This account sees no company at the vendor. Ask to be let into one, or sign in with another account.
problem-source-address = Sources cannot be pointed at this address. Use an address of the vendor.
problem-source-not-active = Nothing is read from this source: it is paused, was removed, or waits for a new sign-in. Resume it or sign in again, then order once more.
problem-source-no-such-table = There is no table { $table } to choose.

# Entries of the journal about sources.
journal-source-added = Source connected: { $source } (company { $company })
journal-source-renewed = Signed in again for the source { $source }
journal-source-refused = The vendor refuses the token of the source { $source }: sign in again
journal-source-paused = Source paused: { $source }
journal-source-resumed = Source resumed: { $source }
journal-source-changed = Settings changed: { $source }
journal-source-removed = Source removed: { $source }. { $rows ->
        [removed] Its rows are erased.
       *[kept] Its rows are kept.
    }{ $ended ->
        [some] {" "}Ended with it: reports { $reports }, jobs { $jobs }.
       *[none] {""}
    }
journal-source-taken-up = Source connected again: { $source } (company { $company }). Its rows were kept, and it goes on with them under its id; everything is read anew.
journal-source-rows-given-up = The rows that were kept of the removed source { $source } are erased.{ $ended ->
        [some] {" "}Ended with it: reports { $reports }, jobs { $jobs }.
       *[none] {""}
    }
journal-source-cleared = Rows of the removed source { $source } erased: { $rows }
journal-source-table-on = Table turned on: { $table } of { $source }
journal-source-table-off = Table turned off: { $table } of { $source }
journal-source-zone-changed = Time zone of { $source } changed from { $before } to { $zone }. Appointments, payments and goods of the last month are read again; load the history of older periods, so that their times follow.
journal-source-filtered = Filter changed: { $table } of { $source }

# The console's pages of sources.
console-nav-sources = Sources
console-sources-title = Sources
console-sources-lead = Companies whose data is copied into your own database, and how fresh each copy is.
console-sources-none = No company is connected yet. Connect one to see its data here.
console-sources-all = All sources
console-source = Source
console-source-last = All read by
console-source-next = Next reading
console-source-waiting = waiting since { $at }
console-source-tried-again = tried again { $at }
console-source-never = not yet
console-source-rows = Rows that came then
console-source-active = Active
console-source-active-text = What changes is read regularly, and lists once a day.
console-source-paused = Paused
console-source-paused-text = Nothing is read until you resume it. What was loaded stays.
console-source-stands-still = Loading stands still
console-source-needs-credential = Sign in again
console-source-needs-credential-text = The vendor refuses the stored token, most often after a change of the password. Sign in again below; nothing is lost meanwhile.
console-source-closed = Not open to the account
console-source-removed = Removed
console-source-removed-text = This source was removed.
console-source-new = Connect a company
console-source-new-lead = Sign in with an account that sees the company at the vendor; then choose the company.
console-source-vendor = Service
console-source-yclients-text = For companies in Russian-speaking countries.
console-source-altegio-text = The same service everywhere else.
console-source-name = Name
console-source-name-hint = What you call this company; if you leave it empty, the vendor's name is used.
console-source-entry = How to sign in
console-source-by-password = Login and password
console-source-by-password-text = The password is exchanged for a token once and never stored.
console-source-by-token = Token of an application
console-source-by-token-text = For accounts with a second factor, or where an application was connected in the company's settings.
console-source-login = Login
console-source-login-hint = Telephone number or e-mail address.
console-source-password = Password
console-source-password-hint = It is sent to the vendor and nowhere else.
console-source-token = Token
console-source-sign-in = Sign in
console-source-choose = Choose a company
console-source-choose-lead = The account sees these companies. More can be connected later with the same account.
console-source-companies = Companies
console-source-is-connected = connected already
console-source-connect = Connect
console-source-application = Token of an application
console-source-id = Source
console-source-company = Company's number
console-source-signed-in = Signed in
console-source-connected-at = Connected
console-source-calls = Calls in 24 hours
console-source-pause = Pause
console-source-resume = Resume
console-source-tables = Tables
console-source-children = with { $tables }
console-source-filtered = only rows that meet a filter
console-source-save = Save
console-source-settings = Settings
console-source-zone = Time zone
console-source-zone-hint = The zone of the company, for example Europe/Moscow.
console-source-hints = Read again what webhooks speak of
console-source-hints-text = Events of the vendor are then signals only: each entity is read in full. It costs one call per event.
console-source-renew = Sign in again
console-source-renew-text = The new token serves all sources that share this account.
console-source-remove = Remove this source
console-source-remove-text = Nothing is read from this company any more, and the token is forgotten with the last source that uses it.
console-source-remove-rows = What becomes of its rows
console-source-keep = Keep the rows
console-source-keep-text = They stay as they are, to look at and to export. You can erase them later, and if you connect the company again, it goes on with them.
console-source-delete = Erase the rows
console-source-delete-text = They are erased from your database for good.
console-source-remove-sure = I want to remove this source.
console-source-remove-do = Remove
console-source-done-added = The company is connected. Its data is being loaded.
console-source-done-taken-up = The company is connected again. Its source goes on with the rows that were kept; everything is being read anew.
console-source-done-cleared = The rows of the removed source are being erased.
console-source-is-kept = removed, its rows are kept: it goes on with them
console-sources-removed = Removed, with rows still here
console-sources-removed-lead = Rows of these sources are still in your database, and count where you sum over it. Connect the company again, and its source goes on with them; or erase them.
console-source-removed-at = Removed: { $at }.
console-source-rows-kept = Its rows are kept.
console-source-rows-going = Its rows are being erased.
console-source-clear = Erase its rows
console-source-clear-sure = I want to erase the rows of this source for good.
console-source-lacks = some of its columns stay empty while these are turned off: { $tables }
source-poorer = This is read from a list that tells less, since the vendor does not let the account read the full one.
source-poorer-columns = These columns stay empty in rows that are new, and as they were in others: { $columns }.
source-poorer-some = Some columns may stay empty, or as they were.
source-poorer-rows = Only what is at the first level comes: rows below it may be missing, and those that are gone there stay.
source-poorer-remedy = Have the right given to the account at the vendor, or sign in again with an account that has it. The full list is asked for every day, and at once after a new sign-in.
console-filter-all = all rows; choose which
console-filter-lead = Which rows are kept
console-filter-children = Rows of these tables come and go with them:
console-filter-join = Keep a row when
console-filter-and = all of this holds
console-filter-or = any of this holds
console-filter-condition = Condition
console-filter-column = Column
console-filter-comparison = Comparison
console-filter-value = Value
console-filter-hint = Rows that are kept out are never stored, by whichever way they come. Days are written as 2026-01-31.
console-filter-equal = is
console-filter-not-equal = is not
console-filter-less = is less than
console-filter-at-most = is at most
console-filter-greater = is more than
console-filter-at-least = is at least
console-filter-contains = contains the text
console-filter-has = is a list with
console-filter-not-null = has a value
console-filter-written = As JSON
console-filter-written-hint = For conditions inside conditions. What stands here counts instead of the fields above.
console-filter-preview = Show what it would do
console-filter-clear = Keep all rows
console-filter-effect = When this is saved:
console-filter-held = Rows here now
console-filter-kept = Stay
console-filter-gone = Become deleted rows, until retention removes them
console-filter-back-all = Rows that it lets in and that are not here come with the next reading, which is due at once.
console-filter-back-month = Rows of the last month that it lets in and that are not here come with the next reading; order older ones by their period.
console-filter-wrong = The filter cannot be used: { $problem }
console-source-done-removed = The source is removed.
console-source-renewed-in-part = Signed in again. This account does not see the companies of these sources, which stand still until it does: { $sources }. What was loaded of them stays; the other sources of the sign-in go on.
console-source-table-rows = show the rows
console-source-with-others = comes with what mentions it
console-filter-more = More conditions

# The page of a source's webhook.
console-webhook-title = Events from the vendor
console-webhook-on = The vendor sends events here
console-webhook-off = The vendor sends no events here
console-webhook-text = With events, a change at the vendor is in your database within seconds. Without them it comes with the next reading. Nothing is missed either way.
console-webhook-address = Address
console-webhook-address-hint = Whoever knows it can send events. Register it below, or paste it into the company's settings at the vendor yourself.
console-webhook-others = Addresses of other programs at the vendor, which stay as they are: { $count }
console-webhook-missing = The vendor does not tell of these, because they are switched off there: { $things }
webhook-missing = The vendor does not tell of these, because they are switched off there: { $things }. Changes of them come with the next reading.
webhook-all-off = Everything is switched off there, so that the other programs' addresses receive nothing either.
webhook-add-kinds = To have all of it, register with "kinds": "add". The vendor has one set of switches for all addresses of the company: the other programs then receive all of it too, and what was on stays on.
console-webhook-all-off = Everything is switched off at the vendor: the other programs receive nothing either.
console-webhook-others-missing = Other programs have addresses at the vendor, and what is switched off for them is switched off for this one: { $things }. Changes of these would come with the next reading.
console-webhook-all-kinds = Switch on all of it
console-webhook-all-kinds-text = The vendor has one set of switches for all addresses of the company: the other programs then receive these events too. What is switched on stays so.
console-webhook-add = Switch them on
console-webhook-register = Have the vendor send events here
console-webhook-unregister = Stop the events
console-webhook-rotate = Change the address
console-webhook-rotate-text = When the address may have become known to others. Where it is registered, the new one takes its place at the vendor at once; where you pasted it in yourself, put the new one there. The old one lets events in until you revoke it: wait some minutes, since some may still be under way.
console-webhook-rotate-do = Make a new address
console-webhook-revoke-do = Revoke earlier addresses
console-webhook-done-registered = The vendor sends events here from now on.
console-webhook-done-unregistered = The vendor sends no more events here.
console-webhook-done-rotated = This is the new address.
console-webhook-done-revoked = Only this address lets events in.
journal-webhook-left = The address of webhooks may still stand at the vendor, who could not be asked when the source { $source } was removed: take it away in the company's settings there. Events that come by it change nothing.

# What a source reads on request, and how far it has come.
console-reading-now = Pull now
console-reading-asked = Asked for. Below is how far it has come.
console-reading-history = Load a period of the past
console-reading-history-text = It is read month by month, the newest first. Lists of things, such as services and staff, have no history: every reading brings them whole.
console-reading-all-tables = all that have a history and are turned on
console-reading-load = Load
console-reading-latest = Latest readings
console-reading-what = What was read
console-reading-windows = Windows read
console-reading-regular = What was due
console-reading-by-hand = Everything, by hand
console-reading-some-by-hand = By hand
console-reading-waiting = waiting
console-reading-running = under way
console-reading-paused = stands still
console-reading-done = done
console-reading-partial = done in part
console-reading-failed = failed

# Details of documents.
console-documents-title = Details of documents
console-documents-text = The vendor has no list of documents. Their numbers come with records and movements; what else a document says costs one call to the vendor for each, and is read only when you ask for it.
console-documents-from = First day
console-documents-to = Last day
console-documents-days = Only documents that a movement of these days speaks of; without days all.
console-documents-count = What would it cost?
console-documents-cost = { $calls ->
    [0] nothing is left to be read
   *[other] details of { $calls } documents: { $calls } calls, about { $minutes } min
}
console-documents-calls = { $calls }, about { $minutes } min
console-documents-unreadable = { $count ->
    [one] 1 document is passed by: what stands in the place of its id is none
   *[other] { $count } documents are passed by: what stands in the place of their ids is none
}
console-documents-order = Read the details
console-documents-ordered = Ordered. The number below falls as they are read.
console-reports-cost = Every document costs a call to the vendor. A refresh of the period: { $calls } calls as far as is known, about { $minutes } min.
console-reports-calls = Calls of a refresh

# Why a vendor's record is kept aside.
parked-reason-not-an-object = It is no record: a list or a bare value came in its place.
parked-reason-no-id = It has no id.
parked-reason-not-an-event = It is no event.
parked-reason-no-company = The event does not name a company.
parked-reason-no-resource = The event does not say what it speaks of.
parked-reason-other-company = The event is of another company.
parked-reason-other-entity = What the event carries is another record than the one it names.
parked-reason-no-table = There is no table for what it speaks of.
parked-reason-no-body = The event carries no record.
parked-reason-unreadable = What came could not be read; only its length is kept.
