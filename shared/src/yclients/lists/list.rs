use chrono::NaiveDate;

use super::{Answer, Care, Next, Place, Question};
use crate::yclients::{
    client::{Caller, VendorError},
    streams::{Endpoint, Stream},
};

/// One list of a stream, page by page to its end; where the vendor refuses it, the next endpoint that has the same is tried
/// from the beginning. For readers that go through in one go; who has to stop and go on later keeps a [`Place`].
#[derive(Debug)]
pub struct List<'c> {
    caller: &'c Caller,
    company_id: i64,
    endpoints: std::vec::IntoIter<&'static Endpoint>,
    params: Vec<(&'static str, String)>,
    care: Care,
    current: Option<(&'static Endpoint, Place)>,
    refused: Option<VendorError>,
    short: bool,
}

impl<'c> List<'c> {
    /// The whole list, or that of these days of the branch, both inclusive, where the stream can be asked by day: then only
    /// of endpoints that heed them.
    pub fn new(
        caller: &'c Caller,
        company_id: i64,
        stream: &'static Stream,
        days: Option<(NaiveDate, NaiveDate)>,
        care: Care,
    ) -> Self {
        let window = stream.window.zip(days);
        let endpoints: Vec<&'static Endpoint> = std::iter::once(&stream.endpoint)
            .chain(stream.fallbacks)
            .filter(|endpoint| window.is_none() || endpoint.filters_by_time)
            .collect();
        let params = window.map(|(window, (from, to))| window.params(from, to));
        Self {
            caller,
            company_id,
            endpoints: endpoints.into_iter(),
            params: params.into_iter().flatten().collect(),
            care,
            current: None,
            refused: None,
            short: false,
        }
    }

    /// The same, asked for with these parameters too (what [`super::pushed`] says of a filter, what asks for deleted ones).
    pub fn with(mut self, params: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.params.extend(params);
        self
    }

    /// The next page, which may be empty; `None` after the last. A record that moves while the list is read may come twice.
    pub async fn next(&mut self) -> Result<Option<Answer>, VendorError> {
        loop {
            let Some((endpoint, mut place)) = self.current.take().or_else(|| self.begin()) else {
                return self.refused.take().map_or(Ok(None), Err);
            };
            let question = Question {
                caller: self.caller,
                company_id: self.company_id,
                endpoint,
                params: &self.params,
            };
            match question.page(&place).await {
                Ok(answer) => {
                    // What let somebody in once is what is read; the others have the same.
                    self.endpoints = Vec::new().into_iter();
                    self.refused = None;
                    match place.after(endpoint, &answer.outline(), self.care)? {
                        Next::Page(next) => self.current = Some((endpoint, next)),
                        Next::Short => self.short = true,
                        Next::End => {}
                    }
                    return Ok(Some(answer));
                }
                Err(
                    error
                    @ (VendorError::Forbidden | VendorError::NotFound | VendorError::Unrouted),
                ) => {
                    self.refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether it ended, though by its own count it has more than came: what it did not have may be in it all the same.
    pub const fn is_short(&self) -> bool {
        self.short
    }

    fn begin(&mut self) -> Option<(&'static Endpoint, Place)> {
        let endpoint = self.endpoints.next()?;
        Some((endpoint, Place::start(endpoint)))
    }
}
