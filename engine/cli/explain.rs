//! `holdpoint explain`: what a rule of lint, an exit code or the state of a step means.

mod exits;
mod states;

use std::fs;
use std::io;
use std::path::Path;

use crate::document::nearest;
use crate::lint::select::Selector;
use crate::lint::{RULES, Rule};
use crate::report::findings::page;

use super::args::{self, TextOrMd};
use super::failure::{Exit, Failure};

/// Explains a code, or writes a page for each rule.
pub fn explain(args: &args::Explain) -> Result<Exit, Failure> {
    if let Some(folder) = &args.output {
        write(folder).map_err(|error| {
            let message = format!("cannot write to {}: {error}", folder.display());
            Failure::usage(message, "name a folder that can be written to")
        })?;
        return Ok(Exit::Done);
    }
    let code = args.code.as_deref().unwrap_or_default();
    let text = explained(code, args.format).ok_or_else(|| unknown(code))?;
    super::print(&text)?;
    Ok(Exit::Done)
}

fn explained(code: &str, format: TextOrMd) -> Option<String> {
    if let Some(selector) = Selector::one(code) {
        return Some(of_rule(selector.rule, selector.part.as_deref(), format));
    }
    let markdown = exits::of(code).or_else(|| states::of(code))?;
    Some(match format {
        TextOrMd::Md => markdown,
        TextOrMd::Text => page::plain(markdown.trim_start_matches('#').trim_start()),
    })
}

fn of_rule(rule: &Rule, part: Option<&str>, format: TextOrMd) -> String {
    let mut text = match format {
        TextOrMd::Md => page::markdown(rule),
        TextOrMd::Text => page::text(rule),
    };
    if let Some(part) = part {
        text.push_str(&format!("\n{part}: https://www.shellcheck.net/wiki/{part}\n"));
    }
    text
}

fn unknown(code: &str) -> Failure {
    let rules = RULES.iter().flat_map(|rule| [rule.code, rule.name]);
    let help = match nearest(code, rules.chain(states::words())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a rule such as HP201, an exit code such as 5, or a state such as held".into(),
    };
    Failure::usage(format!("there is nothing that is called `{code}`"), help)
}

/// A page for each rule, and a list of them.
fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for rule in RULES {
        fs::write(folder.join(format!("{}.md", rule.code)), page::markdown(rule))?;
    }
    fs::write(folder.join("README.md"), page::index(RULES))
}
