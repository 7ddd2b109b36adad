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
        let stdout = sight.stdout.whole("").unwrap_or_default();
        // `docker exec` says on standard output why it could not execute anything.
        let said = if program == "docker" && stderr.is_empty() { stdout } else { stderr };
        let first = said.lines().next().unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::runbook::expect::{Expectations, Text};
    use crate::runbook::probe::{LOOK_TIMEOUT, Patience};
    use crate::runbook::rendered::Rendered;
    use crate::runbook::script::Line;
    use crate::runbook::target::Destination;

    use super::*;

    /// A look at what these words end with.
    fn observation(words: &[&str]) -> Observation {
        let argv = words.iter().map(|word| Rendered::plain(*word)).collect();
        let command = Command {
            line: Line::Arguments { argv },
            env: BTreeMap::new(),
            cwd: None,
            stdin: None,
            target: Destination::Local,
        };
        Observation {
            view: View::Run(command),
            expect: Expectations::default(),
            timeout: LOOK_TIMEOUT,
            patience: Patience::default(),
        }
    }

    #[test]
    fn an_end_of_the_client_itself_is_no_answer_and_its_own_words_say_why() {
        let said = |text: &str| Text::Whole(format!("{text}\nmore\n"));
        let docker = ["docker", "exec", "db", "pg_isready"];
        let cases = [
            (
                &docker[..],
                126,
                said("no such runtime"),
                Text::Empty,
                "the command could not be executed: no such runtime",
            ),
            (&docker[..], 125, said("a row"), said("no daemon"), "docker itself failed: no daemon"),
            (&["ssh", "db", "id"][..], 255, said("a row"), Text::Empty, "ssh itself failed"),
            (&["./look"][..], 127, Text::Empty, Text::Empty, "the command was not found"),
        ];
        for (words, code, stdout, stderr, expected) in cases {
            let sight = Sight { exit: Some(code), stdout, stderr, ..Sight::default() };
            let unseen = Judgement::Error(expected.to_owned());
            let mut look = observation(words);
            assert_eq!(look.judge(&sight), unseen);
            look.view = View::Not(Box::new(observation(words)));
            assert_eq!(look.judge(&sight), unseen, "`not` makes no answer of it");
        }
    }
}
