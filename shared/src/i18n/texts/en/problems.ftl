# Why something could not be done: what happened, what was kept, what to do.
problem-internal = Something failed on our side. What was kept before stays as it was; try again, and tell us the code { $code } if it goes on.
# Why a file could not be built; the code follows `problem-export-`.
problem-export-disk-full = There was no room left to build the file. Free some space, or choose XML or CSV, which need none.
problem-export-too-large = The file would be larger than the { $limit } that are set aside for building one. Choose fewer rows or columns, or XML or CSV, which are not limited.
problem-export-database = The database could not be read to its end.
problem-export-store = The finished file could not be stored.
problem-export-broken-off = Building was broken off { $attempts } times.
problem-export-order = What was ordered cannot be written any more: { $problem }.
problem-export-passwords = A stored password could not be decrypted; order the file without passwords, or bring back the key it was encrypted with.
problem-export-value = A stored value cannot be written into the file: { $problem }.
problem-export-internal = Something failed on our side.
