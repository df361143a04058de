use proptest::prelude::*;

use super::{super::ProfileName, data, header, read, write};

/// One change to a file.
#[derive(Debug, Clone)]
enum Change {
    Cut(usize),
    Flip(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "</customers>",
        "<customers>",
        "&",
        "&lol;",
        "<!DOCTYPE x>",
        "]]>",
        "<![CDATA[",
        "\0",
        "<!--",
        "-->",
        "\"",
        "<x/>",
        "_x0001_",
    ]);
    prop_oneof![
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), 1u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (any::<usize>(), 1usize..400).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<usize>(), 1usize..400).prop_map(|(at, length)| Change::Repeat(at, length)),
        (any::<usize>(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

fn apply(change: &Change, file: &[u8]) -> Vec<u8> {
    let mut changed = file.to_vec();
    let place = |at: usize| at % file.len();
    let end = |at: usize, length: usize| (place(at) + length).min(file.len());
    match *change {
        Change::Cut(at) => changed.truncate(place(at)),
        Change::Flip(at, bits) => changed[place(at)] ^= bits,
        Change::Remove(at, length) => {
            changed.drain(place(at)..end(at, length));
        }
        Change::Repeat(at, length) => {
            let piece = file[place(at)..end(at, length)].to_vec();
            changed.splice(place(at)..place(at), piece);
        }
        Change::Insert(at, piece) => {
            changed.splice(place(at)..place(at), piece.bytes());
        }
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Either the damage is told, or what was read is what was written: what stands between sections says nothing.
    #[test]
    fn damage_never_passes_for_data(change in change()) {
        let data = data::small_shop(ProfileName::Full);
        let file = write(&header(ProfileName::Full), &data);
        let whole = read(&file).unwrap();
        if let Ok(read) = read(&apply(&change, &file)) {
            prop_assert_eq!(read.header, whole.header);
            prop_assert_eq!(read.data, whole.data);
            prop_assert_eq!(read.problems, whole.problems);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes).is_err());
    }

    /// Without digests damage may pass, but never with a panic.
    #[test]
    fn damage_to_a_file_without_digests_makes_nothing_panic(changes in proptest::collection::vec(change(), 1..4)) {
        let file = write(&header(ProfileName::Full), &data::small_shop(ProfileName::Full));
        let file = String::from_utf8(file).unwrap().replace("sha256", "xml:x");
        let changed = changes.iter().fold(file.into_bytes(), |file, change| {
            if file.is_empty() { file } else { apply(change, &file) }
        });
        let _ = read(&changed);
    }
}

#[test]
fn every_truncation_is_told() {
    let file = write(
        &header(ProfileName::Full),
        &data::small_shop(ProfileName::Full),
    );
    let last_tag = file.len() - "</wynos>\n".len();
    for length in 0..last_tag + "</wynos>".len() {
        let error = read(&file[..length]).unwrap_err();
        let code = error.fault.code();
        assert!(
            matches!(code, "file_truncated" | "file_empty" | "file_not_xml"),
            "cut at {length}: {error}"
        );
    }
}
