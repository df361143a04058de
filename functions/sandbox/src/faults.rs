use std::{collections::BTreeMap, str::FromStr, time::Duration};

use thiserror::Error;

use crate::model::Draw;

/// What goes wrong, and how often: `html=0.02,timeout=0.01,forbidden=clients+goods,revoked,hooks.drop=0.1`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultSpec {
    values: BTreeMap<String, String>,
}

/// A SPEC that says nothing that a sandbox could do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("fault {part:?}: {problem}; see docs/sandbox.md")]
pub struct FaultSpecError {
    /// The part of the SPEC that is meant.
    pub part: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Faults that befall a request by chance.
const BY_CHANCE: [&str; 8] = [
    "timeout",
    "html",
    "gateway",
    "truncate",
    "reset",
    "throttle",
    "empty",
    "unreadable",
];
/// What may befall a webhook by chance.
const HOOKS_BY_CHANCE: [&str; 4] = ["hooks.drop", "hooks.twice", "hooks.partial", "hooks.array"];
/// Whole numbers.
const NUMBERS: [&str; 5] = ["slow", "hang", "drift", "hooks.shuffle", "hooks.late"];
/// Names, with a plus between; or nothing for all of them.
const NAMES: [&str; 9] = [
    "broken",
    "forbidden",
    "gone",
    "short",
    "lossy",
    "licence",
    "closed",
    "locked",
    "revoked",
];
/// On when they are there.
const SWITCHES: [&str; 1] = ["2fa"];

impl FromStr for FaultSpec {
    type Err = FaultSpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut values = BTreeMap::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let wrong = |problem| FaultSpecError {
                part: part.to_owned(),
                problem,
            };
            if BY_CHANCE.contains(&name) || HOOKS_BY_CHANCE.contains(&name) {
                let chance: f64 = value
                    .parse()
                    .map_err(|_| wrong("expected a probability from 0 to 1"))?;
                if !(0.0..=1.0).contains(&chance) {
                    return Err(wrong("expected a probability from 0 to 1"));
                }
            } else if NUMBERS.contains(&name) {
                value
                    .parse::<u32>()
                    .map_err(|_| wrong("expected a whole number"))?;
            } else if !NAMES.contains(&name) && !SWITCHES.contains(&name) {
                return Err(wrong("no such fault"));
            }
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { values })
    }
}

impl std::fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (name, value)) in self.values.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let equals = if value.is_empty() { "" } else { "=" };
            write!(f, "{comma}{name}{equals}{value}")?;
        }
        Ok(())
    }
}

impl FaultSpec {
    /// The probability of a fault; 0 where the SPEC does not name it.
    pub fn chance(&self, name: &str) -> f64 {
        self.values
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0.0)
    }

    /// A whole number of the SPEC; 0 where it does not name it.
    pub fn number(&self, name: &str) -> u32 {
        self.values
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    }

    /// Whether the SPEC switches something on, for `what` or for all.
    pub fn names(&self, name: &str, what: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|value| value.is_empty() || value.split('+').any(|one| one == what))
    }

    /// Whether the company is not open to the account, be it still shown itself or not.
    pub fn closes(&self, company: i64) -> bool {
        let company = company.to_string();
        ["closed", "locked"]
            .iter()
            .any(|fault| self.names(fault, &company))
    }
}

/// What befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes only after a long while.
    Timeout,
    /// 500 with a page of HTML.
    Html,
    /// 502 with a page of HTML.
    Gateway,
    /// The body ends in the middle, as if it were whole.
    Truncate,
    /// The connection breaks in the middle of the body.
    Reset,
    /// Refused for the number of requests, whatever their number.
    Throttle,
    /// 500 without a body.
    Empty,
    /// A list of which every other record has an id that is none.
    Unreadable,
}

