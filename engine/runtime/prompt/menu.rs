//! Choosing one of some items: with the arrow keys and a search, or by number.

use std::time::Duration;

use console::truncate_str;
use dialoguer::theme::Theme;

use super::frame::{Frame, size};
use super::keys::{Decoder, Key};
use super::search::{Press, Search, found};
use super::terminal::{Mode, QUIET, Terminal, Typed};
use super::{Answer, Interrupt, ask};
use crate::report::visible::visible_str;

/// How often it is looked whether the terminal has another size.
const RESIZED: Duration = Duration::from_millis(250);

/// The most items that are listed where a list cannot be scrolled.
const LISTED: usize = 40;

/// How many lines above a question stay in sight where the terminal is high enough.
const ABOVE: usize = 6;

/// The most items of a list that a digit can choose from.
pub(super) const DIGITS: usize = 9;

/// How a list of decisions is answered.
const HOW: &str = "press the number of an item, or move the mark and press Enter";

/// What the keys of a list do.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Keys {
    /// They search.
    Search {
        /// How many items at the end are left whatever is searched for.
        pinned: usize,
        /// Whether the first item is marked at first; Enter alone decides nothing otherwise.
        is_marked: bool,
    },
    /// A digit takes an item at once. None is marked at first, so that Enter alone decides nothing.
    Digits,
}

/// Shows the items with their numbers and asks for one, where no key can move a mark.
pub(super) fn select_by_number(
    text: &str,
    items: &[String],
    interrupt: &Interrupt,
) -> Answer<usize> {
    let items: Vec<String> = items.iter().map(|item| one_line(item)).collect();
    let folded: Vec<String> = items.iter().map(|item| item.to_lowercase()).collect();
    let place = |typed: &str| {
        let number: usize = typed.trim().parse().ok()?;
        (1..=items.len()).contains(&number).then(|| number - 1)
    };
    let searched = |typed: &str| typed.trim().strip_prefix('/').map(str::to_owned);
    let mut query = String::new();
    loop {
        let check = |typed: &str| match (place(typed), searched(typed)) {
            (Some(_), _) => Ok(()),
            (None, Some(query)) if found(&folded, &query).is_empty() => {
                Err(format!("nothing matches `{}`", query.trim()))
            }
            (None, Some(_)) => Ok(()),
            (None, None) => Err(format!("type a number from 1 to {}, then Enter", items.len())),
        };
        let question = numbered(text, &items, &found(&folded, &query));
        let typed = match ask(&question, None, Mode::Line, check, interrupt) {
            Answer::Given(typed) => typed,
            Answer::Interrupted => return Answer::Interrupted,
            Answer::Nobody => return Answer::Nobody,
        };
        match (place(&typed), searched(&typed)) {
            (Some(place), _) => return Answer::Given(place),
            (None, narrowed) => query = narrowed.unwrap_or_default(),
        }
    }
}

/// The question that lists some items with their numbers in the whole list.
fn numbered(text: &str, items: &[String], left: &[usize]) -> String {
    let mut question = text.to_owned();
    for place in left.iter().take(LISTED) {
        let item = items.get(*place).map(String::as_str).unwrap_or_default();
        question.push_str(&format!("\n  {} {item}", place + 1));
    }
    if left.len() > LISTED {
        question.push_str(&format!("\n  … {} more", left.len() - LISTED));
    }
    question.push_str(if items.len() > DIGITS {
        "\nNumber, or /text to narrow"
    } else {
        "\nNumber"
    });
    question
}

/// Shows the items with a mark that keys move and Enter takes.
pub(super) fn select_with_keys(
    text: &str,
    items: &[String],
    keys: Keys,
    interrupt: &Interrupt,
) -> Answer<usize> {
    let Some(terminal) = Terminal::take(Mode::Keys, interrupt) else {
        return Answer::Nobody;
    };
    let pinned = match keys {
        Keys::Search { pinned, .. } => pinned,
        Keys::Digits => 0,
    };
    let search = Search::over(items.iter().map(|item| one_line(item)).collect(), pinned);
    let mut menu = Menu::of(search, keys);
    terminal.forget_typed();
    put(&terminal, text);
    menu.answer(&terminal, text)
}

fn put(terminal: &Terminal<'_>, text: &str) {
    terminal.show(|theme, out| {
        theme.format_select_prompt(out, &visible_str(text))?;
        out.write_char('\n')
    });
}

fn one_line(item: &str) -> String {
    visible_str(item).replace(['\n', '\t'], " ")
}

struct Menu {
    search: Search,
    keys: Keys,
    /// Why the last key did nothing.
    refused: Option<&'static str>,
    frame: Frame,
    decoder: Decoder,
}

impl Menu {
    fn of(mut search: Search, keys: Keys) -> Menu {
        if !matches!(keys, Keys::Search { is_marked: true, .. }) {
            search.unmark();
        }
        Menu { search, keys, refused: None, frame: Frame::default(), decoder: Decoder::default() }
    }

