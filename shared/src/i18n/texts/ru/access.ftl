# Записи журнала о доступе, записях и чтении.
journal-access-subscription-made = Создана подписка; её владелец: { $account }
journal-access-role-given = { $account }: теперь { $role ->
    [owner] владелец
    [manager] менеджер
   *[viewer] наблюдатель
}
journal-access-person-removed = Доступ закрыт: { $account }
journal-access-token-made = Создан токен программы: { $token }, { $scope ->
    [write] может изменять
   *[read] может читать
}
journal-access-token-revoked = Токен программы отозван: { $token }
journal-access-signed-in = Вход: { $account }
journal-access-password-changed = Смена пароля: { $account }; остальные сеансы завершены
journal-access-language-changed = Смена языка: { $account }
journal-access-rows-read = Прочитаны данные: { $what }. Следующие страницы того же дня не отмечаются снова
journal-journal-exported = Журнал сохранён в файл
journal-record-put = Запись сохранена: { $table } { $record }
journal-record-deleted = Запись удалена: { $table } { $record }
journal-work-replayed = Отложенное сообщение возвращено в очередь { $queue }
journal-parked-replayed = Отложенная строка из файла { $file } загружена ({ $table })
journal-parked-retried = Отложенная запись сервиса загружена ({ $table })
