//! A world without processes for the pure machine: a runbook as text, a script of what happens.
//!
//! A [`Machine`] plays `decide`, applies every intent at once, as the driver does, and lets its
//! [`Script`] answer later, in an order that a seed chooses. Everything that is put on record is
//! checked against the [`laws`]. Time is one second an event, from a fixed moment; it leaps to the
//! moment of a timer that is due.

mod clock;
mod hand;
pub(crate) mod laws;
mod meddle;
mod results;
pub(crate) mod script;
mod words;

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::TimeDelta;
use holdpoint::plan::{self, Difference, Plan, difference};
use holdpoint::run::event::{
    Event, Mode, Moment, OnFailureGiven, Resumed, RunStarted, RunbookAdopted, StopLevel,
};
use holdpoint::run::{Effect, Plans, RunState, decide, fold, grow};
use holdpoint::runbook;
use holdpoint::source::{Problems, Source};

use super::text;
pub(crate) use hand::Hand;
use laws::Laws;
pub(crate) use meddle::letter;
pub(crate) use script::{Act, Script, Tally};

/// What went against a law, in words.
pub(crate) type Broken = String;

/// One run of one runbook in a scripted world.
#[derive(Clone)]
pub(crate) struct Machine {
    plan: Rc<Plan>,
    /// The plans that it went by, each as it was before anything happened.
    plans: Vec<Rc<Plan>>,
    script: Script,
    start: RunStarted,
    seed: u64,
    events: Vec<Event>,
    /// When each of them happened.
    moments: Vec<Moment>,
    /// How long nothing happens before the next of them.
    pause: TimeDelta,
    state: RunState,
    under_way: Vec<Effect>,
    tally: Tally,
    laws: Laws,
}

/// The plan of a runbook; its head is added where the text has none.
pub(crate) fn planned(text: &str) -> Result<Plan, String> {
    planned_with(text, &[])
}

/// A text without the indentation that its lines share.
pub(crate) fn flush(text: &str) -> String {
    text::dedented(text)
}

/// The plan of a runbook that includes others, by the paths that it names.
pub(crate) fn planned_with(text: &str, others: &[(&str, &str)]) -> Result<Plan, String> {
    let mut whole = text::dedented(text);
    if !whole.contains("holdpoint") {
        whole = format!("holdpoint: 1\nid: sample\ntitle: Sample\n{whole}");
    }
    let source = Source::new("sample.yaml", whole.as_str());
    let mut problems = Problems::default();
    let read = runbook::read(&source, &mut problems);
    let plan = read.and_then(|mut runbook| {
        let is_named = |path: &str| runbook.includes.iter().any(|named| named.value == path);
        let named: Vec<_> = others.iter().filter(|(path, _)| is_named(path)).collect();
        for (path, text) in named {
            let included = planned_with(text, others).unwrap_or_else(|broken| panic!("{broken}"));
            runbook.included.insert((*path).into(), included.runbook);
        }
        plan::build(runbook, &mut problems)
    });
    plan.filter(|_| !problems.has_errors()).ok_or_else(|| {
        let found: Vec<String> = problems.sorted().into_iter().map(|it| it.message).collect();
        format!("{}\n{whole}", found.join("\n"))
    })
}

/// A kind world for a runbook that includes others.
pub(crate) fn kind_world_with(runbook: &str, others: &[(&str, &str)]) -> Machine {
    Machine::of(planned_with(runbook, others).unwrap_or_else(|broken| panic!("{broken}")))
}

/// A world in which everything succeeds, holds and is approved, by a person who is there.
pub(crate) fn kind_world(runbook: &str) -> Machine {
    Machine::of(planned(runbook).unwrap_or_else(|problem| panic!("{problem}")))
}

