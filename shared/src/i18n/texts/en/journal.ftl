# Entries of the journal, by their code.
journal-export-ordered = Export ordered: { $what }
