# Записи журнала по коду.
journal-export-ordered = Заказан экспорт: { $what }
journal-export-built = Экспорт подготовлен: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Экспорт скачан: { $what }
journal-export-claimed-again = Скачивание начато снова: { $what }
journal-export-failed = Экспорт не удался: { $what }. { $reason }
journal-export-written = Экспорт записан в файл из командной строки: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-webhook-ingested = Вебхук: принято событий: { $events }, сохранено без таблицы: { $kept }, отложено: { $parked }, ждут: { $waiting }{ $refused ->
    [0] {""}
   *[other] , отклонено по отозванному адресу: { $refused }
}
