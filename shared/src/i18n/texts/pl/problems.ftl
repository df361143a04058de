# Dlaczego czegoś nie udało się zrobić: co się stało, co zostało zachowane, co zrobić.
problem-internal = Coś zawiodło po naszej stronie. Wcześniejsze dane są bez zmian; spróbuj ponownie, a jeśli to się powtarza, podaj nam kod { $code }.
# Dlaczego nie udało się przygotować pliku; kod następuje po `problem-export-`.
problem-export-disk-full = Zabrakło miejsca, żeby przygotować albo przechować plik. Zwolnij miejsce i zamów go ponownie.
problem-export-too-large = Plik byłby większy niż { $limit } przeznaczone na przygotowanie jednego pliku. Wybierz mniej wierszy lub kolumn albo XML lub CSV, które nie mają tego ograniczenia.
problem-export-erased = Osobę, która była w pliku, usunięto, więc plik wycofano. Zamów go ponownie.
problem-export-database = Nie udało się odczytać bazy danych do końca.
problem-export-store = Nie udało się zapisać gotowego pliku.
problem-export-broken-off = Przygotowanie zostało przerwane { $attempts } razy.
problem-export-order = Zamówionego pliku nie można już zapisać: { $problem }.
problem-export-passwords = Nie udało się odszyfrować zapisanego hasła; zamów plik bez haseł albo przywróć klucz, którym je zaszyfrowano.
problem-export-value = Zapisanej wartości nie można umieścić w pliku: { $problem }.
problem-warehouse-stored = Tabela { $table }, wiersz { $row }, kolumna { $column }: zapisana wartość nie jest typu kolumny. Popraw ją w bazie danych albo wczytaj wiersz ponownie i spróbuj jeszcze raz.
problem-export-internal = Coś zawiodło po naszej stronie.

