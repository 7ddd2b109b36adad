//! A run as an input tells it: events that are likely next, and any others at any time.
//!
//! An input has numbers and then, after two NULs, words, parted by NULs. The first number chooses
//! a runbook; each of the others chooses what is told. Every promise of the machine that is about
//! one event is checked as it is told.

mod likely;
mod unlikely;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::TimeDelta;
use holdpoint::plan::{self, Plan};
use holdpoint::run::event::{Event, Moment, StopLevel};
use holdpoint::run::{Effect, RunState, decide, grow};
use holdpoint::runbook;
use holdpoint::source::{Problems, Source};
use serde_json::{Value as Json, json};

use super::Bytes;

/// How many events are told, at most.
const LONGEST: usize = 300;

/// The runbooks that are played, in the order of the numbers that choose them.
const RUNBOOKS: &[&str] = &[
    include_str!("story/plain.yaml"),
    include_str!("story/groups.yaml"),
    include_str!("story/people.yaml"),
    include_str!("story/checks.yaml"),
];

static PLANS: LazyLock<Vec<Plan>> =
    LazyLock::new(|| RUNBOOKS.iter().map(|it| planned(it)).collect());

fn planned(text: &str) -> Plan {
    let source = Source::new("story.yaml", text);
    let mut problems = Problems::default();
    let read = runbook::read(&source, &mut problems);
    let plan = read.and_then(|runbook| plan::build(runbook, &mut problems));
    plan.unwrap_or_else(|| panic!("{:#?}", problems.sorted()))
}

/// A run and what was told to it.
pub(crate) struct Story {
    runbook: usize,
    plan: Plan,
    pub(crate) state: RunState,
    pub(crate) events: Vec<(Moment, Event)>,
    /// What has begun and is not answered.
    under_way: Vec<Effect>,
    words: Vec<String>,
    said: usize,
}

impl Story {
    /// The story that an input tells.
    pub(crate) fn of(bytes: &[u8]) -> Story {
        let parted = bytes.windows(2).position(|pair| pair == [0, 0]);
        let (numbers, words) = bytes.split_at(parted.unwrap_or(bytes.len()));
        let mut numbers = Bytes::new(numbers);
        let runbook = numbers.below(RUNBOOKS.len());
        let plan = PLANS[runbook].clone();
        let state = RunState::new(&plan);
        let words = words.get(2..).unwrap_or_default().split(|byte| *byte == 0);
        let words = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let (events, under_way) = (Vec::new(), Vec::new());
        let mut story = Story { runbook, plan, state, events, under_way, words, said: 0 };
        let start = story.start(&mut numbers);
        story.tell(&start);
        while !numbers.are_used_up() && story.events.len() < LONGEST {
            story.go_on(&mut numbers);
        }
        story
    }

    /// The plan before anything happened.
    pub(crate) fn whole_plan(&self) -> Plan {
        PLANS[self.runbook].clone()
    }

    /// The state that the events make.
    pub(crate) fn retold(&self) -> RunState {
        let events = self.events.iter().map(|(at, event)| (*at, event));
        RunState::replay(&mut self.whole_plan().into(), events).expect("all of it was taken once")
    }

    /// The next of the words of the input, over and over.
    pub(crate) fn words(&mut self) -> String {
        self.said += 1;
        let word = self.words.get(self.said % self.words.len().max(1));
        word.filter(|word| !word.is_empty()).cloned().unwrap_or_else(|| "words".to_owned())
    }

    fn start(&mut self, numbers: &mut Bytes<'_>) -> Event {
        let on_failure = [Json::Null, json!("hold"), json!("abort")][numbers.below(3)].clone();
        made(json!({
            "type": "run_started", "run": "20261120-story-k7f", "version": "0", "runbook": "story",
            "title": self.words(), "file": "story.yaml", "digest": "", "mode": "live",
            "operator": self.words(), "host": "here", "cwd": "/",
            "is_attended": numbers.below(4) > 0,
            "on_failure": on_failure,
            "parallel": numbers.below(4), "detected_at": null, "incident": null,
            "waived": BTreeMap::<String, String>::new(),
        }))
    }

