# Konsola i strona pobierania.
console-title = Wynos