    fn answer(&mut self, terminal: &Terminal<'_>, text: &str) -> Answer<usize> {
        loop {
            let drawn = size();
            self.frame.draw(terminal, &self.lines(terminal.theme(), drawn));
            let press = match self.hear(terminal, drawn) {
                Typed::Bytes(bytes) => self.press_all(&bytes, page(drawn)),
                Typed::Again => {
                    terminal.take_again();
                    self.frame.leave();
                    put(terminal, text);
                    continue;
                }
                Typed::Interrupted => return self.leave(terminal, Answer::Interrupted),
                Typed::Nothing => return self.leave(terminal, Answer::Nobody),
            };
            self.refused = None;
            match press {
                Press::Moved => {}
                Press::Taken(place) => {
                    let (_, columns) = size();
                    let item = item_line(terminal.theme(), self.search.item(place), true, columns);
                    self.frame.draw(terminal, &[item]);
                    return Answer::Given(place);
                }
                Press::Left => return self.leave(terminal, Answer::Nobody),
                Press::Refused(why) => {
                    self.refused = Some(why);
                    terminal.beep();
                }
            }
        }
    }

    fn leave(&mut self, terminal: &Terminal<'_>, answer: Answer<usize>) -> Answer<usize> {
        self.frame.draw(terminal, &[]);
        answer
    }

    /// Waits for keys; none where the terminal has another size, or what began a key does not go on.
    fn hear(&mut self, terminal: &Terminal<'_>, drawn: (usize, usize)) -> Typed {
        loop {
            let limit = if self.decoder.is_waiting() { QUIET } else { RESIZED };
            match terminal.read_within(limit) {
                Some(typed) => return typed,
                None if self.decoder.is_waiting() || size() != drawn => {
                    return Typed::Bytes(Vec::new());
                }
                None => {}
            }
        }
    }

    /// Does what the keys say, in order, until one of them ends the question. A text that comes with
    /// its Enter was pasted, and takes nothing.
    fn press_all(&mut self, bytes: &[u8], page: usize) -> Press {
        let mut keys = self.decoder.take(bytes);
        if bytes.is_empty() {
            keys.extend(self.decoder.settle());
        }
        let mut has_text = false;
        for key in &keys {
            has_text |= matches!(key, Key::Char(_));
            let press = match key {
                Key::Enter if has_text => {
                    return Press::Refused("a pasted line takes nothing: press Enter");
                }
                key => self.press(key, page, keys.len() == 1),
            };
            if press != Press::Moved {
                return press;
            }
        }
        Press::Moved
    }

    fn press(&mut self, key: &Key, page: usize, is_alone: bool) -> Press {
        match (self.keys, key) {
            (Keys::Digits, Key::Char(typed)) if is_alone => self.digit(*typed),
            (Keys::Digits, Key::Char(_)) => Press::Refused(HOW),
            (Keys::Digits, Key::Enter) if !self.search.is_marked() => Press::Refused(HOW),
            _ => self.search.press(key, page),
        }
    }

    fn digit(&self, typed: char) -> Press {
        let number = typed.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
        let (count, _) = self.search.counts();
        let place = number.and_then(|number| number.checked_sub(1));
        match place.filter(|place| *place < count.min(DIGITS)) {
            Some(place) => Press::Taken(place),
            None => Press::Refused(HOW),
        }
    }

    /// The lines that show it: as many items as fit, and what the keys do.
    fn lines(&self, theme: &dyn Theme, (rows, columns): (usize, usize)) -> Vec<String> {
        let below: Vec<String> =
            self.hint().into_iter().chain(self.refused.map(str::to_owned)).collect();
        let room = rows.saturating_sub(2 + below.len());
        // What was said before the question stays in sight.
        let fit = if room > 2 * ABOVE { room - ABOVE } else { room.max(1) };
        let shown = self.search.shown(fit).zip(1..);
        let mut lines: Vec<String> = shown
            .map(|((item, is_marked), number)| match self.keys {
                Keys::Digits => item_line(theme, &format!("{number} {item}"), is_marked, columns),
                Keys::Search { .. } => item_line(theme, item, is_marked, columns),
            })
            .collect();
        let room = columns.saturating_sub(1);
        lines.extend(below.into_iter().map(|line| cut(&format!("  {line}"), room)));
        lines
    }

    /// What is searched for, and how much of it is found.
    fn hint(&self) -> Option<String> {
        let (all, found) = self.search.counts();
        let query = self.search.query();
        match (self.keys, query, found) {
            (Keys::Digits, ..) => None,
            (_, "", _) if all <= DIGITS => None,
            (_, "", _) => Some(format!("{all} to choose from; type to search")),
            (_, query, 0) => Some(format!("search: {query}  nothing matches; Esc clears it")),
            (_, query, found) => Some(format!("search: {query}  {found} of {all}")),
        }
    }
}

