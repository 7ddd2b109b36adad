//! The timeline as Markdown: a table that any ticket system shows.

use std::fmt::Write;

use chrono::SecondsFormat;

use crate::run::event::Mode;

use super::visible::visible_str;
use super::{Entry, Timeline, words};

/// The page. Text from outside is inert in it.
pub fn markdown(timeline: &Timeline) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "# {}\n", inert(&timeline.mode.stamped(&timeline.title)));
    if timeline.mode == Mode::Drill {
        let _ = writeln!(page, "**DRILL:** this run was an exercise, and no incident.\n");
    }
    for (name, value) in facts(timeline) {
        let _ = writeln!(page, "- {name}: {}", inert(&value));
    }
    let _ = writeln!(page, "\n| Time (UTC) | After | Step | What happened |\n|---|---|---|---|");
    for entry in &timeline.entries {
        let _ = writeln!(page, "{}", row(entry));
    }
    if !timeline.unseen.is_empty() {
        let steps = inert(&(timeline.unseen.join(", ") + "."));
        let _ = writeln!(page, "\n**Not known:** how these ended, which had begun: {steps}");
    }
    if let Some(damage) = &timeline.damage {
        let _ = writeln!(page, "\n**Not the whole story:** {}", inert(&format!("{damage}.")));
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

/// Text in which nothing is a mark, a link or a tag, and nothing is hidden.
pub fn inert(text: &str) -> String {
    let text = visible_str(text);
    let mut inert = String::new();
    for (at, c) in text.char_indices() {
        match c {
            '\n' => inert.push_str("<br>"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '!' => {
                inert.push('\\');
                inert.push(c);
            }
            c => push_unlinked(&mut inert, c, &text[at..]),
        }
    }
    inert
}

/// Text as code, which a table cell can hold.
pub fn code(text: &str) -> String {
    let text = visible_str(text);
    let mut code = String::from("<code>");
    for (at, c) in text.char_indices() {
        match c {
            '\n' => code.push_str("&#10;"),
            '|' => code.push_str("&#124;"),
            '`' => code.push_str("&#96;"),
            '*' => code.push_str("&#42;"),
            '_' => code.push_str("&#95;"),
            '[' => code.push_str("&#91;"),
            '\\' => code.push_str("&#92;"),
            '~' => code.push_str("&#126;"),
            c => push_unlinked(&mut code, c, &text[at..]),
        }
    }
    code + "</code>"
}

/// Adds the first character of `rest` so that it makes no tag and no link: nobody follows a link
/// that a command printed, and pages make links of addresses by themselves.
fn push_unlinked(page: &mut String, first: char, rest: &str) {
    let is_after_www = || {
        let before = page.len().checked_sub(3).and_then(|at| page.get(at..));
        before.is_some_and(|before| before.eq_ignore_ascii_case("www"))
    };
    match first {
        '&' => page.push_str("&amp;"),
        '<' => page.push_str("&lt;"),
        '>' => page.push_str("&gt;"),
        ':' if rest.starts_with("://") => page.push_str("&#58;"),
        '.' if is_after_www() => page.push_str("&#46;"),
        other => page.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_inert() {
        assert_eq!(inert("a|b <script> `x` [y](z)"), r"a\|b &lt;script&gt; \`x\` \[y\](z)");
        assert_eq!(code("a|`b`\u{1b}[0m"), r"<code>a&#124;&#96;b&#96;&#92;x1b&#91;0m</code>");
    }

    #[test]
    fn no_address_becomes_a_link_by_itself() {
        assert_eq!(inert("see https://x"), "see https&#58;//x");
        assert_eq!(inert("see HTTPS://x, ftp://x"), "see HTTPS&#58;//x, ftp&#58;//x");
        assert_eq!(code("www.example.com"), "<code>www&#46;example.com</code>");
    }

    #[test]
    fn what_reorders_or_hides_text_is_written_out() {
        assert_eq!(inert("a\u{202e}b\r\nc\u{200b}"), r"a\\u{202e}b<br>c\\u{200b}");
        assert_eq!(code("a\u{2066}b\rc"), "<code>a&#92;u{2066}b&#92;x0dc</code>");
    }
}
