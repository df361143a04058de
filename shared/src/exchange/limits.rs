/// How much of a file a [`super::Reader`] takes before it stops. Sizes are bytes after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole file.
    pub total: u64,
    /// One run of text, one tag or one comment: the most that is ever held of them. libxml2 stops at the same size.
    pub node: usize,
    /// One text value; a row with a longer one is rejected.
    pub text: usize,
    /// All texts of one row; a longer row is rejected.
    pub row: usize,
    /// One start tag with its attributes.
    pub tag: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Uncompressed bytes for one compressed byte, checked once [`Self::ratio_from`] bytes came out.
    pub ratio: u64,
    /// How many uncompressed bytes are let through before their ratio is looked at.
    pub ratio_from: u64,
}

impl Limits {
    /// The longest text value a file carries; a writer refuses a longer one.
    pub const TEXT: usize = 8 * 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 64 * 1024 * 1024 * 1024,
            node: 10_000_000,
            text: Self::TEXT,
            row: 2 * Self::TEXT,
            tag: 64 * 1024,
            depth: 32,
            // Deflate reaches 1032; a shop's file stays under 60.
            ratio: 250,
            ratio_from: 16 * 1024 * 1024,
        }
    }
}
