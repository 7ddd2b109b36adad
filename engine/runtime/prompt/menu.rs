//! Choosing one of some items, with the arrow keys or by number.

use std::fmt;

use console::{Term, truncate_str};
use dialoguer::theme::Theme;

use super::terminal::{Mode, Terminal, Typed};
use super::{Answer, Interrupt, ask};
use crate::report::visible::visible_str;

/// Shows the items with their numbers and asks for one, where no key can move a mark.
pub(super) fn select_by_number(
    text: &str,
    items: &[String],
    interrupt: &Interrupt,
) -> Answer<usize> {
    let place = |typed: &str| {
        let number: usize = typed.trim().parse().ok()?;
        (1..=items.len()).contains(&number).then(|| number - 1)
    };
    let check = |typed: &str| match place(typed) {
        Some(_) => Ok(()),
        None => Err(format!("type a number from 1 to {}, then Enter", items.len())),
    };
    let numbered =
        items.iter().zip(1..).map(|(item, number)| format!("\n  {number} {}", one_line(item)));
    let text = format!("{text}{}\nNumber", numbered.collect::<String>());
    ask(&text, None, Mode::Line, check, interrupt)
        .map(|typed| place(&typed).expect("only what was checked is an answer"))
}

/// Shows the items with a mark that the arrow keys move and Enter takes.
pub(super) fn select_with_keys(
    text: &str,
    items: &[String],
    interrupt: &Interrupt,
) -> Answer<usize> {
    let Some(terminal) = Terminal::take(Mode::Keys, interrupt) else {
        return Answer::Nobody;
    };
    terminal.forget_typed();
    let put = || {
        terminal.show(|theme, out| {
            theme.format_select_prompt(out, &visible_str(text))?;
            out.write_char('\n')
        });
    };
    put();
    let mut menu = Menu { items: items.iter().map(|item| one_line(item)).collect(), marked: 0 };
    loop {
        let drawn = menu.draw(&terminal);
        let typed = terminal.read();
        if matches!(typed, Typed::Again) {
            terminal.take_again();
            put();
            continue;
        }
        // A terminal that cannot be written to cannot be read from either, which tells.
        let _ = Term::stderr().clear_last_lines(drawn);
        match typed {
            Typed::Bytes(bytes) => match menu.press(&bytes) {
                Press::Moved => {}
                Press::Taken => {
                    menu.draw_marked(&terminal);
                    return Answer::Given(menu.marked);
                }
                Press::Left => return Answer::Nobody,
            },
            Typed::Interrupted => return Answer::Interrupted,
            Typed::Again | Typed::Nothing => return Answer::Nobody,
        }
    }
}

fn one_line(item: &str) -> String {
    visible_str(item).replace(['\n', '\t'], " ")
}

/// What keys did to a menu.
enum Press {
    /// The mark may stand elsewhere.
    Moved,
    /// The marked item is the answer.
    Taken,
    /// The person gave no answer.
    Left,
}

struct Menu {
    items: Vec<String>,
    marked: usize,
}

impl Menu {
    /// Draws as many items as fit, the marked one among them, and says how many lines that took.
    fn draw(&self, terminal: &Terminal<'_>) -> usize {
        let (rows, _) = Term::stderr().size();
        let fit = usize::from(rows).saturating_sub(2).max(1);
        let first = self.marked.saturating_sub(fit - 1);
        let shown = self.items.iter().enumerate().skip(first).take(fit);
        let lines = shown.clone().count();
        terminal.show(|theme, out| {
            shown
                .clone()
                .try_for_each(|(place, item)| draw_item(theme, out, item, place == self.marked))
        });
        lines
    }

    /// Leaves only the marked item on the screen.
    fn draw_marked(&self, terminal: &Terminal<'_>) {
        if let Some(item) = self.items.get(self.marked) {
            terminal.show(|theme, out| draw_item(theme, out, item, true));
        }
    }

    /// Does what the keys say, in order, until one of them ends the question.
    fn press(&mut self, mut bytes: &[u8]) -> Press {
        const CTRL_D: u8 = 4;
        while let Some((key, rest)) = bytes.split_first() {
            bytes = rest;
            match (key, rest) {
                (b'\n' | b'\r', _) => return Press::Taken,
                (&CTRL_D, _) => return Press::Left,
                (b'\x1b', [b'[' | b'O', arrow, after @ ..]) => {
                    bytes = after;
                    self.press_arrow(*arrow);
                }
                (b'k', _) => self.press_arrow(b'A'),
                (b'j', _) => self.press_arrow(b'B'),
                _ => {}
            }
        }
        Press::Moved
    }

    fn press_arrow(&mut self, arrow: u8) {
        let last = self.items.len() - 1;
        self.marked = match arrow {
            b'A' => self.marked.checked_sub(1).unwrap_or(last),
            b'B' if self.marked == last => 0,
            b'B' => self.marked + 1,
            b'H' => 0,
            b'F' => last,
            _ => self.marked,
        };
    }
}

/// Draws an item in one line, cut to the width of the terminal.
fn draw_item(
    theme: &dyn Theme,
    out: &mut dyn fmt::Write,
    item: &str,
    is_marked: bool,
) -> fmt::Result {
    let (_, columns) = Term::stderr().size();
    let room = usize::from(columns).saturating_sub(3);
    theme.format_select_prompt_item(out, &truncate_str(item, room, "…"), is_marked)?;
    out.write_char('\n')
}