    fn go_on(&mut self, numbers: &mut Bytes<'_>) {
        let told = match numbers.below(16) {
            0..10 => self.likely(numbers),
            10 => vec![self.take_over(numbers)],
            11 => vec![self.stop(numbers)],
            12 => self.again(numbers).into_iter().collect(),
            13 => vec![Event::Parked { waiting_for: self.state.waiting_for(&self.plan) }],
            _ => self.unlikely(numbers).into_iter().collect(),
        };
        for event in told {
            self.tell(&event);
        }
    }

    fn take_over(&mut self, numbers: &mut Bytes<'_>) -> Event {
        let is_attended = numbers.below(4) > 0;
        let (operator, host) = (self.words(), self.words());
        let waived = BTreeMap::<String, String>::new();
        made(json!({
            "type": "resumed", "operator": operator, "host": host,
            "is_attended": is_attended, "waived": waived,
        }))
    }

    fn stop(&mut self, numbers: &mut Bytes<'_>) -> Event {
        let levels = [StopLevel::Drain, StopLevel::Interrupt, StopLevel::Kill];
        Event::StopRequested { level: levels[numbers.below(3)], signal: self.words() }
    }

    /// Something that was told before.
    fn again(&mut self, numbers: &mut Bytes<'_>) -> Option<Event> {
        let back = numbers.below(8);
        let at = self.events.len().checked_sub(back + 1)?;
        Some(self.events[at].1.clone())
    }

    /// Tells one event, and what is decided because of it.
    fn tell(&mut self, event: &Event) {
        if !self.take(event) {
            return;
        }
        if matches!(event, Event::Resumed(_)) {
            self.under_way.clear();
        }
        let limit = self.events.len() + 1_000 + 20 * self.plan.nodes.len();
        loop {
            let effects = decide(&self.plan, &self.state);
            let intents: Vec<Event> = effects.iter().map(Effect::intent).collect();
            let again: Vec<Event> =
                decide(&self.plan, &self.state).iter().map(Effect::intent).collect();
            assert_eq!(intents, again, "asked again, the answer is another");
            if effects.is_empty() {
                break;
            }
            assert!(self.events.len() < limit, "one event leads to others without an end");
            for (effect, intent) in effects.into_iter().zip(&intents) {
                assert!(self.take(intent), "what is decided cannot happen: {}", self.tale(intent));
                if !matches!(effect, Effect::Record(_)) {
                    self.under_way.push(effect);
                }
            }
        }
        self.state.waiting_for(&self.plan);
    }

    /// Applies one event, if it can happen; the answer is the same each time that it is told.
    fn take(&mut self, event: &Event) -> bool {
        let at = self.moment(event);
        let mut plan = match event {
            Event::ItemsListed { .. } => Some(self.plan.clone()),
            _ => None,
        };
        if let Some(plan) = &mut plan {
            grow(plan, event);
        }
        let grown = plan.as_ref().unwrap_or(&self.plan);
        let (mut one, mut other) = (self.state.clone(), self.state.clone());
        let applied = one.apply(grown, at, event);
        assert_eq!(applied, other.apply(grown, at, event));
        if applied.is_err() {
            return false;
        }
        assert_eq!(one, other, "the same event makes two states");
        self.state = one;
        self.plan = plan.unwrap_or_else(|| std::mem::replace(&mut self.plan, PLANS[0].clone()));
        self.events.push((at, event.clone()));
        true
    }

    /// One second an event, and at least the moment that a timer was set for.
    fn moment(&self, event: &Event) -> Moment {
        let beginning = Moment::from_timestamp(1_700_000_000, 0).expect("within the range of time");
        let next = self.events.last().map_or(beginning, |(at, _)| *at + TimeDelta::seconds(1));
        match event {
            Event::TimerDue { due, .. } => next.max(*due),
            _ => next,
        }
    }

    /// What led to something, for whoever mends it.
    fn tale(&self, last: &Event) -> String {
        let events = self.events.iter().map(|(_, event)| event).chain([last]);
        let lines = events.map(|event| serde_json::to_string(event).unwrap_or_default());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// An event by its JSON.
#[track_caller]
fn made(json: Json) -> Event {
    serde_json::from_value(json).expect("it is written as the journal has it")
}
