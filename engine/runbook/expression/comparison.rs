//! A comparison: two values of one type, and an answer that is never a guess.
//!
//! Values of different types are refused, not unequal. Two exceptions: anything may be asked
//! whether it is nothing, and text beside a duration, size or time is read as one of that kind.

use std::cmp::Ordering;

use crate::runbook::value::{Quantity, Value};

/// What is asked of two values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `in`
    In,
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// What a message calls it.
    pub label: &'a str,
    /// What it is.
    pub value: &'a Value,
}

/// Why two values have no comparison.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// They are of different types.
    #[error("{left} is {left_noun} and {right} is {right_noun}: they cannot be compared")]
    Types {
        /// What the left side is called.
        left: String,
        /// What the left side is.
        left_noun: &'static str,
        /// What the right side is called.
        right: String,
        /// What the right side is.
        right_noun: &'static str,
    },
    /// They are of one type that knows neither more nor less.
    #[error("{left} is {noun}: `{operator}` cannot be asked of it, only `==` and `!=`")]
    Unordered {
        /// What the side is called.
        left: String,
        /// What it is.
        noun: &'static str,
        /// What was asked.
        operator: &'static str,
    },
    /// Text beside a quantity that does not read as one of its kind.
    #[error("{reason}: it cannot be compared with {quantity}, which is {noun}")]
    Unreadable {
        /// Why the text does not read as one.
        reason: String,
        /// What the quantity is called.
        quantity: String,
        /// What the quantity is.
        noun: &'static str,
    },
    /// `in` was asked of something else than what can hold the left side.
    #[error(
        "{left} is {left_noun} and {right} is {right_noun}: \
         `in` asks for text in text, an item in a list, or a name in a mapping"
    )]
    Place {
        /// What the left side is called.
        left: String,
        /// What the left side is.
        left_noun: &'static str,
        /// What the right side is called.
        right: String,
        /// What the right side is.
        right_noun: &'static str,
    },
}

impl Operator {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Equal => "==",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::More => ">",
            Operator::AtLeast => ">=",
            Operator::In => "in",
        }
    }

    /// The name of the function that answers it: none that an expression can write.
    pub fn function(self) -> &'static str {
        match self {
            Operator::In => "in()",
            other => other.symbol(),
        }
    }
}

/// Whether what `operator` asks of the two is so, or why that has no answer.
pub fn compare(left: Operand<'_>, operator: Operator, right: Operand<'_>) -> Result<bool, Refusal> {
    Ok(match operator {
        Operator::Equal => is_equal(left, right)?,
        Operator::Unequal => !is_equal(left, right)?,
        Operator::Less => order(left, operator, right)?.is_lt(),
        Operator::AtMost => order(left, operator, right)?.is_le(),
        Operator::More => order(left, operator, right)?.is_gt(),
        Operator::AtLeast => order(left, operator, right)?.is_ge(),
        Operator::In => is_in(left, right)?,
    })
}

fn is_equal(left: Operand<'_>, right: Operand<'_>) -> Result<bool, Refusal> {
    match (left.value, right.value) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
        (Value::List(some), Value::List(others)) => same_items(left, some, right, others),
        (Value::Map(some), Value::Map(others)) => same_entries(left, some, right, others),
        _ => amounts(left, right).map(Ordering::is_eq),
    }
}

fn order(left: Operand<'_>, operator: Operator, right: Operand<'_>) -> Result<Ordering, Refusal> {
    let unordered = |side: Operand<'_>| Refusal::Unordered {
        left: side.label.to_owned(),
        noun: side.value.noun(),
        operator: operator.symbol(),
    };
    match (left.value, right.value) {
        (Value::Null, _) => Err(unordered(left)),
        (_, Value::Null) => Err(unordered(right)),
        (Value::Bool(_), Value::Bool(_))
        | (Value::List(_), Value::List(_))
        | (Value::Map(_), Value::Map(_)) => Err(unordered(left)),
        _ => amounts(left, right),
    }
}

/// The order of two texts, numbers or quantities.
fn amounts(left: Operand<'_>, right: Operand<'_>) -> Result<Ordering, Refusal> {
    let found = match (left.value, right.value) {
        (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::Number(other)) => one.partial_cmp(other),
        (Value::Int(whole), Value::Number(number)) => mixed(*whole, *number),
        (Value::Number(number), Value::Int(whole)) => mixed(*whole, *number).map(Ordering::reverse),
        (Value::Quantity(one), Value::Quantity(other)) if one.kind == other.kind => {
            one.amount.partial_cmp(&other.amount)
        }
        (Value::Quantity(one), Value::Text(text)) => {
            one.amount.partial_cmp(&amount_of(text, one, left)?)
        }
        (Value::Text(text), Value::Quantity(other)) => {
            amount_of(text, other, right)?.partial_cmp(&other.amount)
        }
        _ => None,
    };
    found.ok_or_else(|| types(left, right))
}

