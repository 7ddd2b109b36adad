//! What happens in a scripted world: a function of what is asked and how often it was before.
//!
//! Where nothing is said all is well: actions succeed, probes hold (`done_when` does not, before
//! its step has acted), gates are approved by whoever is there, and processes are gone.

use std::collections::{BTreeMap, HashMap, HashSet};

use holdpoint::run::event::{
    CheckRef, ChoicesListed, Decider, DoubtChoice, End, Event, Failure, FailureKind, GateQuestion,
    HoldChoice, InputGiven, InputSource, InvariantChoice, ItemTicked, Process, ProcessGone,
    Question, Sight, StepAnswered, StepEnded, TimerKind, VerdictChoice,
};
use holdpoint::run::{Effect, Execution, RunState, Task, ended};
use serde_json::Value as Json;

use super::hand::Hand;
use super::words::{check_name, name_of};

/// How an action goes.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// It does what it should.
    Succeed,
    /// Its command exits with this code.
    Exit(i32),
    /// It ends with a failure of another kind.
    Fail(FailureKind),
    /// It ends elsewhere, and nobody sees how.
    Lose,
    /// It does not end.
    Hang,
}

/// What happens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    acts: HashMap<String, Vec<Act>>,
    sights: HashMap<String, Vec<Option<Sight>>>,
    pub(super) outputs: HashMap<(String, String), Json>,
    pub(super) hands: HashMap<String, Vec<Hand>>,
    gates: HashMap<String, Vec<Option<bool>>>,
    holds: HashMap<String, Vec<HoldChoice>>,
    doubts: HashMap<String, Vec<DoubtChoice>>,
    checks: HashMap<String, bool>,
    verdicts: Vec<VerdictChoice>,
    invariants: HashMap<String, Vec<InvariantChoice>>,
    needs: HashMap<String, Option<bool>>,
    withheld: HashSet<String>,
    passing: HashMap<String, bool>,
    uncertain: bool,
    /// Everything that is left open is answered by chance, the same way for the same question.
    chance: Option<u64>,
    aborts: bool,
    /// Whether a person decides the same about a step whenever it is held.
    steady: bool,
}

/// How often something happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(HashMap<String, usize>);

impl Script {
    /// Every attempt of a step exits 1.
    pub(crate) fn fails(&mut self, step: &str) {
        self.acts(step, &[Act::Exit(1)]);
    }

    /// Whether its first attempt fails.
    pub(crate) fn is_failing(&self, step: &str) -> bool {
        let first = self.acts.get(step).and_then(|acts| acts.first());
        first.is_some_and(|act| !matches!(act, Act::Succeed))
    }

    /// The attempts of a step, in order; the last word stands for all that follow.
    pub(crate) fn acts(&mut self, step: &str, acts: &[Act]) {
        self.acts.insert(step.into(), acts.to_vec());
    }

    /// What looks show, in order; `a require`, `a verify 1`, `exit`, `confirm`, `precondition 2`.
    pub(crate) fn sees(&mut self, check: &str, sights: &[Sight]) {
        self.sights.insert(check_name(check), sights.iter().copied().map(Some).collect());
    }

    /// Looks that do not come to an end.
    pub(crate) fn stares(&mut self, check: &str) {
        self.sights.insert(check_name(check), vec![None]);
    }

    pub(crate) fn yields(&mut self, step: &str, output: &str, value: impl Into<Json>) {
        self.outputs.insert((step.into(), output.into()), value.into());
    }

    pub(crate) fn approves(&mut self, step: &str) {
        self.gates.insert(step.into(), vec![Some(true)]);
    }

    pub(crate) fn rejects(&mut self, step: &str) {
        self.gates.insert(step.into(), vec![Some(false)]);
    }

    /// Nobody answers the gate of a step.
    pub(crate) fn leaves(&mut self, step: &str) {
        self.gates.insert(step.into(), vec![None]);
    }

    pub(crate) fn resolves(&mut self, step: &str, choices: &[HoldChoice]) {
        self.holds.insert(step.into(), choices.to_vec());
    }

    pub(crate) fn settles(&mut self, step: &str, choices: &[DoubtChoice]) {
        self.doubts.insert(step.into(), choices.to_vec());
    }

    pub(crate) fn waives(&mut self, check: &str) {
        self.checks.insert(check_name(check), true);
    }

    pub(crate) fn refuses(&mut self, check: &str) {
        self.checks.insert(check_name(check), false);
    }

    /// What the operator says of an optional step; nothing when none.
    pub(crate) fn needs(&mut self, step: &str, is_needed: Option<bool>) {
        self.needs.insert(step.into(), is_needed);
    }

