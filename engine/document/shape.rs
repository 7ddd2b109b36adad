//! What a mapping may hold, as a table: each key with its form and its purpose.
//!
//! The reader of a mapping opens it with its shape and may take the keys of the shape only; the
//! JSON Schema is made from the same tables. So what is read, what is described and what an
//! editor offers are one list. Shapes refer to each other, also in a circle.

use std::fmt::Debug;

/// What a mapping may hold.
#[derive(Debug)]
pub struct Shape {
    /// What a message calls such a mapping: "a step".
    pub noun: &'static str,
    /// What a schema calls it, as one word: "step".
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// Its keys, in groups that shapes share. No key comes twice.
    pub keys: &'static [&'static [Key]],
    /// What its keys demand of each other, in groups that shapes share.
    pub rules: &'static [&'static [Rule]],
}

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it may stand for.
    pub form: Form,
    /// What it is for, in a sentence or two of Markdown.
    pub about: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
}

/// What may stand somewhere.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text; a number or a truth value is taken as it is written.
    Text,
    /// Text in which `${{ … }}` may stand.
    Template,
    /// Such text that begins as a URL of the web does, or with a template.
    Url,
    /// An expression, without brackets around it.
    Expression,
    /// A script for a shell, or a program and its arguments.
    Script,
    /// A regular expression.
    Regex,
    /// The id of a runbook, a step or a check.
    Id,
    /// Text that matches a regular expression as a whole.
    Matching(&'static str),
    /// One word of a table.
    Words(&'static dyn Words),
    /// A whole number.
    Integer,
    /// A whole number from the first to the second.
    Range(i64, i64),
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A length of time: `1h30m`.
    Duration,
    /// A number of bytes: `10MiB`.
    Size,
    /// A day: `2026-01-31`.
    Day,
    /// Text, a number or a truth value, each with its own meaning.
    Scalar,
    /// A list.
    List(&'static Form),
    /// A list of so many.
    Items(usize, &'static Form),
    /// One, or a list of them.
    OneOrMany(&'static Form),
    /// A mapping whose keys the author chooses; nothing at all is an empty one.
    Map(&'static Form),
    /// The same with keys that match a regular expression as a whole.
    Named(&'static str, &'static Form),
    /// A list, a mapping or a text with something in it.
    Filled(&'static Form),
    /// A mapping of a shape.
    Shape(&'static Shape),
    /// One of several forms.
    Either(&'static [Form]),
    /// Nothing at all.
    Nothing,
    /// Anything, with `${{ … }}` in its texts.
    Json,
    /// Anything; it is kept as it is.
    Any,
}

/// What the keys of a mapping demand of each other.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At least one of these keys stands there.
    Any(&'static [&'static str]),
    /// Exactly one of these keys stands there.
    One(&'static [&'static str]),
    /// Exactly one of these keys stands there, or none of them beside this other one.
    OneOr(&'static [&'static str], &'static str),
    /// Where the key stands, one of the others must stand too.
    Needs(&'static str, &'static [&'static str]),
    /// Where the key stands, none of the others does.
    Excludes(&'static str, &'static [&'static str]),
    /// Where the first key stands, the second has this narrower form.
    Narrows(&'static str, &'static str, Form),
    /// Keys of a shared group that may not stand here.
    Never(&'static [&'static str]),
}

/// The words of a table.
pub trait Words: Debug + Sync {
    /// The words, in the order of the table.
    fn words(&self) -> Vec<&'static str>;
}

impl Words for &'static [&'static str] {
    fn words(&self) -> Vec<&'static str> {
        self.to_vec()
    }
}

impl<T: Debug + Sync> Words for &'static [(&'static str, T)] {
    fn words(&self) -> Vec<&'static str> {
        self.iter().map(|(word, _)| *word).collect()
    }
}

/// A key that may be left out.
pub const fn may(name: &'static str, form: Form) -> Key {
    Key { name, form, about: "", is_required: false }
}

/// A key that must be there.
pub const fn must(name: &'static str, form: Form) -> Key {
    Key { is_required: true, ..may(name, form) }
}

impl Key {
    /// The key with what it is for.
    pub const fn about(self, about: &'static str) -> Key {
        Key { about, ..self }
    }
}

impl Shape {
    /// The keys of all groups, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }

    /// This shape and all that can stand in it, each once.
    pub fn all(&'static self) -> Vec<&'static Shape> {
        let mut found = vec![self];
        let mut at = 0;
        while let Some(shape) = found.get(at).copied() {
            let narrowed = shape.rules.iter().copied().flatten().filter_map(|rule| match rule {
                Rule::Narrows(_, _, form) => Some(form),
                _ => None,
            });
            for form in shape.keys().map(|key| &key.form).chain(narrowed) {
                form.add_shapes(&mut found);
            }
            at += 1;
        }
        found
    }
}

impl Form {
    /// Adds the shapes that this form names itself, unless they are there.
    fn add_shapes(&self, found: &mut Vec<&'static Shape>) {
        match self {
            Form::Shape(shape) if found.iter().any(|known| std::ptr::eq(*known, *shape)) => {}
            Form::Shape(shape) => found.push(shape),
            Form::List(form)
            | Form::Items(_, form)
            | Form::OneOrMany(form)
            | Form::Map(form)
            | Form::Named(_, form)
            | Form::Filled(form) => form.add_shapes(found),
            Form::Either(forms) => forms.iter().for_each(|form| form.add_shapes(found)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Fruit {
        Apple,
    }

    const FRUITS: &[(&str, Fruit)] = &[("apple", Fruit::Apple)];
    const COLOURS: &[&str] = &["red", "green"];

    static TREE: Shape = Shape {
        noun: "a tree",
        name: "tree",
        about: "A tree.",
        keys: &[&[must("branches", Form::Filled(&Form::List(&Form::Shape(&BRANCH))))], COLOURED],
        rules: &[],
    };
    static BRANCH: Shape = Shape {
        noun: "a branch",
        name: "branch",
        about: "A branch.",
        keys: &[&[may("on", Form::Shape(&TREE)), may("bears", Form::Words(&FRUITS))], COLOURED],
        rules: &[&[Rule::Narrows("bears", "on", Form::Either(&[Form::Text, Form::Shape(&LEAF)]))]],
    };
    static LEAF: Shape =
        Shape { noun: "a leaf", name: "leaf", about: "A leaf.", keys: &[], rules: &[] };
    static COLOURED: &[Key] = &[may("colour", Form::Words(&COLOURS)).about("Its colour.")];

    #[test]
    fn shapes_that_name_each_other_are_found_once_each() {
        let names: Vec<&str> = TREE.all().iter().map(|shape| shape.name).collect();
        assert_eq!(names, ["tree", "branch", "leaf"]);
    }

    #[test]
    fn the_keys_of_a_shape_are_those_of_all_its_groups() {
        let names: Vec<&str> = BRANCH.keys().map(|key| key.name).collect();
        assert_eq!(names, ["on", "bears", "colour"]);
        assert_eq!(BRANCH.key("colour").map(|key| key.about), Some("Its colour."));
        assert!(BRANCH.key("branches").is_none());
        assert!(TREE.key("branches").is_some_and(|key| key.is_required));
    }

    #[test]
    fn the_words_of_a_table_are_its_first_column() {
        let words = |name| match BRANCH.key(name).map(|key| key.form) {
            Some(Form::Words(words)) => words.words(),
            _ => Vec::new(),
        };
        assert_eq!(words("bears"), ["apple"]);
        assert_eq!(words("colour"), ["red", "green"]);
    }
}