# Answers of the API, by their code.
problem-unauthorized = Wyślij ważny token API w nagłówku „Authorization: Bearer wyn_…”.
problem-insufficient-scope = To wymaga tokenu o zakresie „write”.
problem-not-found = W tej subskrypcji nie ma nic o tej nazwie lub id.
problem-method-not-allowed = Ten adres nie przyjmuje takiego żądania.
problem-malformed = Żądania nie można odczytać.
problem-malformed-why = Nie można odczytać żądania: { $problem }.
problem-invalid-field = Wartości pola { $field } nie można użyć.
problem-invalid-field-why = Nie można użyć wartości pola { $field }: { $problem }.
problem-invalid-cursor = Ten kursor nie został wydany dla tej listy.
problem-unknown-column = W tej tabeli nie ma kolumny { $field }.
problem-conflict = W obecnym stanie nie można tego zrobić.
problem-conflict-why = W obecnym stanie nie można tego zrobić: { $problem }.
problem-in-use = Odwołują się do tego inne wpisy, między innymi { $field }: najpierw zmień je albo usuń.
problem-idempotency-mismatch = Tego Idempotency-Key użyto dla innego żądania.
problem-too-large = Żądanie jest większe niż dozwolone.
problem-upload-differs = Przesłano nie to, co zapowiedziano: rozmiar albo SHA-256 jest inny. Nic z tego nie zachowano; wyślij właściwy plik pod ten sam adres.
problem-too-many-failures = Zbyt wiele nieudanych żądań z tego adresu. Odczekaj i spróbuj ponownie.
problem-timeout = Trwało to zbyt długo. Spróbuj ponownie.
problem-unavailable = Czegoś potrzebnego chwilowo brakuje. Spróbuj ponownie; Idempotency-Key czyni to bezpiecznym.
problem-no-room = Na dysku serwera zabrakło miejsca. Tego, co wysłano, nie zachowano; wszystko zapisane wcześniej jest bez zmian. Zwolnij tam miejsce i wyślij ponownie; Idempotency-Key czyni to bezpiecznym.
problem-forbidden = Ten link lub token na to nie pozwala.
problem-plan-rows-used = Wykorzystano wiersze, które plan dopuszcza w tym miesiącu, albo następna porcja jest większa niż to, co z nich zostało. Pobierze się sama w następnym miesiącu albo z większym planem; nic nie przepada.
problem-plan-storage-used = Miejsce z planu jest zajęte. Pobieranie ruszy samo, gdy znajdzie się miejsce, albo z większym planem; nic nie przepada.
problem-plan-ended = Plan się skończył. Eksport działa dalej; pobieranie ruszy z nowym planem, nic nie przepada.
problem-pull-internal = Coś poszło nie tak po naszej stronie; próba zostanie ponowiona.
problem-pull-credential = Tokenu tego źródła nie da się odszyfrować kluczami tego serwera. Zaloguj się ponownie albo poproś osobę prowadzącą serwer o przywrócenie kluczy.
problem-pull-busy = Na tym źródle pracuje inne polecenie lub serwer. Spróbuj ponownie, gdy skończy; gdyby zostało przerwane siłą, źródło zwolni się dziesięć minut po jego ostatnim znaku życia.
problem-pull-busy-until = Na tym źródle pracuje inne polecenie lub serwer. Spróbuj ponownie, gdy skończy; jeśli zostało przerwane siłą, źródło zwolni się najpóźniej { $until }.
problem-pull-interrupted = Praca została przerwana; następna zacznie tam, gdzie ta skończyła.
problem-reconciliation-nothing-compared = Niczego nie porównano: nie ma włączonej tabeli, którą można porównać i która była wtedy wczytywana.
problem-reconciliation-too-long = Mimo wielu prób nie udało się odczytać do końca.
problem-reconciliation-list-short = Lista skończyła się wcześniej, niż wynika z liczby podanej przez samego dostawcę: czego na niej nie było, może mimo to istnieć.
problem-reconciliation-unreadable = Przyszły rekordy, których nie da się odczytać; odłożono je, a tego, co mogą mówić, nie porównano.
problem-reconciliation-table = Tabela { $table } nie jest porównywana z dostawcą.
problem-reconciliation-no-table = Nie ma tabeli { $table }.
problem-pull-not-active = Z tego źródła nic nie jest odczytywane: jest wstrzymane, usunięte albo czeka na ponowne zalogowanie. Wznów je lub zaloguj się ponownie i zamów jeszcze raz.
problem-history-too-far-back = Plan obejmuje historię od { $from }.
problem-history-period = Tego okresu nie da się odczytać: kończy się przed początkiem, leży w przyszłości albo jest za długi.
problem-history-table = O okres tabeli { $table } nie można zapytać osobno: jest odczytywana w całości albo przychodzi z inną tabelą.
problem-selection-table = Nie ma tabeli { $table }.
problem-selection-child = Wiersze tej tabeli przychodzą z wierszami { $of }; filtr należy ustawić tam.
problem-selection-filter = Filtr jest niezrozumiały: { $problem }.
problem-webhook-full = Firma ma już u dostawcy { $most } adresów webhooków, więcej nie można. Usuń tam jeden i spróbuj ponownie.
problem-webhook-switched-off = U dostawcy są wyłączone webhooki innych programów. Rejestracja ze wszystkimi rodzajami (pole na stronie, --all-kinds, "kinds": "add") włączy je także tym programom; możesz też włączyć je lub usunąć u dostawcy i spróbować ponownie. Nic nie zmieniono.
problem-webhook-differing = Webhooki innych programów mają u dostawcy różne ustawienia, które rejestracja by ujednoliciła. Dodaj adres ręcznie; nic nie zmieniono.
problem-webhook-unreadable = Nie można odczytać ustawień webhooków u dostawcy. Dodaj adres ręcznie; nic nie zmieniono.
problem-webhook-not-kept = Dostawca nie zachował ustawień webhooków. Sprawdź je u niego.
problem-bi-file = Dane są tu w pliku SQLite: otwórz sam plik. Loginy dla narzędzi BI tworzy się w PostgreSQL.
problem-bi-foreign-tables = Loginu nie utworzono, a już istniejący zachowuje hasło: użytkownik Wynos w bazie danych, { $user }, nie może tworzyć tabel obcych przez postgres_fdw. Niech superużytkownik wykona w bazie template1 dwa polecenia, a potem spróbuj ponownie: CREATE EXTENSION IF NOT EXISTS postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO { $user };
problem-bi-trusted = Loginu nie utworzono: serwer bazy danych nie pyta o hasło nikogo, kto łączy się z samego serwera („trust” w pg_hba.conf), a w ten sposób postgres_fdw niczego nie odczyta. Niech administrator wpisze przed wszystkimi innymi wierszami pg_hba.conf te dwa, wykona SELECT pg_reload_conf(); i spróbuj ponownie: host all { $user } 127.0.0.1/32 scram-sha-256 oraz host all { $user } ::1/128 scram-sha-256
problem-bi-not-made = Baza danych nie wykonała swojej części; więcej mówi dziennik programu. Login, który już istniał, zachowuje hasło. Spróbuj ponownie.
problem-bi-in-doubt = Połączenie z bazą danych zerwało się, gdy nowe hasło zaczynało obowiązywać, więc nie wiadomo, czy stare jeszcze działa. Poproś o kolejne: będzie działać niezależnie od tego, które z nich obowiązuje teraz.

order-no-table = lista potrzebuje nazwy tabeli
order-all-tables = plik w formacie { $format } nie ma jednej tabeli
order-not-a-list = kolumny i wiersze wybiera się tylko w listach
order-no-list = nie ma listy o nazwie { $name }
order-no-column = { $table } nie ma kolumny { $column }
order-twice = kolumna { $column } jest wymieniona dwa razy
order-no-condition = „{ $text }” nie jest warunkiem: kolumna, znak jak = albo >= i wartość
order-too-many-conditions = warunków jest więcej niż { $most }
order-no-value = „{ $value }” nie jest wartością kolumny { $column }
order-no-profile = nie ma profilu { $name }
order-passwords = hasła wychodzą tylko w pliku wymiany o profilu pełnym
order-long-purpose = cel ma najwyżej { $most } znaków
order-nul-in-purpose = cel jest tekstem bez U+0000

