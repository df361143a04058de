# Importy: dlaczego się nie udały, co mówi raport.
problem-import-file-empty = Plik jest pusty. Niczego nie zaimportowano. Wyeksportuj go ponownie i wyślij jeszcze raz.
problem-import-file-is-zip = To archiwum zip, a nie plik XML. Nic z niego nie zapisano. Rozpakuj je i wyślij zawartość.
problem-import-file-is-gzip = To plik gzip, a nie plik XML. Nic z niego nie zapisano. Rozpakuj go albo nazwij .xml.gz i wyślij jeszcze raz.
problem-import-file-compression-damaged = Skompresowane dane są uszkodzone (wiersz { $line }, bajt { $byte } zawartości). Nic z nich nie zapisano. Skopiuj albo wyeksportuj plik ponownie i wyślij jeszcze raz.
problem-import-file-encoding = Plik ma kodowanie { $encoding } (wiersz { $line }, bajt { $byte }). Nic z niego nie zapisano. Zapisz go w UTF-8 i wyślij jeszcze raz.
problem-import-file-not-utf8 = Wiersz { $line } (bajt { $byte }) zawiera bajty, które nie są UTF-8. Nic z pliku nie zapisano. Zapisz go w UTF-8 i wyślij jeszcze raz.
problem-import-file-not-xml = To nie jest plik XML (wiersz { $line }, bajt { $byte }). Nic z niego nie zapisano. Wybierz plik wymiany albo zaimportuj go jako listę.
problem-import-file-malformed = Niepoprawny XML w wierszu { $line }, bajt { $byte } (komunikat parsera: { $problem }). Nic z niego nie zapisano. Wyeksportuj plik ponownie albo popraw i wyślij jeszcze raz.
problem-import-file-not-exchange = To XML, ale nie plik wymiany: jego korzeń w wierszu { $line }, bajt { $byte }, to <{ $root }>, a nie <wynos> z przestrzeni nazw urn:wynos:exchange:1. Nic z niego nie zapisano. Wybierz plik wymiany.
problem-import-file-doctype = W wierszu { $line }, bajt { $byte }, jest DOCTYPE, którego plik wymiany nie może mieć. Nic z niego nie zapisano. Wyeksportuj plik ponownie albo usuń DOCTYPE i wyślij jeszcze raz.
problem-import-file-entity = Encja &{ $entity }; w wierszu { $line }, bajt { $byte }, jest niedozwolona; wolno używać tylko &lt; &gt; &amp; &quot; &apos;. Nic z pliku nie zapisano. Popraw go i wyślij jeszcze raz.
problem-import-file-truncated = Plik jest ucięty: kończy się za wcześnie, w wierszu { $line }, bajt { $byte }. Nic z niego nie zapisano. Skopiuj albo wyeksportuj go ponownie i wyślij jeszcze raz.
problem-import-file-cut-short = Plik jest ucięty: skompresowane dane kończą się za wcześnie, po bajcie { $bytes } skompresowanego pliku. Nic z niego nie zapisano. Skopiuj albo wyeksportuj go ponownie i wyślij jeszcze raz.
problem-import-file-version = Plik ma format w wersji { $version } (wiersz { $line }, bajt { $byte }); ten program czyta wersję { $known } i jej wersje pomniejsze. Nic z niego nie zapisano. Zaktualizuj program albo wyeksportuj plik w starszej wersji.
problem-import-file-header = W nagłówku <{ $element }> nie może zawierać: { $found } (wiersz { $line }, bajt { $byte }). Dozwolone jest { $element ->
    [origin] id subskrypcji
    [created_at] chwila ze strefą czasową
    [profile] basic albo full
    [passwords] true albo false
    [version] wersja formatu, na przykład 1.0
   *[other] to, co opisuje format, i tylko raz
}. Nic z pliku nie zapisano. Wyeksportuj go ponownie albo popraw i wyślij jeszcze raz.
problem-import-file-section = Część <{ $section }> w wierszu { $line }, bajt { $byte }, jest nieznana, brakuje jej, jest podana dwa razy, nie po kolei albo nie należy do profilu pliku. Nic z niego nie zapisano. Wyeksportuj plik ponownie i wyślij jeszcze raz.
problem-import-file-trailer = Zakończenie pliku w wierszu { $line }, bajt { $byte }, nie zgadza się z odczytaną częścią { $section }: wiersze zginęły, przybyły albo źle je policzono. Nic z pliku nie zapisano. Wyeksportuj go ponownie i wyślij jeszcze raz.
problem-import-file-checksum = Część { $section } uszkodzono albo zmieniono po utworzeniu pliku: jej SHA-256 to { $found }, a plik podaje { $expected } (wiersz { $line }, bajt { $byte }). Nic z niego nie zapisano. Skopiuj albo wyeksportuj plik ponownie i wyślij jeszcze raz.
problem-import-file-too-large = W wierszu { $line }, bajt { $byte }, plik przekracza ograniczenie: { $unit ->
    [times] po rozpakowaniu jest ponad { $most } razy większy
    [elements] elementy są zagnieżdżone głębiej niż { $most }
    [attributes] element ma więcej atrybutów niż { $most }
   *[bytes] plik albo jeden z jego tekstów lub znaczników jest większy niż { $limit }
}. Nic z niego nie zapisano. Wyeksportuj go ponownie albo podziel i wyślij jeszcze raz.
problem-import-file-ended = Czytano dalej po błędzie. Nic z pliku nie zapisano. Zacznij import od nowa.
problem-import-list-empty = Lista jest pusta. Niczego nie zaimportowano. Zapisz ją z nagłówkami i wyślij jeszcze raz.
problem-import-list-column = Tabela { $table } nie ma kolumny { $column }. Nic z listy nie zapisano. Wybierz inne przypisanie kolumn.
problem-import-list-table = Wierszy tabeli { $table } nie można wczytać z listy. Nic z niej nie zapisano. Wybierz inną tabelę albo plik wymiany.
problem-import-list-format = Plik nie jest podaną listą: wygląda na { $kind ->
    [excel] stary albo chroniony hasłem skoroszyt Excela
    [gzip] archiwum gzip
    [zip] archiwum zip albo skoroszyt XLSX
    [pdf] dokument PDF
    [xml] plik XML
    [text] tekst, jak pliki CSV
   *[other] coś innego
}. Nic z niego nie zapisano. Wybierz jego prawdziwy format albo zapisz go jako CSV lub XLSX bez hasła.
problem-import-list-encoding = Wiersz { $line } nie jest tekstem { $encoding }. Nic z listy nie zapisano. Zapisz ją w UTF-8 i wyślij jeszcze raz.
problem-import-list-row-too-long = Wiersz, który zaczyna się w linii { $line }, jest większy niż { $limit }; czy nie brakuje zamykającego cudzysłowu? Nic z listy nie zapisano. Popraw ją i wyślij jeszcze raz.
problem-import-list-open-quote = Cudzysłów otwarty w wierszu { $line } nie jest zamknięty; reszta pliku byłaby jedną komórką. Nic z listy nie zostało zapisane. Zamknij go i prześlij listę ponownie.
problem-import-list-no-known-column = Żadna kolumna pliku nie jest znana. Nic z niego nie zostało zapisane. Sprawdź, czy pierwszy wiersz zawiera nagłówki, albo wskaż, która kolumna jest która.
problem-import-list-too-many-cells = Wiersz { $line } ma komórek: { $cells }, a może mieć najwyżej { $most }. Nic z listy nie zapisano. Usuń zbędne kolumny i wyślij ją jeszcze raz.
problem-import-list-too-large = { $part } w skoroszycie po rozpakowaniu jest większe niż { $limit }. Nic z niego nie zapisano. Podziel listę albo zapisz ją jako CSV.
problem-import-list-workbook = Nie da się odczytać skoroszytu w miejscu { $place } (komunikat czytnika: { $reason }). Nic z niego nie zapisano. Otwórz go w arkuszu kalkulacyjnym, zapisz na nowo jako XLSX albo CSV i wyślij.
problem-import-list-mapping = Przypisanie nie pasuje do tabeli albo dwie kolumny prowadzą do jednej. Nic z listy nie zapisano. Wybierz przypisanie na nowo.
problem-import-list-mapping-headers = Przypisanie wymienia kolumny, których plik nie ma: { $headers }. Nic z listy nie zapisano. Nazwij kolumny tak, jak w pierwszym wierszu pliku, albo podaj plik, do którego jest to przypisanie.
problem-import-list-header = Plik nie ma kolumny { $header }, której wymaga format. Nic z niego nie zapisano. Dodaj kolumnę albo zaimportuj plik jako inną listę.
problem-import-list-failed = Nie udało się odczytać listy. Nic z niej nie zapisano. Sprawdź jej format i wyślij jeszcze raz.
problem-import-too-large = Plik jest większy niż dopuszczalne { $limit }. Nic z niego nie zapisano. Podziel go albo zaimportuj z wiersza poleceń.
problem-import-no-file = Nie ma przesłanego pliku. Wyślij go ponownie.
problem-import-empty = Plik jest pusty. Niczego nie zaimportowano.
problem-import-zip = To archiwum zip, a nie plik XML. Rozpakuj je i wyślij zawartość.
problem-import-file-changed = Plik nie jest tym, który sprawdzono. To, co zapisano wcześniej, zostaje; rozpocznij nowy import nowego pliku.
problem-import-broken-off = Przerwano go i nie dobiegł końca.
problem-import-order = Tak nie da się importować: { $problem }.
problem-import-disk-full = Zabrakło miejsca na dysku. Zwolnij miejsce i zacznij jeszcze raz: to, co zapisano wcześniej, zostaje, a reszta ruszy dalej.
problem-import-internal = Coś zawiodło po naszej stronie. To, co zapisano wcześniej, zostaje i można to dokończyć, zaczynając ponownie.
journal-import-applied = Import zapisany: { $file }, łącznie { $rows }, nowe: { $new }, zmienione: { $changed }, odrzucone: { $rejected }
journal-import-undone = Import cofnięty: { $file }, cofnięte wiersze: { $undone }, pozostawione: { $kept }
journal-import-failed = Import nieudany: { $file }. { $reason }
report-column-severity = Rodzaj
report-column-table = Tabela
report-column-row = Id
report-column-line = Wiersz
report-column-field = Pole
report-column-message = Co
report-column-expected = Oczekiwano
report-column-found = Znaleziono
report-column-code = Kod
report-severity-error = odrzucono
report-severity-conflict = konflikt
report-severity-warning = ostrzeżenie
report-severity-merge = połączono
report-reference-missing = Wiersz wskazuje na { $found }, którego nie ma ani w pliku, ani tutaj; został pominięty.
report-reference-left-out = Wiersz wskazuje na { $found }, którego nie ma ani w pliku, ani tutaj; zapisano go bez tego.
report-record-left-out = Pominięto jedną pozycję listy, bo brakuje tego, czego potrzebuje: { $found }
report-custom-values-unreadable = Nie da się odczytać wartości pól własnych; wiersz zapisano bez nich.
report-secret-not-kept = Nie udało się zaszyfrować wartości pola { $found }; wiersz zapisano bez niej.
report-repeated-row = Wiersz o id { $found } był już w pliku; ten pominięto.
report-repeated-key = Wiersze bez identyfikatora rozróżnia „{ $field }”, a { $expected } ma tę samą wartość; ten wiersz pominięto.
report-repeated-content = To samo zawiera { $expected } i nic ich nie odróżnia; ten wiersz pominięto.
report-other-name = Uznano go za klienta { $expected }, który ma tę samą wartość pola „{ $field }”, choć nazwy się różnią.
report-missing = Brakuje wartości, której potrzebuje każdy wiersz: { $field }.
report-merge-ambiguous = Kilka wierszy tutaj ma tę samą wartość pola „{ $field }” albo klucze wskazują różne wiersze; niczego nie połączono.
report-merge-taken = { $expected } połączono już z innym wierszem tego pliku; ten zapisano osobno.
report-merged = Połączono z { $expected }: ta sama wartość pola „{ $field }”.
report-merged-gone = Odpowiada mu { $expected }, usunięty tutaj; niczego nie zmieniono.
report-conflict = Pole „{ $field }” zmieniono i w pliku, i tutaj.
report-conflict-deleted = Wiersz usunięto tutaj, a jest w pliku.
report-conflict-gone = Wiersz usunięto tutaj, a w pliku zmieniono pole „{ $field }”.
report-undo-touched = Ktoś zmienił wiersz od tego czasu; zostaje, jaki jest.
report-undo-needed = Wskazuje na niego inny wiersz, który zostaje; pozostawiono go.
report-name-made = Nie było tu { $found }; utworzono.
report-name-not-found = { $found } nie wskazuje żadnego wiersza albo wskazuje kilka; zapisano bez tego.
report-not-corrected = Wartość pola „{ $field }” trzeba podać inaczej albo pominąć.
report-list-value = Nie da się odczytać wartości. Ma tu być: { $expected }.
report-column-unknown = Nie ma znanej kolumny o tej nazwie; pominięto to, co zawiera „{ $field }”.
report-column-ambiguous = „{ $field }” może oznaczać więcej niż jedną kolumnę ({ $expected }); pominięto to, co zawiera.
report-column-doubled = Wcześniejsza kolumna pliku to już „{ $expected }”; pominięto to, co zawiera „{ $field }”.
report-column-unnamed = Przypisanie nie wymienia kolumny „{ $field }”; pominięto to, co zawiera.
report-newer-version = Plik utworzono w nowszej wersji { $found }; to, co w niej nowe, pominięto.
report-element-skipped = Pominięto element { $found } z nowszej wersji.
report-no-digest = Plik nie podaje sumy kontrolnej części „{ $field }”, więc nie da się wykryć jej uszkodzenia.
report-unknown-element = Element { $found } tu nie pasuje.
report-repeated = { $field } podano dwa razy.
report-unknown-attribute = Atrybut { $found } tu nie pasuje.
report-wrong-type = Ma tu być: { $expected }. Jest: { $found }.
report-unknown-value = { $found } nie jest dozwoloną wartością: { $expected }.
report-too-long = Tekst jest dłuższy, niż wolno.
report-bad-character = Tekst zawiera znak, którego XML nie może zawierać.
report-stray-text = Między elementami jest tekst.
report-nip = To nie jest poprawny NIP.
report-inn = To nie jest poprawny INN.
report-phone = To nie jest numer telefonu.
report-placeholder-phone = Ten numer oznacza „brak telefonu”.
report-postal-code = To nie jest kod pocztowy swojego kraju.
report-email = To nie jest adres e-mail.
report-pesel = W tekście jest chyba numer PESEL.
report-sheet-skipped = Arkusz { $found } ma inny nagłówek niż pierwszy; pominięto go.
report-no-rows = Plik ma nagłówek i żadnych wierszy pod nim. Nic nie wczytano; jeśli powinien mieć wiersze, wyeksportuj go ponownie u źródła.
report-cards-passed = Wiersze podzespołów bez dostawy, których ta lista nie wnosi: { $found }.
report-rows-short = Wiersze o mniejszej liczbie komórek niż nagłówek; brakujące komórki przyjęto za puste: { $found }.
report-part-header = nagłówek
report-field-row = wiersz
report-found-none = brak
report-found-error = błąd formuły
expected-integer = liczba całkowita
expected-decimal = liczba, po znaku dziesiętnym najwyżej { $arg } cyfr
expected-sign = nic w pliku nie mówi, czy ten znak jest dziesiętny, czy oddziela tysiące
expected-yes-no = tak albo nie
expected-date = data, na przykład 2016-03-01
expected-instant = data i godzina, na przykład 2016-03-01 14:30
expected-instant-zone = chwila ze strefą, na przykład 2016-03-01T14:30:00Z
expected-date-order = data, której kolejność podaje przypisanie kolumn: najpierw dzień albo najpierw miesiąc
expected-shown-hour = godzina, którą zegary tej strefy pokazują
expected-one-of = jedna z wartości: { $arg }
expected-json-list = tablica obiektów JSON
expected-records = rekordy o polach { $arg }
expected-formula = wartość; formuła w komórce zawiodła
expected-result = wartość; w pliku nie ma wyniku formuły: otwórz go w arkuszu kalkulacyjnym i zapisz
expected-known-column = wartość w rozpoznanej kolumnie
expected-line = wiersz { $arg }
expected-value = wartość
expected-id = identyfikator
expected-cells = { $arg } komórek
expected-row-bytes = najwyżej { $arg } bajtów w jednym wierszu
expected-bytes = najwyżej { $arg } bajtów
expected-values = najwyżej { $arg } wartości
expected-characters = znaki, które mieszczą się w XML; inne zapisuje się jako _xHHHH_
expected-plain-text = tekst bez elementów
expected-element = element tego formatu
expected-no-attribute = bez takiego atrybutu
expected-elements = same elementy
expected-once = element jeden raz
expected-attribute = atrybut field
expected-nip = NIP z dziesięciu cyfr
expected-inn = INN z dziesięciu lub dwunastu cyfr
expected-own-number = własny numer klienta
expected-phone = numer telefonu
expected-email = adres e-mail
expected-no-pesel = bez numeru PESEL
import-list-needs-table = Lista wypełnia jedną tabelę: podaj ją przez --table. Tabele to { $tables }.
