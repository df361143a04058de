//! Files that are refused as a whole, with the place and the reason.

use std::io::{self, Read as _, Write as _};

use super::{
    super::{FileFault, Limits, Place, ProfileName, Source},
    by_hand, data, header, read, read_with, write,
};

fn code(file: &[u8]) -> &'static str {
    read(file).unwrap_err().fault.code()
}

fn small() -> String {
    String::from_utf8(write(
        &header(ProfileName::Full),
        &data::small_shop(ProfileName::Full),
    ))
    .unwrap()
}

#[test]
fn what_is_no_exchange_file_is_told_apart() {
    assert_eq!(code(b""), "file_empty");
    assert_eq!(code(b" \n "), "file_empty");
    assert_eq!(code(b"\xEF\xBB\xBF"), "file_empty");
    assert_eq!(code(b"PK\x03\x04\x14\0\0\0"), "file_is_zip");
    assert_eq!(code(b"\x1F\x8B\x08\0\0"), "file_is_gzip");
    assert_eq!(code(b"id;name\n1;x\n"), "file_not_xml");
    assert_eq!(code(b"<html><body/></html>"), "file_not_exchange");
    assert_eq!(code(b"<wynos version='1.0'/>"), "file_not_exchange");
    assert_eq!(code(b"<!DOCTYPE html><html/>"), "file_doctype");
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> = "\u{feff}<wynos/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (file, encoding) in [
        (utf16.as_slice(), "UTF-16"),
        (b"<\0w\0".as_slice(), "UTF-16"),
        (
            b"<?xml version='1.0' encoding='windows-1250'?><wynos/>".as_slice(),
            "windows-1250",
        ),
    ] {
        let error = read(file).unwrap_err();
        assert!(
            matches!(&*error.fault, FileFault::Encoding(name) if name == encoding),
            "{error}"
        );
    }
    let mut file = small().into_bytes();
    let at = file
        .windows(5)
        .position(|window| {
            window
                == "Ż"
                    .as_bytes()
                    .iter()
                    .chain(b"ane")
                    .copied()
                    .collect::<Vec<_>>()
        })
        .unwrap();
    file[at] = 0xFF;
    assert_eq!(code(&file), "file_not_utf8");
}

#[test]
fn a_byte_order_mark_is_let_through() {
    assert!(read(format!("\u{feff}{}", small()).as_bytes()).is_ok());
}

#[test]
fn doctypes_and_entities_are_refused_anywhere() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\">]>";
    assert_eq!(
        code(
            small()
                .replace("<wynos ", &format!("{bomb}<wynos "))
                .as_bytes()
        ),
        "file_doctype"
    );
    assert_eq!(
        code(
            small()
                .replace("<customers>", "<customers><!DOCTYPE y>")
                .as_bytes()
        ),
        "file_doctype"
    );
    for place in [
        "<customers>",
        "<person>",
        "<customer_addresses>",
        "<name>",
        "<trailer>",
    ] {
        let file = small().replacen(place, &format!("{place}&xxe;"), 1);
        let code = code(file.as_bytes());
        assert!(
            matches!(code, "file_entity" | "file_malformed"),
            "{place}: {code}"
        );
    }
    let file = small().replacen("id=\"demoshop1:c1\"", "id=\"&xxe;\"", 1);
    assert_eq!(code(file.as_bytes()), "file_entity");
    assert_eq!(
        code(small().replacen("<person>", "<person>&#0;", 1).as_bytes()),
        "file_entity"
    );
}

#[test]
fn a_wrong_digest_names_its_section() {
    let file = small().replace("Telefon", "telefon");
    let error = read(file.as_bytes()).unwrap_err();
    assert!(
        matches!(&*error.fault, FileFault::Digest { section, .. } if section.contains("dictionaries")),
        "{error}"
    );
    let file = small().replace("<profile>full", "<profile>basic");
    let error = read(file.as_bytes()).unwrap_err();
    assert!(
        matches!(&*error.fault, FileFault::Digest { section, .. } if section.contains("header")),
        "{error}"
    );
}

#[test]
fn the_trailer_is_compared_with_the_file() {
    let section =
        "<employees><employee id=\"a\"><display_name>A</display_name></employee></employees>";
    assert!(read(by_hand(section, "<section name=\"employees\" rows=\"1\"/>").as_bytes()).is_ok());
    for trailer in [
        "",
        "<section name=\"employees\" rows=\"2\"/>",
        "<section name=\"employees\"/>",
        "<section name=\"employees\" rows=\"1\"/><section name=\"employees\" rows=\"1\"/>",
        "<section name=\"employees\" rows=\"1\"/><section name=\"parts\" rows=\"0\"/>",
        "<section name=\"employees\" rows=\"1\" sha512=\"\"/>",
    ] {
        assert_eq!(
            code(by_hand(section, trailer).as_bytes()),
            "file_trailer",
            "{trailer}"
        );
    }
    let without = by_hand(section, "").replace("<trailer></trailer>", "");
    assert_eq!(code(without.as_bytes()), "file_section");
    let after = by_hand("", "") + "x";
    assert_eq!(code(after.as_bytes()), "file_malformed");
}

#[test]
fn newer_major_versions_are_named_and_newer_minor_ones_are_read() {
    let newer = small()
        .replace("version=\"1.0\" encoding", "version=\"1.0\"  encoding")
        .replace("version=\"1.0\">", "version=\"2.7\">");
    let error = read(newer.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("format version 2.7"), "{error}");
    assert_eq!(
        code(
            small()
                .replace("version=\"1.0\">", "version=\"x\">")
                .as_bytes()
        ),
        "file_header"
    );
}

