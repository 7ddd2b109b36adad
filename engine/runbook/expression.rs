//! Expressions: the conditions of a runbook, and what stands in its templates.
//!
//! An expression is compiled when the runbook is read, knows every name it refers to, and is
//! evaluated against a [`Scope`] without I/O. A name without a value is an error, never empty.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::{Object, ValueKind};
use minijinja::{Environment, UndefinedBehavior};

use crate::source::Span;

use super::value::{Quantity, Value};

/// How many instructions one expression may take.
const FUEL: u64 = 20_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.remove_filter("safe");
    environment
});

/// What names stand for while something is evaluated.
pub trait Scope {
    /// The value of a dotted name such as `inputs.volume`; none when it has none yet.
    fn value(&self, name: &str) -> Option<Value>;

    /// Whether a dotted name is a secret, whose value nobody here may see.
    fn is_secret(&self, name: &str) -> bool;

    /// Whether a newline may stand in the value of a dotted name.
    fn is_multiline(&self, name: &str) -> bool;
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

/// One expression, compiled.
#[derive(Clone)]
pub struct Expression {
    /// Where it stands in its file; nowhere when it was made from a text alone.
    pub span: Span,
    /// Whether a secret may stand here, by itself.
    pub is_private: bool,
    code: Arc<str>,
    /// The dotted names it refers to.
    names: Arc<[String]>,
    compiled: Arc<minijinja::Expression<'static, 'static>>,
}

impl Expression {
    /// Compiles an expression.
    pub fn parse(code: &str) -> Result<Expression, TemplateError> {
        let compiled = ENVIRONMENT
            .compile_expression_owned(code.to_owned())
            .map_err(|error| explain(&error))?;
        let found = compiled.undeclared_variables(true);
        let names: BTreeSet<String> = found.iter().map(|name| canonical(name)).collect();
        let names: Vec<String> = names.into_iter().collect();
        Ok(Expression {
            span: Span::default(),
            is_private: false,
            code: code.into(),
            names: names.into(),
            compiled: Arc::new(compiled),
        })
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
        for name in &*self.names {
            let value = scope.value(name);
            root.insert(name.split('.'), value.as_ref().map(outward));
        }
        let value = self.compiled.eval(root.into_value()).map_err(|error| explain(&error))?;
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
        ["inputs" | "run" | "objectives", ..] => 2,
        _ => 1,
    };
    parts[..depth.min(parts.len())].join(".")
}

/// Dotted names and their values, as nested mappings.
#[derive(Default)]
struct Branch {
    value: Option<minijinja::Value>,
    inner: BTreeMap<String, Branch>,
}

impl Branch {
    fn insert<'a>(
        &mut self,
        mut path: impl Iterator<Item = &'a str>,
        value: Option<minijinja::Value>,
    ) {
        match path.next() {
            Some(name) => self.inner.entry(name.to_owned()).or_default().insert(path, value),
            None => self.value = value,
        }
    }

    fn into_value(self) -> minijinja::Value {
        match self.value {
            Some(value) => value,
            None => {
                let inner = self.inner.into_iter();
                let known =
                    inner.filter(|(_, branch)| branch.value.is_some() || !branch.inner.is_empty());
                let map: BTreeMap<String, minijinja::Value> =
                    known.map(|(name, branch)| (name, branch.into_value())).collect();
                map.into()
            }
        }
    }
}

impl Object for Quantity {
    fn repr(self: &Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }

    fn custom_cmp(
        self: &Arc<Self>,
        other: &minijinja::value::DynObject,
    ) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Quantity>()?;
        self.amount.partial_cmp(&other.amount)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A value as the expression language sees it.
fn outward(value: &Value) -> minijinja::Value {
    match value {
        Value::Null => ().into(),
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Number(value) => (*value).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Quantity(quantity) => minijinja::Value::from_object(quantity.clone()),
        Value::List(items) => items.iter().map(outward).collect::<Vec<_>>().into(),
        Value::Map(entries) => {
            let map: BTreeMap<String, minijinja::Value> =
                entries.iter().map(|(key, value)| (key.clone(), outward(value))).collect();
            map.into()
        }
    }
}

/// A value that the expression language made.
fn inward(value: &minijinja::Value) -> Result<Value, TemplateError> {
    if let Some(quantity) = value.downcast_object_ref::<Quantity>() {
        return Ok(Value::Quantity(quantity.clone()));
    }
    let unfit = || TemplateError { message: format!("`{value}` is not a value"), range: None };
    Ok(match value.kind() {
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => match i64::try_from(value.clone()) {
            Ok(whole) if value.is_integer() => Value::Int(whole),
            _ => Value::Number(f64::try_from(value.clone()).map_err(|_| unfit())?),
        },
        ValueKind::String => Value::Text(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().map_err(|error| explain(&error))?;
            Value::List(items.map(|item| inward(&item)).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let keys = value.try_iter().map_err(|error| explain(&error))?;
            let entry = |key: minijinja::Value| {
                let inner = value.get_item(&key).map_err(|error| explain(&error))?;
                Ok((key.to_string(), inward(&inner)?))
            };
            Value::Map(keys.map(entry).collect::<Result<_, TemplateError>>()?)
        }
        _ => return Err(unfit()),
    })
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
