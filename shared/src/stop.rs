//! The wish that work in hand ends.

use tokio_util::sync::CancellationToken;

/// The wish that work in hand ends where it can be gone on with: whoever gives work up asks it, and work looks at it between
/// steps, as it looks at the time that it has. Nothing is broken off in the middle of a transaction. Clones are one wish.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Asks that work ends. It stays asked.
    pub fn ask(&self) {
        self.0.cancel();
    }

    /// Whether work is to end.
    pub fn is_asked(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until work is to end.
    pub async fn asked(&self) {
        self.0.cancelled().await;
    }
}
