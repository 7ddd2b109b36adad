//! One key that chooses at once: `[g]o  [s]kip  [?] what each means`.
//!
//! Only a key that is typed by itself counts. What comes as several bytes was pasted, or is no
//! letter, and chooses nothing; nor does Enter alone. A key that chooses nothing is told once, with
//! what is possible.

use console::measure_text_width;
use dialoguer::theme::Theme;

use super::frame::{Frame, size};
use super::keys::{Decoder, Key};
use super::terminal::{Mode, Terminal, Typed};
use super::{Answer, Interrupt, ask};
use crate::report::visible::visible_str;

/// One thing to choose, by its key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The key, a letter in lower case.
    pub key: char,
    /// What it is called.
    pub label: String,
    /// What it means here, in a line.
    pub meaning: String,
}

impl Choice {
    /// A choice with its key, its name and what it means here.
    pub fn of(key: char, label: &str, meaning: &str) -> Choice {
        Choice { key, label: label.to_owned(), meaning: meaning.to_owned() }
    }
}

/// What keys said to a menu of keys.
#[derive(Debug, Eq, PartialEq)]
enum Said {
    /// This choice.
    Chosen(char),
    /// What does each choice mean?
    Explain,
    /// No answer, on purpose.
    Left,
    /// Nothing that counts, and why.
    Refused(String),
}

/// Asks with keys that count at once; where it was asked just before (`is_again`), what was typed
/// since then counts too.
pub(super) fn choose_with_key(
    text: &str,
    choices: &[Choice],
    is_again: bool,
    interrupt: &Interrupt,
) -> Answer<char> {
    let Some(terminal) = Terminal::take(Mode::Keys, interrupt) else {
        return Answer::Nobody;
    };
    if !is_again {
        terminal.forget_typed();
    }
    let (mut frame, mut explains, mut refused) = (Frame::default(), false, None::<String>);
    loop {
        let (_, columns) = size();
        let mut lines = shown(terminal.theme(), text, choices, explains, columns);
        lines.extend(refused.iter().map(|why| error_line(terminal.theme(), why)));
        frame.draw(&terminal, &lines);
        let (bytes, is_whole) = match terminal.read() {
            Typed::Bytes(bytes) => terminal.burst(bytes),
            Typed::Again => {
                terminal.take_again();
                frame.leave();
                continue;
            }
            Typed::Interrupted => return Answer::Interrupted,
            Typed::Nothing => return Answer::Nobody,
        };
        match said(&bytes, is_whole, choices) {
            Said::Chosen(key) => {
                let label = label_of(choices, key);
                frame.draw(&terminal, &[answered(terminal.theme(), text, label)]);
                return Answer::Given(key);
            }
            Said::Left => return Answer::Nobody,
            Said::Explain => (explains, refused) = (true, None),
            Said::Refused(why) => {
                refused = Some(why);
                terminal.beep();
            }
        }
    }
}

/// Asks with a letter and Enter, where single keys cannot be read.
pub(super) fn choose_with_line(
    text: &str,
    choices: &[Choice],
    interrupt: &Interrupt,
) -> Answer<char> {
    let mut explained = String::new();
    loop {
        let heard = |typed: &str| match typed.trim() {
            "" => Said::Refused("an empty answer is none".to_owned()),
            typed => {
                let named = choices.iter().find(|it| it.label.eq_ignore_ascii_case(typed));
                let typed = named.map_or_else(|| typed.to_owned(), |it| it.key.to_string());
                said(typed.as_bytes(), true, choices)
            }
        };
        let check = |typed: &str| match heard(typed) {
            Said::Refused(why) => Err(why),
            Said::Chosen(_) | Said::Explain | Said::Left => Ok(()),
        };
        let question = format!("{text}\n{}{explained}\nKey, then Enter", menu(choices).join("  "));
        match ask(&question, None, Mode::Line, check, interrupt) {
            Answer::Given(typed) => match heard(&typed) {
                Said::Chosen(key) => return Answer::Given(key),
                _ => explained = format!("\n{}", meanings(choices).join("\n")),
            },
            Answer::Interrupted => return Answer::Interrupted,
            Answer::Nobody => return Answer::Nobody,
        }
    }
}

