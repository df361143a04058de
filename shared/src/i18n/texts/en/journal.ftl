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
journal-work-put-aside = A message of the queue { $queue } was put aside after { $attempts } attempts ({ $kind }): { $error }
