# Dlaczego czegoś nie udało się zrobić: co się stało, co zostało zachowane, co zrobić.
problem-internal = Coś zawiodło po naszej stronie. Wcześniejsze dane są bez zmian; spróbuj ponownie, a jeśli to się powtarza, podaj nam kod { $code }.
