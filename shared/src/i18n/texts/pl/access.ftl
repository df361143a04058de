# Wpisy dziennika o dostępie, zapisach i odczytach.
journal-access-subscription-made = Utworzono subskrypcję; jej właścicielem jest { $account }
journal-access-role-given = { $account } ma teraz rolę: { $role ->
    [owner] właściciel
    [manager] kierownik
   *[viewer] obserwator
}
journal-access-person-removed = { $account } nie ma już dostępu
journal-access-token-made = Utworzono token programu: { $token }, { $scope ->
    [write] może zmieniać
   *[read] może czytać
}
journal-access-token-revoked = Unieważniono token programu: { $token }
journal-access-signed-in = Logowanie: { $account }
journal-access-password-changed = Zmiana hasła: { $account }; pozostałe sesje zakończono
journal-access-language-changed = Zmiana języka: { $account }
journal-access-rows-read = Odczytano dane: { $what }. Kolejnych stron z tego samego dnia nie odnotowuje się ponownie
journal-journal-exported = Dziennik zapisano do pliku
journal-record-put = Zapisano rekord: { $table } { $record }
journal-record-deleted = Usunięto rekord: { $table } { $record }
journal-work-replayed = Odłożony komunikat wrócił do kolejki { $queue }
journal-parked-replayed = Odłożony wiersz z pliku { $file } został wczytany ({ $table })
journal-parked-retried = Odłożony rekord dostawcy został wczytany ({ $table })
