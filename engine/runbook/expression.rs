//! Expressions: the conditions of a runbook, and what stands in its templates.
//!
//! An expression is compiled when the runbook is read, knows every name it refers to, and is
//! evaluated against a [`Scope`] without I/O. A name without a value is an error, never empty, and
//! so is a comparison of different types.

mod comparison;
mod exchange;
mod label;
mod strict;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::machinery::{self, CodeGenerator};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use crate::source::Span;

use super::target::Target;
use super::value::Value;
use comparison::{Operand, Operator, compare};
use exchange::{Branch, inward, outward};
use strict::{parse, strict};

/// What an expression about the rows of a list calls the row at hand.
pub const ROW: &str = "item";

/// How many instructions one expression may take.
const FUEL: u64 = 20_000;

/// The comparisons, and the tests (`is …`, `select(…)`) that ask the same.
const COMPARISONS: &[(Operator, &[&str])] = &[
    (Operator::Equal, &["eq", "equalto", "=="]),
    (Operator::Unequal, &["ne", "!="]),
    (Operator::Less, &["lt", "lessthan", "<"]),
    (Operator::AtMost, &["le", "<="]),
    (Operator::More, &["gt", "greaterthan", ">"]),
    (Operator::AtLeast, &["ge", ">="]),
    (Operator::In, &["in"]),
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.remove_filter("safe");
    for (operator, tests) in COMPARISONS {
        environment.add_function(
            operator.function(),
            move |left: minijinja::Value, right: minijinja::Value, one: &str, other: &str| {
                answer((&left, one), *operator, (&right, other))
            },
        );
        for test in *tests {
            environment.add_test(*test, move |left: minijinja::Value, right: minijinja::Value| {
                answer((&left, "the value"), *operator, (&right, "what it is compared with"))
            });
        }
    }
    environment
});

/// What names stand for while something is evaluated.
pub trait Scope {
    /// The value of a dotted name such as `inputs.volume`; none when it has none yet.
    fn value(&self, name: &str) -> Option<Value>;

    /// The name under which the value of a dotted name is kept, when that is a secret, whose value
    /// nobody here may see.
    fn secret(&self, name: &str) -> Option<String>;

    /// Whether a newline may stand in the value of a dotted name.
    fn is_multiline(&self, name: &str) -> bool;

    /// The declared target of a name.
    fn target(&self, _name: &str) -> Option<Target> {
        None
    }

    /// What names mean where the runbook of this place is included, if it is.
    fn outer(&self) -> Option<Box<dyn Scope + '_>> {
        None
    }

    /// Whether a dotted name that has no value may still get one, so that nothing may be
    /// concluded from there being none.
    fn is_open(&self, _name: &str) -> bool {
        false
    }
}

/// Why a template or an expression has no value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// A lower-case sentence.
    pub message: String,
    /// The bytes of the text that it is about, where that is known.
    pub range: Option<Range<usize>>,
}

impl TemplateError {
    /// The same, or that one sign is missing where the text was read up to a single `=`.
    fn or_assignment(self, code: &str) -> TemplateError {
        let rest = self.range.as_ref().and_then(|range| code.get(range.start..));
        match rest.is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("==")) {
            true => TemplateError { message: "`=` compares nothing: write `==`".into(), ..self },
            false => self,
        }
    }

    /// With a range that begins and ends between characters: a sign that is not known is marked by
    /// its first byte alone.
    fn on_characters_of(mut self, code: &str) -> TemplateError {
        if let Some(range) = &mut self.range {
            let start = code.floor_char_boundary(range.start);
            *range = start..code.ceil_char_boundary(range.end).max(start);
        }
        self
    }
}

/// One expression, known to compile.
#[derive(Clone)]
pub struct Expression {
    /// Where it stands in its file; nowhere when it was made from a text alone.
    pub span: Span,
    /// Whether a secret may stand here, by itself.
    pub is_private: bool,
    /// Whether it is about a row of a list, which it calls [`ROW`].
    is_over_rows: bool,
    code: Arc<str>,
    /// The dotted names it refers to.
    names: Arc<[String]>,
}

impl Expression {
    /// Compiles an expression.
    pub fn parse(code: &str) -> Result<Expression, TemplateError> {
        strict(&parse(code).map_err(|error| error.on_characters_of(code).or_assignment(code))?)?;
        let compiled = ENVIRONMENT.compile_expression(code).map_err(|error| explain(&error))?;
        let found = compiled.undeclared_variables(true);
        let names: BTreeSet<String> = found.iter().map(|name| canonical(name)).collect();
        let names: Vec<String> = names.into_iter().collect();
        Ok(Expression {
            span: Span::default(),
            is_private: false,
            is_over_rows: false,
            code: code.into(),
            names: names.into(),
        })
    }

