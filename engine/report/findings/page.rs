//! What is said of a rule: its page in Markdown, the same as plain text, and a finding in a line.

use std::fmt::Write;

use crate::lint::{Finding, Rule, Safety};
use crate::source::Severity;

/// How many columns a line of plain text has at most.
const WIDTH: usize = 90;

/// A finding as one sentence, with the way out behind it.
pub(super) fn message(finding: &Finding) -> String {
    let part = finding.part.as_ref().map(|part| format!("{part}: ")).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{part}{}{help}", finding.message)
}

/// The family of a rule, by the hundreds of its code.
pub fn family(rule: &Rule) -> &'static str {
    match rule.code.as_bytes().get(2) {
        Some(b'1') => "structure",
        Some(b'2') => "safety",
        Some(b'3') => "secrets",
        Some(b'4') => "shell",
        Some(b'5') => "metadata",
        Some(b'6') => "verification",
        Some(b'7') => "tools",
        _ => "suppressions",
    }
}

/// How bad it is for security, as code scanning counts it; none for what has nothing to do with it.
pub(super) fn security(rule: &Rule) -> Option<&'static str> {
    (family(rule) == "secrets").then_some(match rule.severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.5",
        Severity::Note => "3.0",
    })
}

/// Markdown without its marks; of a link, its words are left.
pub fn plain(markdown: &str) -> String {
    let mut text = markdown.replace("**", "").replace('`', "");
    while let Some((before, rest)) = text.split_once('[')
        && let Some((words, rest)) = rest.split_once("](")
        && let Some((_, after)) = rest.split_once(')')
        && !words.contains(['[', '\n'])
    {
        text = format!("{before}{words}{after}");
    }
    text
}

/// The list of all rules, family by family.
pub fn index(rules: &[&Rule]) -> String {
    let mut page =
        "# Rules\n\nWhat `holdpoint lint` looks for. `holdpoint explain CODE` shows the \
                    same pages; how rules are chosen,\nweighed and answered for stands in \
                    [lint.md](../lint.md).\n"
            .to_owned();
    let mut last = "";
    for rule in rules {
        let family = family(rule);
        if family != last {
            let mut title = family.to_owned();
            title[..1].make_ascii_uppercase();
            let _ = write!(
                page,
                "\n## {title}\n\n| rule | what it finds | severity | confidence | profile | fix |\n\
                 |---|---|---|---|---|---|\n"
            );
            last = family;
        }
        let _ = writeln!(
            page,
            "| [{code}]({code}.md) {} | {} | {} | {} | {} | {} |",
            rule.name,
            rule.about.replace('|', "\\|"),
            rule.severity.word(),
            rule.confidence.word(),
            rule.profile.word(),
            rule.fix.map_or("none", |fix| match fix {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
            }),
            code = rule.code,
        );
    }
    page
}

/// The page of a rule.
pub fn markdown(rule: &Rule) -> String {
    let mut page = format!("# {} {}\n\n{}\n\n", rule.code, rule.name, rule.about);
    let (severity, confidence) = (rule.severity.word(), rule.confidence.word());
    let _ = writeln!(
        page,
        "| severity | confidence | profile | fix |\n|---|---|---|---|\n| {severity} | {confidence} | {} | {} |\n",
        rule.profile.word(),
        fix(rule)
    );
    let _ = write!(page, "## Why\n\n{}\n\n", rule.why);
    let _ = write!(page, "## What it finds\n\n```yml\n{}\n```\n\n", rule.bad.trim_end());
    let _ = write!(page, "## What to write\n\n```yaml\n{}\n```\n\n", rule.good.trim_end());
    let _ = writeln!(page, "## Where that is known from\n\n{}", source(rule));
    page
}

/// The page of a rule as plain text.
pub fn text(rule: &Rule) -> String {
    let about = wrapped(rule.about);
    let mut page = format!("{} {}\n\n{about}\n\n", rule.code, rule.name);
    let (severity, confidence) = (rule.severity.word(), rule.confidence.word());
    let (profile, fix) = (rule.profile.word(), fix(rule));
    let _ = write!(
        page,
        "severity {severity}, confidence {confidence}, profile {profile}, fix: {fix}\n\n{}\n\n",
        wrapped(&plain(rule.why))
    );
    let _ = write!(page, "What it finds:\n\n{}\n", indented(rule.bad));
    let _ = write!(page, "What to write:\n\n{}\n", indented(rule.good));
    let _ = writeln!(page, "Source: {}", rule.source);
    page
}

fn fix(rule: &Rule) -> &'static str {
    match rule.fix {
        Some(Safety::Safe) => "safe (`--fix`)",
        Some(Safety::Unsafe) => "to be looked at (`--unsafe-fixes`)",
        None => "none",
    }
}

fn source(rule: &Rule) -> String {
    let source = rule.source;
    match source.starts_with("https://") {
        true => format!("<{source}>"),
        false => {
            let mut text = source.to_owned();
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            text + "."
        }
    }
}

/// A text in lines that a terminal shows whole.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        let (gap, before) = match width {
            0 => ("", 0),
            _ if width + 1 + long > WIDTH => ("\n", 0),
            _ => (" ", width + 1),
        };
        lines.push_str(gap);
        lines.push_str(word);
        width = before + long;
    }
    lines
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::RULES;

    #[test]
    fn plain_text_has_no_marks_and_the_words_of_links() {
        assert_eq!(
            plain("**a** `b` see [the guide](guide.md) and [x](y)"),
            "a b see the guide and x"
        );
        assert_eq!(plain("[not a link] (x) [open](y"), "[not a link] (x) [open](y");
    }

    #[test]
    fn the_list_has_every_rule_under_its_family() {
        let index = index(RULES);
        for rule in RULES {
            assert!(index.contains(&format!("| [{0}]({0}.md) {1} |", rule.code, rule.name)));
        }
        assert!(index.contains("\n## Structure\n"));
    }

    #[test]
    fn a_page_says_all_that_is_known_of_a_rule() {
        let rule = Rule::find("HP105").expect("the rule is there");
        for page in [markdown(rule), text(rule)] {
            for part in
                ["HP105", rule.name, rule.about, "error", "high", "draft", "- id: stop-writers"]
            {
                assert!(page.contains(part), "{part}: {page}");
            }
        }
    }
}
