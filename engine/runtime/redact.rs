//! Masking: what leaves the engine shows `***` where a secret stood.
//!
//! A [`Redactor`] knows the secrets of a run in every form it may take; a [`Stream`] masks one
//! output as it comes, in chunks of any size. It never lets a part of a found form out: the end of
//! what came is held back exactly as far as it could be the beginning of a form, and nothing else
//! is delayed, so no timer has to flush it. Forms that overlap share one mask. What is masked does
//! not depend on how the output was cut. Not found: a secret that is reversed, compressed,
//! encrypted, or encoded and then broken into lines.
//!
//! A secret below four bytes is not masked, since every text would be full of masks; one below
//! eight is, and [`Redactor::weak`] names both so that a person can be warned.

pub mod forms;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

/// What is shown in place of a secret.
pub const MASK: &str = "***";

/// The fewest bytes of a secret that is masked.
const SHORTEST: usize = 4;

/// The fewest bytes of a secret that is masked without a warning, and of a line of one.
const STRONG: usize = 8;

/// The secrets of a run. A clone shares them.
#[derive(Clone, Default)]
pub struct Redactor {
    /// None when there is nothing to mask.
    patterns: Option<Arc<Patterns>>,
    weak: Vec<String>,
}

struct Patterns {
    search: AhoCorasick,
    /// Every form, sorted, for the question which of them begin with some text.
    sorted: Vec<Vec<u8>>,
    /// Whether a form begins with the byte.
    first: [bool; 256],
    longest: usize,
}

impl Redactor {
    /// One that masks these secrets, each a name and its value.
    pub fn new<N: AsRef<str>, V: AsRef<[u8]>>(
        secrets: impl IntoIterator<Item = (N, V)>,
    ) -> Redactor {
        let mut found = BTreeSet::new();
        let mut weak = Vec::new();
        for (name, value) in secrets {
            let value = forms::without_line_end(value.as_ref());
            if (1..STRONG).contains(&value.len()) {
                weak.push(name.as_ref().to_owned());
            }
            found.extend(forms::of_secret(value));
        }
        Redactor { patterns: Patterns::new(found).map(Arc::new), weak }
    }

    /// The names of secrets too short to be masked well: below eight bytes a mask also hits
    /// ordinary text, and below four there is none.
    pub fn weak(&self) -> &[String] {
        &self.weak
    }

    /// A whole text, masked.
    pub fn mask<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let is_clean = |patterns: &Arc<Patterns>| !patterns.search.is_match(text);
        if self.patterns.as_ref().is_none_or(is_clean) {
            return Cow::Borrowed(text);
        }
        let mut stream = self.stream();
        let mut masked = stream.push(text).into_owned();
        masked.extend(stream.finish());
        Cow::Owned(masked)
    }

    /// A whole text, masked; if a mask cut a character in two, the rest of it becomes U+FFFD.
    pub fn mask_str<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mask(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(masked) => Cow::Owned(String::from_utf8_lossy(&masked).into_owned()),
        }
    }

    /// A masker for one output.
    pub fn stream(&self) -> Stream {
        Stream { patterns: self.patterns.clone(), held: Vec::new(), masked: 0 }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(***)")
    }
}

impl Patterns {
    fn new(forms: BTreeSet<Vec<u8>>) -> Option<Patterns> {
        let longest = forms.iter().map(Vec::len).max()?;
        let mut first = [false; 256];
        for form in &forms {
            if let Some(byte) = form.first() {
                first[usize::from(*byte)] = true;
            }
        }
        let search = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&forms);
        // Only more than two thousand million states are refused.
        let search = search.expect("secrets fit in memory many times over");
        Some(Patterns { search, sorted: forms.into_iter().collect(), first, longest })
    }

    /// The earliest place from which the rest of `text` may be the beginning of a form.
    fn open_end(&self, text: &[u8]) -> usize {
        let earliest = text.len().saturating_sub(self.longest - 1);
        let may_begin = |at: &usize| {
            let rest = text.get(*at..).unwrap_or_default();
            rest.first().is_some_and(|byte| self.first[usize::from(*byte)]) && self.has_longer(rest)
        };
        (earliest..text.len()).find(may_begin).unwrap_or(text.len())
    }

    /// Whether a form is longer than `beginning` and starts with it.
    fn has_longer(&self, beginning: &[u8]) -> bool {
        let after = self.sorted.partition_point(|form| form.as_slice() <= beginning);
        self.sorted.get(after).is_some_and(|form| form.starts_with(beginning))
    }
}

/// One output on its way out.
pub struct Stream {
    patterns: Option<Arc<Patterns>>,
    /// What came and may be the beginning of a form.
    held: Vec<u8>,
    /// How many of the held bytes stand behind a mask that was let out already.
    masked: usize,
}

impl Stream {
    /// Takes what came next and lets out what is safe to show.
    pub fn push<'a>(&mut self, chunk: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(patterns) = self.patterns.clone() else {
            return Cow::Borrowed(chunk);
        };
        self.held.extend_from_slice(chunk);
        let safe = patterns.open_end(&self.held);
        Cow::Owned(self.let_out(&patterns, safe))
    }

    /// Lets out what is left: nothing follows, so what was held back is no secret.
    pub fn finish(&mut self) -> Vec<u8> {
        match self.patterns.clone() {
            Some(patterns) => self.let_out(&patterns, self.held.len()),
            None => Vec::new(),
        }
    }

    /// Lets out the first `safe` bytes; no form that is not wholly there begins in them.
    fn let_out(&mut self, patterns: &Patterns, safe: usize) -> Vec<u8> {
        let mut shown = Vec::with_capacity(safe);
        let mut done = self.masked;
        for (start, end) in covered(patterns, &self.held) {
            if start >= safe {
                break;
            }
            if start >= done {
                shown.extend_from_slice(self.held.get(done..start).unwrap_or_default());
                shown.extend_from_slice(MASK.as_bytes());
            }
            done = done.max(end);
        }
        shown.extend_from_slice(self.held.get(done..safe).unwrap_or_default());
        self.masked = done.saturating_sub(safe);
        self.held.drain(..safe);
        shown
    }
}

/// The ranges that forms cover, in order, those that overlap joined.
fn covered(patterns: &Patterns, text: &[u8]) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for found in patterns.search.find_overlapping_iter(text) {
        let (mut start, end) = (found.start(), found.end());
        // Matches come in the order of their ends, so a later one may swallow several.
        while let Some(last) = joined.pop_if(|last| last.1 > start) {
            start = start.min(last.0);
        }
        joined.push((start, end));
    }
    joined
}

#[cfg(test)]
mod tests;
