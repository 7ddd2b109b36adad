//! What stands around a command and decides whether a fact is about it: its step, the versions
//! of the runbook, what its script has made itself, and what it reads.

use std::collections::{BTreeMap, HashSet};

use crate::lint::shell::{Command, Word};

use super::versions::Versions;
use super::written;

/// How many commands may stand between two of one pipeline.
const NEAR: usize = 64;

/// What stands around the commands of a script.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The title, the id and the reason of the step.
    pub title: String,
    /// The versions that the runbook declares, by tool.
    pub versions: BTreeMap<String, String>,
    /// The title and the id of the runbook.
    pub scenario: String,
    /// What is there: variables by name, `cwd`, the kind of the target.
    pub given: HashSet<String>,
    /// Variables and paths that are the script's own and go with it.
    own: HashSet<String>,
    /// Whether the script works in a folder of its own.
    is_at_home: bool,
}

/// What a command reads on standard input, as far as the script tells.
#[derive(Clone, Debug, Default)]
pub enum Input {
    /// Nothing is given to it.
    #[default]
    Nothing,
    /// Something that is not known here.
    Unknown,
    /// This text.
    Text(String),
    /// The command is no command: a statement that its client is missing for.
    Statement(Word),
}

impl Setting {
    /// That of a runbook which declares versions.
    pub fn of_versions(versions: BTreeMap<String, String>) -> Setting {
        Setting { versions, ..Setting::default() }
    }

    /// Takes in what a script sets and makes itself.
    pub fn learn(&mut self, commands: &[Command]) {
        for command in commands {
            let program = command.program();
            if command.words.is_empty() || program == "export" || program == "local" {
                self.assigned(command);
            }
            if program == "mkdir" && !command.arguments().iter().any(|word| is_lenient(&word.text))
            {
                let made = command.arguments().iter().map(|word| &word.text);
                self.own.extend(made.filter(|text| text.contains(['/', '$', '.'])).cloned());
            }
        }
        let entered = commands.iter().filter(|command| command.program() == "cd");
        let mut entered = entered.filter_map(|command| command.arguments().first()).peekable();
        if entered.peek().is_some() {
            self.given.insert("cwd".to_owned());
            self.is_at_home = entered.all(|word| self.is_temporary(&word.text));
        }
    }

    fn assigned(&mut self, command: &Command) {
        let own = command.assignments.iter().map(|it| (it.name.as_str(), it.value.text.as_str()));
        let words = command.arguments().iter().filter_map(|word| word.text.split_once('='));
        for (name, value) in own.chain(words) {
            self.given.insert(name.to_owned());
            if self.is_temporary(value) {
                self.own.insert(format!("${name}"));
                self.own.insert(format!("${{{name}}}"));
            }
        }
    }

    /// Whether something of a name is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Whether a version is declared that is outside of a range.
    pub(super) fn is_in(&self, tool: &str, versions: &Versions) -> bool {
        self.versions.get(tool).is_none_or(|version| versions.has(version))
    }

    /// Whether a path is the script's own and temporary: under `/tmp`, made by `mktemp`, or made by
    /// the script itself.
    pub(super) fn is_temporary(&self, path: &str) -> bool {
        if path.contains("..") {
            return false;
        }
        if path.contains("$(mktemp") || path.contains("`mktemp") {
            return true;
        }
        let is_below = |folder: &str| {
            let rest = path.strip_prefix(folder).unwrap_or_default();
            !matches!(rest.chars().next(), None | Some('*'))
        };
        if ["/tmp/", "/var/tmp/", "$TMPDIR/", "${TMPDIR}/"].into_iter().any(is_below) {
            return true;
        }
        let is_relative = !path.starts_with(['/', '$', '~', '`', '*']);
        if self.own.contains(path) || (self.is_at_home && is_relative) {
            return true;
        }
        path.match_indices('/').any(|(at, _)| self.own.contains(&path[..at]))
    }
}

impl Input {
    /// What the command at a place of a script reads; `stdin` is what the step gives.
    pub fn of(script: &str, commands: &[Command], at: usize, stdin: Option<&str>) -> Input {
        let Some(command) = commands.get(at) else { return Input::Nothing };
        if let Some(statement) = written::statement(command, script) {
            return Input::Statement(statement);
        }
        let reads = command.redirects.iter().rfind(|it| it.reads());
        if let Some(redirect) = reads {
            let is_text = redirect.operator.starts_with("<<");
            let is_nothing = redirect.target.text == "/dev/null";
            return match (is_text, is_nothing) {
                (true, _) => Input::Text(redirect.target.text.clone()),
                (false, true) => Input::Nothing,
                (false, false) => Input::Unknown,
            };
        }
        let pipes = std::iter::once(command.pipe);
        let outer = command.wrappers.iter().rev().map(|wrapper| wrapper.pipe);
        if let Some(pipe) = pipes.chain(outer).find(|pipe| pipe.place > 0) {
            let is_before =
                |it: &&Command| it.pipe.number == pipe.number && it.pipe.place + 1 == pipe.place;
            // What is substituted in between stands between them.
            let near = commands[..at].iter().rev().take(NEAR).find(is_before);
            return near.map_or(Input::Unknown, printed);
        }
        stdin.map_or(Input::Nothing, |text| Input::Text(text.to_owned()))
    }
}

