# Dlaczego nie udało się połączyć firmy lub jej odczytać.
problem-vendor-wrong-password = Dostawca nie przyjął tego loginu i hasła. Niczego nie zapisano; sprawdź jedno i drugie i spróbuj ponownie.
problem-vendor-two-factor = To konto loguje się z drugim składnikiem, którego program nie może podać. Użyj konta bez niego albo tokenu aplikacji.
problem-vendor-unauthorized = Dostawca nie przyjmuje tokenu: zmieniono hasło albo odłączono aplikację. Zaloguj się ponownie lub podaj nowy token.
problem-vendor-company-closed = Token konta działa, ale ta firma nie jest dla niego dostępna: konto z niej usunięto albo aplikacja nie jest w niej podłączona. Załadowane dane pozostają, a pozostałe źródła tego konta działają dalej. Poproś o dostęp do firmy albo zaloguj się na konto, które ją widzi; źródło tej firmy sprawdzane jest co dzień i odczyt ruszy sam.
problem-vendor-not-configured = Na tym serwerze nie ustawiono tokenu partnera dostawcy. Osoba prowadząca serwer musi ustawić WYNOS_YCLIENTS_PARTNER_TOKEN lub WYNOS_ALTEGIO_PARTNER_TOKEN.
problem-vendor-partner-refused = Dostawca nie zna tokenu partnera tego serwera. Osoba prowadząca serwer musi go sprawdzić.
problem-vendor-licence-expired = Licencja firmy u dostawcy wygasła. Przedłuż ją tam; załadowane dane pozostają.
problem-vendor-forbidden = To konto nie ma u dostawcy prawa do odczytu tych danych. Poproś o to prawo w tamtejszych ustawieniach firmy.
problem-vendor-not-found = U dostawcy nie ma takiej pozycji: mogła zostać tam usunięta.
problem-vendor-invalid = Dostawca nie przyjął zapytania. Powiedz nam, co robisz; niczego nie zmieniono.
problem-vendor-throttled = Limit zapytań u dostawcy jest na razie wyczerpany. Spróbuj za kilka minut.
problem-vendor-unavailable = Dostawca teraz nie odpowiada. Spróbuj później; niczego nie zmieniono.
problem-vendor-malformed = Nie udało się odczytać odpowiedzi dostawcy. Spróbuj później; niczego nie zmieniono.
problem-vendor-too-large = Odpowiedź dostawcy była większa, niż jest dozwolone.
problem-vendor-bad-address = Adresu dostawcy nie można użyć: musi zaczynać się od https:// i wskazywać host.
problem-vendor-ledger = Coś zawiodło po naszej stronie. Spróbuj ponownie.
problem-source-token = Nie można odszyfrować zapisanego tokenu. Zaloguj się ponownie albo przywróć klucz, którym go zaszyfrowano.
problem-source-no-such-company = To konto nie widzi firmy { $company }. Wybierz firmę, którą widzi, albo zaloguj się na inne konto.
problem-source-connected = Firma { $company } jest już połączona.
problem-source-no-companies = To konto nie widzi u dostawcy żadnej firmy. Poproś o dostęp albo zaloguj się na inne konto.
problem-source-address = Źródeł nie można kierować pod ten adres. Użyj adresu dostawcy.
problem-source-not-active = Z tego źródła nic nie jest odczytywane: jest wstrzymane, usunięte albo czeka na ponowne zalogowanie. Wznów je lub zaloguj się ponownie i zamów jeszcze raz.
problem-source-no-such-table = Nie ma tabeli { $table } do wyboru.

# Wpisy dziennika o źródłach.
journal-source-added = Połączono źródło: { $source } (firma { $company })
journal-source-renewed = Zalogowano ponownie źródło { $source }
journal-source-refused = Dostawca odrzuca token źródła { $source }: zaloguj się ponownie
journal-source-paused = Wstrzymano źródło: { $source }
journal-source-resumed = Wznowiono źródło: { $source }
journal-source-changed = Zmieniono ustawienia: { $source }
journal-source-removed = Usunięto źródło: { $source }. { $rows ->
        [removed] Jego wiersze są usuwane.
       *[kept] Jego wiersze pozostają.
    }{ $ended ->
        [some] {" "}Zakończono razem z nim raporty: { $reports }, zadania: { $jobs }.
       *[none] {""}
    }
