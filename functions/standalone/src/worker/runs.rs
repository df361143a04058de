//! Runs that the workers of a queue have in hand.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use wynos::{jobs, ports::Envelope};

/// The runs that the workers of one queue have in hand.
///
/// A source is leased to a message of its run, which keeps other runs and messages away; they would find it taken, and be put
/// off. Here they wait for no longer than the run is in hand: there is another message of one where a run waited for so long
/// that it was asked for again, and for a moment between a continuation that is queued and the end of the message that queued
/// it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<HashSet<String>>>);

/// What a message finds.
#[derive(Debug)]
pub(super) enum Found {
    /// Nobody has its run in hand: it is this message's as long as the value in it lives. Nothing where it names no run.
    Free(Option<Held>),
    /// A neighbour has its run in hand.
    Taken,
}

/// A run in hand; dropped, it is free.
#[derive(Debug)]
pub(super) struct Held {
    runs: Runs,
    run: String,
}

impl Runs {
    /// Takes the run of a message in hand, where nobody has it.
    pub(super) fn take(&self, envelope: &Envelope) -> Found {
        let Some(run) = jobs::run_of(envelope) else {
            return Found::Free(None);
        };
        if !self.held().insert(run.to_owned()) {
            return Found::Taken;
        }
        Found::Free(Some(Held {
            runs: self.clone(),
            run: run.to_owned(),
        }))
    }

    fn held(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.runs.held().remove(&self.run);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(body: serde_json::Value) -> Envelope {
        Envelope {
            version: 1,
            kind: "pull.history".to_owned(),
            subscription: wynos::SubscriptionId::random(),
            body,
        }
    }

    #[test]
    fn one_message_of_a_run_is_in_hand_at_a_time() {
        let runs = Runs::default();
        let of = |run: &str| envelope(json!({ "source": "shop-a", "run": run }));
        let first = runs.take(&of("a"));
        assert!(matches!(first, Found::Free(Some(_))), "{first:?}");
        assert!(matches!(runs.clone().take(&of("a")), Found::Taken));
        assert!(matches!(runs.take(&of("b")), Found::Free(Some(_))));
        for body in [json!({ "source": "shop-a" }), json!({ "run": null })] {
            let nothing = runs.take(&envelope(body));
            assert!(matches!(nothing, Found::Free(None)), "{nothing:?}");
        }
        drop(first);
        assert!(matches!(runs.take(&of("a")), Found::Free(Some(_))));
    }
}
