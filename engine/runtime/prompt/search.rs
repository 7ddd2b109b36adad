//! A list that typing narrows: which items are left, and which one is marked.
//!
//! It is pure: it knows neither a terminal nor how it is drawn. An item is left when all words of
//! the search stand in it somewhere, in whatever case. The last few items may be pinned: they are
//! left whatever is searched for, and are marked by nothing but a key that moves the mark.

use super::keys::Key;

/// The longest search, in characters.
const LONGEST: usize = 200;

/// What keys did to a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Press {
    /// The list or its mark may be another.
    Moved,
    /// This item is the answer.
    Taken(usize),
    /// The person gave no answer.
    Left,
    /// It did nothing.
    Refused(&'static str),
}

/// A list, and how far a search has narrowed it.
pub(super) struct Search {
    items: Vec<String>,
    folded: Vec<String>,
    pinned: usize,
    query: String,
    /// The places of the items that are left.
    left: Vec<usize>,
    /// Which of those is marked.
    marked: Option<usize>,
    /// Whether the first one is marked without a search.
    begins_marked: bool,
}

impl Search {
    /// A list of which nothing is narrowed, its first item marked; the last few are pinned.
    pub(super) fn over(items: Vec<String>, pinned: usize) -> Search {
        let folded = items.iter().map(|item| item.to_lowercase()).collect();
        let left = (0..items.len()).collect();
        let marked = (!items.is_empty()).then_some(0);
        Search { items, folded, pinned, query: String::new(), left, marked, begins_marked: true }
    }

    /// Begins with nothing marked, until a key or a search marks something.
    pub(super) fn unmark(&mut self) {
        (self.marked, self.begins_marked) = (None, false);
    }

    /// Whether an item is marked, which Enter would take.
    pub(super) fn is_marked(&self) -> bool {
        self.marked.is_some()
    }

    /// How many items there are, and how many of them are found, pinned ones not counted.
    pub(super) fn counts(&self) -> (usize, usize) {
        let pinned = self.pinned.min(self.items.len());
        (self.items.len() - pinned, self.left.len() - pinned)
    }

    /// What is searched for.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// The item at a place of the whole list.
    pub(super) fn item(&self, place: usize) -> &str {
        self.items.get(place).map(String::as_str).unwrap_or_default()
    }

    /// As many of the items that are left as fit, the marked one among them, and whether each is.
    pub(super) fn shown(&self, fit: usize) -> impl Iterator<Item = (&str, bool)> {
        let marked = self.marked;
        let first = marked.unwrap_or(0).saturating_sub(fit.saturating_sub(1));
        let shown = self.left.iter().enumerate().skip(first).take(fit);
        shown.map(move |(at, place)| (self.item(*place), Some(at) == marked))
    }

    /// The places of the items that are left.
    #[cfg(test)]
    pub(super) fn left(&self) -> &[usize] {
        &self.left
    }

    /// Does what a key says; `page` is how far a page moves.
    pub(super) fn press(&mut self, key: &Key, page: usize) -> Press {
        let last = self.left.len().saturating_sub(1);
        let at = self.marked;
        match key {
            Key::Char(typed) if self.query.chars().count() < LONGEST => {
                self.query.push(*typed);
                self.narrow();
            }
            Key::Backspace if !self.query.is_empty() => {
                self.query.pop();
                self.narrow();
            }
            Key::Escape | Key::Clear => {
                self.query.clear();
                self.narrow();
            }
            Key::Enter => {
                let place = at.and_then(|at| self.left.get(at));
                return match place {
                    Some(place) => Press::Taken(*place),
                    None if self.query.is_empty() => {
                        Press::Refused("mark one first: type, or move the mark")
                    }
                    None => Press::Refused("nothing is marked"),
                };
            }
            Key::Leave => return Press::Left,
            Key::Char(_) => return Press::Refused("the search is too long"),
            Key::Pasted => return Press::Refused("what is pasted chooses nothing: type it"),
            Key::Backspace | Key::Unknown => return Press::Refused("that key does nothing here"),
            _ if self.left.is_empty() => return Press::Refused("nothing matches"),
            Key::Up => self.marked = Some(at.and_then(|at| at.checked_sub(1)).unwrap_or(last)),
            Key::Down => self.marked = Some(at.map_or(0, |at| if at == last { 0 } else { at + 1 })),
            Key::PageUp => self.marked = Some(at.unwrap_or(0).saturating_sub(page)),
            Key::PageDown => self.marked = Some(at.map_or(0, |at| (at + page).min(last))),
            Key::Home => self.marked = Some(0),
            Key::End => self.marked = Some(last),
        }
        Press::Moved
    }

