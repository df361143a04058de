use super::{
    super::{Passwords, ProfileName, WriteError, Writer},
    data, header, read, write_with,
};
use crate::warehouse::Value;

fn custom_values(read: &super::Read) -> Value {
    let section = super::super::Profile::of(ProfileName::Full)
        .section("repairs")
        .unwrap();
    let at = section
        .read_columns()
        .iter()
        .position(|name| name == "custom_values")
        .unwrap();
    read.data["repairs"][0][at].clone()
}

#[test]
fn passwords_stay_at_home_unless_ticked() {
    let data = data::small_shop(ProfileName::Full);
    let (file, totals) = write_with(&header(ProfileName::Full), &data, Passwords::LeaveOut);
    assert!(!String::from_utf8_lossy(&file).contains("sealed"));
    // The password, and the value of a field that is not in the file.
    assert_eq!(totals.values_left_out, 2);
    let read = read(&file).unwrap();
    assert!(!read.header.as_ref().unwrap().passwords);
    assert_eq!(custom_values(&read), Value::Json("{}".to_owned()));
}

#[test]
fn ticked_passwords_leave_as_plain_text() {
    let data = data::small_shop(ProfileName::Full);
    let reveal = |stored: &str| Ok(stored.replace("sealed:", ""));
    let passwords = Passwords::Include(Box::new(reveal));
    let (file, totals) = write_with(&header(ProfileName::Full), &data, passwords);
    assert!(!String::from_utf8_lossy(&file).contains("sealed"));
    assert_eq!(totals.values_left_out, 1);
    let read = read(&file).unwrap();
    assert!(read.header.as_ref().unwrap().passwords);
    assert_eq!(
        custom_values(&read),
        Value::Json(r#"{"demoshop1:f2":"1234"}"#.to_owned())
    );
}

#[test]
fn a_password_that_cannot_be_decrypted_ends_the_file() {
    let mut passwords = Writer::new(
        Vec::new(),
        &header(ProfileName::Full),
        Passwords::Include(Box::new(|_| Err("wrong key".into()))),
    )
    .unwrap();
    let data = data::small_shop(ProfileName::Full);
    let mut push = |table: &str| {
        let width = passwords.section(table).unwrap().columns.len();
        let mut rows = crate::warehouse::Rows::new(width);
        data[table].iter().for_each(|row| rows.push_values(row));
        passwords.rows(&rows)
    };
    push("custom_fields").unwrap();
    let error = push("repairs").unwrap_err();
    assert!(matches!(error, WriteError::Password { ref id, .. } if id == "demoshop1:r1"));
}

#[test]
fn basic_never_carries_passwords() {
    let passwords = Passwords::Include(Box::new(|stored| Ok(stored.to_owned())));
    let refused = Writer::new(Vec::new(), &header(ProfileName::Basic), passwords);
    assert!(matches!(refused.err(), Some(WriteError::PasswordsInBasic)));
}
