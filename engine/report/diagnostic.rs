//! Diagnostics as a person reads them: the message, the place with an excerpt of the source, the
//! related places, and the way out.
//!
//! Only this module knows the crate that draws them. Whatever a source holds, the output is of
//! bounded size and has no control character but the line feed, so that it is safe on a terminal.

mod excerpt;

use annotate_snippets::renderer::{DEFAULT_CONTEXT_STYLE, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, Title};

use super::visible::visible_str;
use crate::source::{Diagnostic, Position, Severity, Source};
use excerpt::Excerpt;

/// How many diagnostics are drawn; the others are counted.
pub const SHOWN: usize = 50;

/// The longest message, label or help, in characters.
const LONGEST: usize = 300;

/// Excerpts are cut before they reach this width, so the drawing never cuts them again.
const WIDTH: usize = 2_000;

/// How diagnostics look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Look {
    /// Text only.
    Plain,
    /// With colours, for a terminal.
    Coloured,
}

/// What stands around a diagnostic.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frame {
    /// What stands in brackets behind `error`.
    pub id: Option<String>,
    /// What stands behind the place.
    pub beside: Option<String>,
    /// Notes at the end.
    pub notes: Vec<String>,
}

/// Draws diagnostics in the order given, with a blank line after each and a summary at the end.
/// Nothing for none.
pub fn render(source: &Source, diagnostics: &[Diagnostic], look: Look) -> String {
    let mut drawn = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        drawn.push_str(&draw(source, diagnostic, &Frame::default(), look));
        drawn.push_str("\n\n");
    }
    if let Some(more) = diagnostics.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        drawn.push_str(&format!("and {more} more\n\n"));
    }
    if let Some(worst) = diagnostics.iter().map(|found| found.severity).max() {
        let number = match diagnostics.len() {
            1 => "1 problem".to_owned(),
            number => format!("{number} problems"),
        };
        let summary = format!("{number} in {}", inert(source.name()));
        let title = level(worst).primary_title(&summary);
        drawn.push_str(&renderer(look).render(&[Group::with_title(title)]));
        drawn.push('\n');
    }
    drawn
}

/// Draws one diagnostic, without a line break at its end.
pub fn draw(source: &Source, diagnostic: &Diagnostic, frame: &Frame, look: Look) -> String {
    let excerpt = Excerpt::cut(source, diagnostic);
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = match mark.is_primary {
            true => AnnotationKind::Primary,
            false => AnnotationKind::Context,
        };
        kind.span(mark.range.clone()).label(mark.label.as_deref().map(inert))
    });
    let snippet =
        Snippet::source(&excerpt.text).line_start(excerpt.first_line).annotations(annotations);
    let mut arrow = arrow(source, excerpt.place, excerpt.last_line(), look);
    if let Some(beside) = &frame.beside {
        arrow.push_str(&format!("   ({})", inert(beside)));
    }
    let id = frame.id.as_deref().map(inert);
    let title = title(diagnostic);
    let title = match &id {
        Some(id) => title.id(id.as_str()),
        None => title,
    };
    let mut group = match diagnostic.is_private {
        // Without an excerpt there is no line to hang anything on.
        true if frame.notes.is_empty() => {
            let title = renderer(look).render(&[Group::with_title(title)]);
            return format!("{title}\n{arrow}");
        }
        true => Group::with_title(title),
        false => title.element(snippet),
    };
    for (place, words) in &excerpt.elsewhere {
        let note = format!("{} (line {}, column {})", inert(words), place.line, place.column);
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(inert(help)));
    }
    for note in &frame.notes {
        group = group.element(Level::NOTE.message(inert(note)));
    }
    let drawn = renderer(look).render(&[group]);
    let (title, body) = drawn.split_once('\n').unwrap_or((&drawn, ""));
    let body: Vec<_> = body.lines().map(str::trim_end).collect();
    format!("{title}\n{arrow}\n{}", body.join("\n"))
}