/// What some bytes say that came together; `is_whole` tells that no more came than these.
fn said(bytes: &[u8], is_whole: bool, choices: &[Choice]) -> Said {
    let mut decoder = Decoder::default();
    let mut keys = decoder.take(bytes);
    keys.extend(decoder.settle());
    match keys.as_slice() {
        [Key::Char('?')] if is_whole => Said::Explain,
        [Key::Char(typed)] if is_whole => {
            let is_it = |choice: &&Choice| choice.key == *typed;
            let same = |choice: &&Choice| choice.key.eq_ignore_ascii_case(typed);
            let found = choices.iter().find(is_it).or_else(|| choices.iter().find(same));
            match found {
                Some(choice) => Said::Chosen(choice.key),
                None => Said::Refused(format!("`{typed}` is none of them: {}", possible(choices))),
            }
        }
        [Key::Leave] if is_whole => Said::Left,
        [Key::Enter] => Said::Refused(format!("an empty answer is none: {}", possible(choices))),
        [Key::Char(_), ..] | [Key::Pasted, ..] => {
            Said::Refused(format!("several keys at once are no answer: {}", possible(choices)))
        }
        _ => Said::Refused(format!("that key says nothing here: {}", possible(choices))),
    }
}

fn possible(choices: &[Choice]) -> String {
    let keys: Vec<String> = choices.iter().map(|choice| choice.key.to_string()).collect();
    format!("press one of {} or ?", keys.join(" "))
}

fn label_of(choices: &[Choice], key: char) -> &str {
    choices.iter().find(|it| it.key == key).map(|it| it.label.as_str()).unwrap_or_default()
}

/// The choices as a menu shows them, each with its key in brackets.
fn menu(choices: &[Choice]) -> Vec<String> {
    let with_key = |choice: &Choice| {
        let (key, label) = (choice.key, visible_str(&choice.label));
        match label.char_indices().find(|(_, it)| it.eq_ignore_ascii_case(&key)) {
            Some((at, found)) => {
                let (before, rest) = label.split_at(at);
                format!("{before}[{found}]{}", rest.get(found.len_utf8()..).unwrap_or_default())
            }
            None => format!("[{key}] {label}"),
        }
    };
    let explain = "[?] what each means".to_owned();
    choices.iter().map(with_key).chain([explain]).collect()
}

/// What each choice means, a line for each.
fn meanings(choices: &[Choice]) -> Vec<String> {
    let labels = choices.iter().map(|choice| choice.label.chars().count());
    let width = labels.max().unwrap_or_default();
    let line = |choice: &Choice| {
        let (key, label, meaning) = (choice.key, &choice.label, &choice.meaning);
        visible_str(&format!("  {key}  {label:width$}  {meaning}")).replace('\n', " ")
    };
    choices.iter().map(line).collect()
}

/// The lines of the whole question, none wider than the terminal.
fn shown(
    theme: &dyn Theme,
    text: &str,
    choices: &[Choice],
    explains: bool,
    columns: usize,
) -> Vec<String> {
    let room = columns.saturating_sub(1).max(1);
    let mut question = String::new();
    theme
        .format_select_prompt(&mut question, &visible_str(text))
        .expect("a string takes all that is written to it");
    let mut lines = vec![question];
    if explains {
        lines.extend(meanings(choices).iter().flat_map(|line| wrapped(line, room)));
    }
    let mut line = String::from(" ");
    for item in menu(choices) {
        let width = measure_text_width(&line) + 2 + measure_text_width(&item);
        if width > room && line.trim() != "" {
            lines.push(std::mem::replace(&mut line, String::from(" ")));
        }
        let gap = if line == " " { " " } else { "  " };
        line.push_str(gap);
        line.push_str(&item);
    }
    lines.push(line);
    lines
}

