//! An assumption: what somebody wants assumed of a step or a check, `--assume STEP=exit:1`.
//!
//! What is said of something that is not there, or cannot be so, is refused before anything begins.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::document::nearest;
use crate::plan::{Form, Index, Inside, Plan, ROOT};
use crate::run::event::{CheckRef, Purpose};
use crate::runbook::action::Action;
use crate::runbook::wait::Wait;

/// What is assumed of a step or a look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Assumption {
    /// It goes well; a look holds.
    Well,
    /// It exits with this code.
    Exit(i32),
    /// It is answered with this status.
    Status(u16),
    /// It fails; a look does not hold.
    Fails,
    /// It runs out of time.
    TimesOut,
    /// How it went, or what it shows, cannot be seen.
    Unseen,
}

/// Why an assumption is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// In what way it is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// What somebody wants assumed, of every attempt and every look.
#[derive(Debug, Default)]
pub struct Assumptions {
    steps: Vec<Said<String>>,
    checks: Vec<Said<Wanted>>,
}

/// What somebody said.
#[derive(Debug)]
struct Said<T> {
    /// Of what.
    of: T,
    assumed: Assumption,
    /// Whether the rehearsal came to it.
    is_used: AtomicBool,
}

impl<T: PartialEq> Said<T> {
    /// Adds one; false where something was said of the same before.
    fn add(all: &mut Vec<Said<T>>, of: T, assumed: Assumption) -> bool {
        let is_new = all.iter().all(|known| known.of != of);
        all.push(Said { of, assumed, is_used: AtomicBool::new(false) });
        is_new
    }

    fn used(&self) -> &Assumption {
        self.is_used.store(true, Ordering::Relaxed);
        &self.assumed
    }
}

/// The checks that are meant.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Wanted {
    /// The check with this id.
    Named(String),
    /// All checks of a step that are for this.
    Of(String, Purpose),
}

/// What can be said of the checks of a step, by the words for it.
const CHECKS: &[(&str, Purpose)] =
    &[("require", Purpose::Require), ("done_when", Purpose::DoneWhen), ("verify", Purpose::Verify)];

impl Assumptions {
    /// Reads them as they are typed.
    pub fn read(plan: &Plan, texts: &[String]) -> Result<Assumptions, Refused> {
        let mut found = Assumptions::default();
        for text in texts {
            let refuse = |message: String, help: &str| Refused { message, help: help.to_owned() };
            let Some((name, word)) = text.rsplit_once('=') else {
                let message = format!("`{text}` assumes nothing");
                return Err(refuse(message, "write --assume step=fails, or step=exit:1"));
            };
            if !found.add(plan, name, word)? {
                let message = format!("something is assumed of `{name}` twice");
                return Err(refuse(message, "say --assume once for each step or check"));
            }
        }
        Ok(found)
    }

    /// Takes one in; false where something was assumed of that already.
    fn add(&mut self, plan: &Plan, name: &str, word: &str) -> Result<bool, Refused> {
        if let Some((step, purpose)) = of_checks(plan, name)? {
            let wanted = Wanted::Of(step, purpose);
            return Ok(Said::add(&mut self.checks, wanted, look(name, word)?));
        }
        if let Some(index) = plan.find(name).or_else(|| plan.pattern_of(name)) {
            // What is said of a fan-out is said of every item of it.
            let index = plan.items(index).map_or(index, |items| items.pattern.start);
            let path = match plan.find(name) {
                Some(_) => plan.nodes[index].path.clone(),
                None => name.to_owned(),
            };
            return Ok(Said::add(&mut self.steps, path, of_step(plan, index, name, word)?));
        }
        if check_ids(plan).any(|id| id == name) {
            let wanted = Wanted::Named(name.to_owned());
            return Ok(Said::add(&mut self.checks, wanted, look(name, word)?));
        }
        Err(unknown(plan, name))
    }

    /// What is assumed of a step; of one item of a fan-out, what is assumed of all of them where
    /// nothing is said of that one.
    pub fn of_step(&self, plan: &Plan, path: &str) -> Option<&Assumption> {
        if self.steps.is_empty() {
            return None;
        }
        let said = |name: &str| self.steps.iter().find(|said| said.of == name);
        let by_pattern = || {
            let pattern = plan.pattern_of(path)?;
            said(&plan.nodes[pattern].path)
        };
        said(path).or_else(by_pattern).map(Said::used)
    }

    /// What is assumed of a check, which may have an id.
    pub fn of_check(&self, check: &CheckRef, id: Option<&str>) -> Option<&Assumption> {
        let is_meant = |wanted: &Wanted| match wanted {
            Wanted::Named(name) => id == Some(name.as_str()),
            Wanted::Of(step, purpose) => {
                check.step.as_deref() == Some(step.as_str()) && check.purpose == *purpose
            }
        };
        // Where two mean the same check, the rehearsal came to both.
        let meant = self.checks.iter().filter(|said| is_meant(&said.of));
        meant.fold(None, |first, said| first.or(Some(said.used())))
    }

    /// What the rehearsal never came to, by name.
    pub fn unused(&self) -> Vec<String> {
        let of_check = |wanted: &Wanted| match wanted {
            Wanted::Named(id) => id.clone(),
            Wanted::Of(step, purpose) => {
                let word = CHECKS.iter().find(|(_, known)| known == purpose);
                format!("{step}.{}", word.map(|(word, _)| *word).unwrap_or_default())
            }
        };
        let steps = self.steps.iter().filter(|said| !said.is_used.load(Ordering::Relaxed));
        let checks = self.checks.iter().filter(|said| !said.is_used.load(Ordering::Relaxed));
        steps.map(|it| it.of.clone()).chain(checks.map(|it| of_check(&it.of))).collect()
    }
}

