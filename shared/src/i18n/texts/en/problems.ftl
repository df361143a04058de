# Why something could not be done: what happened, what was kept, what to do.
problem-internal = Something failed on our side. What was kept before stays as it was; try again, and tell us the code { $code } if it goes on.