fn title<'t>(diagnostic: &Diagnostic) -> Title<'t> {
    level(diagnostic.severity).primary_title(inert(&diagnostic.message))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn renderer(look: Look) -> Renderer {
    match look {
        Look::Plain => Renderer::plain(),
        Look::Coloured => Renderer::styled(),
    }
    .term_width(WIDTH)
}

/// The line ` --> file:line:column`. The crate would count the column in the excerpt, where the
/// front of a long line is missing.
fn arrow(source: &Source, place: Position, last_line: usize, look: Look) -> String {
    let style = match look {
        Look::Plain => Style::new(),
        Look::Coloured => DEFAULT_CONTEXT_STYLE,
    };
    let indent = last_line.to_string().len();
    let Position { line, column } = place;
    format!("{:indent$}{style}--> {style:#}{}:{line}:{column}", "", inert(source.name()))
}

/// A text for a line of its own: what a terminal would act on is written out, and it is cut where
/// it is too long.
fn inert(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    let shown = visible_str(text.get(..cut.unwrap_or(text.len())).unwrap_or_default());
    let end = if cut.is_some() { "…" } else { "" };
    shown.replace(['\n', '\t'], " ") + end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::Span;

    const STEP: &str = "steps:\n  - id: a\n    nedes: [b]\n    run: x\n    id: b\n";

    fn source(text: &str) -> Source {
        Source::new("runbooks/a.yaml", text)
    }

    /// The place of a part of a text.
    fn span(text: &str, part: &str) -> Span {
        let start = text.find(part).expect("the text has the part");
        Span::new(start, start + part.len())
    }

    fn plain(text: &str, diagnostics: &[Diagnostic]) -> String {
        render(&source(text), diagnostics, Look::Plain)
    }

    #[test]
    fn a_diagnostic_has_its_place_an_excerpt_and_a_way_out() {
        let unknown = Diagnostic::error(span(STEP, "nedes"), "unknown key `nedes` in a step")
            .label("not a key here")
            .help("did you mean `needs`?");
        let expected = "\
error: unknown key `nedes` in a step
 --> runbooks/a.yaml:3:5
  |
3 |     nedes: [b]
  |     ^^^^^ not a key here
  |
  = help: did you mean `needs`?

error: 1 problem in runbooks/a.yaml
";
        assert_eq!(plain(STEP, &[unknown]), expected);
    }

    #[test]
    fn related_places_stand_in_the_same_excerpt() {
        let again = Diagnostic::error(Span::new(47, 49), "the key `id` comes twice")
            .label("again")
            .related(span(STEP, "id"), "first here");
        let expected = "\
error: the key `id` comes twice
 --> runbooks/a.yaml:5:5
  |
2 |   - id: a
  |     -- first here
...
5 |     id: b
  |     ^^ again

error: 1 problem in runbooks/a.yaml
";
        assert_eq!(plain(STEP, &[again]), expected);
    }

    #[test]
    fn a_related_place_far_away_is_named() {
        let text = format!("id: a\n{}id: b\n", "\n".repeat(998));
        let again = Diagnostic::warning(Span::new(1004, 1006), "the key `id` comes twice")
            .related(Span::new(0, 2), "first here")
            .help("remove one");
        let expected = "\
warning: the key `id` comes twice
    --> runbooks/a.yaml:1000:1
     |
1000 | id: b
     | ^^
     |
     = note: first here (line 1, column 1)
     = help: remove one

warning: 1 problem in runbooks/a.yaml
";
        assert_eq!(plain(&text, &[again]), expected);
    }

    #[test]
    fn a_span_is_drawn_on_its_first_line_and_an_empty_one_as_one_mark() {
        let whole = Diagnostic::error(Span::new(0, STEP.len()), "a runbook needs `id`");
        let end = Diagnostic::error(Span::new(STEP.len(), STEP.len()), "something is missing here");
        let expected = "\
error: a runbook needs `id`
 --> runbooks/a.yaml:1:1
  |
1 | steps:
  | ^^^^^^

error: something is missing here
 --> runbooks/a.yaml:5:10
  |
5 |     id: b
  |          ^

error: 2 problems in runbooks/a.yaml
";
        assert_eq!(plain(STEP, &[whole, end]), expected);
        let empty = Diagnostic::error(Span::default(), "the file is empty");
        let expected = "\
error: the file is empty
 --> runbooks/a.yaml:1:1
  |
1 |
  | ^

error: 1 problem in runbooks/a.yaml
";
        assert_eq!(plain("", std::slice::from_ref(&empty)), expected);
        assert_eq!(plain("", &[]), "");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        let text = "\u{feff}a\u{202e}b: \u{1b}[31mc\tdé: x\r\n";
        let found = Diagnostic::error(span(text, "dé"), "unknown key `\u{1b}[2J\n`")
            .label("\u{9b}here")
            .help("\u{202e}none");
        let expected = "\
error: unknown key `\\x1b[2J `
 --> runbooks/a.yaml:1:14
  |
1 | a\\u{202e}b: \\x1b[31mc    dé: x
  |                          ^^ \\u{9b}here
  |
  = help: \\u{202e}none

error: 1 problem in runbooks/a.yaml
";
        assert_eq!(plain(text, &[found]), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark_and_keeps_its_column() {
        let text = format!("{}needle: {}", "é".repeat(100_000), "y".repeat(100_000));
        let found = Diagnostic::error(span(&text, "needle"), "x".repeat(1_000))
            .related(Span::new(0, 2), "and here");
        let expected = format!(
            "\
error: {}…
 --> runbooks/a.yaml:1:100001
  |
1 | …{}needle: {}…
  |  {}^^^^^^
  |
  = note: and here (line 1, column 1)

error: 1 problem in runbooks/a.yaml
",
            "x".repeat(300),
            "é".repeat(60),
            "y".repeat(112),
            " ".repeat(60),
        );
        assert_eq!(plain(&text, &[found]), expected);
    }

    #[test]
    fn the_first_fifty_are_drawn_and_the_others_counted() {
        let found = vec![Diagnostic::warning(Span::new(0, 5), "so it is"); 73];
        let drawn = plain(STEP, &found);
        assert_eq!(drawn.matches("warning: so it is").count(), 50);
        assert!(drawn.ends_with("\n\nand 23 more\n\nwarning: 73 problems in runbooks/a.yaml\n"));
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let again = Diagnostic::error(Span::new(47, 49), "the key `id` comes twice")
            .label("again")
            .related(span(STEP, "id"), "first here")
            .help("remove one");
        let coloured = render(&source(STEP), std::slice::from_ref(&again), Look::Coloured);
        assert!(coloured.starts_with("\u{1b}[1m\u{1b}[91merror\u{1b}[0m"));
        let stripped = console::strip_ansi_codes(&coloured).into_owned();
        assert_eq!(stripped, plain(STEP, &[again]));
    }

    proptest! {
        #[test]
        fn any_text_and_any_spans_are_drawn_safely(
            text in "[a:\n\r\té\u{0}\u{1b}\u{202e}語 ]{0,60}",
            spans in proptest::collection::vec((0..90_usize, 0..90_usize), 1..5),
        ) {
            let mut found = Diagnostic::error(Span::default(), text.clone());
            for (start, end) in spans {
                found.at = Span::new(start, end);
                found = found.related(Span::new(end, start), text.clone());
            }
            let drawn = plain(&text, &[found]);
            prop_assert!(drawn.chars().all(|shown| shown == '\n' || !shown.is_control()));
            prop_assert!(drawn.ends_with("error: 1 problem in runbooks/a.yaml\n"));
        }
    }
}
