# Что сообщают запланированные задания.
mail-job-subject = Задание «{ $job }» всё не выполняется
mail-job-failing = Задание «{ $job }» ({ $subscription }) не выполнилось { $count } раз подряд. Загруженное раньше не тронуто. Причина: { $reason }
mail-job-next = Следующая попытка: { $next }, затем всё реже. Задание можно посмотреть, изменить или приостановить:
mail-job-no-next = Само оно больше не запустится. Задание можно посмотреть, изменить или выполнить:
journal-job-created = Задание создано: { $name }, { $schedule }
journal-job-changed = Задание изменено: { $name }, { $schedule }
journal-job-paused = Задание приостановлено: { $name }
journal-job-resumed = Задание возобновлено: { $name }, { $schedule }
journal-job-removed = Задание удалено: { $name }
journal-job-asked = Задание запущено вручную: { $name }
journal-job-done = Задание выполнено: { $name }, строк: { $done }, { $seconds } с
journal-job-failed = Задание не выполнено: { $name }, сбой № { $failures } подряд. { $reason }
journal-job-partial = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Таблиц не прочитано: { $failed_tables }{ $set_aside ->
    [one] ; отложено записей: { $set_aside }
    [few] ; отложено записей: { $set_aside }
    [many] ; отложено записей: { $set_aside }
    [other] ; отложено записей: { $set_aside }
   *[none] {""}
}
journal-job-set-aside = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Отложено записей, которые нельзя разобрать или принять: { $set_aside }
journal-job-not-checked = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Дней не проверено: { $not_checked }
journal-job-nothing-compared = Ничего не сверено: { $name }, { $seconds } с. Нет включённой таблицы, которую можно сверить и которая загружалась в то время. Дней: { $nothing_compared }
journal-job-left-out = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Пропущено, потому что ключа или идентификатора нет или он есть и у других: { $left_out }
journal-job-unreadable = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Остались старые строки, у которых нельзя прочитать ключ: { $left_out }
journal-job-unread = Задание выполнено частично: { $name }, строк: { $done }, { $seconds } с. Записи, строки которых остались прежними, потому что сервис прислал не список: { $left_out }
journal-job-not-run = Ничего не сделано: { $name }. { $reason }
problem-job-settings = Настройки задания не читаются: { $reason }
problem-job-not-served = Эта версия не выполняет заданий вида { $kind }.
problem-job-gave-up = Его начинали несколько раз, и ни разу оно не дошло до конца.
problem-job-lost = Выполнение взял другой процесс.
problem-job-warehouse = Отказала база с данными.
problem-job-control = Отказала общая база данных.
problem-job-period = В периоде нет дней, которые можно было бы посмотреть.
journal-report-created = Отчёт создан: { $name }
journal-report-changed = Отчёт изменён: { $name }
journal-report-removed = Отчёт удалён: { $name }. { $rows ->
    [deleted] Его строки удаляются вместе с ним.
   *[kept] Его строки остаются.
}
journal-report-rows-given-up = Сохранённые строки удалённого отчёта { $name } удаляются.
journal-report-cleared = Строки удалённого отчёта { $name } стёрты
journal-report-fields = Новые поля в записях отчёта { $name }: { $fields }
journal-report-variant = Отчёт { $name }: значения в { $table }.{ $column } сменили тип; они попадают в столбец { $variant }
journal-report-unread = Отчёт { $name }: в { $path } стоит не список, поэтому строки таблицы { $table } остаются прежними. Записей: { $records }
problem-report-gone = Отчёт удалён.
problem-report-broken = Сохранённый отчёт не читается.
problem-report-too-many-documents = В периоде больше { $limit } документов; выберите период короче.
report-preview-without-key = { $count ->
    [one] Пропущена { $count } строка: нет части её ключа ({ $key }).
    [few] Пропущены { $count } строки: нет части их ключа ({ $key }).
   *[other] Пропущено { $count } строк: нет части их ключа ({ $key }).
}
report-preview-same-key = Внимание: { $key } не различает строки. { $count ->
    [one] Пропущена { $count } строка: такой же ключ у другой.
    [few] Пропущены { $count } строки: такой же ключ у других.
   *[other] Пропущено { $count } строк: такой же ключ у других.
}
report-preview-unread = Внимание: в { $path } стоит не список. { $count ->
    [one] Из { $count } записи строки не получаются, а прежние остаются.
   *[other] Из { $count } записей строки не получаются, а прежние остаются.
}
problem-job-pull = Таблица { $table } не читается. { $reason }
problem-job-reconciliation = Ни один день не удалось сверить с сервисом. { $reason }
console-nav-jobs = Задания
console-jobs-title = Задания и отчёты
console-jobs-none = Заданий пока нет. Создайте задание, и оно будет выполняться само, когда скажете.
console-jobs-job = Задание
console-jobs-next = Следующее выполнение
console-jobs-last = Последнее выполнение
console-jobs-rows = Строки
console-jobs-actions = Действия
console-jobs-running = выполняется
console-jobs-never = ещё не выполнялось
console-jobs-done = выполнено
console-jobs-paused = приостановлено
console-jobs-waits = ждёт удалённый источник
console-jobs-source-busy = ждёт: с его источником работает другое выполнение
console-jobs-by-hand = вручную
console-jobs-run = Выполнить
console-jobs-pause = Приостановить
console-jobs-resume = Возобновить
console-jobs-remove = Удалить
console-job-base-pull = Базовая выгрузка
console-job-report = Отчёт
console-job-reconciliation = Сверка
console-job-retention = Удаление устаревших данных
console-reports-title = Отчёты
console-reports-none = Отчётов пока нет. Отчёт превращает данные поставщика в вашу собственную таблицу.
console-reports-report = Отчёт
console-reports-tables = Таблицы
console-reports-new = Новые поля
console-report-documents = Документы
console-report-consumables = Расходники по записям
console-report-goods-transactions = Товарные транзакции
console-report-finance-transactions = Финансовые транзакции
console-report-record-categories = Категории записи
console-report-services = Услуги
problem-retention-table = Таблицу { $table } нельзя выбрать: она неизвестна, хранит собственные данные мастерской или её строки удаляются вместе с теми, которым принадлежат.
problem-job-queue = Очередь не сработала.
journal-retention-swept = Ночная уборка: удалено { $done } записей, срок которых истёк
journal-retention-erased = Данные человека удалены; журнал ведётся дальше под { $proof }
journal-retention-erased-nothing = О человеке, данные которого надо было удалить, ничего не нашлось: о нём не говорит ни одна строка. Ничего личного о нём не поступит; журнал ведётся дальше под { $proof }
journal-retention-erasure-asked = Запрошено удаление данных человека; журнал продолжится под { $proof }
journal-retention-erasure-failed = Удаление { $proof } не удалось довести до конца. Ничего нового об этом человеке не поступает, попытка повторяется каждую ночь
console-jobs-lead = Что выполняется само, когда выполнялось и когда выполнится снова.
console-jobs-new = Новое задание
console-jobs-new-title = Новое задание
console-jobs-new-lead = Выберите, что должно выполняться само и когда. Отчёты создаются на отдельной странице.
console-jobs-name = Название
console-jobs-kind = Вид
console-jobs-id = Задание
console-jobs-make = Создать задание
console-jobs-made = Задание создано.
console-jobs-asked = Задание выполняется.
console-jobs-removed = Задание удалено. Всё, что оно принесло, остаётся.
console-jobs-edit = Изменить задание
console-jobs-sure = Точно
console-jobs-queued = в очереди
console-jobs-failed = не выполнено
console-jobs-partial = выполнено частично
job-gap-tables = { $count ->
    [one] не прочитана { $count } таблица
    [few] не прочитаны { $count } таблицы
   *[other] не прочитано { $count } таблиц
}
job-gap-set-aside = { $count ->
    [one] отложена { $count } запись
    [few] отложены { $count } записи
   *[other] отложено { $count } записей
}
job-gap-days = { $count ->
    [one] не проверен { $count } день
    [few] не проверены { $count } дня
   *[other] не проверено { $count } дней
}
job-gap-nothing-compared = { $count ->
    [one] ничего не сверено за { $count } день
    [few] ничего не сверено за { $count } дня
   *[other] ничего не сверено за { $count } дней
}
job-gap-rows-without-key = { $count ->
    [one] пропущена { $count } строка, у которой нет ключа
    [few] пропущены { $count } строки, у которых нет ключа
   *[other] пропущено { $count } строк, у которых нет ключа
}
job-gap-rows-with-same-key = { $count ->
    [one] пропущена { $count } строка: такой же ключ у другой
    [few] пропущены { $count } строки: такой же ключ у других
   *[other] пропущено { $count } строк: такой же ключ у других
}
job-gap-records-without-id = { $count ->
    [one] пропущена { $count } запись, у которой сервис не указал идентификатор
    [few] пропущены { $count } записи, у которых сервис не указал идентификатор
   *[other] пропущено { $count } записей, у которых сервис не указал идентификатор
}
job-gap-unreadable-rows = { $count ->
    [one] осталась { $count } старая строка: её ключ нельзя прочитать
    [few] остались { $count } старые строки: их ключи нельзя прочитать
   *[other] осталось { $count } старых строк: их ключи нельзя прочитать
}
job-gap-unread-records = { $count ->
    [one] строки { $count } записи остались прежними: сервис прислал не список
   *[other] строки { $count } записей остались прежними: сервис прислал не список
}
console-jobs-failures = Неудач подряд
console-jobs-runs = Последние выполнения
console-jobs-when = Когда
console-jobs-outcome = Итог
console-jobs-took = Длительность
console-jobs-run-hint = Если дни не указаны, берётся период из настроек.
console-jobs-to-report = К отчёту, который оно обновляет
console-jobs-all-sources = все источники
console-jobs-tables = Таблицы
console-jobs-all-chosen = Не выбраны: все, что включены у источника.
console-jobs-all-compared = Не выбраны: все, что можно сверить.
console-jobs-all-facts = Не выбраны: записи, движения товаров и денег и другие факты; справочники остаются.
console-jobs-period = Период
console-jobs-older = Удалять строки, полученные раньше стольких дней назад
console-jobs-older-hint = Они не возвращаются, если только не изменятся в сервисе или вы их не запросите.
console-jobs-older-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
}
console-job-base-pull-text = Читает то, что изменилось в сервисе.
console-job-reconciliation-text = Сравнивает то, что есть здесь, с тем, что есть в сервисе, и исправляет различия.
console-job-retention-text = Удаляет давно полученные строки и освобождает место.
console-took-seconds = { $count } с
console-took-minutes = { $count } мин
console-took-hours = { $count } ч
console-schedule = Когда
console-schedule-minutes = каждые несколько минут
console-schedule-hours = каждые несколько часов
console-schedule-daily = каждый день
console-schedule-weekly = по дням недели
console-schedule-interval = Сколько
console-schedule-at = Время
console-schedule-days = Дни
console-schedule-hint = Время — по часам бизнеса, с учётом летнего времени. Пропущенное выполнение навёрстывается один раз.
console-schedule-every-minutes = { $count ->
    [one] каждую { $count } минуту
    [few] каждые { $count } минуты
   *[many] каждые { $count } минут
}
console-schedule-every-hours = { $count ->
    [one] каждый { $count } час
    [few] каждые { $count } часа
   *[many] каждые { $count } часов
}
console-schedule-daily-at = каждый день в { $time }
console-schedule-weekly-at = { $days } в { $time }
console-day-mon = пн
console-day-tue = вт
console-day-wed = ср
console-day-thu = чт
console-day-fri = пт
console-day-sat = сб
console-day-sun = вс
console-period-days = последние дни
console-period-months = последние месяцы
console-period-since = с определённого дня
console-period-count = Сколько
console-period-day = День
console-period-hint = По сегодняшний день. Месяцы — целые месяцы перед текущим.
console-period-last-days = { $count ->
    [one] последний { $count } день
    [few] последние { $count } дня
   *[many] последние { $count } дней
}
console-period-last-months = { $count ->
    [0] текущий месяц
    [one] последний { $count } месяц
    [few] последние { $count } месяца
   *[many] последние { $count } месяцев
}
console-period-since-day = с { $day }
problem-planner-name = В названии от 1 до 64 символов.
problem-planner-source = Выберите один из ваших источников.
problem-planner-table = Задание этого вида не работает с таблицей { $table }.
problem-planner-no-table = Таблицы { $table } нет.
problem-planner-report = Задание отчёта остаётся со своим отчётом и своим источником.
problem-planner-schedule = Это не расписание: укажите число минут или часов либо время дня.
problem-planner-schedule-written = «{ $text }» — не расписание: напишите "every 15 minutes", "every 2 hours", "every hour", "daily at 03:30" или "weekly on mon,thu at 04:00".
problem-planner-never-fires = Такое расписание никогда не сработает: выберите хотя бы один день или число больше нуля.
problem-planner-too-rare = Перерыв в расписании — не больше четырёх недель.
problem-planner-time = Это не время дня: укажите от 00:00 до 23:59.
problem-planner-time-written = «{ $text }» — не время дня: напишите от 00:00 до 23:59.
problem-planner-day-written = «{ $text }» — не день недели: напишите mon, tue, wed, thu, fri, sat или sun.
problem-planner-period = Это не период: укажите оба дня либо число дней или месяцев.
problem-planner-period-written = «{ $text }» — не период: напишите "last 7 days", "last 2 months" или "since 2026-01-31".
problem-planner-period-empty = В этом периоде нет ни одного дня.
problem-planner-period-reversed = Период кончается раньше, чем начинается.
problem-planner-period-future = Период лежит в будущем: в нём ещё ничего нет.
problem-planner-period-long = Период — не больше десяти лет.
problem-planner-no-period = Это задание не принимает период: оно всегда делает всё, что есть.
problem-planner-read-whole = Этот отчёт не принимает период: его записи не относятся к дням, и запуск всегда читает весь список.
problem-planner-under-way = задание уже выполняется; его можно запустить снова, когда оно закончится
problem-planner-held = этим запуском занят другой процесс
problem-planner-of-report = это задание обновляет отчёт: удалите отчёт или приостановите задание
console-reports-make = Новый отчёт
console-reports-removed = Отчёт удалён.
console-reports-cleared = Строки удалённого отчёта сотрутся навсегда в течение нескольких минут.
console-reports-left = Удалённые отчёты, строки которых ещё здесь
console-reports-left-lead = Строки этих отчётов всё ещё в вашей базе, а их таблицы сохраняют имена. Удалите их, и имена снова свободны.
console-reports-clear-sure = Я хочу удалить строки этого отчёта навсегда.
console-reports-connect = Отчёты составляются из записей сервиса: сначала подключите компанию.
console-reports-new-title = Новый отчёт
console-reports-new-lead = Выберите, чем станут записи сервиса: посмотрите образец, отметьте поля, посмотрите строки и создайте отчёт.
console-reports-kind = Данные
console-reports-sample = Посмотреть образец
console-reports-sample-hint = Читает несколько последних записей сервиса, чтобы показать их поля. Ничего не сохраняется. Документов не более 15, каждый стоит одного запроса.
console-reports-fields = Поля
console-reports-all = все
console-reports-none-all = Не выбраны: все.
console-reports-adds = Выберите новые поля, для которых в таблице появятся столбцы. Имеющиеся остаются; новые заполнятся при следующем обновлении.
console-reports-looked = { $count ->
    [one] Просмотрена { $count } запись. Не выбраны: все поля.
    [few] Просмотрены { $count } записи. Не выбраны: все поля.
   *[many] Просмотрено { $count } записей. Не выбраны: все поля.
}
console-reports-no-records = Таких записей в сервисе пока нет: можно создать только отчёт из строк JSON.
console-reports-form = Куда попадают строки
console-reports-json = Строки JSON
console-reports-json-text = Одна строка на запись, в таблице yclients_reports.
console-reports-table = Отдельная таблица
console-reports-table-text = Столбцы с типами, как в образце; сначала вы их увидите и утвердите.
console-reports-table-name = Имя таблицы
console-reports-description = Описание таблиц
console-reports-description-text = Небольшой документ говорит, какие таблицы получаются и как, в том числе из строк вложенных списков.
console-reports-description-hint = YAML, как объясняет docs/table-description.md.
console-reports-preview = Показать строки
console-reports-make-it = Создать отчёт
console-reports-approve = Такие столбцы будут у таблицы. Посмотрите их и создайте отчёт, если всё верно.
console-reports-rows = { $count ->
    [one] { $count } строка образца
    [few] { $count } строки образца
   *[many] { $count } строк образца
}
console-reports-made = Отчёт создан. Его заполнит первое выполнение.
console-reports-refresh = Обновить сейчас
console-reports-offered = В записях появились новые поля:
console-reports-to-job = К заданию, которое его обновляет
console-reports-edit = Изменить отчёт
console-reports-remove = Удалить отчёт
console-reports-keep-text = Их можно смотреть, выгружать и очищать, как раньше, а таблицы сохраняют имена.
console-reports-delete-text = Они стираются навсегда, а имена их таблиц снова свободны.
console-reports-sure = Я хочу удалить этот отчёт.
problem-reports-field = Выбранное поле нельзя использовать: { $reason }
problem-reports-kind = Выберите вид данных.
problem-reports-long = Описание слишком длинное.
problem-reports-description = В описании ошибки: { $reason }
problem-reports-table = Это имя таблицы нельзя использовать: { $reason }
problem-reports-no-sample = Таких записей в сервисе пока нет, поэтому их строение неизвестно. Создайте отчёт из строк JSON.
problem-reports-not-approved = его таблицы ещё не просмотрены: запросите их через POST /api/v1/reports/preview, затем укажите approve
problem-reports-settled = Таблицы этого отчёта определены его описанием. В него можно только добавить столбцы, не входящие в ключ. Для всего другого создайте другой отчёт.
console-reports-more-columns = В описание можно добавить столбцы; они заполнятся при следующем обновлении. То, что в нём уже есть, должно остаться.
problem-reports-wide = В таблице не больше 300 столбцов.
console-retention-title = Удалить устаревшие данные
console-retention-lead = Строки подключённых филиалов, полученные давно, удаляются, и их место освобождается. Ничего не исчезает, пока вы не увидите, что именно.
console-retention-name = Устаревшие данные
console-retention-facts = Записи, товары, деньги, отчёты
console-retention-own = Строки вашей собственной мастерской никогда не удаляются по возрасту.
console-retention-lists = Справочники
console-retention-lists-hint = Из выбранных уходит то, на что здесь больше ничто не ссылается: клиент с записью остаётся.
console-retention-look = Показать, что уйдёт
console-retention-effect = Что ушло бы сейчас
console-retention-before = Строки, полученные до { $day }. Пока ничего не удалено.
console-retention-nothing = Ничего настолько старого здесь нет.
console-retention-oldest = Самая старая получена
console-retention-newest = Самая новая получена
console-retention-total = Всего
console-retention-sure = Я вижу, что уйдёт. Удалить сейчас.
console-retention-unsure = Отметьте поле, если эти строки должны уйти сейчас. Ничего не удалено.
console-retention-save = Сохранить как задание
console-retention-run = Сохранить и удалить сейчас
console-retention-look-first = Вот что оно удалило бы сейчас. Посмотрите ниже и сохраните, если всё верно.
console-retention-days-wrong = Укажите число дней от 1 до 36500.
console-retention-to = Посмотреть, что уйдёт, или изменить
console-jobs-connect = Задания работают с данными подключённого филиала: сначала подключите его.
console-reports-more = Это последние; все выдаёт API.
