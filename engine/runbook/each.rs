//! A fan-out: one step for every item of a list.

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape};

use super::expression::Expression;
use super::input::NAME;
use super::reader::Reader;

/// How a step is repeated over a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Each {
    /// The list.
    pub list: Expression,
    /// What the item at hand is called.
    pub name: String,
    /// How many items may be under way at a time.
    pub parallel: usize,
    /// How many items must fail before the step has failed.
    pub fail: Fail,
    /// What an empty list means.
    pub empty: Empty,
}

/// How many items must fail before the step has failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fail {
    /// One; then no further item begins.
    Any,
    /// All of them.
    All,
}

/// What an empty list means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Empty {
    /// The step has failed.
    Fail,
    /// The step is passed over.
    Skip,
}

const FAILS: &[(&str, Fail)] = &[("any", Fail::Any), ("all", Fail::All)];
const EMPTIES: &[(&str, Empty)] = &[("fail", Empty::Fail), ("skip", Empty::Skip)];

/// The names that no item may take.
const TAKEN: &[&str] = &["inputs", "steps", "run", "objectives", "runbook", "lab"];

pub(super) static EACH: Shape = Shape {
    noun: "`each`",
    name: "each",
    about: "How a step is repeated over a list. It is asked, required and verified once for all.",
    keys: &[&[
        must("in", Form::Expression).about("The list: an expression such as `inputs.hosts`."),
        may("as", Form::Matching(NAME))
            .about("What the item at hand is called in templates; `item` when left out."),
        may("parallel", Form::Range(1, 1000))
            .about("How many items may be under way at a time; `1` when left out."),
        may("fail", Form::Words(&FAILS)).about(
            "How many items must fail before the step has failed: `any` (when left out), \
             after which no further item begins, or `all`.",
        ),
        may("empty", Form::Words(&EMPTIES)).about(
            "What an empty list means: the step has failed (`fail`, when left out), or is \
             passed over (`skip`).",
        ),
    ]],
    rules: &[],
};

impl Each {
    /// Reads `{in: …, as: …, parallel: …, fail: …, empty: …}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Each> {
        let mut fields = reader.open(node, &EACH)?;
        let list = fields.require("in", reader.problems).and_then(|node| reader.expression(node));
        let name = fields.take("as").and_then(|node| reader.text(node));
        if let Some(name) = name.as_ref().filter(|name| !is_name(name)) {
            let help = "use lower-case letters, digits and `_`, and none of the names there are";
            reader.error_with_help(name.span, format!("`{name}` cannot name an item"), help);
        }
        let parallel = fields.take("parallel").and_then(|node| {
            let number = reader.integer(node)?;
            let parallel =
                usize::try_from(number).ok().filter(|number| (1..=1000).contains(number));
            if parallel.is_none() {
                reader.error(node.span, "`parallel` must be from 1 to 1000");
            }
            parallel
        });
        let fail = fields.take("fail").and_then(|node| reader.one_of(node, FAILS));
        let empty = fields.take("empty").and_then(|node| reader.one_of(node, EMPTIES));
        reader.finish(fields);
        Some(Each {
            list: list?,
            name: name.map_or_else(|| "item".to_owned(), |name| name.value),
            parallel: parallel.unwrap_or(1),
            fail: fail.unwrap_or(Fail::Any),
            empty: empty.unwrap_or(Empty::Fail),
        })
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !TAKEN.contains(&name)
}
