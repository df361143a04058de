# Записи журнала по коду.
journal-export-ordered = Заказан экспорт: { $what }
