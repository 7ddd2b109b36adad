//! The statements of a text in SQL, as facts are matched against them.

use std::ops::Range;

/// One statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    /// It without comments, with one blank wherever there are some.
    pub text: String,
    /// Where it stands in the text.
    pub at: Range<usize>,
}

/// The statements of a text, without those that a `ROLLBACK` takes back.
pub fn statements(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut begun = None;
    for statement in split(text) {
        let lower = statement.text.to_ascii_lowercase();
        if lower == "begin" || lower.starts_with("begin ") || lower.starts_with("start transaction")
        {
            begun = Some(statements.len());
        } else if lower.starts_with("rollback") && !lower.contains(" to ") {
            statements.truncate(begun.take().unwrap_or(statements.len()));
            continue;
        }
        statements.push(statement);
    }
    statements
}

fn split(text: &str) -> Vec<Statement> {
    let mut splitting = Splitting::default();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let length = part(&text[at..]).max(next.len_utf8());
        let part = &text[at..at + length];
        if next == ';' {
            splitting.end();
        } else if is_comment(part) || next.is_whitespace() {
            splitting.own.push(' ');
        } else {
            splitting.begin.get_or_insert(at);
            splitting.own.push_str(part);
            splitting.last = at + length;
        }
        at += length;
    }
    splitting.end();
    splitting.statements
}

#[derive(Default)]
struct Splitting {
    statements: Vec<Statement>,
    own: String,
    begin: Option<usize>,
    last: usize,
}

impl Splitting {
    fn end(&mut self) {
        let words: Vec<&str> = self.own.split_whitespace().collect();
        if let Some(begin) = self.begin.take() {
            self.statements.push(Statement { text: words.join(" "), at: begin..self.last });
        }
        self.own.clear();
    }
}

fn is_comment(part: &str) -> bool {
    part.starts_with("--") || part.starts_with("/*")
}

/// How long the comment, the quoted text or the single character is that a text begins with.
fn part(rest: &str) -> usize {
    let until = |open: usize, close: &str| {
        let inner = rest.get(open..).unwrap_or_default();
        inner.find(close).map_or(rest.len(), |at| open + at + close.len())
    };
    if rest.starts_with("--") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until(2, "*/");
    }
    match rest.chars().next() {
        Some('\'') => until(1, "'"),
        Some('"') => until(1, "\""),
        Some('$') => dollar(rest).map_or(1, |tag| until(tag.len(), tag)),
        Some(other) => other.len_utf8(),
        None => 0,
    }
}

/// The tag of a text in dollars: `$$` or `$body$`.
fn dollar(rest: &str) -> Option<&str> {
    let end = rest.get(1..)?.find('$')? + 1;
    let tag = rest.get(..=end)?;
    tag[1..end].chars().all(|at| at.is_ascii_alphanumeric() || at == '_').then_some(tag)
}

#[cfg(test)]
mod tests {
    fn statements(text: &str) -> Vec<String> {
        super::statements(text).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn a_statement_knows_where_it_stands() {
        let text = "-- a\nselect 1; /* b */ drop\n  table x ;";
        let places: Vec<&str> =
            super::statements(text).into_iter().map(|it| &text[it.at]).collect();
        assert_eq!(places, ["select 1", "drop\n  table x"]);
    }

    #[test]
    fn statements_end_at_a_semicolon_outside_of_quotes_and_comments() {
        assert_eq!(
            statements("SELECT ';' ; -- drop; this\n  DROP /* all; */ TABLE\n\t\"a;b\";\n;"),
            ["SELECT ';'", "DROP TABLE \"a;b\""]
        );
        assert_eq!(
            statements("DO $$ BEGIN DELETE FROM a; END $$; DO $x$ ; $x$"),
            ["DO $$ BEGIN DELETE FROM a; END $$", "DO $x$ ; $x$"]
        );
        assert_eq!(statements("select $1 ; delete from a"), ["select $1", "delete from a"]);
    }

    #[test]
    fn what_is_rolled_back_does_not_count() {
        assert_eq!(
            statements("SELECT 1; BEGIN; DELETE FROM a; ROLLBACK; DELETE FROM b"),
            ["SELECT 1", "DELETE FROM b"]
        );
        assert_eq!(
            statements("begin; delete from a; rollback to savepoint x; commit"),
            ["begin", "delete from a", "rollback to savepoint x", "commit"]
        );
    }

    #[test]
    fn text_that_is_cut_off_ends_at_its_end() {
        assert_eq!(statements("drop table 'a; b"), ["drop table 'a; b"]);
        assert!(statements("/* drop table").is_empty());
        assert!(statements(" ; ; ").is_empty());
        assert_eq!(statements("é $é$ ;ü"), ["é $é$", "ü"]);
    }
}
