# Записи журнала по коду.
journal-export-ordered = Заказана выгрузка: { $what }
journal-export-built = Выгрузка подготовлена: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Выгрузка скачана: { $what }
journal-export-claimed-again = Скачивание начато снова: { $what }
journal-export-failed = Выгрузка не удалась: { $what }. { $reason }
journal-export-written = Выгрузка записана в файл из командной строки: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-mail-bounced = Письмо о файле не дошло до получателя: { $what }. Адрес недоступен
journal-mail-complained = Получатель пометил письмо о файле как нежелательное: { $what }. Письма на этот адрес могут дальше задерживаться
journal-mail-rejected = Почтовая служба отклонила письмо о файле: { $what }
journal-mail-account-bounced = Письмо участнику не дошло: адрес недоступен. Чей это адрес, видно в разделе «Люди и программы»
journal-mail-account-complained = Участник пометил письмо отсюда как нежелательное. Письма на этот адрес теперь могут задерживаться. Чей это адрес, видно в разделе «Люди и программы»
journal-mail-account-rejected = Почтовая служба отклонила письмо участнику. Чей это адрес, видно в разделе «Люди и программы»
journal-work-put-aside = Сообщение очереди { $queue } отложено после { $attempts } попыток ({ $kind }): { $error }
journal-webhook-ingested = Вебхук: принято событий: { $events }{ $kept ->
    [0] {""}
   *[other] , сохранено без таблицы: { $kept }
}{ $parked ->
    [0] {""}
   *[other] , отложено: { $parked }
}{ $waiting ->
    [0] {""}
   *[other] , ждут: { $waiting }
}{ $refused ->
    [0] {""}
   *[other] , отклонено по отозванному адресу: { $refused }
}
journal-webhook-contradicted = Вебхук: отложено тел событий, которые указывают на другое, чем их конверты: { $events } ({ $entities })
journal-load-pulled = Загружено из { $source }: новых и изменённых строк: { $rows }, удалено: { $gone }, отложено: { $parked }
journal-pull-asked = Чтение { $source } запрошено вручную
journal-history-ordered = Заказана история { $source } с { $from } по { $to }
journal-documents-ordered = Заказаны подробности документов { $source }: запросов: { $calls }
journal-load-history = Загружена история из { $source }: новых и изменённых строк: { $rows }, удалено: { $gone }, отложено: { $parked }
journal-load-history-left-out = { $source }: историю { $table } не удалось прочитать за { $days }, попытки закончены; закажите её снова за эти дни. { $reason }
journal-load-list-short = { $source }: список { $table } закончился раньше, чем по собственному счёту поставщика. Что в нём было, загружено; чего не было, не считается удалённым.
journal-load-failed = { $source }: не удалось прочитать { $table }. { $reason }
journal-load-paused = Загрузка из { $source } приостановлена. { $reason }
journal-load-misfit = { $source }: следующих строк к загрузке { $more }, а план допускает в этом месяце ещё { $left } из { $allowed }. Они ждут до { $until } или большего плана, и с ними то, что было на очереди: { $tables }. Меньшие порции тем временем загружаются; ничего не теряется
journal-plan-ending = План заканчивается { $until }, и загрузка с ним; владельцам отправлено письмо. Выгрузка работает, ничего не теряется
journal-plan-ended = План закончился { $until }, загрузка стоит; владельцам отправлено письмо. Выгрузка работает, ничего не теряется
journal-load-table-off = { $source }: таблица { $table } выключена; раз в день делается новая попытка. { $reason }
journal-load-table-poorer = { $source }: поставщик не даёт читать список { $table }; вместо него читается менее подробный, а тот запрашивается снова раз в день. { $reason }
journal-load-table-on = { $source }: таблицу { $table } снова можно читать
journal-load-credential-refused = { $source } требует новых данных для входа. { $reason }
journal-load-company-closed = { $source } стоит; раз в день делается новая попытка. { $reason }
journal-load-company-open = { $source }: филиал снова открыт учётной записи, загрузка продолжается
journal-load-licence-good = { $source }: лицензия филиала снова действует, загрузка продолжается
journal-reconciliation-asked = Начата сверка { $source } с { $from } по { $to }
journal-reconciliation-done = { $source } сверен с сервисом, с { $from } по { $to }: дней, проверенных во всех таблицах: { $checked }, не во всех: { $not_checked }; строк недостающих: { $missing }, лишних: { $extra }, отличающихся: { $differing }
journal-reconciliation-nothing-compared = Ничего из { $source } не сверено с сервисом, с { $from } по { $to }: нет включённой таблицы, которую можно сверить и которая загружалась в то время
journal-reconciliation-day = { $source }, { $table }, { $day }: строк недостающих: { $missing }, лишних: { $extra }, отличающихся: { $differing }; { $not_mended ->
    [0] исправлено
    [one] исправлено, кроме { $not_mended } строки: её нельзя принять, она отложена
    [few] исправлено, кроме { $not_mended } строк: их нельзя принять, они отложены
    [many] исправлено, кроме { $not_mended } строк: их нельзя принять, они отложены
    [other] исправлено, кроме { $not_mended } строк: их нельзя принять, они отложены
   *[none] исправлено
}
journal-reconciliation-not-checked = { $source }: { $table } не проверена с { $from } по { $to }. { $reason }
journal-webhook-registered = Вебхук зарегистрирован у поставщика: { $source }
journal-webhook-kinds-added = У поставщика включены все виды событий, и для адресов других программ: { $source }
journal-webhook-unregistered = Вебхук удалён у поставщика: { $source }
journal-webhook-rotated = Новый адрес вебхука: { $source }
journal-webhook-revoked = Старые адреса вебхука отозваны: { $source }
journal-access-bi-login-asked = Запрошен логин для BI-инструментов или новый пароль к нему
journal-access-bi-login-renewed = Создан логин для BI-инструментов или выдан новый пароль
journal-access-bi-login-failed = BI-инструментам не выдано ни логина, ни нового пароля. { $reason }
journal-access-bi-login-revoked = Логин BI-инструментов отозван
