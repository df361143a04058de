# Imports: why one failed, what its report says.
problem-import-file-empty = The file is empty. Nothing was imported. Export it again at its origin and upload it anew.
problem-import-file-is-zip = This is a zip archive, not an XML file. Nothing of it was kept. Unpack it and upload what is inside.
problem-import-file-is-gzip = This is a gzip file, not an XML file. Nothing of it was kept. Unpack it, or name it .xml.gz, and upload it anew.
problem-import-file-compression-damaged = The compressed data is damaged (line { $line }, byte { $byte } of what it holds). Nothing of it was kept. Copy or export the file again and upload it anew.
problem-import-file-encoding = The file is in { $encoding } (line { $line }, byte { $byte }). Nothing of it was kept. Save it in UTF-8 and upload it anew.
problem-import-file-not-utf8 = Line { $line } (byte { $byte }) holds bytes that are not UTF-8. Nothing of the file was kept. Save it in UTF-8 and upload it anew.
problem-import-file-not-xml = This is not an XML file (line { $line }, byte { $byte }). Nothing of it was kept. Choose an exchange file, or import it as a list.
problem-import-file-malformed = The XML is not well formed at line { $line }, byte { $byte } (the parser says: { $problem }). Nothing of it was kept. Export the file again at its origin, or mend it, and upload it anew.
problem-import-file-not-exchange = This is XML, but not an exchange file: its root at line { $line }, byte { $byte } is <{ $root }>, not <wynos> of the namespace urn:wynos:exchange:1. Nothing of it was kept. Choose an exchange file.
problem-import-file-doctype = The file has a DOCTYPE at line { $line }, byte { $byte }, which an exchange file must not have. Nothing of it was kept. Export the file again at its origin, or take the DOCTYPE out, and upload it anew.
problem-import-file-entity = The entity &{ $entity }; at line { $line }, byte { $byte } is not allowed; only &lt; &gt; &amp; &quot; &apos; are. Nothing of the file was kept. Mend it and upload it anew.
problem-import-file-truncated = The file is truncated: it ends too early, at line { $line }, byte { $byte }. Nothing of it was kept. Copy or export it again and upload it anew.
problem-import-file-cut-short = The file is truncated: its compressed data ends too early, after byte { $bytes } of the compressed file. Nothing of it was kept. Copy or export it again and upload it anew.
problem-import-file-version = The file has format version { $version } (line { $line }, byte { $byte }); this program reads version { $known } and its minor versions. Nothing of it was kept. Update this program, or export the file in an older version.
problem-import-file-header = The header's <{ $element }> cannot be: { $found } (line { $line }, byte { $byte }). It takes { $element ->
    [origin] the id of a subscription
    [created_at] an instant with its zone
    [profile] basic or full
    [passwords] true or false
    [version] a format version such as 1.0
   *[other] what the format describes, once
}. Nothing of the file was kept. Export it again at its origin, or mend it, and upload it anew.
problem-import-file-section = The section <{ $section }> at line { $line }, byte { $byte } is unknown, missing, given twice, out of order, or not of the file's profile. Nothing of it was kept. Export the file again at its origin and upload it anew.
problem-import-file-trailer = The trailer at line { $line }, byte { $byte } does not fit what was read of { $section }: rows were lost, added or counted wrongly. Nothing of the file was kept. Export it again at its origin and upload it anew.
problem-import-file-checksum = { $section } was damaged or changed after the file was made: its SHA-256 is { $found }, the file says { $expected } (line { $line }, byte { $byte }). Nothing of it was kept. Copy or export the file again and upload it anew.
problem-import-file-too-large = At line { $line }, byte { $byte } the file passes a limit: { $unit ->
    [times] it unpacks to more than { $most } times its size
    [elements] elements lie more than { $most } deep
    [attributes] an element has more than { $most } attributes
   *[bytes] the file, or one of its texts or tags, is larger than { $limit }
}. Nothing of it was kept. Export it again at its origin, or split it, and upload it anew.
problem-import-file-ended = Reading went on after an error. Nothing of the file was kept. Start the import again.
problem-import-list-empty = The list is empty. Nothing was imported. Save it with its headers and upload it anew.
problem-import-list-column = The table { $table } has no column { $column }. Nothing of the list was kept. Choose another mapping of its columns.
problem-import-list-table = Rows of the table { $table } cannot come in as a list. Nothing of it was kept. Choose another table or an exchange file.
problem-import-list-format = The file is not the list it is said to be: it looks like { $kind ->
    [excel] an old or password-protected Excel workbook
    [gzip] a gzip archive
    [zip] a zip archive or an XLSX workbook
    [pdf] a PDF document
    [xml] an XML file
    [text] text, as CSV files are
   *[other] something else
}. Nothing of it was kept. Choose its true format, or save it as CSV or XLSX without a password.
problem-import-list-encoding = Line { $line } is not { $encoding } text. Nothing of the list was kept. Save it in UTF-8 and upload it anew.
problem-import-list-row-too-long = The row that begins at line { $line } is larger than { $limit }; is a closing quote missing? Nothing of the list was kept. Mend it and upload it anew.
problem-import-list-open-quote = The quote that opens at line { $line } is never closed; the rest of the file would be one cell. Nothing of the list was kept. Close it and upload the list anew.
problem-import-list-no-known-column = No column of the file is known. Nothing of it was kept. Check that its first row has the headers, or choose which column is which.
problem-import-list-too-many-cells = Line { $line } has { $cells } cells, more than { $most }. Nothing of the list was kept. Take out the columns that are too many and upload it anew.
problem-import-list-too-large = { $part } in the workbook unpacks to more than { $limit }. Nothing of it was kept. Split the list, or save it as CSV.
problem-import-list-workbook = The workbook cannot be read at { $place } (the reader says: { $reason }). Nothing of it was kept. Open it in a spreadsheet program, save it anew as XLSX or CSV and upload that.
problem-import-list-mapping = The mapping does not fit the table, or leads two columns to one. Nothing of the list was kept. Choose the mapping again.
problem-import-list-mapping-headers = The mapping names columns that the file does not have: { $headers }. Nothing of the list was kept. Name the file's columns as its first row has them, or give the file the mapping is for.
problem-import-list-header = The file has no column { $header }, which the format needs. Nothing of it was kept. Add the column, or import the file as a list of another kind.
problem-import-list-failed = The list could not be read. Nothing of it was kept. Check its format and upload it anew.
problem-import-too-large = The file is larger than the { $limit } that are let in. Nothing of it was kept. Split it, or import it from the command line.
problem-import-no-file = There is no uploaded file. Upload it again.
problem-import-empty = The file is empty. Nothing was imported.
problem-import-zip = This is a zip archive, not an XML file. Unpack it and upload what is inside.
problem-import-file-changed = The file is not the one that was validated. What was written before stays; start a new import of the new file.
problem-import-broken-off = It was broken off and never came to its end.
problem-import-order = The import cannot be done so: { $problem }.
problem-import-disk-full = There was no room left on the disk. Free some space and start again: what was written before stays, and the rest goes on after it.
problem-import-internal = Something failed on our side. What was written before stays and can be completed by starting again.
journal-import-applied = Import applied: { $file }, { $rows } rows, { $new } new, { $changed } changed, { $rejected } rejected
journal-import-undone = Import undone: { $file }, { $undone } rows taken back, { $kept } left
journal-import-failed = Import failed: { $file }. { $reason }
report-column-severity = Kind
report-column-table = Table
report-column-row = Id
report-column-line = Line
report-column-field = Field
report-column-message = What
report-column-expected = Expected
report-column-found = Found
report-column-code = Code
report-severity-error = rejected
report-severity-conflict = conflict
report-severity-warning = warning
report-severity-merge = merged
report-reference-missing = The row refers to { $found }, which is neither in the file nor here; it was left out.
report-reference-left-out = The row refers to { $found }, which is neither in the file nor here; it came in without that.
report-record-left-out = One record of the list was left out because what it needs is not there: { $found }
report-custom-values-unreadable = The custom values cannot be read; the row came in without them.
report-secret-not-kept = The value of the field { $found } could not be encrypted; the row came in without it.
report-repeated-row = The file has a row with the id { $found } before; this one was left out.
report-repeated-key = Rows without ids are told apart by { $field }, and { $expected } has the same; this one was left out.
report-repeated-content = The same stands in { $expected }, and nothing tells the two apart; this one was left out.
report-other-name = It is taken for { $expected } here, which has the same { $field }, though the names differ.
report-missing = A value that every row needs is missing: { $field }.
report-merge-ambiguous = More than one row here has the same { $field }, or different keys lead to different rows; nothing was merged.
report-merge-taken = { $expected } here was merged with another row of the same file; this one came in by itself.
report-merged = Merged with { $expected }, which has the same { $field }.
report-merged-gone = It stands for { $expected }, which was deleted here; nothing was changed.
report-conflict = { $field } was changed both in the file and here.
report-conflict-deleted = The row was deleted here and is in the file.
report-conflict-gone = The row was deleted here, and { $field } was changed in the file.
report-undo-touched = Somebody touched the row since; it was left as it is.
report-undo-needed = Another row that stays refers to this one; it was left.
report-name-made = { $found } was not here and was made.
report-name-not-found = { $found } leads to no row or to several; the row came in without it.
report-not-corrected = The value of { $field } has to be given otherwise, or left out.
report-list-value = The value cannot be read: expected { $expected }.
report-column-unknown = No column of this name is known; what { $field } holds was left out.
report-column-ambiguous = { $field } can be more than one column ({ $expected }); what it holds was left out.
report-column-doubled = An earlier column of the file is { $expected } already; what { $field } holds was left out.
report-column-unnamed = The mapping does not name the column { $field }; what it holds was left out.
report-newer-version = The file was made by the newer version { $found }; what is new in it was skipped.
report-element-skipped = The element { $found } of a newer version was skipped.
report-no-digest = The file states no checksum of { $field }, so damage to it cannot be told.
report-unknown-element = The element { $found } does not belong there.
report-repeated = { $field } is given twice.
report-unknown-attribute = The attribute { $found } does not belong there.
report-wrong-type = Expected { $expected }, found { $found }.
report-unknown-value = { $found } is none of the allowed values: { $expected }.
report-too-long = The text is longer than allowed.
report-bad-character = The text holds a character that XML cannot hold.
report-stray-text = There is text between elements.
report-nip = This is not a valid NIP.
report-inn = This is not a valid INN.
report-phone = This is not a telephone number.
report-placeholder-phone = This number stands for "no phone".
report-postal-code = This is not a postal code of its country.
report-email = This is not an e-mail address.
report-pesel = The text seems to hold a personal number (PESEL).
report-sheet-skipped = The sheet { $found } has another header than the first one; it was left out.
report-no-rows = The file has a header and no rows under it. Nothing came in; export it again at its origin if it should have rows.
report-cards-passed = Rows of parts without a delivery, which this list does not bring in: { $found }.
report-rows-short = Rows with fewer cells than the header; the cells that lack are read as empty: { $found }.
report-part-header = the header
report-field-row = the row
report-found-none = none
report-found-error = a formula error
expected-integer = a whole number
expected-decimal = a number with at most { $arg } digits after the decimal sign
expected-sign = nothing in the file tells whether this sign is the decimal one or groups thousands
expected-yes-no = yes or no
expected-date = a date, such as 2016-03-01
expected-instant = a date and time, such as 2016-03-01 14:30
expected-instant-zone = a time with its zone, such as 2016-03-01T14:30:00Z
expected-date-order = a date whose order the mapping states: day first or month first
expected-shown-hour = a time that the clocks of the zone show
expected-one-of = one of { $arg }
expected-json-list = a JSON array of objects
expected-records = records of { $arg }
expected-formula = a value; the formula in the cell failed
expected-result = a value; the file does not hold the formula's result: open it in a spreadsheet program and save it
expected-known-column = a value in a column that is known
expected-line = line { $arg }
expected-value = a value
expected-id = an id
expected-cells = { $arg } cells
expected-row-bytes = at most { $arg } bytes in one row
expected-bytes = at most { $arg } bytes
expected-values = at most { $arg } values
expected-characters = characters that XML can hold; others are written as _xHHHH_
expected-plain-text = text without elements
expected-element = an element of the format
expected-no-attribute = no such attribute
expected-elements = only elements
expected-once = the element once
expected-attribute = the attribute field
expected-nip = a NIP of ten digits
expected-inn = an INN of ten or twelve digits
expected-own-number = a number of the customer's own
expected-phone = a telephone number
expected-email = an e-mail address
expected-no-pesel = no personal number (PESEL)
import-list-needs-table = A list fills one table: name it with --table. The tables are { $tables }.