/// Whether an option lets `mkdir` be content with a folder that is there.
fn is_lenient(option: &str) -> bool {
    option == "--parents"
        || (option.starts_with('-') && !option.starts_with("--") && option.contains('p'))
}

/// What a command prints, where it says so itself.
fn printed(command: &Command) -> Input {
    let arguments = command.arguments().iter().map(|word| word.text.as_str());
    match command.program() {
        "echo" => {
            let is_option = |word: &&str| ["-n", "-e", "-en", "-ne", "-E"].contains(word);
            let words: Vec<&str> = arguments.skip_while(is_option).collect();
            Input::Text(words.join(" "))
        }
        "printf" => Input::Text(arguments.collect::<Vec<_>>().join(" ").replace("\\n", "\n")),
        "cat" if command.arguments().is_empty() => {
            let texts = command.redirects.iter().find(|it| it.operator.starts_with("<<"));
            texts.map_or(Input::Unknown, |it| Input::Text(it.target.text.clone()))
        }
        _ => Input::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::shell;

    fn setting(script: &str) -> Setting {
        let mut setting = Setting::default();
        setting.learn(&shell::commands(script, &[]));
        setting
    }

    /// What psql reads: nothing, `?` or a text.
    fn input(script: &str) -> String {
        let commands = shell::commands(script, &[]);
        let at = commands.iter().position(|it| it.program() == "psql").expect("there is a psql");
        match Input::of(script, &commands, at, None) {
            Input::Nothing => "nothing".to_owned(),
            Input::Text(text) => text,
            _ => "?".to_owned(),
        }
    }

    #[test]
    fn what_a_script_makes_itself_is_temporary() {
        let setting = setting(
            "tmp=$(mktemp -d)\nexport work=\"$tmp/work\"\ndata=/var/lib/x\nmkdir -m 700 \"$data.new\"\n",
        );
        for path in
            ["$tmp", "${tmp}/a", "$work/b", "/tmp/x", "$(mktemp -d)/x", "$data.new", "$data.new/x"]
        {
            assert!(setting.is_temporary(path), "{path}");
        }
        for path in
            ["$data", "/tmp/*", "/tmp", "/tmp/", "/var/lib/x", "/tmp/../var", "$tmpx", "700"]
        {
            assert!(!setting.is_temporary(path), "{path}");
        }
    }

    #[test]
    fn a_script_in_a_folder_of_its_own_is_at_home() {
        assert!(setting("mkdir \"$dir\"\ncd \"$dir\"\n").is_temporary("orders"));
        assert!(!setting("mkdir \"$dir\"\ncd \"$dir\"\n").is_temporary("$other"));
        assert!(!setting("mkdir -p \"$dir\"\ncd \"$dir\"\n").is_temporary("orders"));
        assert!(!setting("cd /tmp/x\ncd /srv\n").is_temporary("orders"));
    }

    #[test]
    fn what_is_set_is_given() {
        let setting = setting("export PGDATABASE=x PGHOST=y\ncd /srv/infra\n");
        assert!(setting.has("PGDATABASE") && setting.has("PGHOST") && setting.has("cwd"));
        assert!(!setting.has("PGUSER"));
    }

    #[test]
    fn what_is_piped_in_is_read_where_the_script_says_it() {
        assert_eq!(input("echo -n 'drop table a' | psql"), "drop table a");
        assert_eq!(input("printf 'a;\\nb' | psql"), "a;\nb");
        assert_eq!(input("gunzip -c x | psql"), "?");
        assert_eq!(input("psql < x.sql"), "?");
        assert_eq!(input("psql </dev/null"), "nothing");
        assert_eq!(input("psql"), "nothing");
        assert_eq!(input("psql <<< 'select 1'"), "select 1");
        assert_eq!(input("psql <<'EOF'\nselect 1;\nEOF\n"), "select 1;\n");
        assert_eq!(input("cat <<'EOF' | psql\nselect 1;\nEOF\n"), "select 1;\n");
    }
}
