//! What a sight amounts to for whoever looked.

use crate::runbook::expect::{Judgement, Sight};
use crate::runbook::script::Command;

use super::{Observation, View};

/// What the client of a server that is out of reach says.
const UNREACHABLE: &[&str] =
    &["Cannot connect to the Docker daemon", "Unable to connect to the server"];

impl Observation {
    /// What a sight amounts to.
    pub fn judge(&self, sight: &Sight) -> Judgement {
        match &self.view {
            View::Not(inner) => inner.judge(sight).turned(),
            View::Run(command) => match self.unseen(command, sight) {
                Some(reason) => Judgement::Error(reason),
                None => self.expect.judge(sight),
            },
            _ => self.expect.judge(sight),
        }
    }

    /// Why the exit code of a command says nothing about what it should have looked at.
    fn unseen(&self, command: &Command, sight: &Sight) -> Option<String> {
        let code = sight.exit?;
        if self.expect.exit.as_ref().is_some_and(|good| good.contains(&code)) {
            return None;
        }
        let shown = command.line.shown();
        let program = shown.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let stderr = sight.stderr.whole("").unwrap_or_default();
        let is_unreachable = UNREACHABLE.iter().any(|words| stderr.contains(words));
        let reason = match (code, program) {
            (126, _) => "the command could not be executed",
            (127, _) => "the command was not found",
            (125, "docker") => "docker itself failed",
            (255, "ssh") => "ssh itself failed",
            (1, _) if is_unreachable => "its server could not be reached",
            _ => return None,
        };
        let first = stderr.lines().next().unwrap_or_default();
        Some(if first.is_empty() { reason.to_owned() } else { format!("{reason}: {first}") })
    }
}

impl Judgement {
    /// The same turned round by `not`.
    #[must_use]
    pub fn turned(self) -> Judgement {
        match self {
            Judgement::Holds | Judgement::Warns(_) => {
                Judgement::Fails("it holds, and should not".into())
            }
            Judgement::Fails(_) => Judgement::Holds,
            Judgement::Error(reason) => Judgement::Error(reason),
        }
    }
}