/// How the run of every test without processes begins.
pub(crate) fn sample_start() -> RunStarted {
    RunStarted {
        run: "20261120-sample-k7f".into(),
        version: "0".into(),
        runbook: "sample".into(),
        title: "Sample".into(),
        file: "sample.yaml".into(),
        digest: String::new(),
        mode: Mode::Live,
        operator: "ada".into(),
        host: "here".into(),
        cwd: "/".into(),
        is_attended: true,
        on_failure: None,
        parallel: 4,
        detected_at: None,
        incident: None,
        environment: None,
        waived: BTreeMap::new(),
        beside: BTreeMap::new(),
        boot: None,
        durability: None,
        observes: None,
    }
}

/// How another driver takes such a run over.
pub(crate) fn sample_resumed(is_attended: bool, waived: BTreeMap<String, String>) -> Event {
    let (operator, host) = ("grace".into(), "here".into());
    let (durability, boot) = (None, None);
    Event::Resumed(Resumed { operator, host, is_attended, waived, durability, boot })
}

impl Machine {
    pub(crate) fn of(plan: Plan) -> Machine {
        let start = sample_start();
        let state = RunState::new(&plan);
        let plan = Rc::new(plan);
        Machine {
            plans: vec![Rc::clone(&plan)],
            plan,
            script: Script::default(),
            start,
            seed: 0,
            events: Vec::new(),
            moments: Vec::new(),
            pause: TimeDelta::zero(),
            state,
            under_way: Vec::new(),
            tally: Tally::default(),
            laws: Laws::default(),
        }
    }

    // ----- the world -----

    /// Nobody is there; what the script says was prepared beforehand.
    pub(crate) fn alone(mut self) -> Machine {
        self.start.is_attended = false;
        self
    }

    pub(crate) fn parallel(mut self, at_a_time: usize) -> Machine {
        self.start.parallel = at_a_time;
        self
    }

    /// With `--on-failure`.
    pub(crate) fn on_failure(mut self, given: OnFailureGiven) -> Machine {
        self.start.on_failure = Some(given);
        self
    }

    /// With `--waive`.
    pub(crate) fn waived(mut self, id: &str) -> Machine {
        self.start.waived.insert(id.into(), "known".into());
        self
    }

    /// Answers come in another order.
    pub(crate) fn seed(mut self, seed: u64) -> Machine {
        self.seed = seed;
        self
    }

