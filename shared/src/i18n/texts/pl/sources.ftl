# Dlaczego nie udało się połączyć firmy lub jej odczytać.
problem-vendor-wrong-password = Dostawca nie przyjął tego loginu i hasła. Niczego nie zapisano; sprawdź jedno i drugie i spróbuj ponownie.
problem-vendor-two-factor = To konto loguje się z drugim składnikiem, którego program nie może podać. Użyj konta bez niego albo tokenu aplikacji.
problem-vendor-unauthorized = Dostawca nie przyjmuje tokenu: zmieniono hasło albo odłączono aplikację. Zaloguj się ponownie lub podaj nowy token.
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
problem-source-not-active = Źródło jest wstrzymane, usunięte albo czeka na ponowne zalogowanie.
problem-source-no-such-table = Nie ma tabeli { $table } do wyboru.
problem-source-filter = Filtr musi być obiektem JSON.

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
    }
journal-source-cleared = Usunięto wiersze usuniętego źródła { $source }: { $rows }
journal-source-table-on = Włączono tabelę { $table } źródła { $source }
journal-source-table-off = Wyłączono tabelę { $table } źródła { $source }
journal-source-filtered = Zmieniono filtr tabeli { $table } źródła { $source }
