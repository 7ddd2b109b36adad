//! The timeline as Markdown: a table that any ticket system shows.

use std::fmt::Write;

use chrono::SecondsFormat;

use super::{Entry, Timeline, words};

/// The page. Text from outside is inert in it.
pub fn markdown(timeline: &Timeline) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "# {}\n", inert(&timeline.title));
    for (name, value) in facts(timeline) {
        let _ = writeln!(page, "- {name}: {}", inert(&value));
    }
    let _ = writeln!(page, "\n| Time (UTC) | After | Step | What happened |\n|---|---|---|---|");
    for entry in &timeline.entries {
        let _ = writeln!(page, "{}", row(entry));
    }
    if let Some(damage) = &timeline.damage {
        let _ = writeln!(page, "\n**Not the whole story:** {}.", inert(damage));
    }
    page
}

fn facts(timeline: &Timeline) -> Vec<(&'static str, String)> {
    let time = |at: &crate::run::Moment| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let outcome = match timeline.outcome {
        Some(outcome) => words::outcome(outcome).to_owned(),
        None => "open: it has not ended".to_owned(),
    };
    let verdict = timeline.verdict.map(|verdict| verdict.word().replace('_', " "));
    let mut facts = vec![
        ("Run", timeline.run.clone()),
        ("Runbook", timeline.runbook.clone()),
        ("Operator", timeline.operator.clone()),
        ("Started", timeline.started_at.as_ref().map(time).unwrap_or_default()),
        ("Last record", timeline.last_at.as_ref().map(time).unwrap_or_default()),
        ("Outcome", outcome),
        ("Verdict", verdict.unwrap_or_else(|| "none".into())),
    ];
    if let Some(environment) = &timeline.environment {
        facts.insert(2, ("Environment", environment.clone()));
    }
    let durability = timeline.durability.map(|level| words::durability(level).to_owned());
    facts.extend(durability.map(|told| ("Durability", told)));
    facts.extend(timeline.head.clone().map(|head| ("Head of the chain", head)));
    facts
}

fn row(entry: &Entry) -> String {
    let mut text = inert(&entry.text);
    for line in &entry.lines {
        let _ = write!(text, "<br>{}", code(line));
    }
    for evidence in &entry.evidence {
        let cut =
            if evidence.cut > 0 { format!(", {} left out", evidence.cut) } else { String::new() };
        let digest: String = evidence.sha256.chars().take(12).collect();
        let _ = write!(
            text,
            "<br>{} ({} bytes{cut}, SHA-256 {digest}…)",
            code(&evidence.file),
            evidence.bytes
        );
    }
    let step = entry.step.as_deref().map(inert).unwrap_or_default();
    let after = words::duration(u64::try_from(entry.elapsed_ms).unwrap_or_default());
    format!("| {} | {after} | {step} | {text} |", entry.at.format("%H:%M:%S"))
}

/// Text in which nothing is a mark, a link or a tag.
fn inert(text: &str) -> String {
    let mut inert = String::new();
    for c in text.chars() {
        match c {
            '\n' => inert.push_str("<br>"),
            '&' => inert.push_str("&amp;"),
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '!' => {
                inert.push('\\');
                inert.push(c);
            }
            // Nobody follows a link that a command printed.
            ':' if inert.ends_with("http") || inert.ends_with("https") => inert.push_str("&#58;"),
            c if c.is_control() => inert.extend(c.escape_default()),
            c => inert.push(c),
        }
    }
    inert
}

/// Text as code, which a table cell can hold.
fn code(text: &str) -> String {
    let mut code = String::from("<code>");
    for c in text.chars() {
        match c {
            '&' => code.push_str("&amp;"),
            '<' => code.push_str("&lt;"),
            '>' => code.push_str("&gt;"),
            '|' => code.push_str("&#124;"),
            '`' => code.push_str("&#96;"),
            '*' => code.push_str("&#42;"),
            '_' => code.push_str("&#95;"),
            '[' => code.push_str("&#91;"),
            '\\' => code.push_str("&#92;"),
            ':' if code.ends_with("http") || code.ends_with("https") => code.push_str("&#58;"),
            c if c.is_control() => code.extend(c.escape_default()),
            c => code.push(c),
        }
    }
    code + "</code>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_inert() {
        assert_eq!(inert("a|b <script> `x` [y](z)"), r"a\|b &lt;script&gt; \`x\` \[y\](z)");
        assert_eq!(code("a|`b`\u{1b}[0m"), r"<code>a&#124;&#96;b&#96;\u{1b}&#91;0m</code>");
        assert_eq!(inert("see https://x"), "see https&#58;//x");
    }
}