    /// What is decided about an invariant, each time that it breaks.
    pub(crate) fn answers_invariant(&mut self, check: &str, choices: &[InvariantChoice]) {
        self.invariants.insert(check_name(check), choices.to_vec());
    }

    pub(crate) fn answers_verdict(&mut self, choices: &[VerdictChoice]) {
        self.verdicts = choices.to_vec();
    }

    /// Nobody gives this input.
    pub(crate) fn withholds(&mut self, input: &str) {
        self.withheld.insert(input.into());
    }

    /// Nobody says that this step may begin.
    pub(crate) fn keeps_waiting(&mut self, step: &str) {
        self.withheld.insert(step.into());
    }

    /// The moment that a step waits for comes; that of a retry does anyway.
    pub(crate) fn lets_time_pass(&mut self, step: &str) {
        self.passing.insert(step.into(), true);
    }

    /// The moment that a step waits for does not come.
    pub(crate) fn lets_time_stand(&mut self, step: &str) {
        self.passing.insert(step.into(), false);
    }

    /// Nobody can tell whether a process is gone.
    pub(crate) fn cannot_tell_processes(&mut self) {
        self.uncertain = true;
    }

    /// Whatever nothing is said about happens by chance.
    pub(crate) fn left_to_chance(&mut self, seed: u64) {
        self.chance = Some(seed);
    }

    /// A person to whom it is left may also end the run.
    pub(crate) fn may_abort(&mut self) {
        self.aborts = true;
    }

    /// Whoever decides about a hold by chance decides the same each time, and never to try it again.
    pub(crate) fn is_steady(&mut self) {
        self.steady = true;
    }

    /// What is told about an effect, event by event; none when nobody answers.
    pub(crate) fn answer(
        &self,
        effect: &Effect,
        state: &RunState,
        tally: &Tally,
    ) -> Option<Vec<Event>> {
        match effect {
            Effect::Record(_) => None,
            Effect::SeekChoices { input, .. } => Some(vec![Event::ChoicesListed(ChoicesListed {
                input: input.clone(),
                choices: vec!["one".into(), "two".into()],
                problem: None,
            })]),
            Effect::Observe { check, .. } => {
                let sight = self.sight(check, tally)?;
                let detail = format!("{sight:?}").to_lowercase();
                Some(vec![Event::CheckObserved {
                    check: check.clone(),
                    sight,
                    detail,
                    took_ms: 1,
                    is_assumed: false,
                }])
            }
            Effect::Ask { question, .. } => {
                self.reply(question, state, tally).map(|event| vec![event])
            }
            Effect::Execute(execution) => self.perform(execution),
            Effect::SeekProcess { step, .. } => {
                let is_certain = !self.uncertain;
                Some(vec![Event::ProcessGone(ProcessGone {
                    step: step.clone(),
                    is_certain,
                    has_begun: true,
                })])
            }
            Effect::Wake { timer, due } => {
                let passes = self.passing.get(&timer.step).copied();
                let passes = passes.unwrap_or(timer.kind == TimerKind::Retry);
                let (timer, due) = (timer.clone(), *due);
                passes.then(|| vec![Event::TimerDue { timer, due }])
            }
        }
    }

    fn sight(&self, check: &CheckRef, tally: &Tally) -> Option<Sight> {
        let name = name_of(check);
        match self.sights.get(&name) {
            Some(sights) => nth(sights, tally.of(&format!("look {name}")))?,
            None => Some(self.likely_sight(&name)),
        }
    }

    /// What a look shows about which the script says nothing.
    pub(crate) fn likely_sight(&self, name: &str) -> Sight {
        let usual = if name.contains(" done_when ") { Sight::Fails } else { Sight::Holds };
        match self.dice(name, 12) {
            Some(0) => Sight::Unseen,
            Some(1) => Sight::Fails,
            Some(2) => Sight::Holds,
            Some(3) => Sight::Warns,
            _ => usual,
        }
    }