filter-too-deep = warunki mogą być zagnieżdżone najwyżej { $most } razy
filter-not-a-list = „and” i „or” potrzebują listy, w której jest najwyżej { $most } warunków
filter-no-condition = { $text } nie jest warunkiem: kolumna z „is” i wartością, „in” albo „has”; „null” albo „not_null” z kolumną; albo „and”, „or”, „not” z warunkami
filter-unexpected = warunek nie zna słowa „{ $word }”: każdy warunek mówi jedno
filter-no-column = tabela nie ma kolumny „{ $column }”
filter-no-value = { $value } nie jest wartością kolumny { $column }
filter-no-values = { $column } potrzebuje listy, w której jest najwyżej { $most } wartości
filter-holds-nothing = { $column } nie jest listą, która mogłaby zawierać { $value }
filter-no-comparison = kolumny { $column } nie można porównać przez „{ $word }”: możliwe są { $known }
filter-not-text = { $column } nie jest tekstem, który mógłby zawierać inny
filter-not-json = to nie jest JSON ({ $reason })

problem-one-of = musi to być jedna z wartości: { $choices }
problem-both-days = pierwszy i ostatni dzień okresu podaje się razem albo wcale
problem-journal-time = napisz czas, na przykład 2026-01-31T08:00:00Z, albo dzień, na przykład 2026-01-31
problem-name-length = jest puste albo za długie
problem-reports-no-field = żaden rekord nie ma pola { $path }
problem-reports-no-field-near = żaden rekord nie ma pola { $path }; czy chodziło o { $nearest }?
problem-reports-taken = tabelę o tej nazwie ma inny raport albo zachowane wiersze usuniętego raportu

# What is wrong with a description of tables, and where.
description-fault = wiersz { $line }, kolumna { $column }: { $problem }
description-syntax = to nie jest YAML opisu: { $reason }
description-repeats = kotwice i aliasy nie są tu czytane; wypisz to w całości
description-unknown-field = nie ma tu pola { $field }; mogą być { $known }
description-missing-field = brakuje tu pola { $field }
description-field-twice = pole { $field } jest tu podane dwa razy
description-no-list = tu ma być lista: ujmij ją w [ i ], z przecinkami, jak w [a, b]
description-no-fields = tu mają być pola: napisz nazwę, dwukropek i wartość
description-too-long = opis jest dłuższy niż { $limit } bajtów
description-nothing = { $what ->
    [tables] nie ma żadnej tabeli
    [columns] nie ma żadnej kolumny
   *[conditions] nie ma żadnego warunku
}
description-too-many = { $what ->
    [tables] tabel jest więcej niż { $limit }
    [columns] kolumn jest więcej niż { $limit }
   *[conditions] warunków jest więcej niż { $limit }
}
description-name = „{ $name }” nie może być nazwą: użyj a-z, 0-9 i pojedynczych _, zacznij od litery, najwyżej 48 znaków
description-reserved = nazwa { $name } jest zastrzeżona dla tabel systemu
description-taken = tabela o nazwie { $name } już istnieje
description-twice = nazwa { $name } jest podana dwa razy
description-path = „{ $path }” nie jest ścieżką: nazwy pól oddziela kropka, po tablicy stoi [], jak w services[].cost
description-unknown-path = w miejscu { $path } nic nie ma
description-unknown-path-near = w miejscu { $path } nic nie ma; czy chodziło o { $nearest }?
description-rows-of-one = wiersze powstają z rekordu (.) albo z elementów tablicy: napisz [] na końcu { $path }
description-type = „{ $type }” nie jest typem: napisz text, integer, decimal(2), boolean, date, timestamp albo json
description-type-does-not-fit = to, co jest w miejscu { $path }, nie pasuje do typu { $type }; pasuje do typu { $fitting }
description-many = { $path } prowadzi do wielu wartości; kolumna z nimi ma typ json
description-default = wartość domyślna nie pasuje do typu { $type }
description-no-parent = przed tą tabelą nie opisano tabeli { $name }
description-parent-without-key = tabela nadrzędna { $name } nie ma klucza: oznacz jej kolumnę przez key: true
description-outside-parent = wiersze tabeli, dla której nadrzędną jest { $parent }, zaczynają się od { $rows }
description-tests = warunek ma dokładnie jedno z: equals, not, one_of, none_of, above, below, empty
description-comparison = warunek porównuje z tekstami, liczbami oraz true i false

# What is wrong with the settings of a job.
settings-no-object = nie są obiektem JSON
settings-missing = brakuje pola { $field }
settings-unknown = nie ma pola { $field }; mogą być { $known }
settings-days = { $field } to całkowita liczba dni, co najmniej 1
settings-period = { $field } to okres: "last 7 days", "last 2 months" albo "since 2026-01-31"
settings-report = { $field } to identyfikator raportu
settings-tables = { $field } to lista nazw tabel, najwyżej { $most }
settings-other-kind = zadanie rodzaju { $kind } nim pozostaje
