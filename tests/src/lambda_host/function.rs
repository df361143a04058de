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
    limit: Duration,
    environment: BTreeMap<String, String>,
    idle: Mutex<Vec<Instance>>,
    working: Mutex<Vec<u32>>,
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
                limit: Duration::from_secs(resource["Properties"]["Timeout"].as_u64().unwrap_or(3)),
                environment,
                idle: Mutex::default(),
                working: Mutex::default(),
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
        let idle = lock(&function.idle).pop();
        let mut instance = match idle {
            Some(instance) => instance,
            None => Instance::start(&function.program, &function.environment).await?,
        };
        let process = instance.process();
        lock(&function.working).extend(process);
        let outcome = instance.invoke(payload, function.limit).await;
        lock(&function.working).retain(|working| Some(*working) != process);
        if instance.is_alive() {
            lock(&function.idle).push(instance);
        } else {
            self.deaths.fetch_add(1, Ordering::SeqCst);
        }
        outcome
    }

    /// How many processes ended with work in hand.
    pub fn deaths(&self) -> usize {
        self.deaths.load(Ordering::SeqCst)
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
