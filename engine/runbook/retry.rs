//! A retry: how often, and after which pauses, an action that failed is tried again.

use std::fmt;
use std::time::Duration;

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Node, Shape};
use crate::source::Span;

use super::action::Action;
use super::reader::Reader;

/// How long between two attempts when nothing is said.
pub const EVERY: Duration = Duration::from_secs(2);

/// The most further attempts.
const MOST: i64 = 1000;

/// How an action that failed is tried again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How many more attempts there may be.
    pub times: u32,
    /// How long the first pause is.
    pub every: Duration,
    /// How pauses grow.
    pub backoff: Backoff,
    /// The longest pause.
    pub max: Option<Duration>,
    /// The exit codes after which it is tried again; after every failure of it when none.
    pub on_exit: Option<Vec<i64>>,
    /// Where it stands in its file.
    pub span: Span,
}

impl PartialEq for Retry {
    /// Two are equal wherever they stand.
    fn eq(&self, other: &Retry) -> bool {
        let Retry { times, every, backoff, max, on_exit, span: _ } = self;
        (times, every, backoff) == (&other.times, &other.every, &other.backoff)
            && (max, on_exit) == (&other.max, &other.on_exit)
    }
}

/// How pauses grow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Backoff {
    /// They do not.
    #[default]
    Constant,
    /// Each is twice as long as the one before.
    Exponential,
}

const BACKOFFS: &[(&str, Backoff)] =
    &[("constant", Backoff::Constant), ("exponential", Backoff::Exponential)];

pub(super) static RETRY: Shape = Shape {
    noun: "`retry`",
    name: "retry",
    about: "How an action that failed is tried again: the action and its `expect`, not `verify`.",
    keys: &[&[
        must("times", Form::Range(0, MOST)).about("How many more attempts there may be."),
        may("every", Form::Duration)
            .about("The pause before the next attempt; `2s` when left out."),
        may("backoff", Form::Words(&BACKOFFS)).about(
            "Whether each pause is as long as the first (`constant`, when left out), or twice as \
             long as the one before (`exponential`).",
        ),
        may("max", Form::Duration).about("The longest pause, where pauses grow."),
        may("on_exit", Form::Either(&[CODE, Form::Filled(&Form::List(&CODE))])).about(
            "The exit codes after which it is tried again, and no others; after every failure of \
             the attempt when left out.",
        ),
    ]],
    rules: &[&[Rule::Needs("max", &["backoff"])]],
};

const CODE: Form = Form::Range(0, 255);

impl Retry {
    /// Reads `{times: …, every: …, backoff: …, max: …, on_exit: […]}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Retry> {
        let mut fields = reader.open(node, &RETRY)?;
        let times = fields.require("times", reader.problems);
        let times = times.and_then(|node| number(node, 0..=MOST, "`times`", reader));
        let every = fields.take("every").and_then(|node| reader.duration(node));
        let backoff = fields.take("backoff").and_then(|node| reader.one_of(node, BACKOFFS));
        let max_node = fields.take("max");
        let max = max_node.and_then(|node| reader.duration(node));
        let on_exit = fields.take("on_exit").map(|node| codes(node, reader));
        reader.finish(fields);
        let (every, backoff) = (every.unwrap_or(EVERY), backoff.unwrap_or_default());
        if let (Some(node), Some(max)) = (max_node, max) {
            if backoff == Backoff::Constant {
                let help = "add `backoff: exponential`, or leave `max` out";
                reader.error_with_help(node.span, "pauses that do not grow need no `max`", help);
            } else if max < every {
                reader.error(node.span, "`max` is shorter than the first pause");
            }
        }
        let times = u32::try_from(times?).unwrap_or_default();
        Some(Retry { times, every, backoff, max, on_exit, span: node.span })
    }

    /// The pause before the n-th further attempt, from 1.
    pub fn pause(&self, nth: u32) -> Duration {
        let pause = match self.backoff {
            Backoff::Constant => self.every,
            Backoff::Exponential => {
                let factor = 2_u32.checked_pow(nth.saturating_sub(1)).unwrap_or(u32::MAX);
                self.every.saturating_mul(factor)
            }
        };
        self.max.map_or(pause, |max| pause.min(max))
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.times {
            1 => write!(f, "once")?,
            times => write!(f, "up to {times} times")?,
        }
        let every = humantime::format_duration(self.every);
        let growing = match self.backoff {
            Backoff::Constant => "",
            Backoff::Exponential => ", then twice as long each time",
        };
        write!(f, " after {every}{growing}")?;
        if let Some(codes) = &self.on_exit {
            let codes: Vec<String> = codes.iter().map(i64::to_string).collect();
            write!(f, ", when it exits with {}", codes.join(" or "))?;
        }
        Ok(())
    }
}

/// Whether such an action can be tried again by itself.
pub fn is_for(action: &Action) -> bool {
    matches!(action, Action::Run(_) | Action::Http(_) | Action::Probe(_))
}

fn codes(node: &Node, reader: &mut Reader<'_>) -> Vec<i64> {
    let nodes = match node.as_integer() {
        Some(_) => std::slice::from_ref(node),
        None => reader.list(node),
    };
    if nodes.is_empty() {
        reader.error(node.span, "`on_exit` names no exit code, so nothing would be tried again");
    }
    nodes.iter().filter_map(|node| number(node, 0..=255, "an exit code", reader)).collect()
}

fn number(
    node: &Node,
    within: std::ops::RangeInclusive<i64>,
    what: &str,
    reader: &mut Reader<'_>,
) -> Option<i64> {
    let number = reader.integer(node)?;
    if !within.contains(&number) {
        let message = format!("{what} must be from {} to {}", within.start(), within.end());
        reader.error(node.span, message);
        return None;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(retry: &Retry, count: u32) -> Vec<u64> {
        (1..=count).map(|nth| retry.pause(nth).as_secs()).collect()
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let every = Duration::from_secs(3);
        let (backoff, span) = (Backoff::Constant, Span::default());
        let retry = Retry { times: 9, every, backoff, max: None, on_exit: None, span };
        assert_eq!(seconds(&retry, 3), [3, 3, 3]);
        let retry = Retry { backoff: Backoff::Exponential, ..retry };
        assert_eq!(seconds(&retry, 4), [3, 6, 12, 24]);
        assert_eq!(retry.pause(1000), every * u32::MAX);
        let retry = Retry { max: Some(Duration::from_secs(10)), ..retry };
        assert_eq!(seconds(&retry, 4), [3, 6, 10, 10]);
    }
}
