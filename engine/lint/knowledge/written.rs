//! What a command carries in other forms than its words: statements in options, commands on
//! standard input, a statement without a client, a line of a crontab.

use std::ops::Range;

use crate::lint::shell::{Command, Word};

use super::line::{Given, Line};
use super::program::{Program, Style};
use super::setting::Input;
use super::sql;

/// How many lines of a statement without a client are read.
const STATEMENT_LINES: usize = 32;

/// The words that carry statements, each with the part that is its value.
pub(super) fn carried<'w>(line: &Line<'w>, programs: &[&Program]) -> Vec<(&'w Word, Range<usize>)> {
    let carries =
        |given: &&Given<'_>| programs.iter().any(|it| it.statements.contains(&given.name));
    let value = |given: &Given<'w>| {
        let length = given.value?.len();
        let word = given.value_word.unwrap_or(given.word);
        Some((word, word.text.len().checked_sub(length)?..word.text.len()))
    };
    line.options.iter().filter(carries).filter_map(value).collect()
}

/// The commands that a program without operands reads line by line, as the operands of each.
pub(super) fn piped(line: &Line<'_>, programs: &[&Program], input: &Input) -> Vec<Vec<String>> {
    let is_talk = programs.iter().any(|it| it.style == Style::Leading);
    match input {
        Input::Text(text) if is_talk && line.operands.is_empty() => {
            text.lines().map(|it| it.split_whitespace().map(str::to_owned).collect()).collect()
        }
        _ => Vec::new(),
    }
}

/// The statement that somebody has written where a command belongs, up to its end, which may be
/// some lines away: `DROP TABLE users;`.
pub(super) fn statement(command: &Command, script: &str) -> Option<Word> {
    const VERBS: [&str; 15] = [
        "ALTER", "BACKUP", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "OPTIMIZE", "REINDEX",
        "RESTORE", "REVOKE", "SELECT", "TRUNCATE", "UPDATE", "VACUUM",
    ];
    let first = command.words.first().filter(|word| VERBS.contains(&word.text.as_str()))?;
    let start = first.range.start;
    let near = script.get(start..)?.lines().take(STATEMENT_LINES);
    let length: usize = near.map(|line| line.len() + 1).sum();
    let rest = script.get(start..start + length).or_else(|| script.get(start..))?;
    let whole = sql::statements(rest).into_iter().next()?;
    let text = rest.get(whole.at.clone()).filter(|text| text.contains(' '))?.to_owned();
    let range = start + whole.at.start..start + whole.at.end;
    Some(Word { text, range, is_literal: true, is_quoted: false })
}

/// The command of a line of a crontab: what follows the five fields of its time.
pub(super) fn scheduled(command: &Command) -> Option<Command> {
    const FIELDS: usize = 5;
    let is_field = |word: &Word| {
        !word.text.is_empty()
            && word.text.bytes().all(|byte| byte.is_ascii_digit() || b"*/,-".contains(&byte))
    };
    let fields = command.words.get(..FIELDS)?;
    let is_time = fields.iter().all(is_field) && command.words.len() > FIELDS;
    is_time.then(|| Command { words: command.words[FIELDS..].to_vec(), ..command.clone() })
}

#[cfg(test)]
mod tests {
    use crate::lint::knowledge::{Input, Kind, Knowledge, Setting};
    use crate::lint::shell;

    fn is_known(script: &str, kind: Kind) -> bool {
        let knowledge = Knowledge::built_in();
        let commands = shell::commands(script, &[]);
        commands.iter().any(|command| {
            let input = Input::of(script, std::slice::from_ref(command), 0, None);
            let known = knowledge.of(command, &input, &Setting::default());
            known.iter().any(|found| found.kind == kind)
        })
    }

    #[test]
    fn a_statement_without_a_client_is_known_for_what_it_is() {
        assert!(is_known("DROP TABLE users;", Kind::Destroys));
        assert!(is_known("OPTIMIZE TABLE traces FINAL;", Kind::Heavy));
        assert!(!is_known("DELETE FROM users\nWHERE id = 7;\n", Kind::Broad));
        assert!(is_known("DELETE FROM users\n;\n", Kind::Broad));
        assert!(!is_known("drop table users", Kind::Destroys));
        assert!(!is_known("UPDATE", Kind::Changes));
    }

    #[test]
    fn the_command_of_a_crontab_is_known() {
        assert!(is_known("0 4 * * * find /var/log/app -mtime +7 -delete", Kind::Broad));
        assert!(!is_known("0 4 * * *", Kind::Broad));
    }
}
