use std::fmt;

use chrono::Datelike;
use chrono::{DateTime, TimeDelta, Timelike, Utc};

/// An instant as wall time: `2019-01-16 16:00:00`, with a `T` and an offset where asked.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    at: DateTime<Utc>,
    seconds_east: i32,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Naive,
    Offset { colon: bool, shown: i32 },
}

impl Wall {
    /// Without an offset: `2019-01-16 16:00:00`.
    pub const fn naive(at: DateTime<Utc>, seconds_east: i32) -> Self {
        Self {
            at,
            seconds_east,
            form: Form::Naive,
        }
    }

    /// With an offset without a colon: `2019-01-16T16:00:00+0300`.
    pub const fn bare(at: DateTime<Utc>, seconds_east: i32) -> Self {
        let form = Form::Offset {
            colon: false,
            shown: seconds_east,
        };
        Self {
            at,
            seconds_east,
            form,
        }
    }

    /// With an offset: `2019-01-16T16:00:00+03:00`; the one shown may be wrong.
    pub const fn colon(at: DateTime<Utc>, seconds_east: i32, shown: i32) -> Self {
        let form = Form::Offset { colon: true, shown };
        Self {
            at,
            seconds_east,
            form,
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wall = (self.at + TimeDelta::seconds(i64::from(self.seconds_east))).naive_utc();
        let between = if matches!(self.form, Form::Naive) {
            ' '
        } else {
            'T'
        };
        write!(
            f,
            "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
            wall.year(),
            wall.month(),
            wall.day(),
            wall.hour(),
            wall.minute(),
            wall.second()
        )?;
        if let Form::Offset { colon, shown } = self.form {
            let sign = if shown < 0 { '-' } else { '+' };
            let minutes = shown.abs() / 60;
            let colon = if colon { ":" } else { "" };
            write!(f, "{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_vendor() {
        let at = DateTime::from_timestamp(1_547_643_600, 0).unwrap();
        assert_eq!(Wall::naive(at, 10_800).to_string(), "2019-01-16 16:00:00");
        assert_eq!(
            Wall::bare(at, 32_400).to_string(),
            "2019-01-16T22:00:00+0900"
        );
        assert_eq!(
            Wall::colon(at, 10_800, 14_400).to_string(),
            "2019-01-16T16:00:00+04:00"
        );
    }
}
