# Почему не удалось подключить филиал или прочитать его данные.
problem-vendor-wrong-password = Сервис не принял этот логин и пароль. Ничего не сохранено; проверьте их и попробуйте снова.
problem-vendor-two-factor = Эта учётная запись входит со вторым фактором, который программа ввести не может. Возьмите учётную запись без него или токен приложения.
problem-vendor-unauthorized = Сервис не принимает токен: сменился пароль или приложение отключено. Войдите снова или укажите новый токен.
problem-vendor-company-closed = Токен учётной записи работает, но этот филиал ей не открыт: её убрали из филиала или приложение в нём не подключено. Загруженное остаётся, остальные источники этой учётной записи работают дальше. Попросите открыть ей филиал или войдите под той, которая его видит; источник этого филиала проверяется каждый день, и чтение продолжится само.
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
problem-source-not-active = Из этого источника ничего не читается: он приостановлен, удалён или ждёт нового входа. Возобновите его или войдите снова и закажите ещё раз.
problem-source-no-such-table = Нет таблицы { $table }, которую можно выбрать.

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
    }{ $ended ->
        [some] {" "}Вместе с ним прекращены отчёты: { $reports }, задания: { $jobs }.
       *[none] {""}
    }
journal-source-taken-up = Источник подключён снова: { $source } (филиал { $company }). Его строки были сохранены, и он продолжает с ними под тем же идентификатором; всё читается заново.
journal-source-rows-given-up = Сохранённые строки удалённого источника { $source } удаляются.{ $ended ->
        [some] {" "}Вместе с ним прекращены отчёты: { $reports }, задания: { $jobs }.
       *[none] {""}
    }
journal-source-cleared = Удалены строки удалённого источника { $source }: { $rows }
journal-source-table-on = Включена таблица { $table } источника { $source }
journal-source-table-off = Выключена таблица { $table } источника { $source }
journal-source-zone-changed = Часовой пояс источника { $source } изменён с { $before } на { $zone }. Записи, платежи и товары за последний месяц будут прочитаны заново; чтобы изменилось и более старое время, загрузите историю этих периодов.
journal-source-filtered = Изменён фильтр таблицы { $table } источника { $source }

