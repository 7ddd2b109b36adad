//! The exchange: a value on its way into the expression language and out of it.
//!
//! A quantity passes as one piece and comes back as it was.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ValueKind};

use crate::runbook::value::{Quantity, Value};

use super::{TemplateError, explain};

/// Dotted names and their values, as nested mappings.
#[derive(Default)]
pub struct Branch {
    value: Option<minijinja::Value>,
    inner: BTreeMap<String, Branch>,
}

impl Branch {
    /// Puts a value under a dotted name; none leaves the name unknown.
    pub fn insert<'a>(
        &mut self,
        mut path: impl Iterator<Item = &'a str>,
        value: Option<minijinja::Value>,
    ) {
        match path.next() {
            Some(name) => self.inner.entry(name.to_owned()).or_default().insert(path, value),
            None => self.value = value,
        }
    }

    /// All of it as one mapping.
    pub fn into_value(self) -> minijinja::Value {
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
        let other = other.downcast_ref::<Quantity>().filter(|other| other.kind == self.kind)?;
        self.amount.partial_cmp(&other.amount)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A value as the expression language sees it.
pub fn outward(value: &Value) -> minijinja::Value {
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
pub fn inward(value: &minijinja::Value) -> Result<Value, TemplateError> {
    if let Some(quantity) = value.downcast_object_ref::<Quantity>() {
        return Ok(Value::Quantity(quantity.clone()));
    }
    if value.is_undefined() {
        return Err(TemplateError { message: "a part of it has no value".into(), range: None });
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