    /// The same expression about each row of a list. What it calls the row is none of the names
    /// that must be known where it stands.
    pub fn over_rows(self) -> Expression {
        let names = self.names.iter().filter(|name| *name != ROW).cloned().collect();
        Expression { is_over_rows: true, names, ..self }
    }

    /// The expression as it was written.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The dotted names it refers to, such as `steps.check_backup.outputs.rows`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Its value. A name without a value is an error unless the expression provides for it.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, TemplateError> {
        let mut root = Branch::default();
        let row = self.is_over_rows.then_some(ROW);
        for name in self.names.iter().map(String::as_str).chain(row) {
            let value = scope.value(name);
            if value.is_none() && self.heeds_absence() && scope.is_open(name) {
                let message = format!("`{name}` is not known yet");
                return Err(TemplateError { message, range: None });
            }
            root.insert(name.split('.'), value.as_ref().map(outward));
        }
        let value = run(&self.code, root.into_value())?;
        if value.is_undefined() {
            let message = format!("`{}` has no value", self.code.trim());
            return Err(TemplateError { message, range: None });
        }
        inward(&value)
    }

    /// Its value as a condition: true, false, or an error, never a guess.
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, TemplateError> {
        match self.evaluate(scope)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(TemplateError {
                message: format!(
                    "`{}` is {}, and a condition must be true or false",
                    self.code,
                    other.noun()
                ),
                range: None,
            }),
        }
    }

    /// Whether it may have a value though a name in it has none: a filter or a test can see to
    /// that, as in `x | default(1)` and `x is defined`.
    pub fn heeds_absence(&self) -> bool {
        self.code.contains('|') || self.code.split_whitespace().any(|word| word == "is")
    }

    /// The one name that the whole expression is, if it is no more than a name.
    pub fn bare_name(&self) -> Option<&str> {
        match &*self.names {
            [name] if *name == self.code.trim() => Some(name),
            _ => None,
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.code)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Expression) -> bool {
        self.code == other.code
    }
}

/// The part of a dotted name that a scope knows; what follows it reaches into the value.
fn canonical(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let depth = match parts.as_slice() {
        ["steps", _, "outputs", ..] => 4,
        ["steps", ..] => 3,
        ["inputs" | "run" | "objectives" | "runbook", ..] => 2,
        ["lab", ..] => 3,
        _ => 1,
    };
    parts[..depth.min(parts.len())].join(".")
}

/// The value of the strict form of `code`, compiled anew each time: what is compiled borrows the
/// text, so that an expression cannot own both.
fn run(code: &str, root: minijinja::Value) -> Result<minijinja::Value, TemplateError> {
    let tree = strict(&parse(code)?)?;
    let mut generator = CodeGenerator::new("<expression>", code);
    generator.compile_expr(&tree);
    let (instructions, blocks) = generator.finish();
    let mut unused = String::new();
    let mut output = machinery::make_string_output(&mut unused);
    let escape = AutoEscape::None;
    let (value, _) =
        machinery::eval(&ENVIRONMENT, &instructions, root, &blocks, &mut output, escape)
            .map_err(|error| explain(&error))?;
    Ok(value.unwrap_or_default())
}

/// What a comparison in an expression yields, each side with what a message calls it.
fn answer(
    left: (&minijinja::Value, &str),
    operator: Operator,
    right: (&minijinja::Value, &str),
) -> Result<bool, minijinja::Error> {
    let refuse = |message| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message);
    let known = |(value, label): (&minijinja::Value, &str)| {
        if value.is_undefined() {
            return Err(refuse(format!("{label} has no value")));
        }
        inward(value).map_err(|error| refuse(error.message))
    };
    let (one, other) = (known(left)?, known(right)?);
    let left = Operand { label: left.1, value: &one };
    let right = Operand { label: right.1, value: &other };
    compare(left, operator, right).map_err(|refusal| refuse(refusal.to_string()))
}

fn explain(error: &minijinja::Error) -> TemplateError {
    use minijinja::ErrorKind;
    let message = match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError, Some(detail)) => detail.to_owned(),
        (ErrorKind::OutOfFuel, _) => "the expression takes too many steps".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    TemplateError { message, range: error.range() }
}

#[cfg(test)]
mod tests;
