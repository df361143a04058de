# Wpisy dziennika według kodu.
journal-export-ordered = Zamówiono eksport: { $what }
journal-export-built = Przygotowano eksport: { $what }, wierszy: { $rows }, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Pobrano eksport: { $what }
journal-export-claimed-again = Ponownie rozpoczęto pobieranie: { $what }
journal-export-failed = Eksport się nie udał: { $what }. { $reason }
journal-export-written = Zapisano eksport do pliku z wiersza poleceń: { $what }, wierszy: { $rows }, { $size }, SHA-256 { $sha256 }
journal-mail-bounced = Wiadomość o pliku nie dotarła do adresata: { $what }. Adres jest nieosiągalny
journal-mail-complained = Adresat oznaczył wiadomość o pliku jako niechcianą: { $what }. Wiadomości na ten adres mogą być odtąd wstrzymywane
journal-mail-rejected = Usługa pocztowa odrzuciła wiadomość o pliku: { $what }
journal-work-put-aside = Komunikat kolejki { $queue } odłożono po { $attempts } próbach ({ $kind }): { $error }
