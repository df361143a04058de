# Wpisy dziennika według kodu.
journal-export-ordered = Zamówiono eksport: { $what }
