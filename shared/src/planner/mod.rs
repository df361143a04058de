//! Jobs that users schedule: when they are due, that each runs once at a time, and what becomes of a run.
//!
//! [`tick`] finds what is due, whoever calls it: the loop of the embedded host or a scheduled function. It claims each job
//! in one transaction with its next time and sends a message; [`run()`] does the work of one such message.

mod checks;
mod claim;
mod error;
mod fault;
mod finish;
mod gaps;
mod mail;
mod manage;
mod messages;
mod period;
mod pulling;
mod run;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod work;

pub use claim::tick;
pub use error::{PeriodError, PlannerError, ScheduleError, WorkError};
pub use fault::{SettingsFault, SettingsValue};
pub use gaps::Gap;
pub use mail::send_failing_mail;
pub use manage::{NewJob, add, edit, pause, remove, resume, run_now};
pub(crate) use manage::{add_within, edit_within};
pub use messages::{MAIL_FAILING, RUN, RunMessage, VERSION};
pub use period::{Period, PeriodRule};
pub use run::{Lease, Task, Totals, Worked, run};
pub use schedule::{Day, Schedule};
pub use settings::{
    BasePullSettings, JobSettings, ReconciliationSettings, ReportSettings, RetentionSettings,
};
