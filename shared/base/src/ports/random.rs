use rand::{Rng, rand_core::UnwrapErr, rngs::SysRng};

/// Letters and digits that cannot be confused when read aloud or typed: base32, lowercase.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The system's source fails only before the machine has finished booting; there is no useful way to go on without it.
    UnwrapErr(SysRng).fill_bytes(&mut bytes);
    bytes
}

/// Random text of `N` characters of `a-z` and `2-7`, five bits each, that starts with a letter (which costs a fraction
/// of a bit). It can stand in file names, URLs and SQL names as it is.
pub fn random_text<const N: usize>() -> String {
    let bytes = random_bytes::<N>();
    let mut text = String::with_capacity(N);
    for (position, byte) in bytes.iter().enumerate() {
        let choices = if position == 0 { 26 } else { 32 };
        let choice = usize::from(*byte) % choices;
        text.push(ALPHABET.get(choice).copied().map_or('a', char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_differ_and_start_with_a_letter() {
        let texts: std::collections::HashSet<String> =
            (0..500).map(|_| random_text::<20>()).collect();
        assert_eq!(texts.len(), 500);
        for text in texts {
            assert_eq!(text.len(), 20);
            assert!(text.starts_with(|first: char| first.is_ascii_lowercase()));
            assert!(text.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
    }
}
