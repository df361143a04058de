use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

/// What ends the header of an exchange file.
const HEADER_END: &[u8] = b"</header>";

/// Whether two exchange files are the same, byte for byte, after their headers.
pub(super) fn equal_but_for_header(left: &Path, right: &Path) -> io::Result<bool> {
    let (mut left, mut right) = (after_header(left)?, after_header(right)?);
    loop {
        let (ours, theirs) = (left.fill_buf()?, right.fill_buf()?);
        if ours.is_empty() || theirs.is_empty() {
            return Ok(ours.is_empty() && theirs.is_empty());
        }
        let length = ours.len().min(theirs.len());
        if ours.get(..length) != theirs.get(..length) {
            return Ok(false);
        }
        left.consume(length);
        right.consume(length);
    }
}

fn after_header(path: &Path) -> io::Result<impl BufRead> {
    let mut file = BufReader::new(File::open(path)?);
    let mut window = Vec::with_capacity(4 * 1024);
    while !window.ends_with(HEADER_END) {
        let mut limited = io::Read::take(&mut file, 64 * 1024);
        if limited.read_until(b'>', &mut window)? == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file has no header"));
        }
    }
    Ok(file)
}