journal-source-taken-up = Ponownie połączono źródło: { $source } (firma { $company }). Jego wiersze zachowano, więc działa dalej z nimi pod tym samym identyfikatorem; wszystko jest odczytywane od nowa.
journal-source-rows-given-up = Zachowane wiersze usuniętego źródła { $source } są usuwane.{ $ended ->
        [some] {" "}Zakończono razem z nim raporty: { $reports }, zadania: { $jobs }.
       *[none] {""}
    }
journal-source-cleared = Usunięto wiersze usuniętego źródła { $source }: { $rows }
journal-source-table-on = Włączono tabelę { $table } źródła { $source }
journal-source-table-off = Wyłączono tabelę { $table } źródła { $source }
journal-source-zone-changed = Strefę czasową źródła { $source } zmieniono z { $before } na { $zone }. Wizyty, płatności i towary z ostatniego miesiąca zostaną odczytane ponownie; aby zmieniły się też starsze godziny, wczytaj historię tych okresów.
journal-source-filtered = Zmieniono filtr tabeli { $table } źródła { $source }

# Strony konsoli o źródłach.
console-nav-sources = Źródła
console-sources-title = Źródła
console-sources-lead = Firmy, których dane są kopiowane do twojej własnej bazy, i aktualność każdej kopii.
console-sources-none = Nie połączono jeszcze żadnej firmy. Połącz pierwszą, aby zobaczyć tu jej dane.
console-sources-all = Wszystkie źródła
console-source = Źródło
console-source-last = Odczytano całość
console-source-next = Następny odczyt
console-source-waiting = czeka od { $at }
console-source-tried-again = następna próba { $at }
console-source-never = jeszcze nie
console-source-rows = Wiersze, które wtedy przyszły
console-source-active = Aktywne
console-source-active-text = To, co się zmienia, jest odczytywane regularnie, a listy raz na dobę.
console-source-paused = Wstrzymane
console-source-paused-text = Nic nie jest odczytywane, dopóki nie wznowisz. Załadowane dane pozostają.
console-source-stands-still = Ładowanie wstrzymane
console-source-needs-credential = Zaloguj ponownie
console-source-needs-credential-text = Dostawca odrzuca zapisany token, najczęściej po zmianie hasła. Zaloguj się ponownie poniżej; nic przy tym nie ginie.
console-source-closed = Brak dostępu do firmy
console-source-removed = Usunięte
console-source-removed-text = To źródło usunięto.
console-source-new = Połącz firmę
console-source-new-lead = Zaloguj się na konto, które widzi firmę u dostawcy, a potem wybierz firmę.
console-source-vendor = Usługa
console-source-yclients-text = Dla firm w krajach rosyjskojęzycznych.
console-source-altegio-text = Ta sama usługa wszędzie indziej.
console-source-name = Nazwa
console-source-name-hint = Jak nazywasz tę firmę; jeśli zostawisz puste, użyjemy nazwy od dostawcy.
console-source-entry = Sposób logowania
console-source-by-password = Login i hasło
console-source-by-password-text = Hasło jest raz wymieniane na token i nigdy nie jest zapisywane.
console-source-by-token = Token aplikacji
console-source-by-token-text = Dla kont z drugim składnikiem albo gdy w ustawieniach firmy połączono aplikację.
console-source-login = Login
console-source-login-hint = Numer telefonu lub adres e-mail.
console-source-password = Hasło
console-source-password-hint = Trafia do dostawcy i nigdzie indziej.
console-source-token = Token
console-source-sign-in = Zaloguj
console-source-choose = Wybierz firmę
console-source-choose-lead = Konto widzi te firmy. Kolejne można połączyć później tym samym kontem.
console-source-companies = Firmy
console-source-is-connected = już połączona
console-source-connect = Połącz
console-source-application = Token aplikacji
console-source-id = Źródło
console-source-company = Numer firmy
console-source-signed-in = Zalogowano
console-source-connected-at = Połączono
console-source-calls = Zapytania w ciągu doby
console-source-pause = Wstrzymaj
console-source-resume = Wznów
console-source-tables = Tabele
console-source-children = razem z: { $tables }
console-source-filtered = tylko wiersze spełniające filtr
console-source-save = Zapisz
console-source-settings = Ustawienia
console-source-zone = Strefa czasowa
console-source-zone-hint = Strefa firmy, na przykład Europe/Moscow.
console-source-hints = Odczytuj ponownie to, o czym mówią webhooki
console-source-hints-text = Zdarzenia dostawcy są wtedy tylko sygnałem: każda pozycja jest odczytywana w całości. Kosztuje to jedno zapytanie na zdarzenie.
console-source-renew = Zaloguj ponownie
console-source-renew-text = Nowy token służy wszystkim źródłom, które korzystają z tego konta.
console-source-remove = Usuń to źródło
console-source-remove-text = Z tej firmy nic już nie będzie odczytywane, a token jest zapominany razem z ostatnim źródłem, które go używa.
console-source-remove-rows = Co ma się stać z wierszami
console-source-keep = Zachowaj wiersze
console-source-keep-text = Pozostają takie, jakie są, do przeglądania i eksportu. Możesz je usunąć później, a po ponownym połączeniu firmy źródło działa dalej z nimi.
console-source-delete = Usuń wiersze
console-source-delete-text = Zostaną trwale usunięte z twojej bazy.
console-source-remove-sure = Chcę usunąć to źródło.
console-source-remove-do = Usuń
console-source-done-added = Firma jest połączona. Jej dane są ładowane.
console-source-done-taken-up = Firma jest znów połączona. Jej źródło działa dalej z zachowanymi wierszami; wszystko jest odczytywane od nowa.
console-source-done-cleared = Wiersze usuniętego źródła są usuwane.
console-source-is-kept = usunięta, wiersze zachowane: źródło będzie działać dalej z nimi
console-sources-removed = Usunięte, z zachowanymi wierszami
console-sources-removed-lead = Wiersze tych źródeł są nadal w twojej bazie i liczą się w sumach. Połącz firmę ponownie, a jej źródło będzie działać dalej z nimi, albo je usuń.
console-source-removed-at = Usunięto: { $at }.
console-source-rows-kept = Jego wiersze są zachowane.
console-source-rows-going = Jego wiersze są usuwane.
console-source-clear = Usuń jego wiersze
console-source-clear-sure = Chcę trwale usunąć wiersze tego źródła.
console-source-lacks = część kolumn pozostaje pusta, dopóki wyłączone są: { $tables }
source-poorer = Czytana jest uboższa lista, bo dostawca nie pozwala temu kontu czytać pełnej.
source-poorer-columns = Te kolumny pozostają puste w nowych wierszach, a w pozostałych takie, jakie były: { $columns }.
source-poorer-some = Część kolumn może pozostać pusta albo taka, jaka była.
source-poorer-rows = Przychodzi tylko pierwszy poziom: wierszy poniżej może brakować, a te, które tam zniknęły, pozostają.
source-poorer-remedy = Nadaj temu kontu uprawnienie u dostawcy albo zaloguj się ponownie kontem, które je ma. O pełną listę program pyta co dzień, a po nowym logowaniu od razu.
console-filter-all = wszystkie wiersze; wybierz które
console-filter-lead = Które wiersze są przechowywane
console-filter-children = Razem z nimi przychodzą i znikają wiersze tabel:
console-filter-join = Zachowaj wiersz, gdy
console-filter-and = wszystko to jest spełnione
console-filter-or = cokolwiek z tego jest spełnione
console-filter-condition = Warunek
console-filter-column = Kolumna
console-filter-comparison = Porównanie
console-filter-value = Wartość
console-filter-hint = Odfiltrowane wiersze nie są zapisywane, jakąkolwiek drogą przyjdą. Dni zapisuje się jako 2026-01-31.
console-filter-equal = jest równe
console-filter-not-equal = jest różne od
console-filter-less = jest mniejsze niż
console-filter-at-most = jest najwyżej
console-filter-greater = jest większe niż
console-filter-at-least = jest co najmniej
console-filter-contains = zawiera tekst
console-filter-has = jest listą, w której jest
console-filter-not-null = ma wartość
console-filter-written = Jako JSON
console-filter-written-hint = Dla warunków w warunkach. To, co tu stoi, liczy się zamiast pól powyżej.
console-filter-preview = Pokaż, co by zrobił
console-filter-clear = Zachowaj wszystkie wiersze
console-filter-effect = Po zapisaniu:
console-filter-held = Wierszy teraz
console-filter-kept = Zostaje
console-filter-gone = Staje się usuniętymi, do czasu retencji
console-filter-back-all = Wiersze, które wpuszcza, a których tu nie ma, przyjdą z następnym odczytem, który nastąpi zaraz.
console-filter-back-month = Wiersze z ostatniego miesiąca, które wpuszcza, a których tu nie ma, przyjdą z następnym odczytem; starsze zamów, podając okres.
console-filter-wrong = Filtra nie można użyć: { $problem }
console-source-done-removed = Źródło usunięto.
console-source-renewed-in-part = Zalogowano ponownie. To konto nie widzi firm tych źródeł, więc stoją one do czasu, aż je zobaczy: { $sources }. To, co z nich załadowano, pozostaje; pozostałe źródła tego logowania działają dalej.
console-source-table-rows = pokaż wiersze
console-source-with-others = przychodzi z tym, co o niej mówi
console-filter-more = Więcej warunków