#[test]
fn sections_must_be_known_and_in_order() {
    assert_eq!(code(by_hand("<robots/>", "").as_bytes()), "file_section");
    assert_eq!(
        code(by_hand("<parts/><customers/>", "").as_bytes()),
        "file_section"
    );
    assert_eq!(
        code(by_hand("<parts/><parts/>", "").as_bytes()),
        "file_section"
    );
    let basic = by_hand("<tickets/>", "").replace("full", "basic");
    let error = read(basic.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("profile"), "{error}");
}

#[test]
fn depth_attributes_and_tags_are_limited() {
    let deep = "<a>".repeat(40);
    let row = format!("<employees><employee id=\"a\">{deep}");
    assert_eq!(code(by_hand(&row, "").as_bytes()), "file_too_large");
    let many: String = (0..500).map(|number| format!(" a{number}=\"\"")).collect();
    let row = format!("<employees><employee id=\"a\"><display_name{many}>");
    assert_eq!(code(by_hand(&row, "").as_bytes()), "file_too_large");
    let long = format!("<employees><employee id=\"{}\">", "x".repeat(100_000));
    assert_eq!(code(by_hand(&long, "").as_bytes()), "file_too_large");
}

#[test]
fn an_endless_text_is_left_before_it_is_held() {
    let head = by_hand("<employees><employee id=\"a\"><display_name>", "");
    let head = head.split("<trailer>").next().unwrap().to_owned();
    let mut counted = Counted(0);
    let endless = head.as_bytes().chain(io::repeat(b'x')).chain(&mut counted);
    let error = read_with(endless, Limits::default()).unwrap_err();
    assert!(
        matches!(
            *error.fault,
            FileFault::TooLarge {
                limit: 10_000_000,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.at.byte < 10_200_000, "{error}");

    let endless = b"<wynos ".as_slice().chain(io::repeat(b'x'));
    assert_eq!(
        read_with(endless, Limits::default())
            .unwrap_err()
            .fault
            .code(),
        "file_too_large"
    );
    let limits = Limits {
        total: 1_000_000,
        ..Limits::default()
    };
    let rows = io::repeat(b' ');
    let head = by_hand("<employees>", "");
    let head = head.split("<trailer>").next().unwrap().to_owned();
    let error = read_with(head.as_bytes().chain(rows), limits).unwrap_err();
    assert!(
        matches!(
            *error.fault,
            FileFault::TooLarge {
                limit: 1_000_000,
                ..
            }
        ),
        "{error}"
    );
}

/// Proves that what stands behind an endless input is never asked for.
struct Counted(usize);

impl io::Read for &mut Counted {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        Ok(0)
    }
}

#[test]
fn the_place_is_named() {
    let file = by_hand("<employees>\n\n</parts>", "");
    let error = read(file.as_bytes()).unwrap_err();
    let byte = file.find("</parts>").unwrap() + "</parts>".len();
    assert_eq!(
        error.at,
        Place {
            line: 6,
            byte: byte as u64
        }
    );
    assert_eq!(error.fault.code(), "file_malformed");
}

#[test]
fn reading_does_not_go_on_after_an_error() {
    let mut reader = super::Reader::new(b"<html/>".as_slice(), Limits::default()).unwrap();
    assert!(reader.next().is_err());
    let error = reader.next().map(|_| ()).unwrap_err();
    assert!(matches!(*error.fault, FileFault::Ended));
}

#[test]
fn a_failing_input_is_told_as_such() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let error = read_with(small().as_bytes()[..200].chain(Broken), Limits::default()).unwrap_err();
    assert_eq!(error.fault.code(), "file_unreadable");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn packed_files_are_unpacked_on_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.xml.gz");
    std::fs::write(&path, gzip(small().as_bytes())).unwrap();
    let source = super::super::open(&path, Limits::default()).unwrap();
    assert_eq!(read_with(source, Limits::default()).unwrap().data.len(), 11);
    let path = dir.path().join("shop.xml");
    std::fs::write(&path, gzip(small().as_bytes())).unwrap();
    let source = super::super::open(&path, Limits::default()).unwrap();
    assert_eq!(
        read_with(source, Limits::default())
            .unwrap_err()
            .fault
            .code(),
        "file_is_gzip"
    );
}

#[test]
fn damaged_and_exploding_archives_are_refused() {
    let packed = gzip(small().as_bytes());
    let unpack = |bytes: &[u8]| {
        let source = Source::gzip(io::Cursor::new(bytes.to_vec()), Limits::default());
        read_with(source, Limits::default())
            .map(|_| ())
            .unwrap_err()
            .fault
            .code()
    };
    let half = &packed[..packed.len() / 2];
    let source = Source::gzip(io::Cursor::new(half.to_vec()), Limits::default());
    let error = read_with(source, Limits::default()).unwrap_err();
    assert_eq!(error.fault.code(), "file_cut_short");
    let end = format!("ends too early, after {} bytes", half.len());
    assert!(error.to_string().ends_with(&end), "{error}");
    assert_eq!(unpack(small().as_bytes()), "file_compression_damaged");
    let mut wrong = packed.clone();
    let last = wrong.len() - 6;
    wrong[last] ^= 1;
    assert_eq!(unpack(&wrong), "file_compression_damaged");

    let mut bomb = by_hand("", "")
        .split("<trailer>")
        .next()
        .unwrap()
        .to_owned();
    bomb.push_str(&"<!-- -->".repeat(4_000_000));
    let source = Source::gzip(io::Cursor::new(gzip(bomb.as_bytes())), Limits::default());
    let error = read_with(source, Limits::default()).unwrap_err();
    assert!(error.to_string().contains("250 times"), "{error}");
}
