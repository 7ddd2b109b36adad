//! Templates: text with `${{ … }}` in it.
//!
//! There are no statements, no comments and no `safe` strings: quoting is decided here, by the
//! place and never by a value. A secret is never handed to the expression language; it passes
//! through as a named piece (see [`super::rendered`]).

use std::fmt;
use std::ops::Range;

use super::expression::{Expression, Scope, TemplateError};
use super::rendered::{Quoting, Rendered, shell_quote};
use super::value::Value;

/// Text with expressions in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// One `${{ … }}` of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The bytes of the text that it takes up, brackets and all.
    pub range: Range<usize>,
    /// What stands in it.
    pub expression: Expression,
    /// Whether `| raw` asks for the value as it is.
    pub is_raw: bool,
    /// Whether the slot begins a word or an argument, so that its value could pass as an option.
    pub begins_word: bool,
}

impl Template {
    /// Compiles a text; slots are the `${{ … }}` in it.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = 0;
        while let Some(start) = text[rest..].find("${{").map(|found| rest + found) {
            let code_start = start + 3;
            let Some(length) = end_of_code(&text[code_start..]) else {
                return Err(TemplateError {
                    message: "`${{` is never closed by `}}`".into(),
                    range: Some(start..text.len()),
                });
            };
            let end = code_start + length + 2;
            if rest < start {
                parts.push(Part::Text(text[rest..start].to_owned()));
            }
            parts.push(Part::Slot(slot(&text[code_start..end - 2], start..end)?));
            rest = end;
        }
        if rest < text.len() {
            parts.push(Part::Text(text[rest..].to_owned()));
        }
        Ok(Template { parts })
    }

    /// A template without a slot.
    pub fn literal(text: &str) -> Template {
        Template { parts: vec![Part::Text(text.to_owned())] }
    }

    /// The slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(slot) => Some(slot),
            Part::Text(_) => None,
        })
    }

    /// The slots, in order, to be changed.
    pub fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Slot(slot) => Some(slot),
            Part::Text(_) => None,
        })
    }

    /// The one slot that the whole text is, if it is no more than that.
    pub fn whole(&self) -> Option<&Slot> {
        match self.parts.as_slice() {
            [Part::Slot(slot)] => Some(slot),
            _ => None,
        }
    }

    /// The expressions in its slots, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.slots().map(|slot| &slot.expression)
    }

    /// The slot that it is, if it is no more than one.
    pub fn only_slot(&self) -> Option<&Slot> {
        match self.parts.as_slice() {
            [Part::Slot(slot)] => Some(slot),
            _ => None,
        }
    }

    /// The text with every slot replaced by its value, quoted as asked.
    pub fn render(&self, scope: &dyn Scope, quoting: Quoting) -> Result<Rendered, TemplateError> {
        let mut text = Rendered::default();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_plain(plain),
                Part::Slot(slot) => fill(&mut text, slot, scope, quoting).map_err(|message| {
                    TemplateError { message, range: Some(slot.range.clone()) }
                })?,
            }
        }
        Ok(text)
    }
}

impl Template {
    /// The text with the values that are known; what is not known stands as it is written.
    pub fn partly(&self, scope: &dyn Scope, quoting: Quoting) -> String {
        let mut text = Rendered::default();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_plain(plain),
                Part::Slot(slot) => {
                    if fill(&mut text, slot, scope, quoting).is_err() {
                        text.push_plain(&slot.to_string());
                    }
                }
            }
        }
        text.shown()
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = if self.is_raw { " | raw" } else { "" };
        write!(f, "${{{{ {}{raw} }}}}", self.expression.code().trim())
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Slot(slot) => slot.fmt(f),
        })
    }
}

fn slot(code: &str, range: Range<usize>) -> Result<Slot, TemplateError> {
    let (code, is_raw) = match code.trim_end().strip_suffix("raw") {
        Some(before) if before.trim_end().ends_with('|') => {
            let before = before.trim_end();
            (&before[..before.len() - 1], true)
        }
        _ => (code, false),
    };
    let expression = Expression::parse(code).map_err(|error| TemplateError {
        range: error.range.map(|inner| range.start + 3 + inner.start..range.start + 3 + inner.end),
        ..error
    })?;
    Ok(Slot { range, expression, is_raw, begins_word: false })
}

/// How far the code reaches before its closing brackets, which may not stand inside a string.
fn end_of_code(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if byte == b'\\' => escaped = true,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None if text.as_bytes()[at..].starts_with(b"}}") => return Some(at),
            None => {}
        }
    }
    None
}

/// Writes the value of a slot into `text`, or says why it may not stand there.
fn fill(
    text: &mut Rendered,
    slot: &Slot,
    scope: &dyn Scope,
    quoting: Quoting,
) -> Result<(), String> {
    let expression = &slot.expression;
    let secret = expression.names().iter().find_map(|name| Some((name, scope.secret(name)?)));
    if let Some((name, kept)) = secret {
        return match (expression.bare_name(), quoting) {
            (Some(_), Quoting::Private) => {
                text.push_secret(&kept);
                Ok(())
            }
            _ => Err(format!(
                "the secret `{name}` may stand only by itself, in `env`, in `stdin` or in what a \
                 request carries"
            )),
        };
    }
    let value = expression.evaluate(scope).map_err(|error| error.message)?;
    let words = words_of(&value, expression.code())?;
    if matches!(quoting, Quoting::Shell | Quoting::Argument) && !slot.is_raw {
        let is_multiline = expression.names().iter().any(|name| scope.is_multiline(name));
        words.iter().try_for_each(|word| admit(word, slot, is_multiline))?;
    }
    let written: Vec<String> = match quoting {
        Quoting::Shell if !slot.is_raw => words.iter().map(|word| shell_quote(word)).collect(),
        _ => words,
    };
    text.push_plain(&written.join(" "));
    Ok(())
}

/// The words of a value: several for a list, one for anything else.
fn words_of(value: &Value, code: &str) -> Result<Vec<String>, String> {
    let word = |value: &Value| {
        value.text().ok_or_else(|| format!("`{}` is {}, not text", code.trim(), value.noun()))
    };
    match value {
        Value::List(items) => items.iter().map(word).collect(),
        other => Ok(vec![word(other)?]),
    }
}

fn admit(word: &str, slot: &Slot, is_multiline: bool) -> Result<(), String> {
    let code = slot.expression.code().trim();
    if word.contains('\0') {
        return Err(format!("the value of `{code}` holds a NUL byte"));
    }
    if slot.begins_word && word.starts_with('-') {
        return Err(format!("the value of `{code}` begins with `-` and could pass as an option"));
    }
    if !is_multiline && word.contains(['\n', '\r']) {
        return Err(format!("the value of `{code}` holds a newline"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