# Strona zdarzeń źródła.
console-webhook-title = Zdarzenia od dostawcy
console-webhook-on = Dostawca wysyła tu zdarzenia
console-webhook-off = Dostawca nie wysyła tu zdarzeń
console-webhook-text = Dzięki zdarzeniom zmiana u dostawcy jest w Twojej bazie w ciągu kilku sekund. Bez nich przychodzi z następnym odczytem. W obu przypadkach nic nie ginie.
console-webhook-address = Adres
console-webhook-address-hint = Kto go zna, może wysyłać zdarzenia. Zarejestruj go poniżej albo wklej samodzielnie w ustawieniach firmy u dostawcy.
console-webhook-others = Adresy innych programów u dostawcy, które pozostają bez zmian: { $count }
console-webhook-missing = O tym dostawca nie powiadamia, bo jest u niego wyłączone: { $things }
webhook-missing = O tym dostawca nie powiadamia, bo jest u niego wyłączone: { $things }. Zmiany przychodzą z następnym odczytem.
webhook-all-off = U dostawcy wyłączone jest wszystko, więc adresy innych programów też nic nie dostają.
webhook-add-kinds = Aby dostawać wszystko, zarejestruj z "kinds": "add". Dostawca ma jeden zestaw przełączników dla wszystkich adresów firmy: inne programy też będą to wtedy dostawać, a to, co włączone, pozostaje włączone.
console-webhook-all-off = U dostawcy wyłączone jest wszystko: inne programy też nic nie dostają.
console-webhook-others-missing = Inne programy mają adresy u dostawcy, a co jest wyłączone dla nich, jest wyłączone i dla tego: { $things }. Te zmiany przyszłyby z następnym odczytem.
console-webhook-all-kinds = Włącz wszystko
console-webhook-all-kinds-text = Dostawca ma jeden zestaw przełączników dla wszystkich adresów firmy: inne programy też będą wtedy dostawać te zdarzenia. Co włączone, pozostaje włączone.
console-webhook-add = Włącz
console-webhook-register = Włącz zdarzenia u dostawcy
console-webhook-unregister = Wyłącz zdarzenia
console-webhook-rotate = Zmień adres
console-webhook-rotate-text = Gdy ktoś niepowołany mógł poznać adres. Jeśli jest zarejestrowany, nowy od razu zastąpi go u dostawcy; jeśli wklejono go ręcznie, wpisz tam nowy. Stary przyjmuje zdarzenia, dopóki go nie unieważnisz: odczekaj kilka minut, bo niektóre mogą być jeszcze w drodze.
console-webhook-rotate-do = Utwórz nowy adres
console-webhook-revoke-do = Unieważnij wcześniejsze adresy
console-webhook-done-registered = Dostawca będzie tu wysyłać zdarzenia.
console-webhook-done-unregistered = Dostawca nie wysyła tu już zdarzeń.
console-webhook-done-rotated = To jest nowy adres.
console-webhook-done-revoked = Zdarzenia przyjmuje już tylko ten adres.
journal-webhook-left = Adres zdarzeń mógł pozostać u dostawcy, którego nie udało się zapytać przy usuwaniu źródła { $source }: usuń go w ustawieniach firmy u dostawcy. Zdarzenia, które nim przyjdą, niczego nie zmienią.

