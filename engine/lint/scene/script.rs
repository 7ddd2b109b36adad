//! A script of a scene: its commands, what is known of them, and where each word stands.

use std::ops::{Deref, Range};

use crate::document::Node;
use crate::lint::knowledge::{Input, Match, Setting};
use crate::lint::shell::{self, Command, Word};
use crate::source::{Source, Span};

use super::{Subject, entry};

/// What one `run` says, as a shell would read it.
#[derive(Debug)]
pub struct Script<'s> {
    /// The entry it belongs to; none for the checks of the runbook itself.
    pub step: Option<usize>,
    /// What it is for.
    pub role: Role,
    /// What stands at `run`.
    pub node: Node,
    /// The mapping that `run` stands in: a step, or a probe with its `expect` and `within`.
    pub around: Node,
    /// The text; of a list, its words with a blank between them.
    pub text: String,
    /// Whether a shell reads it; a list of arguments has none.
    pub is_shell: bool,
    /// Its commands, in the order of the text.
    pub commands: Vec<Known<'s>>,
    /// What stands around its commands.
    pub setting: Setting,
    /// Of a list, where each word stands in `text`, and in the source.
    words: Vec<(Range<usize>, Span)>,
}

/// A command, and what is known of it.
#[derive(Debug)]
pub struct Known<'s> {
    /// The command.
    pub command: Command,
    /// What is known of it.
    pub facts: Vec<Match<'s>>,
}

impl Deref for Known<'_> {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.command
    }
}

/// What a script is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The action of a step, a case or an undo.
    Action,
    /// A look that is the action of a step: `probe`, `wait`, `watch`.
    Look,
    /// What must hold before an action.
    Require,
    /// What promises that an effect is complete.
    DoneWhen,
    /// What must hold after an action.
    Verify,
    /// The symptom.
    Confirm,
    /// What must hold before the first step.
    Precondition,
    /// What must hold all along.
    Invariant,
    /// What gives the verdict.
    ExitCriterion,
    /// What offers the choices of an input.
    Choices,
}

impl Role {
    /// Whether it only looks: all but the action of a step.
    pub fn is_look(self) -> bool {
        self != Role::Action
    }
}

impl<'s> Script<'s> {
    pub(super) fn read(
        subject: &Subject<'s>,
        run: &Node,
        around: &Node,
        role: Role,
        step: Option<usize>,
        mut setting: Setting,
    ) -> Script<'s> {
        let mut script = Script {
            step,
            role,
            node: run.clone(),
            around: around.clone(),
            text: String::new(),
            is_shell: run.as_str().is_some(),
            commands: Vec::new(),
            setting: Setting::default(),
            words: Vec::new(),
        };
        let commands = match run.as_str() {
            Some(text) => {
                text.clone_into(&mut script.text);
                shell::commands(text, &shell::slots(text))
            }
            None => shell::from_words(script.arguments(run)),
        };
        setting.learn(&commands);
        let stdin = script.key("stdin").and_then(Node::as_str);
        let facts = (0..commands.len()).map(|at| {
            let input = Input::of(&script.text, &commands, at, stdin);
            subject.knowledge.of(&commands[at], &input, &setting)
        });
        let facts: Vec<Vec<Match<'s>>> = facts.collect();
        let known = |(command, facts)| Known { command, facts };
        script.commands = commands.into_iter().zip(facts).map(known).collect();
        script.setting = setting;
        script
    }

    /// The words of a list, which make up the text.
    fn arguments(&mut self, run: &Node) -> Vec<Word> {
        let mut words = Vec::new();
        for item in run.as_sequence().unwrap_or_default() {
            let Some(text) = item.as_str() else { continue };
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            let start = self.text.len();
            self.text.push_str(text);
            let range = start..self.text.len();
            self.words.push((range.clone(), item.span));
            let is_literal = !text.contains("${{");
            words.push(Word { text: text.to_owned(), range, is_literal, is_quoted: true });
        }
        words
    }

    /// Where a range of the text stands in the source.
    pub fn place(&self, range: &Range<usize>, source: &Source) -> Span {
        if self.is_shell {
            return self.node.span_at(range.clone(), source);
        }
        let within =
            self.words.iter().filter(|(own, _)| own.start < range.end && range.start < own.end);
        within.map(|(_, span)| *span).reduce(Span::to).unwrap_or(self.node.span)
    }

    /// Where a range of the text stands in the source byte by byte, so that it can be changed there.
    pub fn exact(&self, range: &Range<usize>, source: &Source) -> Option<Span> {
        let span = self.place(range, source);
        let written = source.text().get(span.start..span.end)?;
        (Some(written) == self.text.get(range.clone())).then_some(span)
    }

    /// What stands at a key beside `run`.
    pub fn key(&self, key: &str) -> Option<&Node> {
        entry(&self.around, key).map(|(_, node)| node)
    }
}
