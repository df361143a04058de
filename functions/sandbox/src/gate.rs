use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Options,
    accounts::Accounts,
    faults::Faults,
    limits::{Ledger, Limits},
};

/// What a request passes before it reaches the business.
#[derive(Debug)]
pub struct Gate {
    /// Who asked how often.
    pub ledger: Ledger,
    /// How often one may ask; none: at will.
    pub limits: Option<Limits>,
    /// What goes wrong.
    pub faults: Faults,
    /// Who may sign in.
    pub accounts: Accounts,
    /// How often what was asked for, and answered how.
    pub calls: BTreeMap<&'static str, Calls>,
    /// How often somebody was refused, so that refusals take turns in their forms.
    pub refusals: u64,
}

/// What became of the calls of one endpoint.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Calls {
    /// Answered with what was asked for.
    pub answered: u64,
    /// Anything else: refusals, faults, and questions that cannot be answered.
    pub failed: u64,
}

impl Gate {
    /// An open gate by these options.
    pub fn new(options: &Options) -> Self {
        Self {
            ledger: Ledger::default(),
            limits: options.limits,
            faults: Faults::new(options.faults.clone(), options.seed),
            accounts: Accounts::new(options.seed),
            calls: BTreeMap::new(),
            refusals: 0,
        }
    }

    /// Notes what became of a call.
    pub fn note(&mut self, endpoint: &'static str, answered: bool) {
        let calls = self.calls.entry(endpoint).or_default();
        if answered {
            calls.answered += 1;
        } else {
            calls.failed += 1;
        }
    }
}