/// The checks of a step, where a name means some: `load.verify`.
fn of_checks(plan: &Plan, name: &str) -> Result<Option<(String, Purpose)>, Refused> {
    let Some((step, word)) = name.rsplit_once('.') else { return Ok(None) };
    let Some((_, purpose)) = CHECKS.iter().find(|(known, _)| *known == word) else {
        return Ok(None);
    };
    let found = plan.find(step);
    let index = found.or_else(|| plan.pattern_of(step)).ok_or_else(|| unknown(plan, step))?;
    let has_some = plan.nodes[index].forms.iter().any(|form| match purpose {
        Purpose::Require => form.required().next().is_some(),
        Purpose::DoneWhen => form.facets.done_when.is_some(),
        _ => form.verified().next().is_some(),
    });
    match has_some {
        // Of a pattern, one of the items is meant.
        true if found.is_none() => Ok(Some((step.to_owned(), *purpose))),
        true => Ok(Some((plan.nodes[index].path.clone(), *purpose))),
        false => Err(Refused {
            message: format!("`{step}` has no `{word}`"),
            help: "name a step that has, or what its action comes to".to_owned(),
        }),
    }
}

fn unknown(plan: &Plan, name: &str) -> Refused {
    let ids: Vec<String> = check_ids(plan).map(str::to_owned).collect();
    let names = plan.names().chain(ids.iter().map(String::as_str));
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a step by its id or path, or a check by its id".to_owned(),
    };
    Refused { message: format!("the runbook has no step and no check `{name}`"), help }
}

/// The ids of all checks.
fn check_ids(plan: &Plan) -> impl Iterator<Item = &str> {
    let runbook = &plan.runbook;
    let of_run =
        [&runbook.confirm, &runbook.preconditions, &runbook.invariants, &runbook.exit_criteria];
    let of_run = of_run.into_iter().flatten();
    let forms = plan.nodes.iter().flat_map(|node| &node.forms);
    let of_steps =
        forms.flat_map(|form| form.required().chain(form.verified())).map(|around| around.check);
    of_run.chain(of_steps).filter_map(|check| check.id.as_ref().map(|id| id.value.as_str()))
}

/// What is assumed of a look.
fn look(name: &str, word: &str) -> Result<Assumption, Refused> {
    match word {
        "holds" => Ok(Assumption::Well),
        "fails" => Ok(Assumption::Fails),
        "unseen" => Ok(Assumption::Unseen),
        _ => Err(no_word(name, word, "holds, fails, unseen")),
    }
}

fn no_word(name: &str, word: &str, words: &str) -> Refused {
    Refused {
        message: format!("`{word}` cannot be assumed of `{name}`"),
        help: format!("use one of {words}"),
    }
}

/// What is assumed of a step.
fn of_step(plan: &Plan, index: Index, name: &str, word: &str) -> Result<Assumption, Refused> {
    let node = &plan.nodes[index];
    let inside: Vec<&str> = node
        .forms
        .iter()
        .flat_map(|form| form.inside.children())
        .map(|inner| plan.nodes[*inner].id.as_str())
        .collect();
    if index == ROOT || node.forms.iter().any(|form| !matches!(form.inside, Inside::Leaf)) {
        let message = format!("`{name}` is a group, which does nothing itself");
        let help = match inside.is_empty() {
            true => "assume something of the steps in it".to_owned(),
            false => format!("assume something of a step in it: {}", inside.join(", ")),
        };
        return Err(Refused { message, help });
    }
    let words: Vec<&str> = node.forms.iter().flat_map(words).copied().collect();
    if words.is_empty() {
        let message = format!("nothing can be assumed of `{name}`");
        let help = "a pause only passes, and people are answered for with --answers".to_owned();
        return Err(Refused { message, help });
    }
    let number = |kind: &str| word.strip_prefix(kind);
    let assumed = match word {
        "well" | "holds" => Some(Assumption::Well),
        "fails" => Some(Assumption::Fails),
        "timeout" => Some(Assumption::TimesOut),
        "unseen" => Some(Assumption::Unseen),
        _ => None,
    };
    let code = number("exit:").and_then(|code| code.parse::<u8>().ok());
    let status = number("status:").and_then(|status| status.parse().ok());
    let status = status.filter(|status| (100..600).contains(status));
    let (found, key) = match (assumed, code, status) {
        (Some(assumed), ..) => (Some(assumed), word),
        (None, Some(code), _) => (Some(Assumption::Exit(i32::from(code))), "exit:N"),
        (None, None, Some(status)) => (Some(Assumption::Status(status)), "status:N"),
        (None, None, None) => (None, word),
    };
    let mut known = words.clone();
    known.sort_unstable();
    known.dedup();
    let refused = || no_word(name, word, &known.join(", "));
    found.filter(|_| words.contains(&key)).ok_or_else(refused)
}

/// The words for what a form can be assumed to come to.
fn words(form: &Form) -> &'static [&'static str] {
    match &form.facets.action {
        Action::Run(_) => &["well", "exit:N", "fails", "timeout", "unseen"],
        Action::Http(_) => &["well", "status:N", "fails", "timeout", "unseen"],
        Action::Wait(Wait::For(_)) => &[],
        Action::Probe(_) | Action::Wait(_) | Action::Watch(_) => &["holds", "fails", "unseen"],
        Action::Notify(_) => &["well", "fails"],
        Action::Manual(_) | Action::Checklist(_) => &["well", "fails"],
        Action::Choose(_) => &["fails"],
        Action::Steps(_)
        | Action::Ladder(_)
        | Action::Switch(_)
        | Action::Include(_)
        | Action::Decision => &[],
    }
}