# What a source reads on request, and how far it has come.
console-reading-now = Odczytaj teraz
console-reading-asked = Zlecono. Poniżej widać postęp.
console-reading-history = Wczytaj okres z przeszłości
console-reading-history-text = Odczyt idzie miesiąc po miesiącu, od najnowszego. Listy, na przykład usług i pracowników, nie mają historii: każdy odczyt przynosi je w całości.
console-reading-all-tables = wszystkie włączone, które mają historię
console-reading-load = Wczytaj
console-reading-latest = Ostatnie odczyty
console-reading-what = Co odczytano
console-reading-windows = Odczytane okna
console-reading-regular = To, na co przyszedł czas
console-reading-by-hand = Wszystko, ręcznie
console-reading-some-by-hand = Ręcznie
console-reading-waiting = czeka
console-reading-running = w toku
console-reading-paused = wstrzymane
console-reading-done = zakończono
console-reading-partial = zakończono częściowo
console-reading-failed = nie udało się

# Szczegóły dokumentów.
console-documents-title = Szczegóły dokumentów
console-documents-text = Dostawca nie ma listy dokumentów. Ich numery przychodzą z wizytami i operacjami; reszta kosztuje jedno zapytanie do dostawcy za każdy dokument i jest czytana tylko na życzenie.
console-documents-from = Pierwszy dzień
console-documents-to = Ostatni dzień
console-documents-days = Tylko dokumenty, o których mówi operacja z tych dni; bez dni wszystkie.
console-documents-count = Ile to kosztuje?
console-documents-cost = { $calls ->
    [0] nie ma nic do odczytania
   *[other] szczegóły dokumentów: { $calls }, zapytań: { $calls }, około { $minutes } min
}
console-documents-calls = { $calls }, około { $minutes } min
console-documents-unreadable = { $count ->
    [one] 1 dokument jest pomijany: w miejscu jego identyfikatora nie ma identyfikatora
    [few] { $count } dokumenty są pomijane: w miejscu ich identyfikatorów nie ma identyfikatorów
   *[other] { $count } dokumentów jest pomijanych: w miejscu ich identyfikatorów nie ma identyfikatorów
}
console-documents-order = Odczytaj szczegóły
console-documents-ordered = Zamówiono. Liczba poniżej maleje w miarę czytania.
console-reports-cost = Każdy dokument kosztuje jedno zapytanie do dostawcy. Odświeżenie okresu: zapytań, o ile wiadomo: { $calls }, około { $minutes } min.
console-reports-calls = Zapytań na odświeżenie

# Dlaczego rekord od dostawcy jest odłożony.
parked-reason-not-an-object = To nie rekord: w jego miejscu przyszła lista albo sama wartość.
parked-reason-no-id = Nie ma identyfikatora.
parked-reason-not-an-event = To nie zdarzenie.
parked-reason-no-company = Zdarzenie nie podaje firmy.
parked-reason-no-resource = Zdarzenie nie mówi, czego dotyczy.
parked-reason-other-company = Zdarzenie dotyczy innej firmy.
parked-reason-other-entity = Zdarzenie zawiera inny rekord niż ten, który wskazuje.
parked-reason-no-table = Nie ma tabeli na to, czego dotyczy.
parked-reason-no-body = Zdarzenie nie niesie rekordu.
parked-reason-unreadable = Tego, co przyszło, nie dało się odczytać; zachowano tylko długość.
