//! The secrets of a run: their values, and the masks made from them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

use crate::runbook::rendered::Rendered;

use super::redact::Redactor;

/// The secrets that a driver holds. They are never written anywhere.
#[derive(Default)]
pub struct Secrets {
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    values: BTreeMap<String, String>,
    redactor: Option<Arc<Redactor>>,
    /// How often one was taken in.
    version: u64,
}

impl Secrets {
    /// Takes a secret in. From now on its value is masked everywhere, and no other process of this
    /// user may look into our memory, which is not dumped either.
    pub fn add(&self, name: &str, value: String) {
        // Linux refuses only what it does not know.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.values.insert(name.to_owned(), value);
        inner.redactor = Some(Arc::new(Redactor::new(&inner.values)));
        inner.version += 1;
    }

    /// All of them by name, and a number that changes when they do; none while it is still `known`.
    pub fn newer_than(&self, known: Option<u64>) -> Option<(u64, BTreeMap<String, String>)> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        (known != Some(inner.version)).then(|| (inner.version, inner.values.clone()))
    }

    /// The secrets whose values are too short to be masked well.
    pub fn weak(&self) -> Vec<String> {
        self.redactor().weak().to_vec()
    }

    /// The masks for all secrets so far.
    pub fn redactor(&self) -> Arc<Redactor> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        match &inner.redactor {
            Some(redactor) => Arc::clone(redactor),
            None => Arc::new(Redactor::new(&BTreeMap::<String, String>::new())),
        }
    }

    /// A text with its secrets put in, or the name of one that is not known here.
    pub fn reveal(&self, text: &Rendered) -> Result<String, String> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        text.revealed(|name| {
            inner.values.get(name).cloned().ok_or_else(|| format!("the secret {name} is not known"))
        })
    }
}
