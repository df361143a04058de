# Почему что-то не получилось: что случилось, что сохранено, что делать.
problem-internal = У нас что-то сломалось. Прежние данные не изменились; попробуйте ещё раз, а если повторится, сообщите нам код { $code }.
# Почему файл не удалось подготовить; код следует за `problem-export-`.
problem-export-disk-full = Не хватило места, чтобы подготовить или сохранить файл. Освободите место и закажите его заново.
problem-export-too-large = Файл был бы больше { $limit }, отведённых на подготовку одного файла. Выберите меньше строк или столбцов либо XML или CSV, которые не ограничены.
problem-export-erased = Данные человека, который был в файле, удалены, поэтому файл отозван. Закажите его заново.
problem-export-database = Базу данных не удалось прочитать до конца.
problem-export-store = Готовый файл не удалось сохранить.
problem-export-broken-off = Подготовка прерывалась { $attempts } раз.
problem-export-order = Заказанное больше нельзя записать: { $problem }.
problem-export-passwords = Сохранённый пароль не удалось расшифровать; закажите файл без паролей или верните ключ, которым он был зашифрован.
problem-export-value = Сохранённое значение нельзя записать в файл: { $problem }.
problem-warehouse-stored = Таблица { $table }, строка { $row }, столбец { $column }: сохранённое значение не того типа, что столбец. Исправьте его в базе данных или загрузите строку заново и повторите.
problem-export-internal = У нас что-то сломалось.

