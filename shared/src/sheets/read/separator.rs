use serde::{Deserialize, Serialize};

/// What stands between the cells of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Separator {
    /// `;`, as spreadsheets with a decimal comma write it.
    #[serde(rename = ";")]
    Semicolon,
    /// `,`.
    #[serde(rename = ",")]
    Comma,
    /// A tabulator.
    #[serde(rename = "\t", alias = "tab")]
    Tab,
    /// `|`.
    #[serde(rename = "|")]
    Bar,
}

impl Separator {
    /// Every separator.
    pub const ALL: [Self; 4] = [Self::Semicolon, Self::Comma, Self::Tab, Self::Bar];

    /// The byte in the file.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Semicolon => b';',
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    /// The separator that this byte is.
    pub fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.byte() == byte)
    }

    /// What people can type for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Semicolon => ";",
            Self::Comma => ",",
            Self::Tab => "tab",
            Self::Bar => "|",
        }
    }

    /// The separator that is typed so.
    pub fn parse(text: &str) -> Option<Self> {
        let is = |one: &Self| one.as_str() == text || text.as_bytes() == [one.byte()];
        Self::ALL.into_iter().find(is)
    }
}
