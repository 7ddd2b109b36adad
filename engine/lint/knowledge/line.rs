//! A command line as its program reads it: options with their values, and operands.

use crate::lint::shell::Word;

use super::program::{Program, Style};

/// A command line, read.
#[derive(Debug, Default)]
pub struct Line<'w> {
    /// What is no option and no value of one, in order.
    pub operands: Vec<Operand<'w>>,
    /// The options, in order; `-it` is two.
    pub options: Vec<Given<'w>>,
}

/// An operand.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'w> {
    /// Its text.
    pub text: &'w str,
    /// Where it stands; nothing for a word that another name of the program means.
    pub word: Option<&'w Word>,
}

/// An option that was given.
#[derive(Clone, Debug)]
pub struct Given<'w> {
    /// Its name with its dashes, such as `-f` or `--force`.
    pub name: String,
    /// Its value, where it has one.
    pub value: Option<&'w str>,
    /// The word it stands in.
    pub word: &'w Word,
    /// The word its value stands in, where that is another.
    pub value_word: Option<&'w Word>,
    /// How many operands stand before it.
    pub after: usize,
}

impl<'w> Line<'w> {
    /// Reads the words after the program. `leading` are words that the name of the program means:
    /// `compose` of `docker-compose`.
    pub fn read(programs: &[&Program], leading: &'w [String], words: &'w [Word]) -> Line<'w> {
        let operands = leading.iter().map(|text| Operand { text, word: None }).collect();
        let mut reading = Reading { programs, line: Line { operands, options: Vec::new() } };
        reading.all(words);
        reading.line
    }

    /// The texts of its operands.
    pub fn operand_texts(&self) -> Vec<&'w str> {
        self.operands.iter().map(|operand| operand.text).collect()
    }

    /// Whether an option was given, as `-f`, or with a value, as `--cascade=orphan`.
    pub fn given(&self, wanted: &str) -> Option<&Given<'w>> {
        self.options.iter().find(|given| given.is(wanted))
    }

    /// The same for an option of a subcommand: one letter with a value before the words that lead to
    /// it means something else, as the `-f` of `docker compose -f FILE logs`.
    pub fn given_after(&self, words: usize, wanted: &str) -> Option<&Given<'w>> {
        let is_own = |given: &&Given<'_>| {
            given.after >= words || given.name.len() > 2 || given.value.is_none()
        };
        self.options.iter().filter(is_own).find(|given| given.is(wanted))
    }
}

impl Given<'_> {
    /// Whether it is an option, as `-f`, or with a value, as `--cascade=orphan`.
    fn is(&self, wanted: &str) -> bool {
        let with_value = || wanted.split_once('=').zip(self.value);
        self.name == wanted
            || with_value().is_some_and(|((name, value), own)| name == self.name && value == own)
    }
}

struct Reading<'r, 'w> {
    programs: &'r [&'r Program],
    line: Line<'w>,
}

