use std::{
    collections::HashMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use wynos::ports::{CallKind, Interruptions};

/// The longest commit.
pub const LONGEST: &str = "longest transaction";
/// The time that giving space back took altogether.
pub const GIVING_BACK: &str = "giving space back";

/// Times calls of the warehouse, waiting for its turn included.
#[derive(Debug, Default)]
pub struct Timing(Mutex<Times>);

#[derive(Debug, Default)]
struct Times {
    calls: u64,
    under_way: HashMap<u64, (&'static str, Instant)>,
    longest: f64,
    giving_back: f64,
}

impl Timing {
    pub fn stages(&self) -> Vec<(String, f64)> {
        let times = self.times();
        vec![
            (LONGEST.to_owned(), times.longest),
            (GIVING_BACK.to_owned(), times.giving_back),
        ]
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Interruptions for Timing {
    fn before(&self, call: &'static str, _kind: CallKind) -> io::Result<u64> {
        let mut times = self.times();
        times.calls += 1;
        let number = times.calls;
        times.under_way.insert(number, (call, Instant::now()));
        Ok(number)
    }

    fn after(&self, number: u64) -> io::Result<()> {
        let mut times = self.times();
        if let Some((call, begun)) = times.under_way.remove(&number) {
            let seconds = begun.elapsed().as_secs_f64();
            match call {
                "warehouse.commit" => times.longest = times.longest.max(seconds),
                "warehouse.give_back" => {
                    times.longest = times.longest.max(seconds);
                    times.giving_back += seconds;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
