# Mails. Links are put in by the templates.
mail-greeting = Hello,
mail-sender = Wynos
mail-delivery-subject = Your file { $file } is ready
mail-delivery-ready = The file you ordered for { $subscription } is ready: { $file }, { $size }.
mail-delivery-how = Open the link below and sign in. The page that opens shows what is in the file; the download begins only when you press the button.
mail-delivery-once = The file can be taken once, by you or an owner of the subscription, until { $until }. Keep it on your disk: afterwards it is removed here.
mail-delivery-button = Open the download page
mail-delivery-unexpected = If you did not order this file, sign in and look into the journal, or tell an owner of the subscription.
mail-failed-subject = Your file could not be made
mail-failed-body = The file you ordered for { $subscription } ({ $what }) could not be made. Nothing was lost and nothing left: { $reason }
mail-failed-again = You can order it again in the console.
# How long something takes, in the expectation shown at an order.
mail-span-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
mail-span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
mail-span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
mail-usage-near-subject = Wynos: most of this month's rows are used
mail-usage-near = { $subscription } has used more than { $percent }% of the rows that its plan lets in in { $month }. When they are used up, loading stands still until the month ends or the plan is larger; nothing is lost, and exports go on.
mail-usage-full-subject = Wynos: loading stands still
mail-usage-full = { $subscription } has used all rows that its plan lets in in { $month }. Loading stands still until the month ends or the plan is larger, and then goes on by itself; nothing is lost, and exports go on.
mail-usage-misfit-subject = Wynos: what comes next is more than what is left of the plan
mail-usage-misfit = { $subscription }: the next { $more } rows to load are more than what the plan still lets in in { $month }, which is { $left } of { $allowed } rows. They wait until the month ends or the plan is larger, and are then loaded by themselves; what was due waits with them: { $tables }. Smaller loads are let in meanwhile; nothing is lost, and exports go on.
mail-storage-near-subject = Wynos: most of your storage is used
mail-storage-near = { $subscription } takes up more than { $percent }% of the storage of its plan. When it is full, loading stands still until there is room or the plan is larger; nothing is lost, and exports go on. A job that removes old data makes room.
mail-storage-full-subject = Wynos: loading stands still
mail-storage-full = { $subscription } takes up all the storage of its plan. Loading stands still until there is room or the plan is larger, and then goes on by itself; nothing is lost, and exports go on. A job that removes old data makes room.
mail-plan-near-subject = Wynos: your plan ends on { $day }
mail-plan-near = The plan of { $subscription } ends on { $day }. From then on loading stands still. Everything that was loaded is kept, and exports go on. If loading is to go on too, ask whoever runs Wynos for you for another plan before that day.
mail-plan-ended-subject = Wynos: the plan has ended, loading stands still
mail-plan-ended = The plan of { $subscription } ended on { $day }, and loading stands still. Everything that was loaded is kept, changes that come by webhook wait, and exports go on. Ask whoever runs Wynos for you for another plan: loading then goes on by itself from where it stopped, and nothing is lost.
