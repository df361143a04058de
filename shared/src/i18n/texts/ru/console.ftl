# Консоль и страница скачивания.
console-title = Wynos
