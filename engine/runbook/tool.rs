//! A tool that must be there, perhaps in some version or a later one.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use crate::document::Node;
use crate::source::Spanned;

use super::reader::Reader;

/// A program, as `requires` names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tool {
    /// A name that is looked up on PATH, or a path.
    pub name: String,
    /// The least version that will do.
    pub at_least: Option<Version>,
}

/// A version: numbers, the first of which counts most. What is missing at the end is 0.
#[derive(Clone, Debug)]
pub struct Version {
    numbers: Vec<u64>,
    text: String,
}

/// What a tool is written like, as a regular expression.
pub(super) const FORM: &str = r"\s*[^<>=~^ \n]+\s*(>=\s*[0-9]{1,19}(\.[0-9]{1,19})*\s*)?";

static DOTTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9]+(?:\.[0-9]+)+").expect("the pattern is sound"));
static WHOLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bv?([0-9]+)").expect("the pattern is sound"));

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.at_least.as_ref().map_or(Ok(()), |version| write!(f, " >= {version}"))
    }
}

impl Tool {
    /// Reads a list such as `[docker, "psql >= 15"]`.
    pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Spanned<Tool>> {
        let texts = reader.texts(node);
        texts.into_iter().filter_map(|text| Tool::read(&text, reader)).collect()
    }

    fn read(text: &Spanned<String>, reader: &mut Reader<'_>) -> Option<Spanned<Tool>> {
        let (name, version) = match text.split_once(">=") {
            Some((name, version)) => (name.trim(), Some(version.trim())),
            None => (text.trim(), None),
        };
        let at_least = version.map(Version::parse);
        let is_name = !name.is_empty() && !name.contains(['<', '>', '=', '~', '^', ' ', '\n']);
        if !is_name || at_least == Some(None) {
            let help = "write a name, or a name and its least version: psql >= 15";
            reader.error_with_help(text.span, format!("`{text}` is no tool"), help);
            return None;
        }
        let tool = Tool { name: name.to_owned(), at_least: at_least.flatten() };
        Some(Spanned::new(tool, text.span))
    }
}

impl Version {
    /// Reads whole numbers with dots between them.
    pub fn parse(text: &str) -> Option<Version> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        Some(Version { numbers: numbers.filter(|_| is_plain)?, text: text.to_owned() })
    }

    /// The version in what a tool prints: the first number with a dot in it.
    pub fn dotted(text: &str) -> Option<Version> {
        Version::parse(DOTTED.find(text)?.as_str())
    }

    /// The same; where there is no such number, the first one of the first line.
    pub fn find(text: &str) -> Option<Version> {
        let first = || Some(WHOLE.captures(text.lines().next()?)?.get(1)?.as_str());
        Version::dotted(text).or_else(|| Version::parse(first()?))
    }

    /// Its numbers without the zeros that say nothing.
    fn significant(&self) -> &[u64] {
        let zeros = self.numbers.iter().rev().take_while(|number| **number == 0).count();
        self.numbers.get(..self.numbers.len() - zeros).unwrap_or_default()
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> std::cmp::Ordering {
        self.significant().cmp(other.significant())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Version {}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_print_of_themselves_holds_their_version() {
        for (printed, version) in [
            ("psql (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+1)", "16.4"),
            ("psql (PostgreSQL) 17beta1", "17"),
            ("Docker version 24.0.7, build afdd53b", "24.0.7"),
            ("Client Version: v1.27.3\nKustomize Version: v5.0.1", "1.27.3"),
            ("jq-1.6", "1.6"),
            ("tool v7, x86_64", "7"),
            ("OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.14 4 Jun 2024", "9.2"),
            ("go version go1.22.3 linux/amd64", "1.22.3"),
            ("less 590 (GNU regular expressions)\nCopyright (C) 1984", "590"),
        ] {
            let found = Version::find(printed).map(|found| found.to_string());
            assert_eq!(found.as_deref(), Some(version), "{printed}");
        }
        assert_eq!(Version::find("usage: tool\nsince 1984"), None);
        assert_eq!(Version::dotted("unknown command; exit 2"), None);
    }

    #[test]
    fn versions_compare_number_by_number() {
        let version = |text: &str| Version::parse(text).expect("it is a version");
        assert!(version("1.10") > version("1.9"));
        assert!(version("15") == version("15.0.0"));
        assert!(version("15.0.1") > version("15"));
        assert!(version("9.6.24") < version("10"));
        for text in ["", ".", "1.", "+1", "1.x", "v1", "99999999999999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