impl<'w> Reading<'_, 'w> {
    fn all(&mut self, words: &'w [Word]) {
        let mut rest = words.iter();
        let mut is_open = true;
        while let Some(word) = rest.next() {
            let text = word.text.as_str();
            let is_option =
                is_open && text.len() > 1 && text.starts_with(['-', '+']) && !is_number(text);
            if is_option && text == "--" {
                is_open = false;
            } else if is_option && text.starts_with('-') {
                let waits = self.option(word);
                if waits && let Some(value) = rest.next() {
                    self.value(value);
                }
            } else {
                self.line.operands.push(Operand { text, word: Some(word) });
                is_open &= self.style() != Style::Leading;
            }
        }
    }

    /// Reads an option; whether its value is the next word.
    fn option(&mut self, word: &'w Word) -> bool {
        let text = word.text.as_str();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if self.style() == Style::Single {
            let name = format!("-{}", name.trim_start_matches('-'));
            return self.push(name, value, word);
        }
        if name.starts_with("--") {
            return self.push(name.to_owned(), value, word);
        }
        self.cluster(text, word)
    }

    /// Reads `-abc` or `-ovalue`; whether the value of the last is the next word.
    fn cluster(&mut self, text: &'w str, word: &'w Word) -> bool {
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let rest = &text[at + letter.len_utf8()..];
            let takes_value = self.takes_value(&name);
            if takes_value || rest.starts_with('=') {
                let value = rest.strip_prefix('=').unwrap_or(rest);
                return self.push(name, Some(value).filter(|value| !value.is_empty()), word);
            }
            self.push(name, None, word);
        }
        false
    }

    fn push(&mut self, name: String, value: Option<&'w str>, word: &'w Word) -> bool {
        let waits = value.is_none() && self.takes_value(&name);
        let after = self.line.operands.len();
        self.line.options.push(Given { name, value, word, value_word: None, after });
        waits
    }

    fn value(&mut self, word: &'w Word) {
        if let Some(last) = self.line.options.last_mut() {
            last.value = Some(&word.text);
            last.value_word = Some(word);
        }
    }

    /// The programs that the operands so far lead to, the most exact first.
    fn about(&self) -> impl Iterator<Item = &Program> {
        let operands = self.line.operand_texts();
        let mut about: Vec<&Program> =
            self.programs.iter().copied().filter(|program| program.is_about(&operands)).collect();
        about.sort_by_key(|program| std::cmp::Reverse(program.words.len()));
        about.into_iter()
    }

    fn style(&self) -> Style {
        self.programs.iter().map(|it| it.style).find(|it| *it != Style::Gnu).unwrap_or_default()
    }

    fn takes_value(&self, name: &str) -> bool {
        self.about().find_map(|program| program.options.get(name).copied()).unwrap_or_default()
    }
}

/// Whether a word is a number with a sign, which is no option to most programs: `-1`, `+7`.
fn is_number(text: &str) -> bool {
    text.len() > 2 && text[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::knowledge::Knowledge;

    fn read(line: &str) -> String {
        let source = crate::source::Source::new(
            "a.toml",
            "tool = 'x'\n\
             [[program]]\nnames = ['tool']\noptions = ['-f --file=', '-v', '-n --name=']\n\
             [[program]]\nnames = ['tool']\nwords = ['logs']\noptions = ['-f --follow']\n\
             [[program]]\nnames = ['tf']\nstyle = 'single'\noptions = ['-chdir=', '-auto-approve']\n\
             [[program]]\nnames = ['cli']\nstyle = 'leading'\noptions = ['-h=']\n\
             [[same]]\nprograms = ['tool-logs']\nas = 'tool logs'\n",
        );
        let knowledge = Knowledge::read(&[&source]).map_err(|it| format!("{it:?}")).unwrap();
        let mut words =
            line.split(' ').map(|text| Word { text: text.to_owned(), ..Word::default() });
        let program = words.next().unwrap_or_default();
        let words: Vec<Word> = words.collect();
        let (_, line) = knowledge.line(&program.text, &words);
        let options = line.options.iter().map(|it| match it.value {
            Some(value) => format!("{}={value}", it.name),
            None => it.name.clone(),
        });
        let options: Vec<String> = options.collect();
        format!("{} | {}", options.join(" "), line.operand_texts().join(" "))
    }

    #[test]
    fn short_options_are_taken_apart_up_to_one_with_a_value() {
        assert_eq!(read("tool -vn x y"), "-v -n=x | y");
        assert_eq!(read("tool -vnx y -"), "-v -n=x | y -");
        assert_eq!(read("other -it x"), "-i -t | x");
    }

    #[test]
    fn long_options_have_their_value_beside_or_behind_them() {
        assert_eq!(read("tool --file=a b --file c --loose d"), "--file=a --file=c --loose | b d");
        assert_eq!(read("tool -v -- -x --y"), "-v | -x --y");
    }

    #[test]
    fn the_words_before_an_option_decide_what_it_means() {
        assert_eq!(read("tool -f a logs -f b"), "-f=a -f | logs b");
        assert_eq!(read("tool-logs -f b"), "-f | logs b");
    }

    #[test]
    fn each_program_has_its_own_way() {
        assert_eq!(read("tf -chdir=x apply -auto-approve"), "-chdir=x -auto-approve | apply");
        assert_eq!(read("tf apply --auto-approve plan"), "-auto-approve | apply plan");
        assert_eq!(read("cli -h host SET -x -y"), "-h=host | SET -x -y");
        assert_eq!(read("find x -10 +7"), " | x -10 +7");
    }
}
