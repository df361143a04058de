use super::{Erasure, RetentionError};
use crate::delivery;

impl Erasure<'_> {
    /// Takes back files in which the person is and that nobody has taken, or that are still there to be taken again.
    pub(super) async fn files(&mut self) -> Result<(), RetentionError> {
        let withdrawn =
            delivery::withdraw(self.services, self.subscription, &self.person.id).await?;
        self.count("deliveries", withdrawn);
        Ok(())
    }
}
