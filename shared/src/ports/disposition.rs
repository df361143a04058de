/// What a worker does with a message whose work failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// The same work may succeed later: hand the message back.
    Retry,
    /// It will not succeed by itself: put the message aside with its reason.
    Park,
    /// There is nothing to do about it: acknowledge.
    Drop,
}