# Answers of the API, by their code.
problem-unauthorized = Передайте действующий токен API в заголовке «Authorization: Bearer wyn_…».
problem-insufficient-scope = Для этого нужен токен с правом «write».
problem-not-found = В этой подписке нет ничего с таким именем или id.
problem-method-not-allowed = Этот адрес не принимает такой запрос.
problem-malformed = Запрос невозможно прочитать.
problem-malformed-why = Запрос невозможно прочитать: { $problem }.
problem-invalid-field = Значение поля { $field } нельзя использовать.
problem-invalid-field-why = Значение поля { $field } нельзя использовать: { $problem }.
problem-invalid-cursor = Этот курсор не был выдан для этого списка.
problem-unknown-column = В этой таблице нет столбца { $field }.
problem-conflict = В нынешнем состоянии этого сделать нельзя.
problem-conflict-why = В нынешнем состоянии этого сделать нельзя: { $problem }.
problem-in-use = На это ссылаются другие записи, в том числе { $field }: сначала измените или удалите их.
problem-idempotency-mismatch = Этот Idempotency-Key использован для другого запроса.
problem-too-large = Запрос больше, чем допускается.
problem-upload-differs = Загружено не то, что было заявлено: размер или SHA-256 другой. Ничего из этого не сохранено; отправьте нужный файл по тому же адресу.
problem-too-many-failures = Слишком много неудачных запросов с этого адреса. Подождите и повторите.
problem-timeout = Это заняло слишком много времени. Повторите.
problem-unavailable = Что-то нужное временно недоступно. Повторите; с Idempotency-Key это безопасно.
problem-no-room = На диске сервера не осталось места. Отправленное не сохранено; всё сохранённое раньше осталось как было. Освободите там место и отправьте ещё раз; с Idempotency-Key это безопасно.
problem-forbidden = Эта ссылка или токен этого не позволяет.
problem-plan-rows-used = Строки, которые план допускает в этом месяце, израсходованы, или следующая порция больше того, что осталось. Она загрузится сама в следующем месяце или с большим планом; ничего не теряется.
problem-plan-storage-used = Место, которое даёт план, занято. Загрузка продолжится сама, когда появится место, или с большим планом; ничего не теряется.
problem-plan-ended = План закончился. Выгрузка работает; загрузка продолжится с новым планом, ничего не теряется.
problem-pull-internal = Что-то пошло не так внутри; будет новая попытка.
problem-pull-credential = Токен этого источника не расшифровывается ключами этого сервера. Войдите заново или попросите того, кто ведёт сервер, вернуть ключи.
problem-pull-busy = С источником работает другая команда или сервер. Попробуйте снова, когда работа закончится; если её прервали принудительно, источник освободится через десять минут после её последнего признака жизни.
problem-pull-busy-until = С источником работает другая команда или сервер. Попробуйте снова, когда работа закончится; если её прервали принудительно, источник освободится не позднее { $until }.
problem-pull-interrupted = Работа прервана; следующая продолжит с того же места.
problem-reconciliation-nothing-compared = Ничего не сверено: нет включённой таблицы, которую можно сверить и которая загружалась в то время.
problem-reconciliation-too-long = За много попыток не удалось дочитать до конца.
problem-reconciliation-list-short = Список закончился раньше, чем по собственному счёту поставщика: чего в нём не было, у поставщика всё же может быть.
problem-reconciliation-unreadable = Пришли записи, которые нельзя разобрать; они отложены, и то, что в них может быть, не сверено.
problem-reconciliation-table = Таблица { $table } не сверяется с сервисом.
problem-reconciliation-no-table = Таблицы { $table } нет.
problem-pull-not-active = Из этого источника ничего не читается: он приостановлен, удалён или ждёт нового входа. Возобновите его или войдите снова и закажите ещё раз.
problem-history-too-far-back = План допускает историю с { $from }.
problem-history-period = Этот период прочитать нельзя: он кончается раньше, чем начинается, лежит в будущем или слишком длинный.
problem-history-table = Период таблицы { $table } нельзя запросить отдельно: она читается целиком или приходит с другой таблицей.
problem-selection-table = Таблицы { $table } нет.
problem-selection-child = Строки этой таблицы приходят со строками { $of }; фильтр задаётся там.
problem-selection-filter = Фильтр непонятен: { $problem }.
problem-webhook-full = У компании уже { $most } адресов вебхуков у поставщика, больше нельзя. Удалите там один и попробуйте снова.
problem-webhook-switched-off = У поставщика настроены и выключены вебхуки других программ. Регистрация со всеми видами событий (флажок на странице, --all-kinds, "kinds": "add") включит их и этим программам; или включите их либо удалите у поставщика и попробуйте снова. Ничего не изменено.
problem-webhook-differing = У вебхуков других программ у поставщика разные настройки, регистрация сделала бы их одинаковыми. Добавьте адрес вручную; ничего не изменено.
problem-webhook-unreadable = Не удаётся прочитать настройки вебхуков у поставщика. Добавьте адрес вручную; ничего не изменено.
problem-webhook-not-kept = Поставщик не сохранил настройки вебхуков. Проверьте их у него.
problem-bi-file = Данные здесь хранятся в файле SQLite: откройте сам файл. Логины для BI-инструментов создаются в PostgreSQL.
problem-bi-foreign-tables = Логин не создан, а существующий сохраняет свой пароль: пользователь Wynos в базе данных, { $user }, не может создавать сторонние таблицы через postgres_fdw. Пусть суперпользователь выполнит в базе template1 две команды, затем попробуйте снова: CREATE EXTENSION IF NOT EXISTS postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO { $user };
problem-bi-trusted = Логин не создан: сервер базы данных ни у кого не спрашивает пароль при подключении с самого сервера («trust» в pg_hba.conf), а так postgres_fdw ничего не прочитает. Пусть администратор впишет перед всеми другими строками pg_hba.conf эти две, выполнит SELECT pg_reload_conf(); затем попробуйте снова: host all { $user } 127.0.0.1/32 scram-sha-256 и host all { $user } ::1/128 scram-sha-256
problem-bi-not-made = База данных не выполнила свою часть; подробнее — в журнале программы. Логин, который уже был, сохраняет свой пароль. Попробуйте снова.
problem-bi-in-doubt = Связь с базой данных прервалась, когда новый пароль вступал в силу, поэтому неизвестно, действует ли ещё старый. Запросите ещё один: он будет действовать, какой бы из них ни действовал сейчас.

order-no-table = списку нужно имя таблицы
order-all-tables = в файле формата { $format } нет одной таблицы
order-not-a-list = столбцы и строки выбирают только в списках
order-no-list = нет списка с именем { $name }
order-no-column = в { $table } нет столбца { $column }
order-twice = столбец { $column } назван дважды
order-no-condition = «{ $text }» — не условие: столбец, знак вроде = или >= и значение
order-too-many-conditions = условий больше { $most }
order-no-value = «{ $value }» — не значение столбца { $column }
order-no-profile = нет профиля { $name }
order-passwords = пароли уходят только в файле обмена с полным профилем
order-long-purpose = в цели не больше { $most } знаков
order-nul-in-purpose = цель — текст без U+0000