/// A line broken at spaces so that it fits, the rest of it indented.
fn wrapped(line: &str, room: usize) -> Vec<String> {
    let (mut lines, mut current) = (Vec::new(), String::new());
    for word in line.split_inclusive(' ') {
        let width = measure_text_width(&current) + measure_text_width(word.trim_end());
        if width > room && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, "     ".to_owned()));
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

fn error_line(theme: &dyn Theme, why: &str) -> String {
    let mut line = String::new();
    theme
        .format_error(&mut line, &visible_str(why))
        .expect("a string takes all that is written to it");
    line
}

/// What stays on the screen of a question that was answered.
fn answered(theme: &dyn Theme, text: &str, label: &str) -> String {
    let mut line = String::new();
    let (text, label) = (visible_str(text), visible_str(label));
    theme
        .format_input_prompt_selection(&mut line, &text, &label)
        .expect("a string takes all that is written to it");
    line
}

#[cfg(test)]
mod tests {
    use dialoguer::theme::SimpleTheme;

    use super::*;

    fn choices() -> [Choice; 3] {
        [
            Choice::of('g', "go", "the step begins"),
            Choice::of('s', "skip", "2 steps go on without it: load, notify"),
            Choice::of('x', "leave", "the run stays open"),
        ]
    }

    fn says(bytes: &[u8]) -> Said {
        said(bytes, true, &choices())
    }

    #[test]
    fn a_key_by_itself_chooses_in_either_case() {
        assert_eq!(says(b"s"), Said::Chosen('s'));
        assert_eq!(says(b"S"), Said::Chosen('s'));
        assert_eq!(says(b"?"), Said::Explain);
        assert_eq!(says(b"\x04"), Said::Left);
    }

    #[test]
    fn an_upper_case_key_is_its_own_where_there_is_one() {
        let both = [Choice::of('s', "skip", ""), Choice::of('S', "Skip all", "")];
        assert_eq!(said(b"S", true, &both), Said::Chosen('S'));
    }

    #[test]
    fn what_is_no_key_by_itself_chooses_nothing() {
        let several = "several keys at once are no answer: press one of g s x or ?";
        for bytes in [b"gg".as_slice(), b"g\n", b"\x1b[200~g\x1b[201~", b"s g"] {
            assert_eq!(says(bytes), Said::Refused(several.to_owned()), "{bytes:?}");
        }
        assert_eq!(said(b"g", false, &choices()), Said::Refused(several.to_owned()));
        let nothing = "that key says nothing here: press one of g s x or ?";
        for bytes in [b"\x1b[A".as_slice(), b"\xff", b"\x1b", b"\x00", b""] {
            assert_eq!(says(bytes), Said::Refused(nothing.to_owned()), "{bytes:?}");
        }
        let empty = "an empty answer is none: press one of g s x or ?";
        assert_eq!(says(b"\r"), Said::Refused(empty.to_owned()));
        let none = "`q` is none of them: press one of g s x or ?";
        assert_eq!(says(b"q"), Said::Refused(none.to_owned()));
    }

    #[test]
    fn the_menu_stands_in_two_lines_and_breaks_where_the_terminal_is_narrow() {
        let lines = |columns| shown(&SimpleTheme, "What now?", &choices(), false, columns);
        assert_eq!(lines(80), ["What now?:", "  [g]o  [s]kip  [x] leave  [?] what each means"]);
        assert_eq!(lines(40), ["What now?:", "  [g]o  [s]kip  [x] leave", "  [?] what each means"]);
    }

    #[test]
    fn each_choice_is_explained_in_a_line() {
        let lines = shown(&SimpleTheme, "What now?", &choices(), true, 80);
        assert_eq!(lines[2], "  s  skip   2 steps go on without it: load, notify");
        let narrow = shown(&SimpleTheme, "What now?", &choices(), true, 30);
        assert_eq!(narrow[2..4], ["  s  skip   2 steps go on ", "     without it: load, notify"]);
    }
}
