//! A program and its options, as far as they are known: which take a value, which carry
//! statements, and whether the list is complete.

use std::collections::HashMap;

use crate::document::nearest;

/// What is known of the options of a program, or of one of its subcommands.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its names.
    pub names: Vec<String>,
    /// The words that lead to the subcommand it is about; none for the program itself.
    pub words: Vec<Alternatives>,
    /// How its options are written.
    pub style: Style,
    /// Its options by name, and whether each takes a value.
    pub options: HashMap<String, bool>,
    /// The options whose value is statements.
    pub statements: Vec<String>,
    /// Whether standard input is statements.
    pub reads_statements: bool,
    /// Whether every option is listed.
    pub is_complete: bool,
    /// Whether it takes the beginning of a long option for the option.
    pub abbreviates: bool,
}

/// How a program writes its options.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Style {
    /// `-ab`, `--long`, `--long=value`; options may stand anywhere.
    #[default]
    Gnu,
    /// `-long`, `-long=value`, as `terraform`, `openssl` and `find` have it.
    Single,
    /// As `Gnu`, but what follows the first operand is not looked at.
    Leading,
}

/// Words of which one stands somewhere: `rm|prune`; `*` is any.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alternatives(Vec<String>);

impl Alternatives {
    /// Those of a text with `|` between them.
    pub fn new(text: &str) -> Alternatives {
        Alternatives(text.split('|').map(str::to_owned).collect())
    }

    /// Whether a word is one of them; case does not matter.
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(word))
    }

    /// The alternatives.
    pub fn all(&self) -> &[String] {
        &self.0
    }
}

impl Program {
    /// Whether it is about what the operands so far lead to.
    pub fn is_about(&self, operands: &[&str]) -> bool {
        self.words.len() <= operands.len()
            && self.words.iter().zip(operands).all(|(words, operand)| words.has(operand))
    }

    /// Whether it has an option of a name, as it is or, where the program allows that, cut short.
    pub fn has(&self, name: &str) -> bool {
        let is_short = |known: &String| self.abbreviates && known.starts_with(name);
        self.options.contains_key(name)
            || (name.starts_with("--") && name.len() > 3 && self.options.keys().any(is_short))
    }

    /// The option that was probably meant by an unknown one: the nearest, else the only one that
    /// begins with it.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let known = || self.options.keys().map(String::as_str).filter(|known| known.len() > 2);
        nearest(name, known()).or_else(|| {
            let mut longer = known().filter(|known| known.starts_with(name));
            longer.next().filter(|_| longer.next().is_none() && name.len() > 4)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(options: &[(&str, bool)]) -> Program {
        Program {
            names: vec!["tool".to_owned()],
            words: vec![Alternatives::new("app"), Alternatives::new("wait|sync")],
            style: Style::Gnu,
            options: options.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            statements: Vec::new(),
            reads_statements: false,
            is_complete: true,
            abbreviates: false,
        }
    }

    #[test]
    fn a_subcommand_is_found_by_its_leading_words() {
        let program = program(&[]);
        assert!(program.is_about(&["app", "SYNC", "x"]));
        assert!(!program.is_about(&["app"]));
        assert!(!program.is_about(&["app", "get", "wait"]));
        assert!(Alternatives::new("*").has("anything"));
    }

    #[test]
    fn the_nearest_option_is_one_with_a_slip_or_a_longer_one() {
        let program =
            program(&[("--restore-table-mapping", true), ("--data", false), ("-d", false)]);
        assert_eq!(program.nearest("--restore-table"), Some("--restore-table-mapping"));
        assert_eq!(program.nearest("--dat"), Some("--data"));
        assert_eq!(program.nearest("--target-time"), None);
    }

    #[test]
    fn an_option_cut_short_is_known_where_the_program_allows_that() {
        let mut program = program(&[("--dbname", true)]);
        assert!(!program.has("--dbn"));
        program.abbreviates = true;
        assert!(program.has("--dbn"));
        assert!(!program.has("--x"));
    }
}
