//! The cast of a rehearsal: what is assumed of each step and each look, and where that comes from.
//!
//! Of a step, what somebody said beforehand (`--assume`) goes before what its runbook says
//! (`simulate`), that before what a person at the terminal says, and without any of them it goes
//! well. A look holds, but for what promises that an effect is there already, and for an exit
//! criterion once a step has failed. It follows the records of its run, so that it knows what the
//! run knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::journal::Record;
use crate::plan::{Form, Index, Plan};
use crate::run::event::{CheckRef, Event, Failure, FailureKind, Purpose, Question};
use crate::run::practice::changes;
use crate::run::{
    Execution, Offer, RunState, Task, at_stake, check_id, check_title, grow, has_open_failure,
};
use crate::runbook::expect::{Judgement, Sight};
use crate::runbook::probe::Observation;

use super::assumption::{Assumption, Assumptions};
use super::cast::{Act, Cast, Fate, Glance, Goes};
use super::placeholder;
use super::simulate::{assumed, bad_status, likely};
use super::stand_in::{self, Hints};

/// Where it comes from what is assumed of an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Somebody said it beforehand.
    Said,
    /// The runbook says it.
    Runbook,
    /// A person may be asked.
    Person,
    /// Nobody says anything: it goes well.
    Nobody,
}

/// What plays a rehearsal.
pub struct Rehearsal {
    assumptions: Assumptions,
    /// What a person said of an attempt of a step.
    said: Mutex<BTreeMap<(String, u32), Act>>,
    /// What something had to stand in for, a sentence each.
    stood_in: Mutex<Vec<String>>,
    followed: Mutex<Followed>,
}

/// The run, as far as its records say.
struct Followed {
    plan: Plan,
    state: RunState,
}

impl Rehearsal {
    /// The rehearsal of a plan, of which so much is assumed beforehand.
    pub fn new(plan: Plan, assumptions: Assumptions) -> Rehearsal {
        let state = RunState::new(&plan);
        let followed = Mutex::new(Followed { plan, state });
        let (said, stood_in) = (Mutex::default(), Mutex::default());
        Rehearsal { assumptions, said, stood_in, followed }
    }

    /// Where it comes from what is assumed of an action.
    pub fn source(&self, execution: &Execution) -> Source {
        let followed = self.followed();
        let node = followed.plan.at_path(&execution.step).map(|at| &followed.plan.nodes[at]);
        if self.assumptions.of_step(&followed.plan, &execution.step).is_some() {
            return Source::Said;
        }
        match node.is_some_and(|node| node.simulate.is_some()) {
            true => Source::Runbook,
            false if followed.is(execution, changes) => Source::Person,
            false => Source::Nobody,
        }
    }

    /// What somebody said beforehand is to be assumed of a step.
    pub fn said_of_step(&self, step: &str) -> Option<Assumption> {
        self.assumptions.of_step(&self.followed().plan, step).cloned()
    }

    /// What somebody said beforehand is to be assumed of a check.
    pub fn said_of_check(&self, check: &CheckRef) -> Option<Assumption> {
        let followed = self.followed();
        let id = check_id(&followed.plan, &followed.state, check);
        self.assumptions.of_check(check, id.as_deref()).cloned()
    }

    /// The assumptions that it never came to, a sentence each.
    pub fn unused(&self) -> Vec<String> {
        let sentence = |name| format!("{name}: the rehearsal never came to what is assumed of it");
        self.assumptions.unused().into_iter().map(sentence).collect()
    }

