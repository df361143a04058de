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
journal-mail-account-bounced = Wiadomość do użytkownika nie dotarła: adres jest nieosiągalny. Czyj to adres, widać w zakładce „Ludzie i programy”
journal-mail-account-complained = Użytkownik oznaczył wiadomość stąd jako niechcianą. Wiadomości na ten adres mogą być odtąd wstrzymywane. Czyj to adres, widać w zakładce „Ludzie i programy”
journal-mail-account-rejected = Usługa pocztowa odrzuciła wiadomość do użytkownika. Czyj to adres, widać w zakładce „Ludzie i programy”
journal-work-put-aside = Komunikat kolejki { $queue } odłożono po { $attempts } próbach ({ $kind }): { $error }
journal-webhook-ingested = Webhook: przyjęte zdarzenia: { $events }{ $kept ->
    [0] {""}
   *[other] , zachowane bez tabeli: { $kept }
}{ $parked ->
    [0] {""}
   *[other] , odłożone: { $parked }
}{ $waiting ->
    [0] {""}
   *[other] , oczekujące: { $waiting }
}{ $refused ->
    [0] {""}
   *[other] , odrzucone pod odwołanym adresem: { $refused }
}
journal-webhook-contradicted = Webhook: odłożono treści zdarzeń, które wskazują co innego niż ich koperty: { $events } ({ $entities })
journal-load-pulled = Pobrano z { $source }: nowych lub zmienionych wierszy: { $rows }, usuniętych: { $gone }, odłożonych: { $parked }
journal-pull-asked = Odczyt { $source } zlecono ręcznie
journal-history-ordered = Zamówiono historię { $source } od { $from } do { $to }
journal-documents-ordered = Zamówiono szczegóły dokumentów { $source }: zapytań: { $calls }
journal-load-history = Pobrano historię z { $source }: nowych lub zmienionych wierszy: { $rows }, usuniętych: { $gone }, odłożonych: { $parked }
journal-load-history-left-out = { $source }: historii { $table } nie udało się odczytać za { $days }, prób już nie będzie; zamów ją ponownie za te dni. { $reason }
journal-load-list-short = { $source }: lista { $table } skończyła się wcześniej, niż wynika z liczby podanej przez samego dostawcę. Co na niej było, jest pobrane; czego nie było, nie jest uznane za usunięte.
journal-load-failed = { $source }: nie udało się odczytać { $table }. { $reason }
journal-load-paused = Pobieranie z { $source } jest wstrzymane. { $reason }
journal-load-misfit = { $source }: następnych wierszy do załadowania jest { $more }, a plan dopuszcza w tym miesiącu jeszcze { $left } z { $allowed }. Czekają do { $until } albo na większy plan, a z nimi to, co było do odczytu: { $tables }. Mniejsze porcje są tymczasem ładowane; nic nie przepada
journal-plan-ending = Plan kończy się { $until }, a z nim pobieranie; właściciele dostają wiadomość. Eksport działa dalej, nic nie przepada
journal-plan-ended = Plan skończył się { $until } i pobieranie stoi; właściciele dostają wiadomość. Eksport działa dalej, nic nie przepada
journal-load-table-off = { $source }: tabela { $table } jest wyłączona; próba ponawiana jest co dzień. { $reason }
journal-load-table-poorer = { $source }: dostawca nie pozwala czytać listy { $table }; czytana jest uboższa lista, a o tamtą program pyta ponownie co dzień. { $reason }
journal-load-table-on = { $source }: tabelę { $table } znów można czytać
journal-load-credential-refused = { $source } wymaga nowych danych dostępu. { $reason }
journal-load-company-closed = { $source } stoi; próba ponawiana jest co dzień. { $reason }
journal-load-company-open = { $source }: konto znów ma dostęp do firmy, odczyt trwa dalej
journal-load-licence-good = { $source }: licencja firmy jest znów ważna, odczyt trwa dalej
journal-reconciliation-asked = Rozpoczęto uzgadnianie { $source } od { $from } do { $to }
journal-reconciliation-done = Uzgodniono { $source } z dostawcą, od { $from } do { $to }: dni sprawdzone we wszystkich tabelach: { $checked }, nie we wszystkich: { $not_checked }; wierszy brakujących: { $missing }, nadmiarowych: { $extra }, różnych: { $differing }
journal-reconciliation-nothing-compared = Niczego z { $source } nie porównano z dostawcą, od { $from } do { $to }: nie ma włączonej tabeli, którą można porównać i która była wtedy wczytywana
journal-reconciliation-day = { $source }, { $table }, dzień { $day }: wierszy brakujących: { $missing }, nadmiarowych: { $extra }, różnych: { $differing }; { $not_mended ->
    [0] naprawiono
    [one] naprawiono oprócz 1 wiersza, którego nie można było przyjąć i który odłożono
    [few] naprawiono oprócz { $not_mended } wierszy, których nie można było przyjąć i które odłożono
    [many] naprawiono oprócz { $not_mended } wierszy, których nie można było przyjąć i które odłożono
    [other] naprawiono oprócz { $not_mended } wierszy, których nie można było przyjąć i które odłożono
   *[none] naprawiono
}
journal-reconciliation-not-checked = { $source }: { $table } nie sprawdzono od { $from } do { $to }. { $reason }
journal-webhook-registered = Webhook zarejestrowany u dostawcy: { $source }
journal-webhook-kinds-added = Włączono u dostawcy wszystkie rodzaje zdarzeń, także dla adresów innych programów: { $source }
journal-webhook-unregistered = Webhook usunięty u dostawcy: { $source }
journal-webhook-rotated = Nowy adres webhooka: { $source }
journal-webhook-revoked = Odwołano stare adresy webhooka: { $source }
journal-access-bi-login-asked = Poproszono o login dla narzędzi BI albo o nowe hasło do niego
journal-access-bi-login-renewed = Utworzono login dla narzędzi BI albo nadano mu nowe hasło
journal-access-bi-login-failed = Narzędzia BI nie dostały ani loginu, ani nowego hasła. { $reason }
journal-access-bi-login-revoked = Odebrano login narzędzi BI