filter-too-deep = условия можно вкладывать друг в друга не более { $most } раз
filter-not-a-list = «and» и «or» нужен список, в котором не более { $most } условий
filter-no-condition = { $text } — не условие: столбец с «is» и значением, «in» или «has»; «null» или «not_null» со столбцом; либо «and», «or», «not» с условиями
filter-unexpected = условию не нужно слово «{ $word }»: каждое условие говорит об одном
filter-no-column = в таблице нет столбца «{ $column }»
filter-no-value = { $value } — не значение столбца { $column }
filter-no-values = столбцу { $column } нужен список, в котором не более { $most } значений
filter-holds-nothing = { $column } — не список, в котором могло бы быть { $value }
filter-no-comparison = столбец { $column } нельзя сравнить словом «{ $word }»: есть { $known }
filter-not-text = { $column } — не текст, который мог бы содержать другой
filter-not-json = это не JSON ({ $reason })

problem-one-of = допустимые значения: { $choices }
problem-both-days = первый и последний день периода указываются вместе либо не указываются вовсе
problem-journal-time = напишите время, например 2026-01-31T08:00:00Z, или день, например 2026-01-31
problem-name-length = оно пустое или слишком длинное
problem-reports-no-field = ни в одной записи нет поля { $path }
problem-reports-no-field-near = ни в одной записи нет поля { $path }; возможно, имелось в виду { $nearest }?
problem-reports-taken = таблица с таким именем есть у другого отчёта или осталась от удалённого

# What is wrong with a description of tables, and where.
description-fault = строка { $line }, столбец { $column }: { $problem }
description-syntax = это не YAML описания: { $reason }
description-repeats = якоря и псевдонимы здесь не читаются; напишите полностью
description-unknown-field = поля { $field } здесь нет; могут быть { $known }
description-missing-field = здесь не хватает поля { $field }
description-field-twice = поле { $field } указано здесь дважды
description-no-list = здесь должен быть список: заключите его в [ и ], через запятую, как [a, b]
description-no-fields = здесь должны быть поля: напишите имя, двоеточие и значение
description-too-long = описание длиннее { $limit } байт
description-nothing = { $what ->
    [tables] нет ни одной таблицы
    [columns] нет ни одного столбца
   *[conditions] нет ни одного условия
}
description-too-many = { $what ->
    [tables] таблиц больше { $limit }
    [columns] столбцов больше { $limit }
   *[conditions] условий больше { $limit }
}
description-name = «{ $name }» не может быть именем: используйте a-z, 0-9 и одиночные _, начните с буквы, не больше 48 символов
description-reserved = имя { $name } занято для таблиц системы
description-taken = таблица с именем { $name } уже есть
description-twice = имя { $name } указано дважды
description-path = «{ $path }» — не путь: имена полей через точку, после массива [], как в services[].cost
description-unknown-path = по пути { $path } ничего нет
description-unknown-path-near = по пути { $path } ничего нет; возможно, имелось в виду { $nearest }?
description-rows-of-one = строки получаются из записи (.) или из элементов массива: напишите [] в конце { $path }
description-type = «{ $type }» — не тип: напишите text, integer, decimal(2), boolean, date, timestamp или json
description-type-does-not-fit = то, что стоит по пути { $path }, не подходит к типу { $type }; подошёл бы { $fitting }
description-many = { $path } ведёт ко многим значениям; у столбца с ними тип json
description-default = значение по умолчанию не подходит к типу { $type }
description-no-parent = таблица { $name } не описана перед этой
description-parent-without-key = у родительской таблицы { $name } нет ключа: отметьте её столбец через key: true
description-outside-parent = строки таблицы, для которой родительская — { $parent }, начинаются с { $rows }
description-tests = в условии ровно одно из: equals, not, one_of, none_of, above, below, empty
description-comparison = условие сравнивает с текстами, числами, true и false

# What is wrong with the settings of a job.
settings-no-object = это не объект JSON
settings-missing = не хватает поля { $field }
settings-unknown = поля { $field } нет; могут быть { $known }
settings-days = { $field } — целое число дней, не меньше 1
settings-period = { $field } — период: "last 7 days", "last 2 months" или "since 2026-01-31"
settings-report = { $field } — идентификатор отчёта
settings-tables = { $field } — список имён таблиц, не больше { $most }
settings-other-kind = задание вида { $kind } им и остаётся
