//! What the person who asks for a review wishes: it stands above what a library says.

use crate::cli::args;
use crate::cli::failure::Failure;
use crate::lint::select::Selector;
use crate::lint::{Policy, Profile};
use crate::source::Severity;

/// What was typed about rules.
#[derive(Clone, Debug)]
pub struct Wish {
    profile: Option<Profile>,
    fail_on: Option<Severity>,
    select: Vec<Selector>,
    ignore: Vec<Selector>,
}

/// What was typed, if every rule that it names is there.
pub fn of(args: &args::Lint) -> Result<Wish, Failure> {
    Ok(Wish {
        profile: args.profile,
        fail_on: args.fail_on,
        select: selectors(&args.select)?,
        ignore: selectors(&args.ignore)?,
    })
}

fn selectors(names: &[String]) -> Result<Vec<Selector>, Failure> {
    let mut found = Vec::new();
    for name in names {
        let unknown = |help| Failure::usage(format!("there is no rule `{name}`"), help);
        found.extend(Selector::several(name).map_err(unknown)?);
    }
    Ok(found)
}

impl Wish {
    /// A policy with this wish above it.
    pub fn above(&self, mut policy: Policy) -> Policy {
        policy.profile = self.profile.unwrap_or(policy.profile);
        policy.fail_on = self.fail_on.unwrap_or(policy.fail_on);
        policy.select.clone_from(&self.select);
        policy.ignore.clone_from(&self.ignore);
        policy
    }
}
