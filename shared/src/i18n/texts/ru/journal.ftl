# Записи журнала по коду.
journal-export-ordered = Заказан экспорт: { $what }
journal-export-built = Экспорт подготовлен: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-export-claimed = Экспорт скачан: { $what }
journal-export-claimed-again = Скачивание начато снова: { $what }
journal-export-failed = Экспорт не удался: { $what }. { $reason }
journal-export-written = Экспорт записан в файл из командной строки: { $what }, строк: { $rows }, { $size }, SHA-256 { $sha256 }
journal-mail-bounced = Письмо о файле не дошло до получателя: { $what }. Адрес недоступен
journal-mail-complained = Получатель пометил письмо о файле как нежелательное: { $what }. Письма на этот адрес могут дальше задерживаться
journal-mail-rejected = Почтовая служба отклонила письмо о файле: { $what }
journal-work-put-aside = Сообщение очереди { $queue } отложено после { $attempts } попыток ({ $kind }): { $error }
