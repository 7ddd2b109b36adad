//! Where in a shell script a word may stand.
//!
//! A template in a `run` script is quoted as one shell word, which is safe only where the shell
//! reads a word: not inside quotes, comments, here-documents or expansions, and not in text that
//! a second shell will read again. This module walks a script once and says, for each template,
//! whether a word may stand there. It is meant to err by refusing.

/// What stands at one template's place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// A word may stand here, and the template begins it.
    WordStart,
    /// A word may stand here, and the template goes on with one.
    InWord,
    /// No word may stand here; the reason completes "a template may not stand …".
    Refused(&'static str),
}

const QUOTED: &str = "inside quotes";
const EVALUATED: &str = "in the text of `eval` or `trap`";
const SENT: &str = "in the command text of `ssh`";
const INNER: &str = "in the command text of `sh -c`";

/// What to do instead where a template is refused for this reason.
pub fn way_out(reason: &str) -> &'static str {
    match reason {
        EVALUATED => {
            "assign it to a variable first, and write the text in single quotes with \"$name\" in it: \
             anything else in it is executed"
        }
        SENT => "run the step there, by `target`: what stands in this text is executed there",
        INNER => {
            "hand it over behind the text, as in `sh -c 'ls -- \"$1\"' _ ${{ … }}`: what stands in the \
             text is executed"
        }
        _ => "assign it to a variable first: `name=${{ … }}`, then use \"$name\"",
    }
}

/// A byte range of the script that a template takes up.
pub type Slot = std::ops::Range<usize>;

const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "su"];
/// What may stand before the name of a command.
const BEFORE_COMMANDS: &[&str] =
    &["if", "then", "elif", "else", "while", "until", "do", "{", "!", "time", "command", "builtin"];
const MAX_DEPTH: usize = 64;
const SSH_OPTIONS_WITH_VALUE: &str = "BbcDEeFIiJLlmOopQRSWw";

/// The place of each slot, in the order of the slots, which is the order of the text.
pub fn places(script: &str, slots: &[Slot]) -> Vec<Place> {
    let mut scan = Scan { text: script.as_bytes(), at: 0, slots, found: Vec::new(), depth: 0 };
    scan.commands(None);
    // What an unclosed construct left over cannot be a safe place.
    scan.found.resize(slots.len(), Place::Refused("after an unclosed quote or bracket"));
    scan.found
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    slots: &'a [Slot],
    found: Vec<Place>,
    /// How many command substitutions and subshells are open.
    depth: usize,
}

/// The simple command being read, as far as its words decide what a later one means.
#[derive(Default)]
struct Command {
    has_words: bool,
    has_eval: bool,
    has_shell: bool,
    /// Whether the last word is an option of a shell before which a command's text follows.
    ends_in_flag: bool,
    ssh: Option<Ssh>,
}

/// What the next word after `ssh` may be.
enum Ssh {
    /// An option, or the host.
    Option,
    /// The value of an option.
    Value,
    /// The host is known: a part of the command.
    Host,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn starts(&self, with: &str) -> bool {
        self.text[self.at.min(self.text.len())..].starts_with(with.as_bytes())
    }

    /// Takes the template that begins here, if one does.
    fn slot(&mut self, place: Place) -> bool {
        match self.slots.get(self.found.len()) {
            Some(slot) if slot.start == self.at => {
                self.found.push(place);
                self.at = slot.end;
                true
            }
            _ => false,
        }
    }