fn page((rows, _): (usize, usize)) -> usize {
    rows.saturating_sub(3).max(1)
}

/// An item in one line, cut to the width of the terminal.
fn item_line(theme: &dyn Theme, item: &str, is_marked: bool, columns: usize) -> String {
    let mut line = String::new();
    let item = cut(item, columns.saturating_sub(3));
    theme
        .format_select_prompt_item(&mut line, &item, is_marked)
        .expect("a string takes all that is written to it");
    line
}

fn cut(text: &str, columns: usize) -> String {
    truncate_str(text, columns, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;
    use dialoguer::theme::SimpleTheme;

    use super::*;

    fn menu(items: usize, keys: Keys) -> Menu {
        let items =
            (1..=items).map(|number| format!("snapshot {number} {}", "of the shop ".repeat(9)));
        let pinned = if let Keys::Search { pinned, .. } = keys { pinned } else { 0 };
        Menu::of(Search::over(items.collect(), pinned), keys)
    }

    #[test]
    fn a_list_fits_on_screens_of_every_width() {
        for columns in [40, 80, 200] {
            let mut menu = menu(10_000, Keys::Search { pinned: 0, is_marked: true });
            menu.press_all(b"snapshot", 5);
            let lines = menu.lines(&SimpleTheme, (24, columns));
            assert_eq!(lines.len(), 24 - 3 - ABOVE + 1, "what was said before stays in sight");
            assert!(lines.iter().all(|line| measure_text_width(line) < columns), "{lines:?}");
            assert_eq!(
                lines.last().map(String::as_str),
                Some("  search: snapshot  10000 of 10000")
            );
        }
    }

    #[test]
    fn the_last_line_says_what_the_keys_do() {
        let mut menu = menu(12, Keys::Search { pinned: 0, is_marked: true });
        assert_eq!(menu.hint().as_deref(), Some("12 to choose from; type to search"));
        menu.press_all(b"zz", 5);
        assert_eq!(menu.hint().as_deref(), Some("search: zz  nothing matches; Esc clears it"));
        assert_eq!(self::menu(3, Keys::Search { pinned: 0, is_marked: true }).hint(), None);
    }

    #[test]
    fn a_text_that_comes_with_its_enter_takes_nothing() {
        let mut menu = menu(12, Keys::Search { pinned: 0, is_marked: true });
        let refused = Press::Refused("a pasted line takes nothing: press Enter");
        assert_eq!(menu.press_all(b"shop\n", 5), refused);
        assert_eq!(menu.press_all(b"\x1b[B\r", 5), Press::Taken(1));
    }

    #[test]
    fn a_digit_alone_decides_and_letters_do_nothing() {
        let mut menu = menu(3, Keys::Digits);
        assert_eq!(menu.press_all(b"3", 5), Press::Taken(2));
        for typed in [b"4".as_slice(), b"0", b"j", b"12"] {
            assert!(matches!(menu.press_all(typed, 5), Press::Refused(_)), "{typed:?}");
        }
    }

    #[test]
    fn enter_decides_nothing_before_the_mark_was_moved() {
        let mut menu = menu(3, Keys::Digits);
        let marked = |menu: &Menu| menu.search.shown(5).position(|(_, is_marked)| is_marked);
        assert_eq!(menu.press_all(b"\r", 5), Press::Refused(HOW));
        assert_eq!(marked(&menu), None);
        // Esc and Ctrl-U mark nothing either.
        for cleared in [b"\x1b".as_slice(), b"\x15"] {
            menu.press_all(cleared, 5);
            menu.press_all(b"", 5);
            assert_eq!(menu.press_all(b"\r", 5), Press::Refused(HOW));
        }
        assert_eq!(menu.press_all(b"\x1b[B", 5), Press::Moved);
        assert_eq!(marked(&menu), Some(0));
        assert_eq!(menu.press_all(b"\x1b[B\r", 5), Press::Taken(1));
    }

    #[test]
    fn enter_takes_what_a_search_found_first_where_nothing_was_marked() {
        let unmarked = Keys::Search { pinned: 1, is_marked: false };
        let mut menu = menu(3, unmarked);
        let how = "mark one first: type, or move the mark";
        assert_eq!(menu.press_all(b"\r", 5), Press::Refused(how));
        assert_eq!(menu.press_all(b"s", 5), Press::Moved);
        assert_eq!(menu.press_all(b"\r", 5), Press::Taken(0));
    }

    #[test]
    fn a_numbered_list_keeps_the_numbers_of_the_whole_list() {
        let items: Vec<String> = (1..=50).map(|number| format!("item {number}")).collect();
        let question = numbered("Which", &items, &[4, 6]);
        assert_eq!(question, "Which\n  5 item 5\n  7 item 7\nNumber, or /text to narrow");
        let all: Vec<usize> = (0..50).collect();
        assert!(numbered("Which", &items, &all).contains("\n  40 item 40\n  … 10 more\n"));
    }
}
