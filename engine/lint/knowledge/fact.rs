//! A fact: one thing that is known about some commands, and how it was found of one.

use std::ops::{Deref, Range};

use super::matcher::{Matcher, Pattern};

/// One thing that is known about a command.
#[derive(Debug)]
pub struct Fact {
    /// What kind of thing.
    pub kind: Kind,
    /// The tool or system, as `versions` names it: `postgresql`, `redis`, `docker`.
    pub tool: String,
    /// What the command does, to be read after its name: "removes a volume with all that is in it".
    pub does: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// Where that is known from.
    pub source: Option<String>,
    /// What a fact names further: the service that is stopped, the pair of a withdrawal.
    pub object: Option<String>,
    /// Whether there are good reasons for such a command, so that it weighs less.
    pub is_mild: bool,
    /// Which commands it is about.
    pub(super) matcher: Matcher,
    /// Of an asynchronous command, `object` as a pattern.
    pub(super) awaited: Option<Pattern>,
    /// Command lines that it is about; the first line of one may be `# ` and the title of a step.
    pub examples: Vec<String>,
    /// Command lines that it is not about.
    pub silent: Vec<String>,
}

/// A fact that was found of a command.
#[derive(Clone, Debug)]
pub struct Match<'k> {
    /// The fact.
    pub fact: &'k Fact,
    /// What of the command it is about, as it is written: `docker volume rm`, `DROP TABLE`.
    pub name: String,
    /// The words that it is about, in the script: an option, an operand, else the whole command.
    pub at: Range<usize>,
}

impl Match<'_> {
    /// What is known, as a sentence: ``"`docker volume rm` removes a volume with all that is in it"``.
    pub fn sentence(&self) -> String {
        format!("`{}` {}", self.name, self.does)
    }
}

impl Fact {
    /// Whether it is about a statement, of which a command may carry many.
    pub fn is_of_a_statement(&self) -> bool {
        self.matcher.sql.is_some()
    }

    /// Whether a command line is what the work of an asynchronous one is waited for with.
    pub fn is_awaited_by(&self, command: &str) -> bool {
        self.awaited.as_ref().is_some_and(|awaited| awaited.is_like(command))
    }
}

impl Deref for Match<'_> {
    type Target = Fact;

    fn deref(&self) -> &Fact {
        self.fact
    }
}

/// What is known of a command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// It destroys data.
    Destroys,
    /// It takes down a service or what it runs on, beyond a stop.
    TearsDown,
    /// It hits more than one object.
    Broad,
    /// It changes something in another way.
    Changes,
    /// It loads data from a backup.
    Restores,
    /// It writes a backup or a safety copy.
    BacksUp,
    /// It shows that a backup can be read.
    ChecksBackup,
    /// It stops a service; `object` says which, where the tool decides.
    Stops,
    /// It starts a service.
    Starts,
    /// It takes away what must be given back; `object` names the pair, such as `grant`.
    Withdraws,
    /// It gives that back.
    GivesBack,
    /// It needs a running service, `object`.
    Uses,
    /// It sends users to another system.
    CutsOver,
    /// It waits for somebody at a terminal.
    Interactive,
    /// It never ends by itself.
    Endless,
    /// It locks or fills what is already short.
    Heavy,
    /// It returns before its work is done; `object` matches what waits for it.
    Async,
    /// It takes a secret on its command line.
    SecretOption,
    /// It depends on what is set somewhere else: a context, a database, a workspace.
    ImplicitTarget,
    /// It prints, and succeeds whatever it prints.
    PrintsOnly,
    /// It is taken for a check and is none.
    NoCheck,
    /// It was removed from the tool, or the file is not read any more.
    Removed,
    /// The tool never had it.
    Unknown,
    /// It does something else than it is mostly taken for.
    WrongTool,
}

impl Kind {
    /// All of them with their words.
    pub const ALL: [(&'static str, Kind); 24] = [
        ("destroys", Kind::Destroys),
        ("tears-down", Kind::TearsDown),
        ("broad", Kind::Broad),
        ("changes", Kind::Changes),
        ("restores", Kind::Restores),
        ("backs-up", Kind::BacksUp),
        ("checks-backup", Kind::ChecksBackup),
        ("stops", Kind::Stops),
        ("starts", Kind::Starts),
        ("withdraws", Kind::Withdraws),
        ("gives-back", Kind::GivesBack),
        ("uses", Kind::Uses),
        ("cuts-over", Kind::CutsOver),
        ("interactive", Kind::Interactive),
        ("endless", Kind::Endless),
        ("heavy", Kind::Heavy),
        ("async", Kind::Async),
        ("secret-option", Kind::SecretOption),
        ("implicit-target", Kind::ImplicitTarget),
        ("prints-only", Kind::PrintsOnly),
        ("no-check", Kind::NoCheck),
        ("removed", Kind::Removed),
        ("unknown", Kind::Unknown),
        ("wrong-tool", Kind::WrongTool),
    ];

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Whether a command is of this kind by what it does, and not when it only shows that.
    pub fn is_deed(self) -> bool {
        self.is_change() || matches!(self, Kind::Broad | Kind::BacksUp | Kind::Async | Kind::Heavy)
    }

    /// Whether a command of this kind leaves something else than it was.
    pub fn is_change(self) -> bool {
        matches!(
            self,
            Kind::Destroys
                | Kind::TearsDown
                | Kind::Changes
                | Kind::Restores
                | Kind::Stops
                | Kind::Starts
                | Kind::Withdraws
                | Kind::GivesBack
                | Kind::CutsOver
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for (word, kind) in Kind::ALL {
            assert_eq!(Kind::of(word), Some(kind));
            assert_eq!(kind.word(), word);
        }
        assert_eq!(Kind::of("destroyed"), None);
        assert!(Kind::Restores.is_change() && !Kind::Heavy.is_change());
    }
}
