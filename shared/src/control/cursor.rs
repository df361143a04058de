use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;

/// The most rows of one page.
const MAX_PAGE: i64 = 200;

/// A place in a list ordered by time, newest first; opaque to those who page with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: DateTime<Utc>,
    pub(crate) id: String,
}

/// A text that is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that was given out")]
pub struct CursorError;

impl Cursor {
    /// The place before every row.
    pub(crate) fn start() -> Self {
        Self {
            at: DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::UNIX_EPOCH),
            id: String::new(),
        }
    }

    /// The cursor as text for a URL.
    pub fn encode(&self) -> String {
        BASE64URL_NOPAD.encode(format!("{}:{}", self.at.timestamp_micros(), self.id).as_bytes())
    }

    /// Reads what [`Cursor::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| CursorError)?;
        let text = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let (micros, id) = text.split_once(':').ok_or(CursorError)?;
        let micros = micros.parse().map_err(|_| CursorError)?;
        let at = DateTime::from_timestamp_micros(micros).ok_or(CursorError)?;
        let known =
            at >= DateTime::UNIX_EPOCH && at <= Self::start().at && id.len() <= 32 && id.is_ascii();
        if known {
            Ok(Self {
                at,
                id: id.to_owned(),
            })
        } else {
            Err(CursorError)
        }
    }
}

/// Some rows of a list, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Rows to ask the database for, to give at most `limit` (1 to 200) and know whether there are more.
    pub(crate) fn fetch_limit(limit: usize) -> i64 {
        i64::try_from(limit).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE) + 1
    }

    /// Cuts off the row that only showed that there are more.
    pub(crate) fn cut(mut items: Vec<T>, limit: usize, place: impl Fn(&T) -> Cursor) -> Self {
        let wanted = usize::try_from(Self::fetch_limit(limit) - 1).unwrap_or(1);
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = if more { items.last().map(place) } else { None };
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let cursor = Cursor {
            at: DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap(),
            id: "abc".into(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        for text in [
            "",
            "x",
            "!!",
            &BASE64URL_NOPAD.encode(b"9:"),
            &BASE64URL_NOPAD.encode(b"a:b"),
        ] {
            let read = Cursor::decode(text);
            assert!(read.is_err() || read.unwrap().id.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_page_tells_whether_there_is_more() {
        let place = |number: &i32| Cursor {
            at: DateTime::UNIX_EPOCH,
            id: number.to_string(),
        };
        let full = Page::cut(vec![1, 2, 3], 2, place);
        assert_eq!(
            (full.items, full.next.unwrap().id),
            (vec![1, 2], "2".to_owned())
        );
        assert_eq!(Page::cut(vec![1, 2], 2, place).next, None);
        assert_eq!(Page::<i32>::fetch_limit(usize::MAX), 201);
    }
}
