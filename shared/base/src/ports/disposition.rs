/// What to do with a piece of work that met an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// The cause may pass by itself: try again later.
    Retry,
    /// Trying again will not help: keep the work aside with its reason, for a person to mend and replay.
    Park,
    /// The work has become pointless, for example because somebody else did it: forget it.
    Drop,
}
