# Entries of the journal about access, records and reading.
journal-access-subscription-made = Subscription made; its owner is { $account }
journal-access-role-given = { $account } is { $role ->
    [owner] an owner
    [manager] a manager
   *[viewer] a viewer
} from now on
journal-access-person-removed = { $account } was taken out
journal-access-token-made = Token made for a program: { $token }, { $scope ->
    [write] may change
   *[read] may read
}
journal-access-token-revoked = Token of a program revoked: { $token }
journal-access-signed-in = { $account } signed in
journal-access-password-changed = { $account } changed their password; their other sessions ended
journal-access-language-changed = { $account } changed their language
journal-access-rows-read = Data read: { $what }. Further pages of the same day are not noted again
journal-journal-exported = Journal saved as a file
journal-record-put = Record written: { $table } { $record }
journal-record-deleted = Record deleted: { $table } { $record }
journal-work-replayed = A message that was put aside was handed back to the queue { $queue }
journal-parked-replayed = A row of { $file } that was put aside came in ({ $table })
journal-parked-retried = A record of the vendor that was put aside came in ({ $table })