/// The order of a whole number and another, without rounding either.
fn mixed(whole: i64, number: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return None;
    }
    if number >= LIMIT {
        return Some(Ordering::Less);
    }
    if number < -LIMIT {
        return Some(Ordering::Greater);
    }
    let order = whole.cmp(&(number.trunc() as i64));
    Some(order.then_with(|| 0.0_f64.partial_cmp(&number.fract()).unwrap_or(Ordering::Equal)))
}

/// The amount of a text, read as a quantity of the kind that the other side is.
fn amount_of(text: &str, quantity: &Quantity, side: Operand<'_>) -> Result<f64, Refusal> {
    let unreadable = |reason| Refusal::Unreadable {
        reason,
        quantity: side.label.to_owned(),
        noun: side.value.noun(),
    };
    match Value::parse(text, quantity.kind) {
        Ok(Value::Quantity(read)) => Ok(read.amount),
        Ok(_) => Err(unreadable(format!("`{text}` is text"))),
        Err(reason) => Err(unreadable(reason)),
    }
}

/// Lists are equal when they are as long and every pair of items is; every pair must compare.
fn same_items(
    left: Operand<'_>,
    some: &[Value],
    right: Operand<'_>,
    others: &[Value],
) -> Result<bool, Refusal> {
    if some.len() != others.len() {
        return Ok(false);
    }
    let (one, other) = (part_of(left), part_of(right));
    some.iter().zip(others).try_fold(true, |so_far, (value, against)| {
        let left = Operand { label: &one, value };
        let right = Operand { label: &other, value: against };
        Ok(is_equal(left, right)? && so_far)
    })
}

/// Mappings are equal when they have the same names and every pair of values is.
fn same_entries(
    left: Operand<'_>,
    some: &[(String, Value)],
    right: Operand<'_>,
    others: &[(String, Value)],
) -> Result<bool, Refusal> {
    let (one, other) = (part_of(left), part_of(right));
    some.iter().try_fold(some.len() == others.len(), |so_far, (name, value)| {
        match others.iter().find(|(against, _)| against == name) {
            Some((_, against)) => {
                let left = Operand { label: &one, value };
                let right = Operand { label: &other, value: against };
                Ok(is_equal(left, right)? && so_far)
            }
            None => Ok(false),
        }
    })
}

fn is_in(left: Operand<'_>, right: Operand<'_>) -> Result<bool, Refusal> {
    match (left.value, right.value) {
        (Value::Text(part), Value::Text(whole)) => Ok(whole.contains(part.as_str())),
        (Value::Text(name), Value::Map(entries)) => Ok(entries.iter().any(|(key, _)| key == name)),
        (_, Value::List(items)) => is_among(left, items, right),
        _ => Err(Refusal::Place {
            left: left.label.to_owned(),
            left_noun: left.value.noun(),
            right: right.label.to_owned(),
            right_noun: right.value.noun(),
        }),
    }
}

/// Whether one of the items equals the left side. Items of another type are passed over as long
/// as one of its own type is there, too.
fn is_among(left: Operand<'_>, items: &[Value], right: Operand<'_>) -> Result<bool, Refusal> {
    let label = part_of(right);
    let mut is_found = false;
    let mut is_comparable = false;
    let mut mismatch = None;
    for value in items {
        match is_equal(left, Operand { label: &label, value }) {
            Ok(is_equal) => {
                is_found |= is_equal;
                is_comparable |= *value != Value::Null;
            }
            Err(refusal @ Refusal::Types { .. }) => mismatch = mismatch.or(Some(refusal)),
            Err(refusal) => return Err(refusal),
        }
    }
    match mismatch {
        Some(refusal) if !is_comparable => Err(refusal),
        _ => Ok(is_found),
    }
}

fn part_of(whole: Operand<'_>) -> String {
    format!("a part of {}", whole.label)
}

fn types(left: Operand<'_>, right: Operand<'_>) -> Refusal {
    Refusal::Types {
        left: left.label.to_owned(),
        left_noun: left.value.noun(),
        right: right.label.to_owned(),
        right_noun: right.value.noun(),
    }
}
