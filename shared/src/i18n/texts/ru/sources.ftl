# Почему не удалось подключить филиал или прочитать его данные.
problem-vendor-wrong-password = Сервис не принял этот логин и пароль. Ничего не сохранено; проверьте их и попробуйте снова.
problem-vendor-two-factor = Эта учётная запись входит со вторым фактором, который программа ввести не может. Возьмите учётную запись без него или токен приложения.
problem-vendor-unauthorized = Сервис не принимает токен: сменился пароль или приложение отключено. Войдите снова или укажите новый токен.
problem-vendor-not-configured = На этом сервере не задан партнёрский токен сервиса. Тому, кто ведёт сервер, нужно задать WYNOS_YCLIENTS_PARTNER_TOKEN или WYNOS_ALTEGIO_PARTNER_TOKEN.
problem-vendor-partner-refused = Сервис не знает партнёрского токена этого сервера. Его должен проверить тот, кто ведёт сервер.
problem-vendor-licence-expired = Лицензия филиала в сервисе истекла. Продлите её там; загруженное остаётся.
problem-vendor-forbidden = У этой учётной записи нет права читать эти данные в сервисе. Попросите это право в настройках филиала.
problem-vendor-not-found = В сервисе такого нет: возможно, это там удалили.
problem-vendor-invalid = Сервис не принял запрос. Сообщите нам, что вы делали; ничего не изменено.
problem-vendor-throttled = Лимит запросов к сервису пока исчерпан. Попробуйте через несколько минут.
problem-vendor-unavailable = Сервис сейчас не отвечает. Попробуйте позже; ничего не изменено.
problem-vendor-malformed = Ответ сервиса не удалось прочитать. Попробуйте позже; ничего не изменено.
problem-vendor-too-large = Ответ сервиса больше допустимого.
problem-vendor-bad-address = Адрес сервиса нельзя использовать: он должен начинаться с https:// и называть хост.
problem-vendor-ledger = Что-то не получилось с нашей стороны. Попробуйте снова.
problem-source-token = Сохранённый токен не удаётся расшифровать. Войдите снова или верните ключ, которым он зашифрован.
problem-source-no-such-company = Эта учётная запись не видит филиал { $company }. Выберите тот, который она видит, или войдите под другой.
problem-source-connected = Филиал { $company } уже подключён.
problem-source-no-companies = Эта учётная запись не видит в сервисе ни одного филиала. Попросите доступ или войдите под другой.
problem-source-address = Источник нельзя направить на этот адрес. Укажите адрес сервиса.
problem-source-not-active = Источник приостановлен, удалён или ждёт нового входа.
problem-source-no-such-table = Нет таблицы { $table }, которую можно выбрать.
problem-source-filter = Фильтр должен быть объектом JSON.

# Записи журнала об источниках.
journal-source-added = Подключён источник: { $source } (филиал { $company })
journal-source-renewed = Выполнен новый вход для источника { $source }
journal-source-refused = Сервис отклоняет токен источника { $source }: войдите снова
journal-source-paused = Источник приостановлен: { $source }
journal-source-resumed = Источник возобновлён: { $source }
journal-source-changed = Изменены настройки: { $source }
journal-source-removed = Источник удалён: { $source }. { $rows ->
        [removed] Его строки удаляются.
       *[kept] Его строки остаются.
    }
journal-source-cleared = Удалены строки удалённого источника { $source }: { $rows }
journal-source-table-on = Включена таблица { $table } источника { $source }
journal-source-table-off = Выключена таблица { $table } источника { $source }
journal-source-filtered = Изменён фильтр таблицы { $table } источника { $source }