    /// Finds the items that are left; the mark stays where its item is.
    fn narrow(&mut self) {
        let marked = self.marked.and_then(|at| self.left.get(at)).copied();
        let free = self.items.len() - self.pinned.min(self.items.len());
        self.left = found(self.folded.get(..free).unwrap_or_default(), &self.query);
        let has_found = !self.left.is_empty();
        self.left.extend(free..self.items.len());
        let kept = marked.filter(|place| *place < free || self.query.is_empty());
        let kept = kept.and_then(|place| self.left.iter().position(|it| *it == place));
        // Without a search the list is as it began.
        self.marked = match (self.query.is_empty(), self.begins_marked) {
            (true, false) => None,
            (true, true) => kept.or(Some(0)),
            (false, _) => kept.or(has_found.then_some(0)),
        };
    }
}

/// The places of the items in which all words of a search stand; the items are in lower case.
pub(super) fn found(folded: &[String], query: &str) -> Vec<usize> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let fits = |item: &String| words.iter().all(|word| item.contains(word));
    folded.iter().enumerate().filter(|(_, item)| fits(item)).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups(pinned: usize) -> Search {
        let items = ["db-2026-11-01.sql", "DB-2026-11-02.sql", "web 2026-11-02.tar", "(none)"];
        Search::over(items.map(str::to_owned).to_vec(), pinned)
    }

    fn types(search: &mut Search, text: &str) {
        text.chars().for_each(|typed| assert_eq!(search.press(&Key::Char(typed), 5), Press::Moved));
    }

    fn shown(search: &Search, fit: usize) -> Vec<(&str, bool)> {
        search.shown(fit).collect()
    }

    #[test]
    fn all_words_must_stand_in_an_item_anywhere_and_in_any_case() {
        let mut search = backups(0);
        types(&mut search, "11-02 db");
        assert_eq!((search.left(), search.query()), ([1].as_slice(), "11-02 db"));
        let folded = ["größe".to_owned(), "grosse".to_owned()];
        assert_eq!(found(&folded, "GRÖSSE"), Vec::<usize>::new());
        assert_eq!(found(&folded, "GRÖ"), [0]);
        assert_eq!(found(&folded, "  "), [0, 1]);
    }

    #[test]
    fn backspace_widens_and_escape_clears() {
        let mut search = backups(0);
        types(&mut search, "dbx");
        assert_eq!((search.counts(), shown(&search, 9)), ((4, 0), vec![]));
        assert_eq!(search.press(&Key::Enter, 5), Press::Refused("nothing is marked"));
        search.press(&Key::Backspace, 5);
        assert_eq!(search.counts(), (4, 2));
        search.press(&Key::Escape, 5);
        assert_eq!((search.counts(), search.query()), ((4, 4), ""));
        assert_eq!(search.press(&Key::Backspace, 5), Press::Refused("that key does nothing here"));
    }

    #[test]
    fn the_mark_stays_on_its_item_as_long_as_that_is_left() {
        let mut search = backups(0);
        search.press(&Key::Down, 5);
        search.press(&Key::Down, 5);
        types(&mut search, "11-02");
        assert_eq!(search.press(&Key::Enter, 5), Press::Taken(2));
        types(&mut search, " db");
        assert_eq!(search.press(&Key::Enter, 5), Press::Taken(1));
    }

    #[test]
    fn a_pinned_item_is_left_and_is_taken_only_when_somebody_moves_to_it() {
        let mut search = backups(1);
        types(&mut search, "nothing like it");
        assert_eq!((search.counts(), shown(&search, 9)), ((3, 0), vec![("(none)", false)]));
        assert_eq!(search.press(&Key::Enter, 5), Press::Refused("nothing is marked"));
        search.press(&Key::Down, 5);
        assert_eq!(search.press(&Key::Enter, 5), Press::Taken(3));
    }

    #[test]
    fn the_mark_goes_round_and_by_pages() {
        let items = (0..50).map(|number| number.to_string()).collect();
        let mut search = Search::over(items, 0);
        search.press(&Key::Up, 10);
        assert_eq!(shown(&search, 2), [("48", false), ("49", true)]);
        search.press(&Key::Down, 10);
        search.press(&Key::PageDown, 10);
        assert_eq!(search.press(&Key::Enter, 10), Press::Taken(10));
        search.press(&Key::End, 10);
        search.press(&Key::PageDown, 10);
        assert_eq!(search.press(&Key::Enter, 10), Press::Taken(49));
        search.press(&Key::PageUp, 10);
        search.press(&Key::Home, 10);
        assert_eq!(search.press(&Key::Enter, 10), Press::Taken(0));
    }

    #[test]
    fn a_list_of_ten_thousand_is_narrowed_to_the_one() {
        let items = (0..10_000).map(|number| format!("snapshot {number:05}")).collect();
        let mut search = Search::over(items, 0);
        types(&mut search, "09999");
        assert_eq!((search.counts(), search.left()), ((10_000, 1), [9_999].as_slice()));
    }

    #[test]
    fn a_search_is_never_longer_than_it_may_be() {
        let mut search = backups(0);
        types(&mut search, &"x".repeat(LONGEST));
        assert_eq!(search.press(&Key::Char('x'), 5), Press::Refused("the search is too long"));
        assert_eq!(search.press(&Key::Leave, 5), Press::Left);
    }
}
