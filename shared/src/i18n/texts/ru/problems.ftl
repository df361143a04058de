# Почему что-то не получилось: что случилось, что сохранено, что делать.
problem-internal = У нас что-то сломалось. Прежние данные не изменились; попробуйте ещё раз, а если повторится, сообщите нам код { $code }.
# Почему файл не удалось подготовить; код следует за `problem-export-`.
problem-export-disk-full = Не хватило места, чтобы подготовить файл. Освободите место или выберите XML или CSV, которым оно не нужно.
problem-export-too-large = Файл был бы больше { $limit }, отведённых на подготовку одного файла. Выберите меньше строк или столбцов либо XML или CSV, которые не ограничены.
problem-export-database = Базу данных не удалось прочитать до конца.
problem-export-store = Готовый файл не удалось сохранить.
problem-export-broken-off = Подготовка прерывалась { $attempts } раз.
problem-export-order = Заказанное больше нельзя записать: { $problem }.
problem-export-passwords = Сохранённый пароль не удалось расшифровать; закажите файл без паролей или верните ключ, которым он был зашифрован.
problem-export-value = Сохранённое значение нельзя записать в файл: { $problem }.
problem-export-internal = У нас что-то сломалось.

# Answers of the API, by their code.
problem-unauthorized = Передайте действующий токен API в заголовке «Authorization: Bearer wyn_…».
problem-insufficient-scope = Для этого нужен токен с правом «write».
problem-not-found = В этой подписке нет ничего с таким именем или id.
problem-method-not-allowed = Этот адрес не принимает такой запрос.
problem-malformed = Запрос невозможно прочитать.
problem-invalid-field = Значение поля { $field } нельзя использовать.
problem-invalid-cursor = Этот курсор не был выдан для этого списка.
problem-unknown-column = В этой таблице нет столбца { $field }.
problem-conflict = В нынешнем состоянии этого сделать нельзя.
problem-idempotency-mismatch = Этот Idempotency-Key использован для другого запроса.
problem-too-large = Запрос больше, чем допускается.
problem-too-many-failures = Слишком много неудачных запросов с этого адреса. Подождите и повторите.
problem-timeout = Это заняло слишком много времени. Повторите.
problem-unavailable = Что-то нужное временно недоступно. Повторите; с Idempotency-Key это безопасно.
problem-forbidden = Эта ссылка или токен этого не позволяет.
problem-plan-rows-used = Строки, которые план допускает в этом месяце, израсходованы. Загрузка продолжится сама в следующем месяце или с большим планом; ничего не теряется.
problem-plan-ended = План закончился. Экспорт работает; загрузка продолжится с новым планом, ничего не теряется.
problem-pull-internal = Что-то пошло не так внутри; будет новая попытка.
problem-pull-busy = С источником работает кто-то другой.
problem-pull-interrupted = Работа прервана; следующая продолжит с того же места.
problem-pull-not-active = Источник приостановлен, удалён или ждёт данных для входа.
problem-history-too-far-back = План допускает историю с { $from }.
problem-history-period = Этот период прочитать нельзя.
problem-history-table = У { $table } нет своей истории.
problem-selection-table = Таблицы { $table } нет.
problem-selection-child = Строки { $table } приходят со строками другой таблицы; фильтр задаётся там.
problem-selection-filter = Фильтр непонятен: { $problem }.