    fn perform(&self, execution: &Execution) -> Option<Vec<Event>> {
        let step = &execution.step;
        let act = match self.acts.get(step) {
            Some(acts) => nth(acts, execution.attempt as usize - 1)?,
            None => self.likely_act(step),
        };
        let (code, failure) = match act {
            Act::Succeed => (0, None),
            Act::Exit(code) => (code, Some(FailureKind::Exit)),
            Act::Fail(kind) => (1, Some(kind)),
            Act::Lose => (255, Some(FailureKind::Unseen)),
            Act::Hang => return None,
        };
        let mut events = Vec::new();
        let end = match &execution.task {
            Task::Run(_) => {
                let process = Process { pid: 7, start_time: 7, boot_id: "boot".into() };
                let (step, attempt) = (step.clone(), execution.attempt);
                events.push(Event::StepSpawned { step, attempt, process });
                End::Exited { code }
            }
            Task::Http(_) => End::Answered { status: if code == 0 { 200 } else { 500 } },
            Task::Look(_) => End::Looked { detail: "looked".into() },
            Task::Wait { .. } => End::Waited,
            Task::Watch { before, .. } => End::Watched { breaks: before.breaks },
            Task::Show(text) => End::Shown { text: text.clone() },
            Task::Send(delivery) => {
                End::Sent { to: delivery.to.clone(), text: delivery.text.clone() }
            }
        };
        events.push(Event::StepEnded(Box::new(StepEnded {
            outputs: if failure.is_none() { self.outputs(execution) } else { BTreeMap::new() },
            failure: failure.map(|kind| Failure::new(kind, "as the script says")),
            is_unseen: matches!(act, Act::Lose),
            secrets: match failure {
                None => self.secrets(execution),
                Some(_) => Vec::new(),
            },
            stdout: execution.keeps_stdout.then(|| "printed".into()),
            took_ms: 1,
            ..ended(execution, end)
        })));
        Some(events)
    }

    /// How an action goes about which the script says nothing.
    pub(crate) fn likely_act(&self, step: &str) -> Act {
        match self.dice(&format!("act {step}"), 4) {
            Some(0) => Act::Exit(1),
            _ => Act::Succeed,
        }
    }

    fn outputs(&self, execution: &Execution) -> BTreeMap<String, Json> {
        let value = |name: &str| {
            let key = (execution.step.clone(), name.to_owned());
            self.outputs.get(&key).cloned().unwrap_or_else(|| "1".into())
        };
        let open = execution.outputs.iter().filter(|output| !output.is_secret);
        let names = open.map(|output| output.name.value.clone());
        names.map(|name| (name.clone(), value(&name))).collect()
    }

    fn secrets(&self, execution: &Execution) -> Vec<String> {
        let secret = execution.outputs.iter().filter(|output| output.is_secret);
        secret.map(|output| output.name.value.clone()).collect()
    }

    fn reply(&self, question: &Question, state: &RunState, tally: &Tally) -> Option<Event> {
        let by = || "ada".to_owned();
        let reason = || "as the script says".to_owned();
        match question {
            Question::Gate(gate) => {
                let (step, digest) = (gate.step.clone(), gate.digest.clone());
                match self.opens(&step, state.is_attended, tally)? {
                    true => Some(Event::GateApproved {
                        step,
                        digest,
                        by: self.approver(gate, tally),
                        note: None,
                        is_prepared: !state.is_attended,
                        value: None,
                        is_bypass: false,
                        wrong_words: 0,
                        took_ms: None,
                    }),
                    false => Some(Event::GateRejected {
                        step,
                        digest,
                        by: by(),
                        reason: reason(),
                        took_ms: None,
                    }),
                }
            }
            Question::Manual { .. } | Question::Item(_) | Question::Choose { .. } => {
                self.handed_in(question, state.is_attended, tally)
            }
            Question::Terminal { .. } => None,
            Question::Hold { step, .. } => {
                let (step, choice) = (step.clone(), self.hold_choice(step, tally)?);
                Some(Event::HoldResolved { step, choice, by: by(), reason: reason() })
            }
            Question::InDoubt { step, .. } => {
                let choice = match self.doubts.get(step) {
                    Some(choices) => *choices.get(tally.of(&format!("doubt {step}")))?,
                    None => self.chance.map(|_| DoubtChoice::Rerun)?,
                };
                let (step, by) = (step.clone(), Decider::Person { name: by() });
                Some(Event::DoubtSettled { step, choice, by, reason: reason() })
            }
            other => self.decision(other, state, tally),
        }
    }

    fn decision(&self, question: &Question, state: &RunState, tally: &Tally) -> Option<Event> {
        let by = || "ada".to_owned();
        let reason = || "as the script says".to_owned();
        match question {
            Question::Input { name } if self.withheld.contains(name) => None,
            Question::Input { name } => Some(given(name)),
            Question::Check { check, detail } => {
                let (check, detail) = (check.clone(), detail.clone());
                match self.lets_pass(&name_of(&check))? {
                    true => Some(Event::CheckWaived { check, by: by(), reason: reason() }),
                    false => Some(Event::CheckRefused { check, by: Some(by()), detail }),
                }
            }
            Question::Invariant { check, .. } => {
                let choices = self.invariants.get(&name_of(check));
                let turn = tally.of(&format!("invariant {}", name_of(check)));
                let choice = choices.and_then(|choices| choices.get(turn).copied());
                let choice = choice.or(self.chance.map(|_| InvariantChoice::Retry))?;
                let check = check.clone();
                Some(Event::InvariantResolved { check, choice, by: by(), reason: reason() })
            }
            Question::Needed { step, .. } => {
                let is_needed = *self.needs.get(step).unwrap_or(&Some(true));
                Some(Event::NeedDecided {
                    step: step.clone(),
                    is_needed: is_needed?,
                    by: by(),
                    reason: reason(),
                    is_prepared: !state.is_attended,
                })
            }
            Question::Verdict { .. } => {
                let choice = self.verdicts.get(tally.of("verdict"));
                let choice = choice.copied().or(self.chance.map(|_| VerdictChoice::End))?;
                Some(Event::VerdictResolved { choice, by: by(), reason: reason() })
            }
            Question::Proceed { step, .. } if self.withheld.contains(step) => None,
            Question::Proceed { step, .. } => {
                Some(Event::StepReleased { step: step.clone(), by: by() })
            }
            other => unreachable!("{other:?} is answered before"),
        }
    }

