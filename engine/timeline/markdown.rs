//! The timeline as Markdown: tables that any ticket system shows.

use std::fmt::Write;

use crate::run::event::Mode;

use super::facts::Facts;
use super::visible::visible_str;
use super::{Entry, Evidence, Timeline, View, Zone, words};

/// How many lines of an output are shown that nothing was wrong with.
const EXCERPT: usize = 3;

/// The page, with times in the zone of the reader beside UTC. Text from outside is inert in it.
pub fn markdown(timeline: &Timeline, zone: Zone) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "# {}\n", inert(&timeline.mode.stamped(&timeline.title)));
    if timeline.mode == Mode::Drill {
        let _ = writeln!(page, "**DRILL:** this run was an exercise, and no incident.\n");
    }
    let facts = Facts { timeline, zone };
    for (name, value) in facts.all() {
        let _ = writeln!(page, "- {name}: {}", inert(&value));
    }
    if timeline.view == View::Curated {
        push_milestones(&mut page, &facts);
    }
    push_entries(&mut page, &facts);
    if !timeline.unseen.is_empty() {
        let steps = inert(&(timeline.unseen.join(", ") + "."));
        let _ = writeln!(page, "\n**Not known:** how these ended, which had begun: {steps}");
    }
    if let Some(damage) = &timeline.damage {
        let _ = writeln!(page, "\n**Not the whole story:** {}", inert(&format!("{damage}.")));
    }
    page
}

fn push_milestones(page: &mut String, facts: &Facts<'_>) {
    let _ = writeln!(page, "\n| Milestone | Time (UTC) | {} | How it is known |", facts.base());
    let _ = writeln!(page, "|---|---|---|---|");
    for (label, reached) in facts.milestones() {
        let _ = match reached {
            Some(it) => {
                let (time, after) = (facts.utc(it.at), words::signed(it.after_ms));
                writeln!(page, "| {label} | {time} | {after} | {} |", inert(&it.known.words()))
            }
            None => writeln!(page, "| {label} | {} |  |  |", facts.unreached(label)),
        };
    }
}

fn push_entries(page: &mut String, facts: &Facts<'_>) {
    let here = facts.zone_name().map(|name| format!(" Time ({name}) |")).unwrap_or_default();
    let more = if here.is_empty() { "" } else { "---|" };
    let _ = writeln!(
        page,
        "\n| Time (UTC) |{here} After | Step | What happened | Who | Where | # |\n|---|{more}---|---|---|---|---|---|"
    );
    for entry in &facts.timeline.entries {
        push_row(page, facts, entry);
    }
}

fn push_row(page: &mut String, facts: &Facts<'_>, entry: &Entry) {
    let said = inert(&entry.text);
    let mut text = match entry.corrected_by() {
        Some(seq) => format!("~~{said}~~ (corrected by entry {seq})"),
        None => said,
    };
    if let Some(noted) = facts.noted(entry) {
        let _ = write!(text, " ({noted})");
    }
    if let Some(waited) = entry.waited_ms {
        let _ = write!(text, " (waited {})", words::duration(waited));
    }
    for line in &entry.lines {
        let _ = write!(text, "<br>{}", code(line));
    }
    for evidence in &entry.evidence {
        push_evidence(&mut text, evidence, entry.lines.is_empty());
    }
    let inert = |text: &Option<String>| text.as_deref().map(inert).unwrap_or_default();
    let (step, by, place) = (inert(&entry.step), inert(&entry.by), inert(&entry.place));
    let (time, after) = (facts.utc(entry.when()), words::signed(entry.elapsed_ms));
    let here = facts.here(entry.when()).map(|here| format!(" {here} |")).unwrap_or_default();
    let seq = entry.seq;
    let _ = writeln!(page, "| {time} |{here} {after} | {step} | {text} | {by} | {place} | {seq} |");
}

/// A file that shows what was printed, with a link to it from beside the journal, and its end.
fn push_evidence(text: &mut String, evidence: &Evidence, has_excerpt: bool) {
    let Evidence { file, bytes, cut, sha256, excerpt } = evidence;
    let cut = if *cut > 0 { format!(", {cut} left out") } else { String::new() };
    let digest: String = sha256.chars().take(12).collect();
    let name = match address(file) {
        Some(address) => format!("[{}]({address})", code(file)),
        None => code(file),
    };
    let _ = write!(text, "<br>{name} ({bytes} bytes{cut}, SHA-256 {digest}…)");
    if has_excerpt {
        let lines: Vec<&str> = excerpt.lines().filter(|line| !line.trim().is_empty()).collect();
        for line in &lines[lines.len().saturating_sub(EXCERPT)..] {
            let _ = write!(text, "<br>{}", code(line));
        }
    }
}

/// A kept output as the address of a file beside the page, in which nothing ends the link. A journal
/// can be forged, so nothing else is linked to.
fn address(file: &str) -> Option<String> {
    let name = file.strip_prefix("output/").filter(|name| !name.contains('/'))?;
    let mut address = "output/".to_owned();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                address.push(char::from(byte));
            }
            byte => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    Some(address)
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
    fn only_a_kept_output_is_linked_to_and_nothing_ends_the_link() {
        assert_eq!(address("output/a.1.out").as_deref(), Some("output/a.1.out"));
        assert_eq!(address("output/a) [x](http://y").as_deref(), None);
        assert_eq!(address("output/a) [x|.1.out").as_deref(), Some("output/a%29%20%5Bx%7C.1.out"));
        for elsewhere in ["//evil/x", "output//x", "output/../x", "http://x", "outputs/x", ""] {
            assert_eq!(address(elsewhere), None, "{elsewhere}");
        }
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
