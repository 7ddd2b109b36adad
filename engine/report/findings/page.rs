//! What is said of a rule: its page in Markdown, the same as plain text, and a finding in a line.

use std::fmt::Write;

use crate::lint::{Finding, Rule, Safety};
use crate::source::Severity;

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

/// Markdown without its marks.
pub(super) fn plain(markdown: &str) -> String {
    markdown.replace("**", "").replace('`', "")
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
    let _ = write!(page, "## What it finds\n\n```yaml\n{}\n```\n\n", rule.bad.trim_end());
    let _ = write!(page, "## What to write\n\n```yaml\n{}\n```\n\n", rule.good.trim_end());
    let _ = writeln!(page, "## Where that is known from\n\n{}", source(rule));
    page
}

/// The page of a rule as plain text.
pub fn text(rule: &Rule) -> String {
    let mut page = format!("{} {}\n\n{}\n\n", rule.code, rule.name, rule.about);
    let (severity, confidence) = (rule.severity.word(), rule.confidence.word());
    let (profile, fix) = (rule.profile.word(), fix(rule));
    let _ = write!(
        page,
        "severity {severity}, confidence {confidence}, profile {profile}, fix: {fix}\n\n{}\n\n",
        plain(rule.why)
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

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
