//! A wait and a watch: actions that only let time pass, or look for a while.
//!
//! Both are counted from the moment at which the step first began, so a crash makes neither longer.

use std::time::Duration;

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape, Value, duration_text};

use super::expression::{Scope, TemplateError};
use super::probe::{LOOK_EVERY, Observation, PROBE, Probe};
use super::reader::Reader;
use super::script::Setting;

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// That so much time has passed.
    For(Duration),
    /// That a probe holds; as long as it takes, unless the probe says `within`.
    Until(Box<Probe>),
}

/// A look that is taken again and again for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// For how long.
    pub length: Duration,
    /// How long between two looks.
    pub every: Duration,
    /// What is looked at.
    pub probe: Probe,
    /// What it means that the probe does not hold.
    pub on_break: OnBreak,
}

/// What it means that a watched probe does not hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnBreak {
    /// It is noted, and the watch goes on.
    Record,
    /// A person decides, whatever `on_failure` says.
    #[default]
    Hold,
    /// The step has failed.
    Fail,
}

/// What is waited for, with its templates rendered.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// That so much time has passed.
    For(Duration),
    /// That a look shows what it should.
    Until(Box<Observation>),
}

/// What is watched, with its templates rendered.
#[derive(Clone, Debug)]
pub struct Watching {
    /// For how long.
    pub length: Duration,
    /// How long between two looks.
    pub every: Duration,
    /// What is looked at.
    pub look: Observation,
    /// What it means that the probe does not hold.
    pub on_break: OnBreak,
}

const ON_BREAK: &[(&str, OnBreak)] =
    &[("record", OnBreak::Record), ("hold", OnBreak::Hold), ("fail", OnBreak::Fail)];

pub(super) static UNTIL: Shape = Shape {
    noun: "`wait`",
    name: "wait",
    about: "Waits until a probe holds.",
    keys: &[&[must("until", Form::Shape(&PROBE)).about(
        "The probe that must hold. Its `within` says how long that may take; without one there is \
         no limit.",
    )]],
    rules: &[],
};

pub(super) static WATCH: Shape = Shape {
    noun: "`watch`",
    name: "watch",
    about: "Looks again and again for a while.",
    keys: &[&[
        must("for", Form::Duration).about("For how long."),
        may("every", Form::Duration).about("How long between two looks; `2s` when left out."),
        must("probe", Form::Shape(&PROBE)).about("What must hold all the while."),
        may("on_break", Form::Words(&ON_BREAK)).about(
            "What it means that it does not: it is noted and watched on (`record`), a person \
             decides (`hold`, when left out), or the step has failed (`fail`).",
        ),
    ]],
    rules: &[],
};

impl Wait {
    /// Reads a length of time, or `{until: …}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Wait> {
        if !matches!(node.value, Value::Mapping(_)) {
            return reader.duration(node).map(Wait::For);
        }
        let mut fields = reader.open(node, &UNTIL)?;
        let probe = fields.require("until", reader.problems);
        let probe = probe.and_then(|node| Probe::read(node, reader));
        reader.finish(fields);
        probe.map(|probe| Wait::Until(Box::new(probe)))
    }

    /// The probe that is waited for, if it is one.
    pub fn probe(&self) -> Option<&Probe> {
        match self {
            Wait::For(_) => None,
            Wait::Until(probe) => Some(probe),
        }
    }

    /// How long it takes, from the shortest to the longest; none where nobody can say.
    pub fn takes(&self) -> Option<(Duration, Duration)> {
        match self {
            Wait::For(length) => Some((*length, *length)),
            Wait::Until(probe) => probe.patience.within.map(|most| (Duration::ZERO, most)),
        }
    }

    /// What is waited for, rendered; `base` is where it looks from unless the probe says.
    pub fn render(&self, base: &Setting, scope: &dyn Scope) -> Result<Waiting, TemplateError> {
        Ok(match self {
            Wait::For(length) => Waiting::For(*length),
            Wait::Until(probe) => Waiting::Until(Box::new(probe.render(base, scope)?)),
        })
    }

    /// What it does, with what a look is said to be.
    pub fn text(&self, look: impl FnOnce(&Probe) -> String) -> String {
        match self {
            Wait::For(length) => Waiting::For(*length).shown(),
            Wait::Until(probe) => format!("wait until {}", look(probe)),
        }
    }
}

impl Waiting {
    /// What it does, as a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Waiting::For(length) => format!("wait {}", duration_text(*length)),
            Waiting::Until(look) => format!("wait until {}", look.shown()),
        }
    }

    /// The longest that it may take; none when there is no limit.
    pub fn limit(&self) -> Option<Duration> {
        match self {
            Waiting::For(length) => Some(*length),
            Waiting::Until(look) => look.patience.within,
        }
    }
}

impl Watch {
    /// Reads `{for: …, every: …, probe: …, on_break: …}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Watch> {
        let mut fields = reader.open(node, &WATCH)?;
        let length = fields.require("for", reader.problems);
        let length = length.and_then(|node| reader.duration(node));
        let every = fields.take("every").and_then(|node| reader.duration(node));
        let probe = fields.require("probe", reader.problems);
        let probe = probe.and_then(|node| Probe::read(node, reader));
        let on_break = fields.take("on_break").and_then(|node| reader.one_of(node, ON_BREAK));
        reader.finish(fields);
        if every.is_some_and(|every| every.is_zero()) {
            reader.error(node.span, "`every` must be longer than nothing");
        }
        let (every, on_break) = (every.unwrap_or(LOOK_EVERY), on_break.unwrap_or_default());
        Some(Watch { length: length?, every, probe: probe?, on_break })
    }

    /// What is watched, rendered; `base` is where it looks from unless the probe says.
    pub fn render(&self, base: &Setting, scope: &dyn Scope) -> Result<Watching, TemplateError> {
        let Watch { length, every, on_break, ref probe } = *self;
        Ok(Watching { length, every, on_break, look: probe.render(base, scope)? })
    }

    /// What it does, with what a look is said to be.
    pub fn text(&self, look: impl FnOnce(&Probe) -> String) -> String {
        watched(self.length, self.every, self.on_break, &look(&self.probe))
    }
}

impl Watching {
    /// What it does, as a person reads it.
    pub fn shown(&self) -> String {
        watched(self.length, self.every, self.on_break, &self.look.shown())
    }
}

fn watched(length: Duration, every: Duration, on_break: OnBreak, look: &str) -> String {
    let (length, every) = (duration_text(length), duration_text(every));
    let word = ON_BREAK.iter().find(|(_, it)| *it == on_break).map_or("", |(word, _)| *word);
    format!("watch for {length}, every {every}, on a break {word}: {look}")
}
