//! Whose refusal it is that a company answers a call with.

use crate::yclients::client::{Caller, Unreachable, VendorError};

/// What it stands for that a company answered the caller with [`VendorError::Unauthorized`]. One call tells, for the list of
/// the companies that the user manages, which is the user's own and no company's: where that is refused too, the token opens
/// nothing any more; where it is answered, it is the company that is closed to the user ([`VendorError::CompanyClosed`]).
/// Where neither can be told, it is the error that keeps from telling.
pub(in crate::yclients) async fn whose_refusal(caller: &Caller) -> VendorError {
    let one = [
        ("my", "1".to_owned()),
        ("page", "1".to_owned()),
        ("count", "1".to_owned()),
    ];
    match caller.get("/companies", &one).await {
        // Whoever is told of a right, a licence or an empty list is known.
        Ok(_)
        | Err(VendorError::NothingFound | VendorError::Forbidden | VendorError::LicenceExpired) => {
            VendorError::CompanyClosed
        }
        Err(
            error @ (VendorError::Unauthorized
            | VendorError::PartnerRefused
            | VendorError::NotConfigured
            | VendorError::BadAddress
            | VendorError::Throttled { .. }
            | VendorError::Unavailable { .. }
            | VendorError::Ledger(_)),
        ) => error,
        Err(_) => not_told(),
    }
}

/// The error of a refusal of which it cannot be told whose it is.
pub(in crate::yclients) const fn not_told() -> VendorError {
    VendorError::Unavailable {
        reason: Unreachable::Status(401),
    }
}