# Страницы консоли об источниках.
console-nav-sources = Источники
console-sources-title = Источники
console-sources-lead = Филиалы, данные которых копируются в вашу собственную базу, и свежесть каждой копии.
console-sources-none = Пока ни один филиал не подключён. Подключите первый, чтобы увидеть здесь его данные.
console-sources-all = Все источники
console-source = Источник
console-source-last = Прочитано полностью
console-source-next = Следующее чтение
console-source-waiting = ожидает с { $at }
console-source-tried-again = следующая попытка { $at }
console-source-never = ещё нет
console-source-rows = Строк тогда пришло
console-source-active = Активен
console-source-active-text = То, что меняется, читается регулярно, а списки — раз в сутки.
console-source-paused = Приостановлен
console-source-paused-text = Ничего не читается, пока вы не возобновите. Загруженное остаётся.
console-source-stands-still = Загрузка стоит
console-source-needs-credential = Нужен вход
console-source-needs-credential-text = Сервис отклоняет сохранённый токен, чаще всего после смены пароля. Войдите снова ниже; ничего при этом не теряется.
console-source-closed = Филиал не открыт
console-source-removed = Удалён
console-source-removed-text = Этот источник удалён.
console-source-new = Подключить филиал
console-source-new-lead = Войдите под учётной записью, которая видит филиал в сервисе, затем выберите филиал.
console-source-vendor = Сервис
console-source-yclients-text = Для компаний в русскоязычных странах.
console-source-altegio-text = Тот же сервис в остальном мире.
console-source-name = Название
console-source-name-hint = Как вы называете этот филиал; если оставить пустым, возьмём название из сервиса.
console-source-entry = Способ входа
console-source-by-password = Логин и пароль
console-source-by-password-text = Пароль один раз обменивается на токен и никогда не хранится.
console-source-by-token = Токен приложения
console-source-by-token-text = Для учётных записей со вторым фактором или когда в настройках филиала подключено приложение.
console-source-login = Логин
console-source-login-hint = Номер телефона или адрес электронной почты.
console-source-password = Пароль
console-source-password-hint = Он отправляется в сервис и больше никуда.
console-source-token = Токен
console-source-sign-in = Войти
console-source-choose = Выбор филиала
console-source-choose-lead = Учётная запись видит эти филиалы. Остальные можно подключить позже с ней же.
console-source-companies = Филиалы
console-source-is-connected = уже подключён
console-source-connect = Подключить
console-source-application = Токен приложения
console-source-id = Источник
console-source-company = Номер филиала
console-source-signed-in = Вход выполнен
console-source-connected-at = Подключён
console-source-calls = Запросов за сутки
console-source-pause = Приостановить
console-source-resume = Возобновить
console-source-tables = Таблицы
console-source-children = вместе с: { $tables }
console-source-filtered = только строки, подходящие под фильтр
console-source-save = Сохранить
console-source-settings = Настройки
console-source-zone = Часовой пояс
console-source-zone-hint = Пояс филиала, например Europe/Moscow.
console-source-hints = Перечитывать то, о чём сообщают вебхуки
console-source-hints-text = События сервиса тогда лишь сигнал: каждый объект читается целиком. Это стоит одного запроса на событие.
console-source-renew = Войти снова
console-source-renew-text = Новый токен служит всем источникам с этой учётной записью.
console-source-remove = Удалить этот источник
console-source-remove-text = Из этого филиала больше ничего не читается, а токен забывается вместе с последним источником, который его использует.
console-source-remove-rows = Что станет со строками
console-source-keep = Сохранить строки
console-source-keep-text = Они остаются как есть: для просмотра и выгрузки. Их можно удалить позже, а если подключить филиал снова, источник продолжит с ними.
console-source-delete = Удалить строки
console-source-delete-text = Они удаляются из вашей базы навсегда.
console-source-remove-sure = Я хочу удалить этот источник.
console-source-remove-do = Удалить
console-source-done-added = Филиал подключён. Его данные загружаются.
console-source-done-taken-up = Филиал снова подключён. Его источник продолжает с сохранёнными строками; всё читается заново.
console-source-done-cleared = Строки удалённого источника удаляются.
console-source-is-kept = удалён, строки сохранены: источник продолжит с ними
console-sources-removed = Удалённые, строки которых ещё здесь
console-sources-removed-lead = Строки этих источников всё ещё в вашей базе и входят в суммы по ней. Подключите филиал снова, и его источник продолжит с ними, или удалите их.
console-source-removed-at = Удалён: { $at }.
console-source-rows-kept = Его строки сохранены.
console-source-rows-going = Его строки удаляются.
console-source-clear = Удалить его строки
console-source-clear-sure = Я хочу удалить строки этого источника навсегда.
console-source-lacks = часть столбцов остаётся пустой, пока выключены: { $tables }
source-poorer = Читается менее подробный список, так как сервис не даёт этой учётной записи читать полный.
source-poorer-columns = Эти столбцы остаются пустыми в новых строках, а в остальных такими, какими были: { $columns }.
source-poorer-some = Часть столбцов может остаться пустой или такой, какой была.
source-poorer-rows = Приходит только первый уровень: строк ниже него может не хватать, а те, что там исчезли, остаются.
source-poorer-remedy = Дайте этой учётной записи право в сервисе или войдите снова с записью, у которой оно есть. Полный список запрашивается раз в день, а после нового входа сразу.
console-filter-all = все строки; выбрать какие
console-filter-lead = Какие строки хранятся
console-filter-children = Вместе с ними приходят и уходят строки таблиц:
console-filter-join = Хранить строку, если
console-filter-and = выполнено всё
console-filter-or = выполнено хотя бы одно
console-filter-condition = Условие
console-filter-column = Столбец
console-filter-comparison = Сравнение
console-filter-value = Значение
console-filter-hint = Отсеянные строки не сохраняются, каким бы путём они ни пришли. Дни пишутся как 2026-01-31.
console-filter-equal = равно
console-filter-not-equal = не равно
console-filter-less = меньше
console-filter-at-most = не больше
console-filter-greater = больше
console-filter-at-least = не меньше
console-filter-contains = содержит текст
console-filter-has = список, в котором есть
console-filter-not-null = заполнено
console-filter-written = В виде JSON
console-filter-written-hint = Для вложенных условий. То, что написано здесь, действует вместо полей выше.
console-filter-preview = Показать, что изменится
console-filter-clear = Хранить все строки
console-filter-effect = После сохранения:
console-filter-held = Строк сейчас
console-filter-kept = Останется
console-filter-gone = Станут удалёнными, пока их не уберёт чистка
console-filter-back-all = Строки, которые он пропускает и которых здесь нет, придут со следующим чтением, оно начнётся сразу.
console-filter-back-month = Строки последнего месяца, которые он пропускает и которых здесь нет, придут со следующим чтением; более старые закажите по периоду.
console-filter-wrong = Фильтр нельзя использовать: { $problem }
console-source-done-removed = Источник удалён.
console-source-renewed-in-part = Выполнен новый вход. Эта учётная запись не видит филиалы этих источников, и они стоят, пока она их не увидит: { $sources }. Загруженное из них остаётся; остальные источники этого входа работают дальше.
console-source-table-rows = показать строки
console-source-with-others = приходит с тем, что её упоминает
console-filter-more = Ещё условия