    /// Who approves: for a quorum somebody else each time.
    fn approver(&self, gate: &GateQuestion, tally: &Tally) -> String {
        let turn = tally.of(&format!("gate {}", gate.step));
        match gate.quorum {
            1 => "ada".to_owned(),
            _ => format!("approver {}", turn + 1),
        }
    }

    fn opens(&self, step: &str, is_attended: bool, tally: &Tally) -> Option<bool> {
        match self.gates.get(step) {
            Some(answers) => nth(answers, tally.of(&format!("gate {step}")))?,
            None if !is_attended => None,
            None => Some(self.likely_to_open(step)),
        }
    }

    pub(crate) fn likely_to_open(&self, step: &str) -> bool {
        self.dice(&format!("gate {step}"), 5) != Some(0)
    }

    fn hold_choice(&self, step: &str, tally: &Tally) -> Option<HoldChoice> {
        let turn = tally.of(&format!("hold {step}"));
        match self.holds.get(step) {
            Some(choices) => choices.get(turn).copied(),
            None => self.likely_choice(step, turn),
        }
    }

    /// What a person does about a hold, the n-th time; nothing where chance has no say.
    pub(crate) fn likely_choice(&self, step: &str, turn: usize) -> Option<HoldChoice> {
        let turn = if self.steady { 2 } else { turn };
        Some(match self.dice(&format!("hold {step} {turn}"), 8)? {
            0..=1 if turn < 2 => HoldChoice::Retry,
            0..=2 => HoldChoice::Done,
            3..=4 => HoldChoice::Failed,
            7 if self.aborts => HoldChoice::Abort,
            _ => HoldChoice::Skip,
        })
    }

    pub(crate) fn lets_pass(&self, check: &str) -> Option<bool> {
        let by_chance = || self.dice(&format!("pass {check}"), 2).map(|side| side == 0);
        self.checks.get(check).copied().or_else(by_chance)
    }

    fn dice(&self, what: &str, sides: u64) -> Option<u64> {
        let seed = self.chance?;
        let hash = what.bytes().fold(seed, |hash, byte| mixed(hash, u64::from(byte)));
        Some(hash % sides)
    }
}

impl Tally {
    pub(crate) fn of(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or(0)
    }

    pub(crate) fn count(&mut self, event: &Event) {
        let what = match event {
            Event::CheckObserved { check, .. } => format!("look {}", name_of(check)),
            Event::HoldResolved { step, .. } => format!("hold {step}"),
            Event::DoubtSettled { step, by: Decider::Person { .. }, .. } => format!("doubt {step}"),
            Event::GateApproved { step, .. } | Event::GateRejected { step, .. } => {
                format!("gate {step}")
            }
            Event::StepAnswered(StepAnswered { step, .. })
            | Event::StepGivenUp { step, .. }
            | Event::ItemTicked(ItemTicked { step, .. }) => {
                format!("hand {step}")
            }
            Event::VerdictResolved { .. } => "verdict".into(),
            _ => return,
        };
        *self.0.entry(what).or_default() += 1;
    }
}

/// A value for an input.
pub(crate) fn given(name: &str) -> Event {
    Event::InputGiven(InputGiven {
        name: name.into(),
        value: Some("1".into()),
        is_secret: false,
        from: InputSource::Prompt,
    })
}

/// Mixes two numbers into one that looks like neither.
pub(crate) fn mixed(one: u64, other: u64) -> u64 {
    let mut mix = one ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mix = (mix ^ (mix >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mix = (mix ^ (mix >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mix ^ (mix >> 31)
}

/// The n-th of a list whose last word stands for all that follow.
pub(super) fn nth<T: Clone>(list: &[T], place: usize) -> Option<T> {
    list.get(place).or(list.last()).cloned()
}