impl Fault {
    /// The fault of this name in a SPEC.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "timeout" => Self::Timeout,
            "html" => Self::Html,
            "gateway" => Self::Gateway,
            "truncate" => Self::Truncate,
            "reset" => Self::Reset,
            "throttle" => Self::Throttle,
            "empty" => Self::Empty,
            "unreadable" => Self::Unreadable,
            _ => return None,
        })
    }
}

/// Decides what befalls whom.
#[derive(Debug)]
pub struct Faults {
    /// What goes wrong by chance or always.
    pub spec: FaultSpec,
    /// What befalls the next requests whose path contains a text.
    pub planned: Vec<Planned>,
    /// How often something befell a request.
    pub befallen: u64,
    draw: Draw,
}

/// A fault that was ordered for certain requests.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What happens.
    pub fault: Fault,
    /// What the path has to contain.
    pub path: String,
    /// How many such requests go well before.
    pub after: u32,
    /// How many requests are still to be befallen.
    pub times: u32,
}

impl Faults {
    /// Faults by a SPEC, drawn from a seed.
    pub fn new(spec: FaultSpec, seed: u64) -> Self {
        Self {
            spec,
            planned: Vec::new(),
            befallen: 0,
            draw: Draw::new(seed, 0xFA17),
        }
    }

    /// What befalls the request of this path, if anything.
    pub fn befall(&mut self, path: &str) -> Option<Fault> {
        let fault = self.planned_for(path).or_else(|| {
            let mut names = BY_CHANCE.iter();
            let drawn = names.find(|name| self.draw.chance(self.spec.chance(name)));
            drawn.and_then(|name| Fault::parse(name))
        });
        self.befallen += u64::from(fault.is_some());
        fault
    }

    fn planned_for(&mut self, path: &str) -> Option<Fault> {
        let planned = self
            .planned
            .iter_mut()
            .find(|planned| planned.times > 0 && path.contains(&planned.path))?;
        if planned.after > 0 {
            planned.after -= 1;
            return None;
        }
        planned.times -= 1;
        let fault = planned.fault;
        self.planned.retain(|planned| planned.times > 0);
        Some(fault)
    }

    /// How long every answer is held back.
    pub fn slowness(&self) -> Duration {
        Duration::from_millis(u64::from(self.spec.number("slow")))
    }

    /// How long a time-out lasts: `hang` seconds, 60 where the SPEC does not say.
    pub fn hang(&self) -> Duration {
        let seconds = self.spec.number("hang");
        Duration::from_secs(if seconds == 0 { 60 } else { u64::from(seconds) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_reads_back_and_refuses_what_it_does_not_know() {
        let spec: FaultSpec = "html=0.5, forbidden=clients+goods,revoked,drift=3"
            .parse()
            .unwrap();
        assert_eq!(spec.to_string().parse(), Ok(spec.clone()));
        assert!(spec.names("forbidden", "goods") && !spec.names("forbidden", "staff"));
        assert!(spec.names("revoked", "anything"));
        let closed: FaultSpec = "closed=4564+5681".parse().unwrap();
        assert!(closed.names("closed", "5681") && !closed.names("closed", "1"));
        let locked: FaultSpec = "locked=7".parse().unwrap();
        assert!(closed.closes(5681) && locked.closes(7) && !locked.closes(5681));
        assert_eq!((spec.number("drift"), spec.number("slow")), (3, 0));
        for wrong in ["html=2", "html", "drift=x", "earthquake"] {
            assert!(wrong.parse::<FaultSpec>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_planned_fault_befalls_as_often_as_ordered() {
        let mut faults = Faults::new(FaultSpec::default(), 1);
        let planned = Planned {
            fault: Fault::Html,
            path: "/records".to_owned(),
            after: 1,
            times: 2,
        };
        faults.planned.push(planned);
        assert_eq!(faults.befall("/goods/1"), None);
        assert_eq!(faults.befall("/records/1"), None);
        assert_eq!(faults.befall("/records/1"), Some(Fault::Html));
        assert_eq!(faults.befall("/records/1"), Some(Fault::Html));
        assert_eq!(faults.befall("/records/1"), None);
    }
}
