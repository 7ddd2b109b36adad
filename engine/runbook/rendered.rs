//! Rendered text: what a template became, with secrets still only named.
//!
//! A secret's value is put in at the very last moment, by the runtime, and only where the
//! runbook's rules let a secret stand. Shown, hashed and journalled is always this form.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// How a value is written into its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quoting {
    /// As one word of a shell, quoted by itself.
    Shell,
    /// As text inside one argument, which no shell reads.
    Argument,
    /// As it is: questions, messages, expected values.
    Text,
    /// As it is, and a secret may stand there: `env`, `stdin`, what a request carries.
    Private,
}

/// Text in which secrets stand by name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rendered {
    pieces: Vec<Piece>,
}

/// A stretch of rendered text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece {
    /// Text that anybody may see.
    Plain(String),
    /// The secret of this name.
    Secret(String),
}

impl Rendered {
    /// Text without a secret.
    pub fn plain(text: impl Into<String>) -> Rendered {
        Rendered { pieces: vec![Piece::Plain(text.into())] }
    }

    /// Adds text.
    pub fn push_plain(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Plain(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Plain(text.to_owned())),
        }
    }

    /// Adds a secret by its name.
    pub fn push_secret(&mut self, name: &str) {
        self.pieces.push(Piece::Secret(name.to_owned()));
    }

    /// Its stretches, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text to show: a secret is `***`.
    pub fn shown(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Plain(text) => text.as_str(),
                Piece::Secret(_) => "***",
            })
            .collect()
    }

    /// The text to use, with each secret's value as `secret` knows it.
    pub fn revealed<E>(&self, secret: impl Fn(&str) -> Result<String, E>) -> Result<String, E> {
        self.pieces.iter().try_fold(String::new(), |mut text, piece| {
            match piece {
                Piece::Plain(plain) => text.push_str(plain),
                Piece::Secret(name) => text.push_str(&secret(name)?),
            }
            Ok(text)
        })
    }
}

impl Serialize for Rendered {
    /// A string, or with secrets a list of strings and `{"secret": name}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.pieces.as_slice() {
            [] => serializer.serialize_str(""),
            [Piece::Plain(text)] => serializer.serialize_str(text),
            pieces => {
                let mut list = serializer.serialize_seq(Some(pieces.len()))?;
                for piece in pieces {
                    match piece {
                        Piece::Plain(text) => list.serialize_element(text)?,
                        Piece::Secret(name) => {
                            list.serialize_element(&serde_json::json!({ "secret": name }))?;
                        }
                    }
                }
                list.end()
            }
        }
    }
}

/// A word as a person would type it, to be read and pasted; quoted where a shell would take it apart.
pub fn typed_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(is_plain);
    if is_plain { word.to_owned() } else { shell_quote(word) }
}

/// One word for a POSIX shell. Even a harmless word is quoted: bare, it could be read as a
/// reserved word, an assignment or the number of a redirection.
pub fn shell_quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
