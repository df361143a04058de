use super::{super::ProfileName, data, header, write};

fn text(profile: ProfileName) -> String {
    String::from_utf8(write(&header(profile), &data::small_shop(profile))).unwrap()
}

#[test]
fn a_full_file_looks_so() {
    insta::assert_snapshot!(text(ProfileName::Full));
}

#[test]
fn a_basic_file_looks_so() {
    insta::assert_snapshot!(text(ProfileName::Basic));
}
