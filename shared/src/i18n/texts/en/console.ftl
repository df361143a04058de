# The console and the download page.
console-title = Wynos