# Страница событий источника.
console-webhook-title = События от поставщика
console-webhook-on = Поставщик присылает сюда события
console-webhook-off = Поставщик не присылает сюда события
console-webhook-text = С событиями изменение у поставщика попадает в вашу базу за секунды. Без них оно приходит со следующим чтением. В обоих случаях ничего не теряется.
console-webhook-address = Адрес
console-webhook-address-hint = Кто знает адрес, может присылать события. Зарегистрируйте его ниже или вставьте сами в настройках компании у поставщика.
console-webhook-others = Адреса других программ у поставщика, они остаются как есть: { $count }
console-webhook-missing = Об этом поставщик не сообщает, потому что это у него выключено: { $things }
webhook-missing = Об этом поставщик не сообщает, потому что это у него выключено: { $things }. Такие изменения приходят со следующим чтением.
webhook-all-off = У поставщика выключено всё, так что адреса других программ тоже ничего не получают.
webhook-add-kinds = Чтобы получать всё, зарегистрируйте с "kinds": "add". У поставщика один набор переключателей на все адреса компании: другие программы тоже будут это получать, а включённое останется включённым.
console-webhook-all-off = У поставщика выключено всё: другие программы тоже ничего не получают.
console-webhook-others-missing = У поставщика есть адреса других программ, и что выключено для них, выключено и для этого: { $things }. Эти изменения придут со следующим чтением.
console-webhook-all-kinds = Включить всё
console-webhook-all-kinds-text = У поставщика один набор переключателей на все адреса компании: другие программы тоже будут получать эти события. Включённое останется включённым.
console-webhook-add = Включить
console-webhook-register = Включить события у поставщика
console-webhook-unregister = Отключить события
console-webhook-rotate = Сменить адрес
console-webhook-rotate-text = Если адрес мог стать известен посторонним. Если он зарегистрирован, новый сразу займёт его место у поставщика; если вы вставили его сами, укажите там новый. Старый принимает события, пока вы его не отзовёте: подождите несколько минут, часть событий может быть ещё в пути.
console-webhook-rotate-do = Создать новый адрес
console-webhook-revoke-do = Отозвать прежние адреса
console-webhook-done-registered = Теперь поставщик присылает сюда события.
console-webhook-done-unregistered = Поставщик больше не присылает сюда события.
console-webhook-done-rotated = Это новый адрес.
console-webhook-done-revoked = События принимает только этот адрес.
journal-webhook-left = Адрес вебхука мог остаться у поставщика, которого не удалось спросить при удалении источника { $source }: удалите его там в настройках компании. События, пришедшие по нему, ничего не изменят.

# What a source reads on request, and how far it has come.
console-reading-now = Прочитать сейчас
console-reading-asked = Запрошено. Ниже видно, как идёт работа.
console-reading-history = Загрузить прошлый период
console-reading-history-text = Чтение идёт по месяцам, начиная с последнего. У списков, например услуг и сотрудников, истории нет: каждое чтение приносит их целиком.
console-reading-all-tables = все включённые, у которых есть история
console-reading-load = Загрузить
console-reading-latest = Последние чтения
console-reading-what = Что прочитано
console-reading-windows = Прочитано окон
console-reading-regular = То, чему пришёл срок
console-reading-by-hand = Всё, вручную
console-reading-some-by-hand = Вручную
console-reading-waiting = ждёт
console-reading-running = идёт
console-reading-paused = стоит
console-reading-done = готово
console-reading-partial = готово частично
console-reading-failed = не удалось

# Подробности документов.
console-documents-title = Подробности документов
console-documents-text = У сервиса нет списка документов. Их номера приходят с записями и движениями; остальное стоит одного запроса к сервису за каждый документ и читается только по вашей просьбе.
console-documents-from = Первый день
console-documents-to = Последний день
console-documents-days = Только документы, о которых говорит движение этих дней; без дней все.
console-documents-count = Сколько это стоит?
console-documents-cost = { $calls ->
    [0] читать нечего
   *[other] подробности документов: { $calls }, запросов: { $calls }, около { $minutes } мин
}
console-documents-calls = { $calls }, около { $minutes } мин
console-documents-unreadable = { $count ->
    [one] { $count } документ пропускается: на месте его идентификатора стоит что-то другое
    [few] { $count } документа пропускаются: на месте их идентификаторов стоит что-то другое
   *[other] { $count } документов пропускаются: на месте их идентификаторов стоит что-то другое
}
console-documents-order = Прочитать подробности
console-documents-ordered = Заказано. Число ниже уменьшается по мере чтения.
console-reports-cost = Каждый документ стоит одного запроса к сервису. Обновление за период: запросов, насколько известно: { $calls }, около { $minutes } мин.
console-reports-calls = Запросов за обновление

# Почему запись поставщика отложена.
parked-reason-not-an-object = Это не запись: на её месте пришёл список или отдельное значение.
parked-reason-no-id = Нет идентификатора.
parked-reason-not-an-event = Это не событие.
parked-reason-no-company = Событие не называет компанию.
parked-reason-no-resource = Событие не говорит, о чём оно.
parked-reason-other-company = Событие другой компании.
parked-reason-other-entity = В событии другая запись, чем та, на которую оно указывает.
parked-reason-no-table = Нет таблицы для того, о чём оно.
parked-reason-no-body = Событие не содержит записи.
parked-reason-unreadable = Пришедшее не удалось прочитать; сохранена только его длина.
