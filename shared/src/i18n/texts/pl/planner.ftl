# Co mówią zaplanowane zadania.
mail-job-subject = Zadanie „{ $job }” wciąż się nie udaje
mail-job-failing = Zadanie „{ $job }” firmy { $subscription } nie udało się { $count } razy z rzędu. To, co pobrało wcześniej, pozostało nietknięte. Przyczyna: { $reason }
mail-job-next = Następna próba: { $next }, potem coraz rzadziej. Zadanie można obejrzeć, zmienić lub wstrzymać:
mail-job-no-next = Samo nie spróbuje ponownie. Zadanie można obejrzeć, zmienić lub uruchomić:
journal-job-created = Utworzono zadanie: { $name }, { $schedule }
journal-job-changed = Zmieniono zadanie: { $name }, { $schedule }
journal-job-paused = Wstrzymano zadanie: { $name }
journal-job-resumed = Wznowiono zadanie: { $name }, { $schedule }
journal-job-removed = Usunięto zadanie: { $name }
journal-job-asked = Uruchomiono zadanie ręcznie: { $name }
journal-job-done = Zadanie wykonane: { $name }, wierszy: { $done }, { $seconds } s
journal-job-failed = Zadanie nie powiodło się: { $name }, niepowodzenie nr { $failures } z rzędu. { $reason }
journal-job-partial = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Tabele, których nie udało się odczytać: { $failed_tables }{ $set_aside ->
    [one] ; odłożone rekordy: { $set_aside }
    [few] ; odłożone rekordy: { $set_aside }
    [many] ; odłożone rekordy: { $set_aside }
    [other] ; odłożone rekordy: { $set_aside }
   *[none] {""}
}
journal-job-set-aside = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Odłożone rekordy, których nie da się odczytać albo przyjąć: { $set_aside }
journal-job-not-checked = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Dni, których nie sprawdzono: { $not_checked }
journal-job-nothing-compared = Niczego nie porównano: { $name }, { $seconds } s. Nie ma włączonej tabeli, którą można porównać i która była wtedy wczytywana. Dni: { $nothing_compared }
journal-job-left-out = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Pominięto, bo klucza albo identyfikatora brak albo mają go też inne: { $left_out }
journal-job-unreadable = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Stare wiersze, które pozostały, bo ich klucza nie da się odczytać: { $left_out }
journal-job-unread = Zadanie wykonane częściowo: { $name }, wierszy: { $done }, { $seconds } s. Rekordy, których wiersze pozostały bez zmian, bo dostawca przysłał coś innego niż lista: { $left_out }
journal-job-not-run = Nic nie zrobiono: { $name }. { $reason }
problem-job-settings = Nie można odczytać ustawień zadania: { $reason }
problem-job-not-served = Ta wersja nie wykonuje zadań rodzaju { $kind }.
problem-job-gave-up = Rozpoczynano je kilka razy i ani razu nie doszło do końca.
problem-job-lost = Inny proces przejął to wykonanie.
problem-job-warehouse = Zawiodła baza danych z danymi.
problem-job-control = Zawiodła wspólna baza danych.
problem-job-period = Okres nie zawiera dni, które można by sprawdzić.
journal-report-created = Utworzono raport: { $name }
journal-report-changed = Zmieniono raport: { $name }
journal-report-removed = Usunięto raport: { $name }. { $rows ->
    [deleted] Jego wiersze znikają razem z nim.
   *[kept] Jego wiersze zostają.
}
journal-report-rows-given-up = Zachowane wiersze usuniętego raportu { $name } są usuwane.
journal-report-cleared = Usunięto wiersze usuniętego raportu { $name }
journal-report-fields = Nowe pola w rekordach raportu { $name }: { $fields }
journal-report-variant = Raport { $name }: wartości w { $table }.{ $column } zmieniły typ; trafiają do kolumny { $variant }
journal-report-unread = Raport { $name }: w { $path } jest coś innego niż lista, więc wiersze tabeli { $table } pozostają bez zmian. Rekordy: { $records }
problem-report-gone = Raport został usunięty.
problem-report-broken = Nie można odczytać zapisanego raportu.
problem-report-too-many-documents = Okres ma więcej niż { $limit } dokumentów; wybierz krótszy.
report-preview-without-key = { $count ->
    [one] Pominięto 1 wiersz, bo brakuje części jego klucza ({ $key }).
    [few] Pominięto { $count } wiersze, bo brakuje części ich klucza ({ $key }).
   *[other] Pominięto { $count } wierszy, bo brakuje części ich klucza ({ $key }).
}
report-preview-same-key = Uwaga: { $key } nie odróżnia wierszy. { $count ->
    [one] Pominięto 1 wiersz, bo inny ma ten sam klucz.
    [few] Pominięto { $count } wiersze, bo inne mają ten sam klucz.
   *[other] Pominięto { $count } wierszy, bo inne mają ten sam klucz.
}
report-preview-unread = Uwaga: w { $path } jest coś innego niż lista. { $count ->
    [one] Z 1 rekordu nie powstają wiersze, a te, które miał, pozostają.
   *[other] Z { $count } rekordów nie powstają wiersze, a te, które miały, pozostają.
}
problem-job-pull = Nie można odczytać tabeli { $table }. { $reason }
problem-job-reconciliation = Żadnego dnia nie udało się porównać z dostawcą. { $reason }
console-nav-jobs = Zadania
console-jobs-title = Zadania i raporty
console-jobs-none = Nie ma jeszcze zadań. Utwórz zadanie, a będzie wykonywać się samo, kiedy wskażesz.
console-jobs-job = Zadanie
console-jobs-next = Następne wykonanie
console-jobs-last = Ostatnie wykonanie
console-jobs-rows = Wiersze
console-jobs-actions = Czynności
console-jobs-running = trwa
console-jobs-never = jeszcze nie wykonane
console-jobs-done = wykonane
console-jobs-paused = wstrzymane
console-jobs-waits = czeka na usunięte źródło
console-jobs-source-busy = czeka: na jego źródle pracuje inny przebieg
console-jobs-by-hand = ręcznie
console-jobs-run = Wykonaj teraz
console-jobs-pause = Wstrzymaj
console-jobs-resume = Wznów
console-jobs-remove = Usuń
console-job-base-pull = Pobieranie podstawowe
console-job-report = Raport
console-job-reconciliation = Uzgadnianie
console-job-retention = Usuwanie starych danych
console-reports-title = Raporty
console-reports-none = Nie ma jeszcze raportów. Raport zamienia dane dostawcy w twoją własną tabelę.
console-reports-report = Raport
console-reports-tables = Tabele
console-reports-new = Nowe pola
console-report-documents = Dokumenty
console-report-consumables = Materiały według wizyt
console-report-goods-transactions = Operacje towarowe
console-report-finance-transactions = Operacje finansowe
console-report-record-categories = Kategorie wizyt
console-report-services = Usługi
problem-retention-table = Tabeli { $table } nie można wybrać: jest nieznana, zawiera własne dane serwisu albo jej wiersze znikają razem z tymi, do których należą.
problem-job-queue = Kolejka zawiodła.
journal-retention-swept = Nocne sprzątanie: usunięto { $done } rzeczy, których czas minął
journal-retention-erased = Usunięto dane osoby; dziennik jest dalej prowadzony pod { $proof }
journal-retention-erased-nothing = Nie znaleziono niczego o osobie, której dane miały zostać usunięte: nie mówi o niej żaden wiersz. Nic osobowego o niej nie wejdzie; dziennik jest dalej prowadzony pod { $proof }
journal-retention-erasure-asked = Zażądano usunięcia danych osoby; rejestr będzie prowadzony pod { $proof }
journal-retention-erasure-failed = Nie udało się dokończyć usuwania { $proof }. Nic nowego o tej osobie nie wchodzi, a próba jest ponawiana co noc
console-jobs-lead = Co działa samo, kiedy działało ostatnio i kiedy zadziała znowu.
console-jobs-new = Nowe zadanie
console-jobs-new-title = Nowe zadanie
console-jobs-new-lead = Wybierz, co ma się robić samo i kiedy. Raporty tworzy się na osobnej stronie.
console-jobs-name = Nazwa
console-jobs-kind = Rodzaj
console-jobs-id = Zadanie
console-jobs-make = Utwórz zadanie
console-jobs-made = Zadanie utworzone.
console-jobs-asked = Zadanie jest wykonywane.
console-jobs-removed = Zadanie usunięto. To, co przyniosło, zostaje.
console-jobs-edit = Zmień to zadanie
console-jobs-sure = Na pewno
console-jobs-queued = w kolejce
console-jobs-failed = nieudane
console-jobs-partial = wykonane częściowo
job-gap-tables = { $count ->
    [one] nie odczytano 1 tabeli
   *[other] nie odczytano { $count } tabel
}
job-gap-set-aside = { $count ->
    [one] odłożono 1 rekord
    [few] odłożono { $count } rekordy
   *[other] odłożono { $count } rekordów
}
job-gap-days = { $count ->
    [one] nie sprawdzono 1 dnia
   *[other] nie sprawdzono { $count } dni
}
job-gap-nothing-compared = { $count ->
    [one] niczego nie porównano przez 1 dzień
   *[other] niczego nie porównano przez { $count } dni
}
job-gap-rows-without-key = { $count ->
    [one] pominięto 1 wiersz, bo nie ma klucza
    [few] pominięto { $count } wiersze, bo nie mają klucza
   *[other] pominięto { $count } wierszy, bo nie mają klucza
}
job-gap-rows-with-same-key = { $count ->
    [one] pominięto 1 wiersz, bo inny ma ten sam klucz
    [few] pominięto { $count } wiersze, bo inne mają ten sam klucz
   *[other] pominięto { $count } wierszy, bo inne mają ten sam klucz
}
job-gap-records-without-id = { $count ->
    [one] pominięto 1 rekord, bo dostawca nie podał jego identyfikatora
    [few] pominięto { $count } rekordy, bo dostawca nie podał ich identyfikatorów
   *[other] pominięto { $count } rekordów, bo dostawca nie podał ich identyfikatorów
}
job-gap-unreadable-rows = { $count ->
    [one] pozostał 1 stary wiersz, bo jego klucza nie da się odczytać
    [few] pozostały { $count } stare wiersze, bo ich kluczy nie da się odczytać
   *[other] pozostało { $count } starych wierszy, bo ich kluczy nie da się odczytać
}
job-gap-unread-records = { $count ->
    [one] wiersze 1 rekordu pozostały bez zmian, bo dostawca przysłał coś innego niż lista
   *[other] wiersze { $count } rekordów pozostały bez zmian, bo dostawca przysłał coś innego niż lista
}
console-jobs-failures = Niepowodzenia z rzędu
console-jobs-runs = Ostatnie wykonania
console-jobs-when = Kiedy
console-jobs-outcome = Wynik
console-jobs-took = Czas trwania
console-jobs-run-hint = Bez podania dni obejmuje to, co mówią jego ustawienia.
console-jobs-to-report = Do raportu, który odświeża
console-jobs-all-sources = wszystkie źródła
console-jobs-tables = Tabele
console-jobs-all-chosen = Nic nie wybrano: wszystkie, które źródło ma włączone.
console-jobs-all-compared = Nic nie wybrano: wszystkie, które można porównać.
console-jobs-all-facts = Nic nie wybrano: wizyty, ruchy towarów i pieniędzy oraz inne fakty; listy zostają.
console-jobs-period = Okres
console-jobs-older = Usuwaj wiersze otrzymane dawniej niż tyle dni temu
console-jobs-older-hint = Nie wracają, chyba że zmienią się u dostawcy albo o nie poprosisz.
console-jobs-older-days = { $count ->
    [one] 1 dzień
   *[other] { $count } dni
}
console-job-base-pull-text = Czyta to, co zmieniło się u dostawcy.
console-job-reconciliation-text = Porównuje to, co jest tutaj, z tym, co ma dostawca, i naprawia różnice.
console-job-retention-text = Usuwa wiersze otrzymane dawno temu i zwalnia ich miejsce.
console-took-seconds = { $count } s
console-took-minutes = { $count } min
console-took-hours = { $count } godz.
console-schedule = Kiedy
console-schedule-minutes = co kilka minut
console-schedule-hours = co kilka godzin
console-schedule-daily = codziennie
console-schedule-weekly = w dni tygodnia
console-schedule-interval = Co ile
console-schedule-at = O godzinie
console-schedule-days = Dni
console-schedule-hint = Godziny są według zegara firmy, z czasem letnim. Pominięte wykonanie jest nadrabiane jeden raz.
console-schedule-every-minutes = { $count ->
    [one] co minutę
    [few] co { $count } minuty
   *[many] co { $count } minut
}
console-schedule-every-hours = { $count ->
    [one] co godzinę
    [few] co { $count } godziny
   *[many] co { $count } godzin
}
console-schedule-daily-at = codziennie o { $time }
console-schedule-weekly-at = { $days } o { $time }
console-day-mon = pon.
console-day-tue = wt.
console-day-wed = śr.
console-day-thu = czw.
console-day-fri = pt.
console-day-sat = sob.
console-day-sun = niedz.
console-period-days = ostatnie dni
console-period-months = ostatnie miesiące
console-period-since = od dnia
console-period-count = Ile
console-period-day = Dzień
console-period-hint = Do dnia dzisiejszego. Miesiące to całe miesiące przed bieżącym.
console-period-last-days = { $count ->
    [one] ostatni dzień
    [few] ostatnie { $count } dni
   *[many] ostatnie { $count } dni
}
console-period-last-months = { $count ->
    [0] bieżący miesiąc
    [one] ostatni miesiąc
    [few] ostatnie { $count } miesiące
   *[many] ostatnie { $count } miesięcy
}
console-period-since-day = od { $day }
problem-planner-name = Nazwa ma od 1 do 64 znaków.
problem-planner-source = Wybierz jedno ze swoich źródeł.
problem-planner-table = Zadanie tego rodzaju nie obsługuje tabeli { $table }.
problem-planner-no-table = Nie ma tabeli { $table }.
problem-planner-report = Zadanie raportu pozostaje przy swoim raporcie i swoim źródle.
problem-planner-schedule = To nie jest harmonogram: podaj liczbę minut lub godzin albo godzinę.
problem-planner-schedule-written = „{ $text }” nie jest harmonogramem: napisz "every 15 minutes", "every 2 hours", "every hour", "daily at 03:30" albo "weekly on mon,thu at 04:00".
problem-planner-never-fires = Ten harmonogram nigdy by nie zadziałał: wybierz przynajmniej jeden dzień albo liczbę różną od zera.
problem-planner-too-rare = Przerwa w harmonogramie może trwać najwyżej cztery tygodnie.
problem-planner-time = To nie jest godzina: podaj od 00:00 do 23:59.
problem-planner-time-written = „{ $text }” nie jest godziną: napisz od 00:00 do 23:59.
problem-planner-day-written = „{ $text }” nie jest dniem tygodnia: napisz mon, tue, wed, thu, fri, sat albo sun.
problem-planner-period = To nie jest okres: podaj oba dni albo liczbę dni lub miesięcy.
problem-planner-period-written = „{ $text }” nie jest okresem: napisz "last 7 days", "last 2 months" albo "since 2026-01-31".
problem-planner-period-empty = Ten okres nie zawiera żadnego dnia.
problem-planner-period-reversed = Okres kończy się, zanim się zacznie.
problem-planner-period-future = Okres leży w przyszłości: nic w nim jeszcze nie ma.
problem-planner-period-long = Okres może mieć najwyżej dziesięć lat.
problem-planner-no-period = To zadanie nie przyjmuje okresu: zawsze robi wszystko, co jest.
problem-planner-read-whole = Ten raport nie przyjmuje okresu: jego rekordy nie należą do dni, a przebieg zawsze czyta całą listę.
problem-planner-under-way = zadanie właśnie trwa; można je uruchomić ponownie, gdy się skończy
problem-planner-held = tym przebiegiem zajmuje się inny proces
problem-planner-of-report = to zadanie odświeża raport: usuń raport albo wstrzymaj zadanie
console-reports-make = Nowy raport
console-reports-removed = Raport usunięto.
console-reports-cleared = Wiersze usuniętego raportu znikną na dobre w ciągu kilku minut.
console-reports-left = Usunięte raporty z zachowanymi wierszami
console-reports-left-lead = Wiersze tych raportów są nadal w twojej bazie, a ich tabele zachowują nazwy. Usuń je, a nazwy będą znowu wolne.
console-reports-clear-sure = Chcę trwale usunąć wiersze tego raportu.
console-reports-connect = Raporty powstają z danych dostawcy: najpierw podłącz firmę.
console-reports-new-title = Nowy raport
console-reports-new-lead = Wybierz, czym mają się stać dane dostawcy: obejrzyj próbkę, wskaż pola, zobacz wiersze, potem utwórz.
console-reports-kind = Dane
console-reports-sample = Obejrzyj próbkę
console-reports-sample-hint = Czyta kilka najnowszych rekordów u dostawcy, żeby pokazać ich pola. Nic nie zostaje zapisane. Dokumentów najwyżej 15, każdy kosztuje jedno zapytanie.
console-reports-fields = Pola
console-reports-all = wszystkie
console-reports-none-all = Nic nie wybrano: wszystkie.
console-reports-adds = Wybierz nowe pola, dla których tabela ma dostać kolumny. Te, które są, zostają; nowe wypełnią się przy następnym odświeżeniu.
console-reports-looked = { $count ->
    [one] Obejrzano jeden rekord. Nic nie wybrano: wszystkie pola.
    [few] Obejrzano { $count } rekordy. Nic nie wybrano: wszystkie pola.
   *[many] Obejrzano { $count } rekordów. Nic nie wybrano: wszystkie pola.
}
console-reports-no-records = Dostawca nie ma jeszcze takich rekordów: można utworzyć tylko raport z wierszami JSON.
console-reports-form = Dokąd trafiają wiersze
console-reports-json = Wiersze JSON
console-reports-json-text = Jeden wiersz na rekord, w tabeli yclients_reports.
console-reports-table = Własna tabela
console-reports-table-text = Kolumny z typami, jak w próbce; najpierw je zobaczysz i zatwierdzisz.
console-reports-table-name = Nazwa tabeli
console-reports-description = Opis tabel
console-reports-description-text = Mały dokument mówi, jakie tabele powstają i jak, także z pozycji zagnieżdżonych list.
console-reports-description-hint = YAML, jak wyjaśnia docs/table-description.md.
console-reports-preview = Pokaż wiersze
console-reports-make-it = Utwórz raport
console-reports-approve = Takie kolumny będzie mieć tabela. Obejrzyj je i utwórz raport, jeśli są właściwe.
console-reports-rows = { $count ->
    [one] 1 wiersz próbki
    [few] { $count } wiersze próbki
   *[many] { $count } wierszy próbki
}
console-reports-made = Raport utworzony. Wypełni go pierwsze wykonanie.
console-reports-refresh = Odśwież teraz
console-reports-offered = Rekordy mają nowe pola:
console-reports-to-job = Do zadania, które go odświeża
console-reports-edit = Zmień ten raport
console-reports-remove = Usuń ten raport
console-reports-keep-text = Można je przeglądać, eksportować i usuwać jak dotąd, a ich tabele zachowują nazwy.
console-reports-delete-text = Znikają na dobre, a nazwy ich tabel są znowu wolne.
console-reports-sure = Chcę usunąć ten raport.
problem-reports-field = Wybranego pola nie można użyć: { $reason }
problem-reports-kind = Wybierz rodzaj danych.
problem-reports-long = Opis jest za długi.
problem-reports-description = Opis zawiera błędy: { $reason }
problem-reports-table = Tej nazwy tabeli nie można użyć: { $reason }
problem-reports-no-sample = Dostawca nie ma jeszcze takich rekordów, więc ich budowa nie jest znana. Utwórz raport z wierszami JSON.
problem-reports-not-approved = jego tabel jeszcze nie obejrzano: zapytaj o nie przez POST /api/v1/reports/preview, a potem podaj approve
problem-reports-settled = Tabele tego raportu ustala jego opis. Można w nim tylko dodać kolumny, które nie należą do klucza. Dla czegokolwiek innego utwórz inny raport.
console-reports-more-columns = Do opisu można dodać kolumny; wypełnią się przy następnym odświeżeniu. To, co już mówi, musi pozostać.
problem-reports-wide = Tabela ma najwyżej 300 kolumn.
console-retention-title = Usuń stare dane
console-retention-lead = Wiersze podłączonych firm otrzymane dawno temu są usuwane, a ich miejsce zwalniane. Nic nie znika, zanim zobaczysz, co by to było.
console-retention-name = Stare dane
console-retention-facts = Wizyty, towary, pieniądze, raporty
console-retention-own = Wiersze własnego serwisu nigdy nie są usuwane z powodu wieku.
console-retention-lists = Listy
console-retention-lists-hint = Z wybranych znika to, do czego nic tu już się nie odnosi: klient z wizytą zostaje.
console-retention-look = Pokaż, co zniknie
console-retention-effect = Co zniknęłoby teraz
console-retention-before = Wiersze otrzymane przed { $day }. Nic jeszcze nie usunięto.
console-retention-nothing = Nic tutaj nie jest aż tak stare.
console-retention-oldest = Najstarszy otrzymano
console-retention-newest = Najnowszy otrzymano
console-retention-total = Razem
console-retention-sure = Widzę, co zniknie. Usuń to teraz.
console-retention-unsure = Zaznacz pole, jeśli te wiersze mają zniknąć teraz. Nic nie usunięto.
console-retention-save = Zapisz jako zadanie
console-retention-run = Zapisz i usuń teraz
console-retention-look-first = To usunęłoby teraz. Obejrzyj poniżej i zapisz, jeśli jest dobrze.
console-retention-days-wrong = Podaj liczbę dni od 1 do 36500.
console-retention-to = Zobacz, co zniknie, albo zmień
console-jobs-connect = Zadania pracują na danych podłączonej firmy: najpierw ją podłącz.
console-reports-more = To najnowsze; wszystkie podaje API.
