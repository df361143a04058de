# Dlaczego czegoś nie udało się zrobić: co się stało, co zostało zachowane, co zrobić.
problem-internal = Coś zawiodło po naszej stronie. Wcześniejsze dane są bez zmian; spróbuj ponownie, a jeśli to się powtarza, podaj nam kod { $code }.
# Dlaczego nie udało się przygotować pliku; kod następuje po `problem-export-`.
problem-export-disk-full = Zabrakło miejsca na przygotowanie pliku. Zwolnij miejsce albo wybierz XML lub CSV, które go nie potrzebują.
problem-export-too-large = Plik byłby większy niż { $limit } przeznaczone na przygotowanie jednego pliku. Wybierz mniej wierszy lub kolumn albo XML lub CSV, które nie mają tego ograniczenia.
problem-export-erased = Osobę, która była w pliku, usunięto, więc plik wycofano. Zamów go ponownie.
problem-export-database = Nie udało się odczytać bazy danych do końca.
problem-export-store = Nie udało się zapisać gotowego pliku.
problem-export-broken-off = Przygotowanie zostało przerwane { $attempts } razy.
problem-export-order = Zamówionego pliku nie można już zapisać: { $problem }.
problem-export-passwords = Nie udało się odszyfrować zapisanego hasła; zamów plik bez haseł albo przywróć klucz, którym je zaszyfrowano.
problem-export-value = Zapisanej wartości nie można umieścić w pliku: { $problem }.
problem-export-internal = Coś zawiodło po naszej stronie.

# Answers of the API, by their code.
problem-unauthorized = Wyślij ważny token API w nagłówku „Authorization: Bearer wyn_…”.
problem-insufficient-scope = To wymaga tokenu o zakresie „write”.
problem-not-found = W tej subskrypcji nie ma nic o tej nazwie lub id.
problem-method-not-allowed = Ten adres nie przyjmuje takiego żądania.
problem-malformed = Żądania nie można odczytać.
problem-invalid-field = Wartości pola { $field } nie można użyć.
problem-invalid-cursor = Ten kursor nie został wydany dla tej listy.
problem-unknown-column = W tej tabeli nie ma kolumny { $field }.
problem-conflict = W obecnym stanie nie można tego zrobić.
problem-idempotency-mismatch = Tego Idempotency-Key użyto dla innego żądania.
problem-too-large = Żądanie jest większe niż dozwolone.
problem-too-many-failures = Zbyt wiele nieudanych żądań z tego adresu. Odczekaj i spróbuj ponownie.
problem-timeout = Trwało to zbyt długo. Spróbuj ponownie.
problem-unavailable = Czegoś potrzebnego chwilowo brakuje. Spróbuj ponownie; Idempotency-Key czyni to bezpiecznym.
problem-forbidden = Ten link lub token na to nie pozwala.
problem-plan-rows-used = Wykorzystano wiersze, które plan dopuszcza w tym miesiącu. Pobieranie ruszy samo w następnym miesiącu albo z większym planem; nic nie przepada.
problem-plan-ended = Plan się skończył. Eksport działa dalej; pobieranie ruszy z nowym planem, nic nie przepada.
problem-pull-internal = Coś poszło nie tak po naszej stronie; próba zostanie ponowiona.
problem-pull-busy = Ktoś inny pracuje na tym źródle.
problem-pull-interrupted = Praca została przerwana; następna zacznie tam, gdzie ta skończyła.
problem-pull-not-active = Źródło jest wstrzymane, usunięte albo czeka na dane dostępu.
problem-history-too-far-back = Plan obejmuje historię od { $from }.
problem-history-period = Tego okresu nie można odczytać.
problem-history-table = { $table } nie ma własnej historii.
problem-selection-table = Nie ma tabeli { $table }.
problem-selection-child = Wiersze { $table } przychodzą z wierszami innej tabeli; filtr należy ustawić tam.
problem-selection-filter = Filtr jest niezrozumiały: { $problem }.
problem-webhook-full = Firma ma już u dostawcy { $most } adresów webhooków, więcej nie można. Usuń tam jeden i spróbuj ponownie.
problem-webhook-switched-off = U dostawcy są wyłączone webhooki innych programów. Włącz je tam lub usuń i spróbuj ponownie; nic nie zmieniono.
problem-webhook-differing = Webhooki innych programów mają u dostawcy różne ustawienia, które rejestracja by ujednoliciła. Dodaj adres ręcznie; nic nie zmieniono.
problem-webhook-unreadable = Nie można odczytać ustawień webhooków u dostawcy. Dodaj adres ręcznie; nic nie zmieniono.
problem-webhook-not-kept = Dostawca nie zachował ustawień webhooków. Sprawdź je u niego.
problem-bi-file = Dane są tu w pliku SQLite: otwórz sam plik. Loginy dla narzędzi BI tworzy się w PostgreSQL.