    /// Changes what happens from now on.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Script)) -> Machine {
        change(&mut self.script);
        self
    }

    // ----- playing -----

    /// Plays until the run has ended or nobody answers any more.
    #[track_caller]
    pub(crate) fn play(mut self) -> Machine {
        match self.try_play() {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    pub(crate) fn try_play(&mut self) -> Result<(), Broken> {
        self.start()?;
        while self.step()? {}
        self.rest()
    }

    /// Puts the start on record, if it is not.
    pub(crate) fn start(&mut self) -> Result<(), Broken> {
        match self.events.is_empty() {
            true => self.try_tell(Event::RunStarted(self.start.clone())),
            false => Ok(()),
        }
    }

    /// Lets the world answer once; whether it did.
    pub(crate) fn step(&mut self) -> Result<bool, Broken> {
        if self.state.has_ended() {
            return Ok(false);
        }
        self.forget_answered();
        let answers = |at: &usize| {
            let effect = &self.under_way[*at];
            self.script.answer(effect, &self.state, &self.tally).is_some()
        };
        let Some(at) = self.chosen(answers) else { return Ok(false) };
        let effect = self.under_way.remove(at);
        let told = self.script.answer(&effect, &self.state, &self.tally).unwrap_or_default();
        for event in told {
            self.try_tell(event)?;
        }
        Ok(true)
    }

    /// The place of the effect that is answered next.
    fn chosen(&self, answers: impl Fn(&usize) -> bool) -> Option<usize> {
        let mut places = (0..self.under_way.len()).filter(answers);
        if self.seed == 0 {
            return places.next();
        }
        let places: Vec<usize> = places.collect();
        let turn = script::mixed(self.seed, self.events.len() as u64) as usize;
        places.get(turn.checked_rem(places.len())?).copied()
    }

    /// What a driver finds when nothing answers: the run has ended, or something holds it.
    fn rest(&mut self) -> Result<(), Broken> {
        if self.state.has_ended() {
            return self.laws.at_the_end(&self.plan, &self.state);
        }
        let is_busy = |effect: &Effect| !matches!(effect, Effect::Ask { .. } | Effect::Wake { .. });
        if self.under_way.iter().any(is_busy) || self.state.awaits_retry(&self.plan) {
            return Ok(());
        }
        let waiting_for = self.state.waiting_for(&self.plan);
        if waiting_for.is_empty() && self.state.stop == StopLevel::None {
            return Err("nothing is under way, nobody is waited for, and it has not ended".into());
        }
        self.commit(Event::Parked { waiting_for })
    }

    /// An event that does not come from the script.
    #[track_caller]
    pub(crate) fn tell(mut self, event: Event) -> Machine {
        match self.try_tell(event) {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    pub(crate) fn try_tell(&mut self, event: Event) -> Result<(), Broken> {
        self.commit(event)?;
        self.forget_answered();
        self.advance()
    }

    /// Nobody waits any more at a question that was answered.
    fn forget_answered(&mut self) {
        self.under_way.retain(|effect| match effect {
            Effect::Ask { question, .. } => self.state.is_asked(question),
            Effect::Wake { timer, due } => self.state.timers.due(timer) == Some(*due),
            _ => true,
        });
    }

    /// Another driver takes over.
    #[track_caller]
    pub(crate) fn resume(self) -> Machine {
        let is_attended = self.state.is_attended;
        self.resume_as(is_attended)
    }

    #[track_caller]
    pub(crate) fn resume_as(mut self, is_attended: bool) -> Machine {
        match self.try_resume(is_attended) {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    /// Another driver takes over, with `--waive`.
    #[track_caller]
    pub(crate) fn resume_with_waiver(mut self, id: &str) -> Machine {
        self.under_way.clear();
        let waived = BTreeMap::from([(id.to_owned(), "known".to_owned())]);
        let is_attended = self.state.is_attended;
        self.tell(sample_resumed(is_attended, waived))
    }

    pub(crate) fn try_resume(&mut self, is_attended: bool) -> Result<(), Broken> {
        self.under_way.clear();
        self.try_tell(sample_resumed(is_attended, BTreeMap::new()))
    }

    /// A run that has ended is opened again by a wish.
    #[track_caller]
    pub(crate) fn reopened(mut self, wish: Event) -> Machine {
        self.laws.reopen();
        self.tell(wish)
    }

    /// The operator asks to stop.
    #[track_caller]
    pub(crate) fn stop(mut self) -> Machine {
        match self.try_stop() {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    pub(crate) fn try_stop(&mut self) -> Result<(), Broken> {
        self.try_tell(Event::StopRequested { level: StopLevel::Drain, signal: "INT".into() })
    }

    /// The same run as far as its first events, before anybody took it over.
    pub(crate) fn cut(&self, after: usize) -> Result<Machine, Broken> {
        // Only the first plan is known before anything happened.
        let first = Rc::clone(&self.plans[0]);
        let mut cut = Machine {
            plan: Rc::clone(&first),
            state: RunState::new(&first),
            plans: vec![first],
            events: Vec::new(),
            moments: Vec::new(),
            under_way: Vec::new(),
            tally: Tally::default(),
            laws: self.laws.anew(),
            ..self.clone()
        };
        for event in self.events.iter().take(after) {
            cut.commit(event.clone())?;
        }
        Ok(cut)
    }

    /// This world, after as many events of another run of the same runbook.
    #[track_caller]
    pub(crate) fn replayed(self, other: &Machine, after: usize) -> Machine {
        let cut = other.cut(after).unwrap_or_else(|broken| panic!("{broken}\n{}", other.tale()));
        Machine { script: self.script, ..cut }
    }

    /// For runs so large that checking every event against all steps would take too long.
    pub(crate) fn without_laws(mut self) -> Machine {
        self.laws = Laws::none();
        self
    }

    fn commit(&mut self, event: Event) -> Result<(), Broken> {
        let at = self.next_moment(&event);
        self.pause = TimeDelta::zero();
        self.laws.before(&self.plan, &self.state, at, &event)?;
        grow(Rc::make_mut(&mut self.plan), &event);
        let applied = self.state.apply(&self.plan, at, &event);
        self.tally.count(&event);
        self.events.push(event);
        self.moments.push(at);
        applied.map_err(|illegal| illegal.to_string())
    }

    fn advance(&mut self) -> Result<(), Broken> {
        let limit = self.events.len() + 1_000 + 20 * self.plan.nodes.len();
        loop {
            let effects = decide(&self.plan, &self.state);
            if effects.is_empty() {
                return Ok(());
            }
            if self.events.len() > limit {
                return Err("one event leads to others without an end".into());
            }
            for effect in effects {
                let intent = effect.intent();
                self.commit(intent.clone())?;
                if matches!(effect, Effect::Record(_)) {
                    continue;
                }
                if self.under_way.iter().any(|other| other.intent() == intent) {
                    return Err(format!("{intent:?} is under way already"));
                }
                self.under_way.push(effect);
            }
        }
    }

    /// Folds the events anew.
    pub(crate) fn replay(&self) -> RunState {
        let events = self.moments.iter().copied().zip(&self.events);
        RunState::replay(&mut self.taken_over(), events).expect("these events were legal once")
    }

    /// The plan that the run began with, and those that it took over.
    pub(crate) fn taken_over(&self) -> Plans {
        let mut plans = self.plans.iter().map(|plan| Plan::clone(plan));
        let first = plans.next().expect("a run has a plan");
        Plans::new(first, plans)
    }

    /// What differs between the plan of this run and that of another runbook.
    #[track_caller]
    pub(crate) fn differences(&self, runbook: &str) -> Difference {
        let next = planned(runbook).unwrap_or_else(|problem| panic!("{problem}"));
        difference(&self.plans[self.plans.len() - 1], &next)
    }

    /// A changed runbook is taken over, by what differs and with these steps to be done again.
    #[track_caller]
    pub(crate) fn adopting(self, runbook: &str, redone: &[&str]) -> Machine {
        let next = planned(runbook).unwrap_or_else(|problem| panic!("{problem}"));
        match self.try_adopt(next, redone) {
            Ok(run) => run,
            Err(broken) => panic!("{broken}"),
        }
    }

    /// The same for a plan; the laws know one plan only, so they are kept no longer.
    pub(crate) fn try_adopt(mut self, next: Plan, redone: &[&str]) -> Result<Machine, Broken> {
        let last = &self.plans[self.plans.len() - 1];
        let moved = difference(last, &next);
        let adopted = RunbookAdopted {
            by: "grace".into(),
            host: "here".into(),
            reason: "it was wrong".into(),
            folder: format!("runbook-{}", self.plans.len() + 1),
            digest: String::new(),
            beside: BTreeMap::new(),
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
            moved: moved.moved().map(|(now, was)| (now.clone(), was.clone())).collect(),
            kept: Vec::new(),
            redone: redone.iter().map(|step| (*step).to_owned()).collect(),
        };
        let event = Event::RunbookAdopted(Box::new(adopted));
        let at = self.next_moment(&event);
        let mut plans = Plans::new(Plan::clone(&self.plan), [next.clone()]);
        fold(&mut plans, &mut self.state, at, &event).map_err(|illegal| illegal.to_string())?;
        self.plans.push(Rc::new(next));
        self.plan = Rc::new(plans.current);
        self.events.push(event);
        self.moments.push(at);
        self.under_way.clear();
        self.laws = Laws::none();
        Ok(self)
    }
}
