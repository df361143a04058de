use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::*;

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn with(
    change: impl FnOnce(&mut ReadOptions),
    bytes: &[u8],
) -> Result<SheetFile<Cursor<Vec<u8>>>, SheetError> {
    let mut options = options();
    change(&mut options);
    SheetFile::open(Cursor::new(bytes.to_vec()), options)
}

fn message<T>(result: Result<T, SheetError>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn files_that_are_something_else_are_refused_by_name() {
    let zip = zip_of(&[("a.csv", b"a;b\n")]);
    assert!(message(open(&zip)).contains("zip archive"));
    let stated = with(|options| options.format = Some(SheetFormat::Csv), &zip);
    assert!(message(stated).contains("zip archive"));
    let stated = with(|options| options.format = Some(SheetFormat::Xlsx), b"a;b\n");
    assert!(message(stated).contains("text"));
    assert!(message(open(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")).contains("Excel workbook"));
    for nothing in [&b""[..], b"\n\n \n;;\n", b"\xEF\xBB\xBF"] {
        let file = open(nothing);
        let blank = matches!(&file, Err(SheetError::Empty))
            || file.is_ok_and(|file| file.header() == [" "]);
        assert!(blank, "{nothing:?}");
    }
}

#[test]
fn a_header_alone_is_a_list_of_nothing() {
    let all = read("id;person\n", table("customers")).unwrap();
    assert_eq!((all.rows.len(), all.summary.rejected), (0, 0));
}

#[test]
fn a_stated_encoding_that_is_wrong_names_the_line() {
    let bytes = [
        b"id;person\nshop:1;Jan\nshop:2;".as_slice(),
        b"\xB9\xB9",
        b"\n",
    ]
    .concat();
    let stated = with(|options| options.encoding = Some(Encoding::Utf8), &bytes);
    assert!(message(stated).contains("line 3 is not UTF-8"));
}

/// Three gigabytes without an end of line, that take no memory themselves.
struct Endless {
    at: u64,
    taken: std::rc::Rc<std::cell::Cell<u64>>,
}

const ENDLESS: u64 = 3 << 30;

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let header = b"id;person\nshop:1;\"";
        let count = out.len().min(usize::try_from(ENDLESS - self.at).unwrap());
        for (index, byte) in out[..count].iter_mut().enumerate() {
            *byte = header
                .get(self.at as usize + index)
                .copied()
                .unwrap_or(b'a');
        }
        self.at += count as u64;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        assert_eq!(to, SeekFrom::Start(0));
        self.at = 0;
        Ok(0)
    }
}

#[test]
fn a_field_of_three_gigabytes_ends_at_the_limit() {
    let taken = std::rc::Rc::new(std::cell::Cell::new(0));
    let input = Endless {
        at: 0,
        taken: std::rc::Rc::clone(&taken),
    };
    let mut options = options();
    options.encoding = Some(Encoding::Utf8);
    let file = SheetFile::open(input, options);
    assert!(matches!(
        file.err(),
        Some(SheetError::RowTooLong {
            line: 2,
            limit: 4_194_304
        })
    ));
    assert!(taken.get() < 6 << 20);
}

#[test]
fn too_many_cells_are_refused() {
    let file = format!("id{}\n", ";".repeat(2_000));
    assert!(matches!(
        open(&file).err(),
        Some(SheetError::TooManyCells {
            line: 1,
            found: 2_001,
            ..
        })
    ));
}

fn workbook_with(sheet: &[u8]) -> Vec<u8> {
    let rels = |inner: &str| {
        format!(
            "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = rels(&format!(
        "<Relationship Id=\"r1\" Type=\"{kind}/officeDocument\" Target=\"xl/workbook.xml\"/>"
    ));
    let book_rels = rels(&format!(
        "<Relationship Id=\"r1\" Type=\"{kind}/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    ));
    let book = format!(
        "<workbook xmlns:r=\"{kind}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    zip_of(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_rels.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn sheet_of(rows: &str) -> Vec<u8> {
    workbook_with(format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").as_bytes())
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let bomb = sheet_of(&"<row><c><v>1</v></c></row>".repeat(200_000));
    assert!(bomb.len() < 100_000);
    let opened = with(|options| options.limits.unpacked_bytes = 1 << 20, &bomb);
    assert!(matches!(opened.err(), Some(SheetError::TooLarge { limit, .. }) if limit <= 1 << 20));
    let long = sheet_of(&format!(
        "<row><c t=\"inlineStr\"><is><t>{}</t></is></c></row>",
        "a".repeat(5 << 20)
    ));
    assert!(message(open(&long)).contains("cell is too long"));
    let pieces = "<r><t>aaaaaaaaaaaaaaaaaaaa</t></r>".repeat(200_000);
    let rich = sheet_of(&format!(
        "<row><c t=\"inlineStr\"><is>{pieces}</is></c></row>"
    ));
    assert!(message(open(&rich)).contains("cell is too long"));
    let hidden = sheet_of("<row><c t=\"inlineStr\"><is><t><![CDATA[a]]></t></is></c></row>");
    assert!(message(open(&hidden)).contains("no spreadsheet writes"));
}

#[test]
fn a_workbook_that_declares_too_many_texts_is_refused() {
    let bytes = zip_of(&[
        ("[Content_Types].xml", b"<Types/>"),
        (
            "xl/sharedStrings.xml",
            b"<sst uniqueCount=\"999999999999999\"><si><t>a</t></si></sst>",
        ),
    ]);
    assert!(message(open(&bytes)).contains("too many texts"));
}

#[test]
fn sheets_in_disorder_are_refused_with_their_place() {
    let rows =
        "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    assert!(message(open(sheet_of(rows))).contains("S, row 1"));
    let far = "<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>";
    assert!(matches!(
        open(sheet_of(far)).err(),
        Some(SheetError::TooManyCells { found: 16_384, .. })
    ));
}

#[test]
fn a_formula_without_its_result_is_a_problem_with_its_place() {
    let text =
        |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header = ["id", "person", "phone"];
    let header = ["A1", "B1", "C1"]
        .iter()
        .zip(header)
        .map(|(at, name)| text(at, name));
    let row = |line: u32, cell: &str| {
        let id = text(&format!("A{line}"), &format!("k:{line}"));
        format!(
            "<row r=\"{line}\">{id}{}{cell}</row>",
            text(&format!("B{line}"), "Jan")
        )
    };
    let rows = [
        format!("<row r=\"1\">{}</row>", header.collect::<String>()),
        row(2, "<c r=\"C2\"><f>500000000+1234567</f><v></v></c>"),
        row(3, "<c r=\"C3\"><f>500000000+1</f><v>500000001</v></c>"),
        row(4, "<c r=\"C4\" t=\"str\"><f>IF(1,\"\",2)</f><v></v></c>"),
        row(5, "<c r=\"C5\"><f t=\"shared\" si=\"4000000000\"/></c>"),
        row(6, "<c r=\"C6\"/>"),
    ];
    let all = read(sheet_of(&rows.concat()), table("customers")).unwrap();
    assert_eq!(all.lines, [3, 4, 6]);
    assert_eq!(all.value(0, "phone"), &Value::from("500000001"));
    let told: Vec<_> = all
        .problems
        .iter()
        .map(|one| (one.line, one.field.as_str(), one.found.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "phone", "S!C2: =500000000+1234567"),
            (5, "phone", "S!C5: =")
        ]
    );
    assert!(
        all.problems[0]
            .expected
            .contains("open it in a spreadsheet program")
    );
}

#[test]
fn a_quote_that_is_never_closed_names_its_line() {
    for end in ["\n", "\r\n"] {
        let rows = "Ewa;501\n".repeat(2_000);
        let file = format!("person;phone\nJan;\"1\n2\"\nAnna;\"501\n{rows}").replace('\n', end);
        let read = open(&file);
        assert!(matches!(
            read.err(),
            Some(SheetError::OpenQuote { line: 4 })
        ));
    }
    let closed = "person;phone\nJan;\"501 \"\"a\"\"\"";
    assert_eq!(read(closed, table("customers")).unwrap().rows.len(), 1);
}

#[test]
fn a_file_without_a_known_column_is_refused_with_its_headers() {
    let refused = read("Coś;Inne\n1;2\n", table("customers"));
    assert!(
        matches!(&refused, Err(SheetError::NoKnownColumn { headers }) if headers.contains("`Coś`, `Inne`")),
        "{:?}",
        refused.err()
    );
    let garbage: Vec<u8> = (0..4_096_u32).map(|at| ((at * 7_919) >> 3) as u8).collect();
    assert!(read(&garbage, table("customers")).is_err());
}

#[test]
fn a_quote_that_only_a_later_quote_closes_is_noticed() {
    let list = "id;person;phone\nshop:1;Ala;1\nshop:2;\"Ewa;2\nshop:3;Jan;3\nshop:4;Ola \"Olka\" Nowak;4\nshop:5;\"Iza\";5\n";
    let refused = read(list, table("customers"));
    assert!(
        matches!(refused, Err(SheetError::OpenQuote { line: 3 })),
        "{:?}",
        message(refused)
    );
    // Quotes inside a line and lines inside quotes are as ever.
    let fine = "id;person;phone\nshop:1;\"Ala\" Nowak;1\nshop:2;\"Ewa\nKot\";2\nshop:3;a\"b;3\n";
    assert_eq!(read(fine, table("customers")).unwrap().rows.len(), 3);
}

#[test]
fn a_box_is_yes_or_no_in_the_language_of_the_list_and_comes_back() {
    let field = CustomField {
        id: "shop:box".to_owned(),
        name: "Zgoda".to_owned(),
        ty: "CHECKBOX".to_owned(),
    };
    let fields = vec![field];
    for (convention, yes) in conventions().into_iter().zip(["1", "tak", "да", "yes"]) {
        let list = List::named("customers", fields.clone()).unwrap();
        let mut rows = Rows::new(list.scan().columns.len());
        for value in ["1", "0", "maybe"] {
            let scan = list.scan();
            let values = scan.columns.iter().map(|name| match name.as_str() {
                "id" => Value::from(format!("shop:{value}")),
                "type" => Value::from("PERSONAL"),
                "custom_values" => Value::Json(format!("{{\"shop:box\":\"{value}\"}}")),
                _ => Value::Null,
            });
            rows.push_values(&values.collect::<Vec<_>>());
        }
        let csv = csv_of(&list, convention, &rows);
        assert!(String::from_utf8_lossy(&csv).contains(yes), "{yes}");
        for file in [
            csv,
            xlsx_of(&list, convention, XlsxLimits::default(), &rows),
        ] {
            let mut file = open(file).unwrap();
            let mapping = file.guess(table("customers"), &fields).mapping;
            let mut back = Vec::new();
            file.read(table("customers"), &mapping, &fields, &mut |batch| {
                let at = batch
                    .columns
                    .iter()
                    .position(|name| name == "custom_values")
                    .unwrap();
                back.extend(
                    batch
                        .rows
                        .iter()
                        .map(|row| row.get(at).as_str().unwrap().to_owned()),
                );
                ControlFlow::Continue(())
            })
            .unwrap();
            let expected = ["1", "0", "maybe"].map(|value| format!("{{\"shop:box\":\"{value}\"}}"));
            assert_eq!(back, expected, "{yes}");
        }
    }
}
