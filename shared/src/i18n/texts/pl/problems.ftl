# Dlaczego czegoś nie udało się zrobić: co się stało, co zostało zachowane, co zrobić.
problem-internal = Coś zawiodło po naszej stronie. Wcześniejsze dane są bez zmian; spróbuj ponownie, a jeśli to się powtarza, podaj nam kod { $code }.
# Dlaczego nie udało się przygotować pliku; kod następuje po `problem-export-`.
problem-export-disk-full = Zabrakło miejsca na przygotowanie pliku. Zwolnij miejsce albo wybierz XML lub CSV, które go nie potrzebują.
problem-export-too-large = Plik byłby większy niż { $limit } przeznaczone na przygotowanie jednego pliku. Wybierz mniej wierszy lub kolumn albo XML lub CSV, które nie mają tego ograniczenia.
problem-export-database = Nie udało się odczytać bazy danych do końca.
problem-export-store = Nie udało się zapisać gotowego pliku.
problem-export-broken-off = Przygotowanie zostało przerwane { $attempts } razy.
problem-export-order = Zamówionego pliku nie można już zapisać: { $problem }.
problem-export-passwords = Nie udało się odszyfrować zapisanego hasła; zamów plik bez haseł albo przywróć klucz, którym je zaszyfrowano.
problem-export-value = Zapisanej wartości nie można umieścić w pliku: { $problem }.
problem-export-internal = Coś zawiodło po naszej stronie.
