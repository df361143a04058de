# Импорт: почему не удался, что говорит отчёт.
problem-import-file-empty = Файл пуст. Ничего не импортировано. Выгрузите его заново и загрузите ещё раз.
problem-import-file-is-zip = Это архив zip, а не файл XML. Ничего из него не сохранено. Распакуйте его и загрузите содержимое.
problem-import-file-is-gzip = Это файл gzip, а не файл XML. Ничего из него не сохранено. Распакуйте его или назовите .xml.gz и загрузите ещё раз.
problem-import-file-compression-damaged = Сжатые данные повреждены (строка { $line }, байт { $byte } содержимого). Ничего из них не сохранено. Скопируйте или выгрузите файл заново и загрузите ещё раз.
problem-import-file-encoding = Файл в кодировке { $encoding } (строка { $line }, байт { $byte }). Ничего из него не сохранено. Сохраните его в UTF-8 и загрузите ещё раз.
problem-import-file-not-utf8 = В строке { $line } (байт { $byte }) есть байты, которые не являются UTF-8. Ничего из файла не сохранено. Сохраните его в UTF-8 и загрузите ещё раз.
problem-import-file-not-xml = Это не файл XML (строка { $line }, байт { $byte }). Ничего из него не сохранено. Выберите файл обмена или импортируйте его как список.
problem-import-file-malformed = Неверный XML в строке { $line }, байт { $byte } (сообщение разборщика: { $problem }). Ничего из него не сохранено. Выгрузите файл заново или исправьте и загрузите ещё раз.
problem-import-file-not-exchange = Это XML, но не файл обмена: его корень в строке { $line }, байт { $byte }, — <{ $root }>, а не <wynos> из пространства имён urn:wynos:exchange:1. Ничего из него не сохранено. Выберите файл обмена.
problem-import-file-doctype = В строке { $line }, байт { $byte }, стоит DOCTYPE, которого в файле обмена быть не должно. Ничего из него не сохранено. Выгрузите файл заново или уберите DOCTYPE и загрузите ещё раз.
problem-import-file-entity = Сущность &{ $entity }; в строке { $line }, байт { $byte }, недопустима; можно только &lt; &gt; &amp; &quot; &apos;. Ничего из файла не сохранено. Исправьте его и загрузите ещё раз.
problem-import-file-truncated = Файл обрезан: он кончается слишком рано, в строке { $line }, байт { $byte }. Ничего из него не сохранено. Скопируйте или выгрузите его заново и загрузите ещё раз.
problem-import-file-version = У файла формат версии { $version } (строка { $line }, байт { $byte }); эта программа читает версию { $known } и её младшие версии. Ничего из него не сохранено. Обновите программу или выгрузите файл в более старой версии.
problem-import-file-header = В заголовке <{ $element }> не может содержать: { $found } (строка { $line }, байт { $byte }). Допускается { $element ->
    [origin] ид подписки
    [created_at] момент с часовым поясом
    [profile] basic или full
    [passwords] true или false
    [version] версия формата, например 1.0
   *[other] то, что описывает формат, и один раз
}. Ничего из файла не сохранено. Выгрузите его заново или исправьте и загрузите ещё раз.
problem-import-file-section = Раздел <{ $section }> в строке { $line }, байт { $byte }, неизвестен, отсутствует, дан дважды, стоит не по порядку или не входит в профиль файла. Ничего из него не сохранено. Выгрузите файл заново и загрузите ещё раз.
problem-import-file-trailer = Концовка файла в строке { $line }, байт { $byte }, не сходится с прочитанным разделом { $section }: строки потеряны, добавлены или неверно сосчитаны. Ничего из файла не сохранено. Выгрузите его заново и загрузите ещё раз.
problem-import-file-checksum = Раздел { $section } повреждён или изменён после создания файла: его SHA-256 — { $found }, а в файле указано { $expected } (строка { $line }, байт { $byte }). Ничего из него не сохранено. Скопируйте или выгрузите файл заново и загрузите ещё раз.
problem-import-file-too-large = В строке { $line }, байт { $byte }, файл превышает ограничение: { $unit ->
    [times] после распаковки он больше более чем в { $most } раз
    [elements] элементы вложены глубже { $most }
    [attributes] у элемента больше атрибутов, чем { $most }
   *[bytes] файл либо один из его текстов или тегов больше { $limit }
}. Ничего из него не сохранено. Выгрузите его заново или разделите и загрузите ещё раз.
problem-import-file-ended = Чтение продолжилось после ошибки. Ничего из файла не сохранено. Начните импорт заново.
problem-import-list-empty = Список пуст. Ничего не импортировано. Сохраните его с заголовками и загрузите ещё раз.
problem-import-list-column = В таблице { $table } нет столбца { $column }. Ничего из списка не сохранено. Выберите другое сопоставление столбцов.
problem-import-list-table = Строки таблицы { $table } нельзя загрузить списком. Ничего из него не сохранено. Выберите другую таблицу или файл обмена.
problem-import-list-format = Файл не тот список, который указан: он похож на { $kind ->
    [excel] старую или защищённую паролем книгу Excel
    [gzip] архив gzip
    [zip] архив zip или книгу XLSX
    [pdf] документ PDF
    [xml] файл XML
    [text] текст, как файлы CSV
   *[other] что-то другое
}. Ничего из него не сохранено. Выберите его настоящий формат или сохраните его как CSV или XLSX без пароля.
problem-import-list-encoding = Строка { $line } не является текстом { $encoding }. Ничего из списка не сохранено. Сохраните его в UTF-8 и загрузите ещё раз.
problem-import-list-row-too-long = Запись, которая начинается в строке { $line }, больше { $limit }; не пропущена ли закрывающая кавычка? Ничего из списка не сохранено. Исправьте его и загрузите ещё раз.
problem-import-list-open-quote = Кавычка, открытая в строке { $line }, не закрыта: остаток файла стал бы одной ячейкой. Ничего из списка не сохранено. Закройте её и загрузите список снова.
problem-import-list-no-known-column = Ни один столбец файла не распознан. Ничего из него не сохранено. Проверьте, что в первой строке заголовки, или укажите, какой столбец чему соответствует.
problem-import-list-too-many-cells = В строке { $line } ячеек: { $cells }, а можно не больше { $most }. Ничего из списка не сохранено. Уберите лишние столбцы и загрузите его ещё раз.
problem-import-list-too-large = { $part } в книге после распаковки больше { $limit }. Ничего из неё не сохранено. Разделите список или сохраните его как CSV.
problem-import-list-workbook = Книга не читается в месте { $place } (сообщение читателя: { $reason }). Ничего из неё не сохранено. Откройте её в табличной программе, сохраните заново как XLSX или CSV и загрузите.
problem-import-list-mapping = Сопоставление не подходит к столбцам файла или к таблице, или два столбца ведут к одному. Ничего из списка не сохранено. Выберите сопоставление заново.
problem-import-list-header = В файле нет столбца { $header }, нужного формату. Ничего из него не сохранено. Добавьте столбец или импортируйте файл как другой список.
problem-import-list-failed = Список не удалось прочитать. Ничего из него не сохранено. Проверьте его формат и загрузите ещё раз.
problem-import-too-large = Файл больше допустимых { $limit }. Ничего из него не сохранено. Разделите его или импортируйте из командной строки.
problem-import-no-file = Загруженного файла нет. Загрузите его ещё раз.
problem-import-empty = Файл пуст. Ничего не импортировано.
problem-import-zip = Это архив zip, а не файл XML. Распакуйте его и загрузите содержимое.
problem-import-file-changed = Файл не тот, что был проверен. Записанное раньше остаётся; начните новый импорт нового файла.
problem-import-broken-off = Загрузка прервалась и до конца не дошла.
problem-import-order = Так импортировать нельзя: { $problem }.
problem-import-disk-full = На диске не осталось места. Освободите место и начните снова: записанное раньше остаётся, остальное продолжится за ним.
problem-import-internal = Что-то не удалось на нашей стороне. Записанное раньше остаётся, его можно дополнить, начав снова.
journal-import-applied = Импорт записан: { $file }, всего { $rows }, новых: { $new }, изменённых: { $changed }, отклонённых: { $rejected }
journal-import-undone = Импорт отменён: { $file }, отменено строк: { $undone }, оставлено: { $kept }
journal-import-failed = Импорт не удался: { $file }. { $reason }
report-column-severity = Вид
report-column-table = Таблица
report-column-row = Ид
report-column-line = Строка
report-column-field = Поле
report-column-message = Что
report-column-expected = Ожидалось
report-column-found = Найдено
report-column-code = Код
report-severity-error = отклонено
report-severity-conflict = конфликт
report-severity-warning = предупреждение
report-severity-merge = объединено
report-reference-missing = Строка ссылается на { $found }, чего нет ни в файле, ни здесь; она пропущена.
report-reference-left-out = Строка ссылается на { $found }, чего нет ни в файле, ни здесь; она записана без этого.
report-record-left-out = Одна запись списка пропущена, потому что нет того, что ей нужно: { $found }
report-custom-values-unreadable = Значения своих полей не читаются; строка записана без них.
report-secret-not-kept = Значение поля { $found } не удалось зашифровать; строка записана без него.
report-repeated-row = Строка с ид { $found } уже была в файле; эта пропущена.
report-repeated-key = Строки без идентификатора различает { $field }, а { $expected } содержит то же значение; эта строка пропущена.
report-repeated-content = То же самое содержит { $expected }, и различить их нечем; эта строка пропущена.
report-other-name = Строка принята за клиента { $expected } с тем же значением { $field }, хотя имена различаются.
report-missing = Нет значения, которое нужно каждой строке: { $field }.
report-merge-ambiguous = Здесь несколько строк с тем же { $field } или ключи ведут к разным строкам; ничего не объединено.
report-merge-taken = { $expected } уже объединена с другой строкой этого файла; эта записана отдельно.
report-merged = Объединено с { $expected }: то же { $field }.
report-merged-gone = Ей соответствует { $expected }, удалённая здесь; ничего не изменено.
report-conflict = { $field } изменено и в файле, и здесь.
report-conflict-deleted = Строка удалена здесь, а в файле есть.
report-undo-touched = Строку с тех пор меняли; она оставлена как есть.
report-undo-needed = На неё ссылается строка, которая остаётся; она оставлена.
report-name-made = { $found } здесь не было; создано.
report-name-not-found = { $found } не ведёт ни к одной строке или ведёт к нескольким; записано без этого.
report-not-corrected = Значение { $field } нужно задать иначе или пропустить.
report-list-value = Значение не читается. Здесь должно быть: { $expected }.
report-column-unknown = Столбец с таким названием неизвестен; содержимое { $field } пропущено.
report-column-ambiguous = { $field } может означать больше одного столбца ({ $expected }); его содержимое пропущено.
report-column-doubled = Более ранний столбец файла уже означает { $expected }; содержимое { $field } пропущено.
report-newer-version = Файл создан более новой версией { $found }; новое в нём пропущено.
report-element-skipped = Элемент { $found } более новой версии пропущен.
report-no-digest = В файле нет контрольной суммы части { $field }, её повреждение нельзя заметить.
report-unknown-element = Элементу { $found } здесь не место.
report-repeated = { $field } указано дважды.
report-unknown-attribute = Атрибуту { $found } здесь не место.
report-wrong-type = Здесь должно быть: { $expected }. Найдено: { $found }.
report-unknown-value = { $found } не входит в допустимые значения: { $expected }.
report-too-long = Текст длиннее допустимого.
report-bad-character = В тексте есть знак, которого XML не может содержать.
report-stray-text = Между элементами есть текст.
report-nip = Это неверный NIP.
report-phone = Это не номер телефона.
report-placeholder-phone = Этот номер означает «телефона нет».
report-postal-code = Это не польский почтовый индекс.
report-email = Это не адрес эл. почты.
report-pesel = В тексте, похоже, есть личный номер (PESEL).
report-sheet-skipped = У листа { $found } другой заголовок, чем у первого; он пропущен.
report-cards-passed = Строки запчастей без поставки, которых этот список не вносит: { $found }.
expected-integer = целое число
expected-decimal = число, не более { $arg } цифр после запятой
expected-sign = по файлу не понять, десятичный ли это знак или разделитель тысяч
expected-yes-no = да или нет
expected-date = дата, например 2016-03-01
expected-instant = дата и время, например 2016-03-01 14:30
expected-instant-zone = момент с часовым поясом, например 2016-03-01T14:30:00Z
expected-date-order = дата, порядок которой задан в сопоставлении: сначала день или сначала месяц
expected-shown-hour = время, которое часы этого пояса показывают
expected-one-of = одно из значений: { $arg }
expected-json-list = массив объектов JSON
expected-records = записи с полями { $arg }
expected-formula = значение; формула в ячейке не сработала
expected-known-column = значение в известном столбце
expected-line = строка { $arg }
expected-value = значение
expected-id = идентификатор
expected-cells = { $arg } ячеек
expected-row-bytes = не более { $arg } байт в одной строке
expected-bytes = не более { $arg } байт
expected-values = не более { $arg } значений
expected-characters = символы, допустимые в XML; прочие пишутся как _xHHHH_
expected-plain-text = текст без элементов
expected-element = элемент этого формата
expected-no-attribute = без такого атрибута
expected-elements = только элементы
expected-once = элемент один раз
expected-attribute = атрибут field
expected-nip = NIP из десяти цифр
expected-own-number = собственный номер клиента
expected-phone = номер телефона
expected-email = адрес электронной почты
expected-no-pesel = без личного номера (PESEL)
import-list-needs-table = Список заполняет одну таблицу: укажите её через --table. Таблицы: { $tables }.
