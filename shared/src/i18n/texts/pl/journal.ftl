# Wpisy dziennika według kodu.
journal-export-ordered = Zamówiono eksport: { $what }
journal-export-built = Przygotowano eksport: { $what }, wierszy: { $rows }, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Pobrano eksport: { $what }
journal-export-claimed-again = Ponownie rozpoczęto pobieranie: { $what }
journal-export-failed = Eksport się nie udał: { $what }. { $reason }
journal-export-written = Zapisano eksport do pliku z wiersza poleceń: { $what }, wierszy: { $rows }, { $size }, SHA-256 { $sha256 }
journal-webhook-ingested = Webhook: przyjęte zdarzenia: { $events }, zachowane bez tabeli: { $kept }, odłożone: { $parked }, oczekujące: { $waiting }{ $refused ->
    [0] {""}
   *[other] , odrzucone pod odwołanym adresem: { $refused }
}