    /// Reads commands up to `close`, or to the end.
    fn commands(&mut self, close: Option<u8>) {
        let mut command = Command::default();
        let mut here: Vec<(Vec<u8>, bool)> = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    command = Command::default();
                    for (end, tabs) in here.drain(..) {
                        self.here_document(&end, tabs);
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => self.refuse_until(|scan| scan.peek() == Some(b'\n'), "in a comment"),
                b'<' if self.starts("<<<") => self.at += 3,
                b'<' if self.starts("<<") => here.push(self.here_start()),
                _ if Some(byte) == close => {
                    self.at += 1;
                    return;
                }
                b'(' if self.starts("((") => {
                    self.refuse_until(|scan| scan.starts("))"), "in an arithmetic expression");
                    self.at += 2;
                }
                b'(' => self.inner_commands(),
                b';' | b'&' | b'|' | b')' => {
                    self.at += 1;
                    command = Command::default();
                }
                b'<' | b'>' => self.at += 1,
                _ => self.word(&mut command),
            }
        }
    }

    /// Reads `( … )` that begins here; what is nested too deep is left unread, and so refused.
    fn inner_commands(&mut self) {
        if self.depth == MAX_DEPTH {
            self.at = self.text.len();
            return;
        }
        self.depth += 1;
        self.at += 1;
        self.commands(Some(b')'));
        self.depth -= 1;
    }

    /// Reads one word and keeps its text where it is plain.
    fn word(&mut self, command: &mut Command) {
        let start = self.at;
        let mut plain = Vec::new();
        while let Some(byte) = self.peek() {
            let place = match command.refusal() {
                Some(reason) => Place::Refused(reason),
                None if self.at == start => Place::WordStart,
                None => Place::InWord,
            };
            if self.slot(place) {
                plain.push(b'?');
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => {
                    break;
                }
                b'\\' => self.at += 2,
                b'\'' | b'"' => self.quoted(byte, command.refusal().unwrap_or(QUOTED)),
                b'`' => {
                    self.at += 1;
                    self.refuse_until(|scan| scan.peek() == Some(b'`'), "in backticks");
                    self.at += 1;
                }
                b'$' => self.expansion(),
                _ => {
                    plain.push(byte);
                    self.at += 1;
                }
            }
        }
        command.push(&plain);
    }

    /// Skips a quoted string that begins here; no template may stand in it, for this reason.
    fn quoted(&mut self, quote: u8, reason: &'static str) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            if self.slot(Place::Refused(reason)) {
                continue;
            }
            self.at += 1;
            match byte {
                b'\\' if quote == b'"' => self.at += 1,
                b'$' if quote == b'"' && self.peek() == Some(b'(') => self.nested(reason),
                _ if byte == quote => return,
                _ => {}
            }
        }
    }

    /// Reads what follows a dollar sign outside quotes.
    fn expansion(&mut self) {
        self.at += 1;
        match self.peek() {
            Some(b'(') if self.starts("((") => {
                self.refuse_until(|scan| scan.starts("))"), "in an arithmetic expansion");
                self.at += 2;
            }
            Some(b'(') => self.inner_commands(),
            Some(b'{') => self.braces(),
            Some(b'\'' | b'"') => self.quoted(b'"', QUOTED),
            _ => {}
        }
    }

    fn braces(&mut self) {
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            if self.slot(Place::Refused("in a parameter expansion")) {
                continue;
            }
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'\\' => self.at += 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips `( … )` that begins here, counting brackets; all templates in it are refused.
    fn nested(&mut self, reason: &'static str) {
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            if self.slot(Place::Refused(reason)) {
                continue;
            }
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\'' | b'"' => {
                    self.quoted(byte, reason);
                    continue;
                }
                b'\\' => self.at += 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn refuse_until(&mut self, end: impl Fn(&Self) -> bool, reason: &'static str) {
        while self.peek().is_some() && !end(self) {
            if !self.slot(Place::Refused(reason)) {
                self.at += 1;
            }
        }
    }

    /// Reads `<<WORD`: the word that ends the here-document, and whether tabs are stripped.
    fn here_start(&mut self) -> (Vec<u8>, bool) {
        self.at += 2;
        let tabs = self.peek() == Some(b'-');
        self.at += usize::from(tabs);
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let mut end = Vec::new();
        while let Some(byte) = self.peek() {
            if self.slot(Place::Refused("in a here-document")) {
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => {
                    break;
                }
                b'\'' | b'"' | b'\\' => {}
                _ => end.push(byte),
            }
            self.at += 1;
        }
        (end, tabs)
    }

    fn here_document(&mut self, end: &[u8], tabs: bool) {
        while self.peek().is_some() {
            let line_end = self.text[self.at..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(self.text.len(), |length| self.at + length);
            let line = &self.text[self.at..line_end];
            let indent = line.iter().take_while(|byte| tabs && **byte == b'\t').count();
            let is_last = line[indent..].strip_suffix(b"\r").unwrap_or(&line[indent..]) == end;
            self.refuse_until(|scan| scan.at >= line_end, "in a here-document");
            self.at = self.at.max(line_end) + 1;
            if is_last {
                return;
            }
        }
    }
}

impl Command {
    /// Takes the next word; whatever it says of later ones is kept, so that a long command costs no
    /// more for each of its words than a short one.
    fn push(&mut self, word: &[u8]) {
        let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        self.ends_in_flag = is_command_flag(word);
        if let Some(ssh) = &mut self.ssh {
            match ssh {
                Ssh::Value => *ssh = Ssh::Option,
                Ssh::Option => match word {
                    [b'-', option] if SSH_OPTIONS_WITH_VALUE.as_bytes().contains(option) => {
                        *ssh = Ssh::Value;
                    }
                    [b'-', ..] => {}
                    _ => *ssh = Ssh::Host,
                },
                Ssh::Host => {}
            }
        } else if name == b"ssh" {
            self.ssh = Some(Ssh::Option);
        }
        self.has_eval |= name == b"eval" || name == b"trap" && !self.has_words;
        let is_before = BEFORE_COMMANDS.iter().any(|it| it.as_bytes() == word);
        self.has_words |= !is_before && !is_assignment(word);
        let had_shell = self.has_shell;
        self.has_shell |= SHELLS.iter().any(|shell| shell.as_bytes() == name);
        self.ends_in_flag &= had_shell;
    }

    /// Why the next word of this command is text that is read as a command again.
    fn refusal(&self) -> Option<&'static str> {
        if self.has_eval {
            Some(EVALUATED)
        } else if matches!(self.ssh, Some(Ssh::Host)) {
            Some(SENT)
        } else if self.ends_in_flag {
            Some(INNER)
        } else {
            None
        }
    }
}

/// Whether a word before a command sets a variable.
fn is_assignment(word: &[u8]) -> bool {
    let name = word.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    name.len() < word.len() && !name.is_empty() && name.iter().all(is_of_name)
}

fn is_command_flag(word: &[u8]) -> bool {
    word == b"--command"
        || (word.starts_with(b"-") && !word.starts_with(b"--") && word.contains(&b'c'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the one `@@` in a script.
    fn place(script: &str) -> Place {
        let at = script.find("@@").expect("the case marks its place");
        places(script, std::slice::from_ref(&(at..at + 2)))[0]
    }

    #[test]
    fn a_word_may_stand_where_the_shell_reads_one() {
        for (script, expected) in [
            ("gunzip -t @@", Place::WordStart),
            ("dir=@@", Place::InWord),
            ("cat < @@ > /dev/null", Place::WordStart),
            ("cat <@@", Place::WordStart),
            ("a && rm -- @@ || true", Place::WordStart),
            ("x=$(wc -l @@)", Place::WordStart),
            ("(cd @@ && ls)", Place::WordStart),
            ("if test -f @@; then :; fi", Place::WordStart),
            ("echo 'it' \"$x\" @@", Place::WordStart),
            ("cat <<EOF\nplain\nEOF\necho @@", Place::WordStart),
            ("echo \\\" @@", Place::WordStart),
            ("sh -c 'echo \"$1\"' _ @@", Place::WordStart),
            ("ssh -p 22 @@", Place::WordStart),
            ("echo a#@@", Place::InWord),
            ("cat <<< @@", Place::WordStart),
            ("grep trap @@", Place::WordStart),
        ] {
            assert_eq!(place(script), expected, "{script}");
        }
    }

    #[test]
    fn a_word_may_not_stand_where_the_shell_would_read_it_as_something_else() {
        for script in [
            "echo \"@@\"",
            "echo '@@'",
            "echo \"$(cat @@)\"",
            "echo $((1 + @@))",
            "((x = @@))",
            "echo ${x:-@@}",
            "echo `cat @@`",
            "true # @@",
            "cat <<EOF\n@@\nEOF",
            "cat <<-'EOF'\n\tx @@\n\tEOF",
            "cat <<@@\nx\n@",
            "eval echo @@",
            "trap @@ EXIT",
            "trap 'rm @@' EXIT",
            "if true; then trap @@ EXIT; fi",
            "{ trap @@ EXIT; }",
            "command trap @@ EXIT",
            "X=1 trap @@ EXIT",
            "sh -c @@",
            "bash -ec @@",
            "docker exec x sh -c @@",
            "ssh host rm @@",
            "ssh -p 22 host @@",
            "echo $'@@'",
            "echo $\"@@\"",
            "echo 'never closed @@",
        ] {
            assert!(matches!(place(script), Place::Refused(_)), "{script}: {:?}", place(script));
        }
    }

    #[test]
    fn what_is_executed_also_from_a_variable_is_not_to_be_put_into_one() {
        let way = |script| match place(script) {
            Place::Refused(reason) => way_out(reason),
            place => panic!("{script}: {place:?}"),
        };
        for script in [
            "sh -c @@",
            "bash -c 'ls @@'",
            "su app -c \"ls @@\"",
            "kubectl exec p -- sh -c \"ls @@\"",
        ] {
            assert!(way(script).starts_with("hand it over behind the text"), "{script}");
        }
        for script in ["ssh db rm @@", "ssh db \"rm @@\"", "ssh db 'rm @@'"] {
            assert!(way(script).starts_with("run the step there, by `target`"), "{script}");
        }
        for script in ["eval \"x=@@\"", "trap @@ EXIT"] {
            assert!(
                way(script)
                    .starts_with("assign it to a variable first, and write the text in single"),
                "{script}"
            );
        }
        for script in ["echo \"@@\"", "echo $((1 + @@))", "sh -c 'echo \"$1\"' _ \"@@\""] {
            assert!(way(script).starts_with("assign it to a variable first: "), "{script}");
        }
    }

    #[test]
    fn every_slot_gets_one_place_in_order() {
        let script = "a AA \"BB\" CC";
        let slots = [2..4, 6..8, 10..12];
        assert_eq!(
            places(script, &slots),
            [Place::WordStart, Place::Refused("inside quotes"), Place::WordStart]
        );
    }
}
