use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};

use super::{Instance, Invoked, Stack};
use crate::project;

/// The functions of the template, each with the processes that it has at the moment.
#[derive(Debug, Clone)]
pub struct Functions {
    all: Arc<HashMap<String, Function>>,
    deaths: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Function {
    program: PathBuf,
    limit: Mutex<Duration>,
    /// When its processes are killed, where that is before the time that they are told.
    cut: Mutex<Option<Duration>>,
    environment: Mutex<BTreeMap<String, String>>,
    idle: Mutex<Vec<Instance>>,
    /// Counts how often its processes were to be new; one that is older has no other event.
    generation: AtomicUsize,
    working: Mutex<Vec<u32>>,
    invocations: AtomicUsize,
}

impl Functions {
    /// Reads them from the template. `changed` variables take the place of the template's.
    pub fn of(stack: &Stack, changed: &[(&str, &str)]) -> Result<Self> {
        let mut functions = HashMap::new();
        for (id, resource) in stack.template.of_type("AWS::Lambda::Function") {
            let code = resource["Metadata"]["Code"].as_str();
            let folder = code.context("the function has no code")?;
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let mut environment = stack.environment(id)?;
            for (name, value) in changed {
                environment.insert((*name).to_owned(), (*value).to_owned());
            }
            let function = Function {
                program: project::binary(&format!("wynos-{name}"))?,
                limit: Mutex::new(Duration::from_secs(
                    resource["Properties"]["Timeout"].as_u64().unwrap_or(3),
                )),
                cut: Mutex::default(),
                environment: Mutex::new(environment),
                idle: Mutex::default(),
                generation: AtomicUsize::new(0),
                working: Mutex::default(),
                invocations: AtomicUsize::new(0),
            };
            functions.insert(id.to_owned(), function);
        }
        Ok(Self {
            all: Arc::new(functions),
            deaths: Arc::default(),
        })
    }

    /// Invokes a function, in a process that is idle or a new one.
    pub async fn invoke(&self, id: &str, payload: String) -> Result<Invoked> {
        let function = self
            .all
            .get(id)
            .with_context(|| format!("no function {id}"))?;
        let generation = function.generation.load(Ordering::SeqCst);
        let idle = lock(&function.idle).pop();
        let mut instance = match idle {
            Some(instance) => instance,
            None => {
                let environment = lock(&function.environment).clone();
                Instance::start(&function.program, &environment).await?
            }
        };
        function.invocations.fetch_add(1, Ordering::SeqCst);
        let process = instance.process();
        lock(&function.working).extend(process);
        let limit = *lock(&function.limit);
        let patience = lock(&function.cut).unwrap_or(limit);
        let outcome = instance.invoke(payload, limit, patience).await;
        lock(&function.working).retain(|working| Some(*working) != process);
        if !instance.is_alive() {
            self.deaths.fetch_add(1, Ordering::SeqCst);
        } else if generation == function.generation.load(Ordering::SeqCst) {
            lock(&function.idle).push(instance);
        }
        outcome
    }

    /// Gives a function this time from now on, instead of the template's.
    pub fn limit(&self, id: &str, limit: Duration) {
        if let Some(function) = self.all.get(id) {
            *lock(&function.limit) = limit;
        }
    }

    /// Kills a function's processes after this time from now on, whatever time they are told, as Lambda does with one that
    /// does not keep to it; `None` ends that.
    pub fn cut(&self, id: &str, after: Option<Duration>) {
        if let Some(function) = self.all.get(id) {
            *lock(&function.cut) = after;
        }
    }

    /// Ends the processes of a function as soon as they have nothing to do, as Lambda does now and then: the next one knows
    /// nothing.
    pub fn recycle(&self, id: &str) {
        if let Some(function) = self.all.get(id) {
            function.generation.fetch_add(1, Ordering::SeqCst);
            lock(&function.idle).clear();
        }
    }

    /// Gives a variable another value for all functions, as a deploy does.
    pub fn tell(&self, name: &str, value: &str) {
        for (id, function) in self.all.iter() {
            lock(&function.environment).insert(name.to_owned(), value.to_owned());
            self.recycle(id);
        }
    }

    /// What a function is told.
    pub fn environment(&self, id: &str) -> BTreeMap<String, String> {
        let function = self.all.get(id);
        function.map_or_else(BTreeMap::new, |function| {
            lock(&function.environment).clone()
        })
    }

    /// How many processes ended with work in hand.
    pub fn deaths(&self) -> usize {
        self.deaths.load(Ordering::SeqCst)
    }

    /// How often a function was invoked.
    pub fn invocations(&self, id: &str) -> usize {
        let function = self.all.get(id);
        function.map_or(0, |function| function.invocations.load(Ordering::SeqCst))
    }

    /// Processes of a function that are at work.
    pub fn working(&self, id: &str) -> Vec<u32> {
        self.all
            .get(id)
            .map(|function| lock(&function.working).clone())
            .unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