    /// What something had to stand in for so far, a sentence each.
    pub fn stood_in(&self) -> Vec<String> {
        self.stood_in.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what a person says of an attempt that is about to be assumed.
    pub fn hear(&self, execution: &Execution, act: Act) {
        let key = (execution.step.clone(), execution.attempt);
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(key, act);
    }

    /// Whether the action of a step is begun.
    pub fn is_begun(&self, execution: &Execution) -> bool {
        let followed = self.followed();
        let is_pause = matches!(
            &execution.task,
            Task::Wait { waiting, .. }
                if matches!(**waiting, crate::runbook::wait::Waiting::For(_))
        );
        let index = followed.plan.at_path(&execution.step);
        !is_pause && index.is_some_and(|at| followed.state.is_begun(&followed.plan, at))
    }

    /// Whether a check is looked at.
    pub fn is_looked_at(&self, check: &CheckRef) -> bool {
        let followed = self.followed();
        followed.state.is_looked_at(&followed.plan, check)
    }

    /// Whether the choices of an input are listed for real.
    pub fn lists_choices_of(&self, input: &str) -> bool {
        self.followed().state.lists_choices_of(input)
    }

    /// Whether something was assumed to be changed so far.
    pub fn has_assumed_change(&self) -> bool {
        let followed = self.followed();
        followed.state.has_assumed_change(&followed.plan)
    }

    /// What a person calls a check.
    pub fn check_name(&self, check: &CheckRef) -> String {
        let followed = self.followed();
        check_title(&followed.plan, &followed.state, check)
    }

    /// Whether an input is a secret.
    pub fn is_secret(&self, input: &str) -> bool {
        let followed = self.followed();
        let inputs = &followed.plan.runbook.inputs;
        inputs.iter().any(|it| it.name.value == input && it.is_secret)
    }

    /// Whether a step has failed, and the run has not got over that.
    fn has_failed(&self) -> bool {
        let followed = self.followed();
        has_open_failure(&followed.plan, &followed.state)
    }

    /// What helps a person to say how an action would go.
    pub fn offer(&self, step: &str) -> Offer {
        let followed = self.followed();
        let index = followed.plan.at_path(step);
        index.map(|at| at_stake(&followed.plan, &followed.state, at)).unwrap_or_default()
    }

    /// What is assumed to be said to a question that nobody answers.
    pub fn stand_in(&self, question: &Question, offer: &Offer) -> Option<Event> {
        let followed = self.followed();
        let plan = &followed.plan;
        let step = question.by_hand();
        let node = step.and_then(|step| plan.at_path(step)).map(|at| &plan.nodes[at]);
        let named = |name: &str| plan.runbook.inputs.iter().find(|it| it.name.value == name);
        let hints = Hints {
            simulate: node.and_then(|node| node.simulate.as_ref()),
            assumed: step.and_then(|step| self.assumptions.of_step(plan, step)),
            input: match question {
                Question::Input { name } => named(name),
                _ => None,
            },
        };
        stand_in::answer(question, offer, hints)
    }

    /// How long an action takes by what its runbook says.
    pub fn takes(&self, execution: &Execution) -> Duration {
        let followed = self.followed();
        let index = followed.plan.at_path(&execution.step);
        index.map(|at| likely(&followed.plan.nodes[at])).unwrap_or_default()
    }

    /// How an action goes by what its runbook says, or well.
    fn by_default(&self, execution: &Execution) -> Act {
        let followed = self.followed();
        let Some(index) = followed.plan.at_path(&execution.step) else { return well() };
        self.filled(execution, assumed(&followed.plan.nodes[index], execution))
    }

    fn assumed(&self, execution: &Execution, assumed: &Assumption) -> Act {
        let act = self.by_default(execution);
        match assumed {
            Assumption::Well if has_failed(execution, &act) => {
                self.filled(execution, Act { goes: Goes::Well, ..act })
            }
            Assumption::Well => act,
            other => come_to(execution, other, act.takes),
        }
    }

    /// An action that hands over something for every output that nothing shows.
    fn filled(&self, execution: &Execution, act: Act) -> Act {
        let lacking = placeholder::of_act(execution, &act);
        let mut stood_in = self.stood_in.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, text) in &lacking {
            let told = format!("{}: `{text}` stands in for its output {name}", execution.step);
            if !stood_in.contains(&told) {
                stood_in.push(told);
            }
        }
        let hands_over = act.hands_over.into_iter().chain(lacking).collect();
        Act { hands_over, ..act }
    }

