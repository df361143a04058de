# Listy. Odnośniki wstawiają szablony.
mail-greeting = Dzień dobry,
mail-sender = Wynos
mail-delivery-subject = Plik { $file } jest gotowy
mail-delivery-ready = Plik zamówiony dla { $subscription } jest gotowy: { $file }, { $size }.
mail-delivery-how = Otwórz poniższy odnośnik i zaloguj się. Strona pokaże, co jest w pliku; pobieranie zacznie się dopiero po naciśnięciu przycisku.
mail-delivery-once = Plik można pobrać jeden raz, do { $until }; może to zrobić osoba, która go zamówiła, albo właściciel subskrypcji. Zapisz go na dysku: potem zostanie stąd usunięty.
mail-delivery-button = Otwórz stronę pobierania
mail-delivery-unexpected = Jeśli ten plik nie był zamawiany, zaloguj się i zajrzyj do dziennika albo powiadom właściciela subskrypcji.
mail-failed-subject = Nie udało się przygotować pliku
mail-failed-body = Plik zamówiony dla { $subscription } ({ $what }) nie mógł zostać przygotowany. Nic nie zostało utracone ani wydane: { $reason }
mail-failed-again = Plik można zamówić ponownie w konsoli.
# Jak długo coś trwa, w przewidywaniu pokazywanym przy zamówieniu.
mail-span-seconds = { $count ->
    [one] { $count } sekunda
    [few] { $count } sekundy
   *[other] { $count } sekund
}
mail-span-minutes = { $count ->
    [one] { $count } minuta
    [few] { $count } minuty
   *[other] { $count } minut
}
mail-span-hours = { $count ->
    [one] { $count } godzina
    [few] { $count } godziny
   *[other] { $count } godzin
}
mail-usage-near-subject = Wynos: większość wierszy w tym miesiącu wykorzystana
mail-usage-near = { $subscription }: wykorzystano ponad { $percent }% wierszy, które plan dopuszcza w miesiącu { $month }. Gdy się skończą, pobieranie stanie do końca miesiąca albo do zmiany planu; nic nie przepada, a eksport działa dalej.
mail-usage-full-subject = Wynos: pobieranie wstrzymane
mail-usage-full = { $subscription }: wykorzystano wszystkie wiersze, które plan dopuszcza w miesiącu { $month }. Pobieranie stoi do końca miesiąca albo do zmiany planu, a potem ruszy samo; nic nie przepada, a eksport działa dalej.
mail-usage-misfit-subject = Wynos: następna porcja nie mieści się w planie
mail-usage-misfit = { $subscription }: następnych wierszy do załadowania jest { $more }, a plan dopuszcza w miesiącu { $month } jeszcze { $left } z { $allowed }. Czekają do końca miesiąca albo na większy plan, a potem załadują się same; razem z nimi czeka to, co było do odczytu: { $tables }. Mniejsze porcje są tymczasem ładowane; nic nie przepada, a eksport działa dalej.
mail-storage-near-subject = Wynos: większość miejsca zajęta
mail-storage-near = { $subscription }: zajęto ponad { $percent }% miejsca z planu. Gdy się skończy, pobieranie stanie, aż znajdzie się miejsce albo zmieni się plan; nic nie przepada, a eksport działa dalej. Miejsce zwalnia zadanie „Usuwanie starych danych”.
mail-storage-full-subject = Wynos: pobieranie wstrzymane
mail-storage-full = { $subscription }: zajęto całe miejsce z planu. Pobieranie stoi, aż znajdzie się miejsce albo zmieni się plan, a potem ruszy samo; nic nie przepada, a eksport działa dalej. Miejsce zwalnia zadanie „Usuwanie starych danych”.
mail-plan-near-subject = Wynos: plan kończy się { $day }
mail-plan-near = { $subscription }: plan kończy się { $day }. Od tej chwili pobieranie stanie. Wszystko, co pobrano, zostaje, a eksport działa dalej. Jeśli pobieranie też ma działać dalej, poproś przed tym dniem o inny plan osobę, która prowadzi dla Ciebie Wynos.
mail-plan-ended-subject = Wynos: plan się skończył, pobieranie wstrzymane
mail-plan-ended = { $subscription }: plan skończył się { $day } i pobieranie stoi. Wszystko, co pobrano, zostaje, zmiany nadchodzące przez webhook czekają, a eksport działa dalej. Poproś o inny plan osobę, która prowadzi dla Ciebie Wynos: pobieranie ruszy wtedy samo od miejsca, w którym stanęło, i nic nie przepadnie.
