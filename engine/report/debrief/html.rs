//! The debrief as one HTML page: no script, nothing loaded from elsewhere, light and dark by the reader's
//! choice, and readable aloud.

use std::fmt::Write;

use crate::report::visible_str;
use crate::timeline::debrief::Debrief;

use super::{STAMP, Section, facts, sections};

const STYLE: &str = "\
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
background:Canvas;color:CanvasText}
.stamp{border:2px solid;padding:.25rem .75rem;font-weight:bold}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid GrayText}
dt{font-weight:bold}
dd{margin:0 0 .4rem}
pre{white-space:pre-wrap;font:inherit}
";

/// The page.
pub fn html(debrief: &Debrief) -> String {
    let title = format!("{STAMP}: {}", escaped(&debrief.title));
    let mut page =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    page.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.push_str("style-src 'unsafe-inline'\">\n");
    let _ = writeln!(page, "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>");
    let _ = writeln!(page, "<h1>{title}</h1>");
    let _ = writeln!(
        page,
        "<p class=\"stamp\">{STAMP}: nothing of this happened, nothing was run and nothing sent.</p>"
    );
    page.push_str("<dl>\n");
    for (name, value) in facts(debrief) {
        let _ = writeln!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(&value));
    }
    page.push_str("</dl>\n");
    if let Some(scenario) = &debrief.scenario {
        let _ = writeln!(page, "<h2>Scenario</h2>\n<pre>{}</pre>", escaped(scenario.trim()));
    }
    sections(debrief).iter().for_each(|section| push(&mut page, section));
    let _ = writeln!(page, "<p class=\"stamp\">{STAMP}</p>\n</body>\n</html>");
    page
}

fn push(page: &mut String, section: &Section) {
    let _ = writeln!(page, "<h2>{}</h2>", section.heading);
    if section.rows.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", section.none);
        return;
    }
    let heads: String =
        section.columns.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    let _ = writeln!(page, "<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>");
    for row in &section.rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        let _ = writeln!(page, "<tr>{cells}</tr>");
    }
    page.push_str("</tbody>\n</table>\n");
}

/// Text in which nothing is a tag, and nothing is hidden.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible_str(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_markup_and_hides_nothing() {
        let text = "<script>\"a\" & 'b'</script>\u{202e}";
        let expected = "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\\u{202e}";
        assert_eq!(escaped(text), expected);
    }
}
