# Письма. Ссылки вставляют шаблоны.
mail-greeting = Здравствуйте!
mail-sender = Wynos
mail-delivery-subject = Файл { $file } готов
mail-delivery-ready = Файл, заказанный для { $subscription }, готов: { $file }, { $size }.
mail-delivery-how = Откройте ссылку ниже и войдите в систему. Страница покажет, что в файле; скачивание начнётся только после нажатия кнопки.
mail-delivery-once = Файл можно забрать один раз, до { $until }; это может сделать заказчик или владелец подписки. Сохраните его на диск: потом он будет отсюда удалён.
mail-delivery-button = Открыть страницу скачивания
mail-delivery-unexpected = Если вы не заказывали этот файл, войдите и посмотрите журнал или сообщите владельцу подписки.
mail-failed-subject = Файл не удалось подготовить
mail-failed-body = Файл, заказанный для { $subscription } ({ $what }), подготовить не удалось. Ничего не потеряно и не выдано: { $reason }
mail-failed-again = Файл можно заказать снова в консоли.
# Сколько что-то длится, в ожидании, показываемом при заказе.
mail-span-seconds = { $count ->
    [one] { $count } секунда
    [few] { $count } секунды
   *[other] { $count } секунд
}
mail-span-minutes = { $count ->
    [one] { $count } минута
    [few] { $count } минуты
   *[other] { $count } минут
}
mail-span-hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[other] { $count } часов
}