    fn followed(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followed {
    fn is(&self, execution: &Execution, so: impl Fn(&Form) -> bool) -> bool {
        let index = self.plan.at_path(&execution.step);
        let form = index.and_then(|at: Index| self.state.form(&self.plan, at));
        form.is_some_and(so)
    }
}

impl Cast for Rehearsal {
    async fn act(&self, execution: &Execution) -> Act {
        let key = (execution.step.clone(), execution.attempt);
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        if let Some(act) = said {
            return self.filled(execution, act);
        }
        match self.said_of_step(&execution.step) {
            Some(assumed) => self.assumed(execution, &assumed),
            None => self.by_default(execution),
        }
    }

    async fn look(&self, check: &CheckRef, look: &Observation) -> Glance {
        let assumed = self.said_of_check(check);
        let judgement = match assumed {
            Some(Assumption::Well) => Judgement::Holds,
            Some(Assumption::Unseen) => Judgement::Error(ASSUMED_UNSEEN.to_owned()),
            Some(_) => Judgement::Fails(ASSUMED_TO_FAIL.to_owned()),
            None if check.purpose == Purpose::DoneWhen => Judgement::Fails(String::new()),
            // Nobody may take a service for restored whose recovery failed.
            None if check.purpose == Purpose::ExitCriterion && self.has_failed() => {
                Judgement::Error("a step failed, so nothing says that it holds".to_owned())
            }
            None => Judgement::Holds,
        };
        // What does not come to hold is waited for as long as may be, and not what a live run
        // looks at once, before its action.
        let takes = match (&judgement, check.purpose) {
            (_, Purpose::DoneWhen) => None,
            (Judgement::Holds | Judgement::Warns(_), _) => look.patience.hold_for,
            (Judgement::Fails(_) | Judgement::Error(_), _) => look.patience.within,
        };
        Glance { judgement, takes: takes.unwrap_or_default() }
    }

    async fn answer(&self, question: &Question, offer: &Offer) -> Option<Event> {
        self.stand_in(question, offer)
    }

    fn choices(&self, _input: &str) -> Result<Vec<String>, String> {
        Err("a rehearsal runs what lists them with --observe only, and only where it reads"
            .to_owned())
    }

    fn fate(&self, _execution: Option<&Execution>, _step: &str, _attempt: u32) -> Fate {
        Fate::NeverBegun
    }

    fn kept(&self, record: &Record) {
        let mut followed = self.followed();
        let Followed { plan, state } = &mut *followed;
        grow(plan, &record.event);
        // It was applied before it was kept, so it can be applied here.
        let _ = state.apply(plan, record.at, &record.event);
    }
}

const ASSUMED_TO_FAIL: &str = "assumed to fail";
const ASSUMED_UNSEEN: &str = "assumed not to be seen";

fn well() -> Act {
    Act { goes: Goes::Well, takes: Duration::ZERO, hands_over: BTreeMap::new() }
}

/// An action that comes to this, after so much time unless it runs out of it.
pub fn come_to(execution: &Execution, assumed: &Assumption, takes: Duration) -> Act {
    let is_look = matches!(execution.task, Task::Look(_) | Task::Wait { .. } | Task::Watch { .. });
    let goes = match assumed {
        Assumption::Well => Goes::Well,
        Assumption::Exit(code) => exits(*code),
        Assumption::Status(status) => answers(*status),
        Assumption::Fails if is_look => Goes::Judged(Judgement::Fails(ASSUMED_TO_FAIL.to_owned())),
        Assumption::Fails => match &execution.task {
            Task::Run(_) => exits(bad_code(execution)),
            Task::Http(_) => {
                Goes::Seen(Sight { status: Some(bad_status(execution)), ..Sight::default() })
            }
            _ => Goes::Badly(Failure::new(FailureKind::Expect, ASSUMED_TO_FAIL.to_owned())),
        },
        // More than there is makes it run out.
        Assumption::TimesOut if execution.limit().is_some() => Goes::Well,
        Assumption::TimesOut => {
            let detail = "assumed to run out of time".to_owned();
            Goes::Badly(Failure::new(FailureKind::Timeout, detail))
        }
        Assumption::Unseen if is_look => Goes::Judged(Judgement::Error(ASSUMED_UNSEEN.to_owned())),
        Assumption::Unseen => Goes::Unseen(ASSUMED_UNSEEN.to_owned()),
    };
    let takes = match (assumed, execution.limit()) {
        (Assumption::TimesOut, Some(limit)) => limit.saturating_add(Duration::from_millis(1)),
        _ => takes,
    };
    Act { goes, takes, hands_over: BTreeMap::new() }
}

fn exits(code: i32) -> Goes {
    Goes::Seen(Sight { exit: Some(i64::from(code)), ..Sight::default() })
}

fn answers(status: u16) -> Goes {
    Goes::Seen(Sight { status: Some(i64::from(status)), ..Sight::default() })
}

/// The first exit code that is no success.
fn bad_code(execution: &Execution) -> i32 {
    let good = execution.expect.exit.as_deref().unwrap_or(&[0]);
    (1..=255).find(|code| !good.contains(&i64::from(*code))).unwrap_or(1)
}

/// Whether what is seen of an action is no success.
fn has_failed(execution: &Execution, act: &Act) -> bool {
    match &act.goes {
        Goes::Well => false,
        Goes::Seen(seen) => !matches!(execution.expect.judge(seen), Judgement::Holds),
        Goes::Judged(judgement) => *judgement != Judgement::Holds,
        Goes::Badly(_) | Goes::Unseen(_) => true,
    }
}
