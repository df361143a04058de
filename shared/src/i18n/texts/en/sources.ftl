# Why a company could not be connected or read; the code follows `problem-vendor-` and `problem-source-`.
problem-vendor-wrong-password = The vendor did not take this login and password. Nothing was kept; check both and try again.
problem-vendor-two-factor = This account signs in with a second factor, which a program cannot give. Use an account without one, or the token of an application.
problem-vendor-unauthorized = The vendor does not take the token: the password was changed, or the application was disconnected. Sign in again or give a new token.
problem-vendor-not-configured = No partner token of the vendor is configured on this server. Whoever runs it has to set WYNOS_YCLIENTS_PARTNER_TOKEN or WYNOS_ALTEGIO_PARTNER_TOKEN.
problem-vendor-partner-refused = The vendor does not know this server's partner token. Whoever runs the server has to check it.
problem-vendor-licence-expired = The licence of the company at the vendor has run out. Renew it there; what was loaded stays.
problem-vendor-forbidden = This account has no right to read this at the vendor. Ask for the right in the company's settings there.
problem-vendor-not-found = The vendor has no such thing: it may have been deleted there.
problem-vendor-invalid = The vendor did not take the request. Tell us what you did; nothing was changed.
problem-vendor-throttled = The vendor's allowance is used up for now. Try again in some minutes.
problem-vendor-unavailable = The vendor does not answer now. Try again later; nothing was changed.
problem-vendor-malformed = The vendor's answer could not be read. Try again later; nothing was changed.
problem-vendor-too-large = The vendor's answer was larger than is let in.
problem-vendor-bad-address = The vendor's address cannot be used: it has to begin with https:// and name a host.
problem-vendor-ledger = Something failed on our side. Try again.
problem-source-token = The stored token cannot be decrypted. Sign in again, or bring back the key it was encrypted with.
problem-source-no-such-company = This account does not see the company { $company }. Choose one that it sees, or sign in with another account.
problem-source-connected = The company { $company } is connected already.
problem-source-no-companies = This account sees no company at the vendor. Ask to be let into one, or sign in with another account.
problem-source-address = Sources cannot be pointed at this address. Use an address of the vendor.
problem-source-not-active = The source is paused, was removed, or waits for a new sign-in.
problem-source-no-such-table = There is no table { $table } to choose.
problem-source-filter = The filter has to be a JSON object.

# Entries of the journal about sources.
journal-source-added = Source connected: { $source } (company { $company })
journal-source-renewed = Signed in again for the source { $source }
journal-source-refused = The vendor refuses the token of the source { $source }: sign in again
journal-source-paused = Source paused: { $source }
journal-source-resumed = Source resumed: { $source }
journal-source-changed = Settings changed: { $source }
journal-source-removed = Source removed: { $source }. { $rows ->
        [removed] Its rows are erased.
       *[kept] Its rows are kept.
    }
journal-source-cleared = Rows of the removed source { $source } erased: { $rows }
journal-source-table-on = Table turned on: { $table } of { $source }
journal-source-table-off = Table turned off: { $table } of { $source }
journal-source-filtered = Filter changed: { $table } of { $source }
