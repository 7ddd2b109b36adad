//! Questions to the person at the terminal.
//!
//! A question is answered only by what is typed after it was put: earlier input is thrown away.
//! End of input, a closed terminal and no terminal at all answer nothing ([`Answer::Nobody`]), and
//! an [`Interrupt`] ends a question from outside. However a question ends, the terminal is as it
//! was before, its cursor shown; [`restore`] does the same for a way out that ends no question. When
//! we are suspended the shell has it as it was, and the question is asked anew afterwards.
//! Everything goes to standard error, and nothing in a question can act on the terminal.
//!
//! Questions look as dialoguer's themes say. Its own loops cannot be ended from outside, take no
//! notice of Ctrl-D and spin when the terminal is gone, so reading is done here.

mod choice;
mod frame;
mod interrupt;
mod keyboard;
mod keys;
mod menu;
mod search;
mod terminal;
mod turn;

use std::io::IsTerminal;

use console::colors_enabled_stderr;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};

pub use self::choice::Choice;
pub use self::interrupt::Interrupt;
pub use self::keyboard::Keyboard;
pub use self::terminal::{ask_again, give_back, restore};

use self::menu::Keys;
use self::terminal::{Line, Mode, Terminal};
use crate::report::visible::visible_str;

/// What became of a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer<T> {
    /// A person answered it.
    Given(T),
    /// It was ended from outside, which is also how Ctrl-C arrives.
    Interrupted,
    /// Nobody is there: no terminal, no longer a terminal, or Ctrl-D.
    Nobody,
}

impl<T> Answer<T> {
    /// The same answer, its value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Answer::Given(value) => Answer::Given(change(value)),
            Answer::Interrupted => Answer::Interrupted,
            Answer::Nobody => Answer::Nobody,
        }
    }
}

/// Whether a person can be asked: standard input and standard error are terminals.
pub fn is_attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for yes or no; Enter alone is no. Blocks.
pub fn confirm(text: &str, interrupt: &Interrupt) -> Answer<bool> {
    let check = |typed: &str| match yes_or_no(typed) {
        Some(_) => Ok(()),
        None => Err("type y or n, then Enter".to_owned()),
    };
    let typed = ask(text, Some("y/N"), Mode::Line, check, interrupt);
    typed.map(|typed| yes_or_no(&typed) == Some(true))
}

fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// Asks for a line, as it is typed; an empty one means the default. What `validate` refuses is
/// asked again, with its reason. Blocks.
pub fn line(
    text: &str,
    validate: impl Fn(&str) -> Result<(), String>,
    default: Option<&str>,
    interrupt: &Interrupt,
) -> Answer<String> {
    let meant = |typed: String| match default {
        Some(default) if typed.is_empty() => default.to_owned(),
        _ => typed,
    };
    let check = |typed: &str| validate(&meant(typed.to_owned()));
    ask(text, default, Mode::Line, check, interrupt).map(meant)
}

/// The check that takes whatever somebody typed.
pub fn not_empty(typed: &str) -> Result<(), String> {
    if typed.is_empty() { Err("it is empty".to_owned()) } else { Ok(()) }
}

/// The check that takes whatever somebody typed as a reason.
pub fn is_reason(typed: &str) -> Result<(), String> {
    match typed.trim() {
        "" => Err("a reason is needed: it goes into the timeline".to_owned()),
        _ => Ok(()),
    }
}

/// Asks for something that nobody must see, until `check` is content. Blocks.
pub fn password(
    text: &str,
    check: impl Fn(&str) -> Result<(), String>,
    interrupt: &Interrupt,
) -> Answer<String> {
    ask(text, None, Mode::Hidden, check, interrupt)
}

/// Asks which of some items, and answers with its place. Typing searches. Blocks.
pub fn select(text: &str, items: &[String], interrupt: &Interrupt) -> Answer<usize> {
    select_beside(text, items, (0, true), interrupt)
}

/// The same, where the last few items are no match of a search and stand there all the same; and
/// whether the first one is marked at first, for Enter alone to take.
pub fn select_beside(
    text: &str,
    items: &[String],
    (pinned, is_marked): (usize, bool),
    interrupt: &Interrupt,
) -> Answer<usize> {
    choose(text, items, Keys::Search { pinned, is_marked }, interrupt)
}

/// Asks for one of a few decisions, and answers with its place. The number of one takes it at once.
/// Blocks.
pub fn decide(text: &str, items: &[String], interrupt: &Interrupt) -> Answer<usize> {
    let keys = match items.len() {
        0..=menu::DIGITS => Keys::Digits,
        _ => Keys::Search { pinned: 0, is_marked: false },
    };
    choose(text, items, keys, interrupt)
}

fn choose(text: &str, items: &[String], keys: Keys, interrupt: &Interrupt) -> Answer<usize> {
    if items.is_empty() {
        return Answer::Nobody;
    }
    if console::is_dumb() {
        return menu::select_by_number(text, items, interrupt);
    }
    menu::select_with_keys(text, items, keys, interrupt)
}

/// Asks for one of a few choices by a single key, which counts at once; Enter alone is none.
/// Blocks.
pub fn key(text: &str, choices: &[Choice], interrupt: &Interrupt) -> Answer<char> {
    if choices.is_empty() {
        return Answer::Nobody;
    }
    if console::is_dumb() {
        return choice::choose_with_line(text, choices, interrupt);
    }
    choice::choose_with_key(text, choices, false, interrupt)
}

/// Asks for the same by a key once more, after news: what was typed since the last time counts, since
/// it was typed at this question. Blocks.
pub fn key_again(text: &str, choices: &[Choice], interrupt: &Interrupt) -> Answer<char> {
    if choices.is_empty() || console::is_dumb() {
        return key(text, choices, interrupt);
    }
    choice::choose_with_key(text, choices, true, interrupt)
}

/// The terminal is somebody else's until this is dropped: no question is put, and no key is read.
pub struct Lent {
    _turn: turn::Turn,
}

/// Lends the terminal to something else, once nobody is asked. Blocks.
pub fn lend() -> Lent {
    Lent { _turn: turn::take() }
}

/// Asks until `check` is content.
fn ask(
    text: &str,
    hint: Option<&str>,
    mode: Mode,
    check: impl Fn(&str) -> Result<(), String>,
    interrupt: &Interrupt,
) -> Answer<String> {
    let Some(terminal) = Terminal::take(mode, interrupt) else {
        return Answer::Nobody;
    };
    let (text, hint) = (visible_str(text), hint.map(visible_str));
    // What is typed after a refusal is typed at this question.
    terminal.forget_typed();
    loop {
        terminal.show(|theme, out| theme.format_input_prompt(out, &text, hint.as_deref()));
        let refused = match terminal.read_line() {
            Line::Whole(typed) => match check(&typed) {
                Ok(()) => return Answer::Given(typed),
                Err(reason) => reason,
            },
            Line::Refused(why) => why.to_owned(),
            Line::Again => {
                terminal.take_again();
                continue;
            }
            Line::Interrupted => return Answer::Interrupted,
            Line::Nothing => return Answer::Nobody,
        };
        terminal.show(|theme, out| {
            theme.format_error(out, &visible_str(&refused))?;
            out.write_char('\n')
        });
    }
}

/// How questions look here.
fn theme() -> Box<dyn Theme> {
    if colors_enabled_stderr() { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
}

#[cfg(test)]
mod tests;
