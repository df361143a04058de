/// How an object's content is cut on its way up, and how much of it is in memory: `size` times one more than `at_once`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Bytes of one part, at least 5 MiB (S3 takes no smaller one but the last).
    pub size: usize,
    /// Parts that travel at the same time.
    pub at_once: usize,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            size: 8 * 1024 * 1024,
            at_once: 3,
        }
    }
}
