//! A comment that suppresses: found in the text, and taken apart.

use crate::source::{Span, Spanned};

/// A comment that begins with `holdpoint:`, wherever it stands; it may turn out to be no comment.
#[derive(Debug, Default)]
pub(super) struct Comment {
    /// From `#` to its end.
    pub span: Span,
    /// Whether nothing stands before it on its line.
    pub is_alone: bool,
    /// Whether it is for the whole file.
    pub is_for_file: bool,
    /// The rules that it names.
    pub names: Vec<Spanned<String>>,
    /// What stands in the brackets.
    pub list: Span,
    /// Why.
    pub reason: Option<String>,
    /// What is wrong with its form, and the way out.
    pub wrong: Option<(String, &'static str)>,
}

const MARK: &str = "holdpoint:";
const FORM: &str = "write `# holdpoint: ignore[HP201] -- reason`";

/// Everything in a text that may be such a comment.
pub(super) fn all(text: &str) -> Vec<Comment> {
    let places = text.match_indices(MARK).map(|(at, _)| at);
    places.filter_map(|at| read(text, at)).collect()
}

/// The comment around a mark.
fn read(text: &str, mark: usize) -> Option<Comment> {
    let before = text[..mark].trim_end_matches([' ', '\t']).strip_suffix('#')?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let lead = &before[line_start..];
    if !lead.is_empty() && !lead.ends_with([' ', '\t']) {
        return None;
    }
    let end = text[mark..].find(['\n', '\r']).map_or(text.len(), |at| mark + at);
    let said = text[mark + MARK.len()..end].trim_end();
    let span = Span::new(before.len(), mark + MARK.len() + said.len());
    // What precedes an item's first key is the item's as well.
    let is_alone = lead.trim_matches([' ', '\t', '-']).is_empty();
    let said_at = span.end - said.trim_start().len();
    let comment = Comment { span, is_alone, ..Comment::default() };
    parse(comment, said.trim_start(), said_at)
}

/// What is said behind the mark; none for what only looks like it.
fn parse(comment: Comment, said: &str, at: usize) -> Option<Comment> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '-';
    let word = &said[..said.find(|c| !is_letter(c)).unwrap_or(said.len())];
    let rest = &said[word.len()..];
    let is_for_file = match word {
        "ignore" => false,
        "ignore-file" => true,
        _ if rest.starts_with('[') => {
            let message = format!("`{word}` is not known here");
            return Some(Comment { wrong: Some((message, FORM)), ..comment });
        }
        _ => return None,
    };
    let wrong = |message: &str| Some((message.to_owned(), FORM));
    let comment = Comment { is_for_file, ..comment };
    let Some(inner) = rest.strip_prefix('[') else {
        return Some(Comment { wrong: wrong("this comment names no rule"), ..comment });
    };
    let Some(length) = closing(inner) else {
        return Some(Comment { wrong: wrong("this bracket is not closed"), ..comment });
    };
    let list_at = at + word.len() + 1;
    let names = names(&inner[..length], list_at);
    let behind = inner[length + 1..].trim();
    let reason = behind.strip_prefix("--").map(str::trim).filter(|it| !it.is_empty());
    let mut comment = Comment {
        list: Span::new(list_at, list_at + length),
        reason: reason.map(str::to_owned),
        ..comment
    };
    if names.is_empty() {
        comment.wrong = wrong("this comment names no rule");
    } else if !behind.is_empty() && reason.is_none() {
        comment.wrong = wrong("a reason stands behind ` -- `");
    }
    Some(Comment { names, ..comment })
}

/// Where the bracket of a list ends that may hold brackets: `HP401[SC2086]`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => open += 1,
            b']' if open == 0 => return Some(at),
            b']' => open -= 1,
            _ => {}
        }
    }
    None
}

fn names(list: &str, at: usize) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in list.split(',') {
        let name = part.trim();
        if !name.is_empty() {
            let own = at + start + (part.len() - part.trim_start().len());
            found.push(Spanned::new(name.to_owned(), Span::new(own, own + name.len())));
        }
        start += part.len() + 1;
    }
    found
}

impl Comment {
    /// What is taken away with the comment: its line where it is alone on it, else the blanks
    /// before it.
    pub(super) fn with_its_line(&self, text: &str) -> Span {
        let line = text[..self.span.start].rfind('\n').map_or(0, |at| at + 1);
        let lead = &text[line..self.span.start];
        if lead.trim().is_empty() {
            let end =
                text[self.span.end..].find('\n').map_or(text.len(), |at| self.span.end + at + 1);
            return Span::new(line, end);
        }
        let end = text[self.span.end..].find(['\n', '\r']).unwrap_or(text.len() - self.span.end);
        Span::new(line + lead.trim_end().len(), self.span.end + end)
    }
}
