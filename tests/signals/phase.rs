//! The phases of a run at which a signal may meet it, and how each is reached and left again.
//!
//! Every runbook has a step `work`, which notes each attempt as `work` and what it has done as
//! `worked`, and ends with a step behind a gate.

use crate::harness::{Bench, Journal, Screen, eventually};

/// What a run is at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A command runs.
    Step,
    /// A person is asked.
    Question,
    /// Something is looked at until it holds.
    Look,
    /// Time passes.
    Wait,
}

/// One phase.
#[derive(Debug)]
pub(super) struct Phase {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The runbook, below its title.
    book: &'static str,
    /// What is typed once before, without a terminal.
    before: Option<&'static str>,
    /// What is typed at the terminal.
    pub(super) typed: &'static str,
    /// What shows that the phase is reached: an event, and how often it has happened.
    reached: (&'static str, usize),
    /// The question that is then on the screen.
    pub(super) asks: Option<&'static str>,
    /// What answers it: what is typed, and what must be on the screen before the next is.
    answers: &'static [(&'static str, &'static str)],
    /// Whether somebody attends it.
    pub(super) is_attended: bool,
    /// The path of the step under way.
    pub(super) step: &'static str,
    /// The exit code when it goes on to its end.
    pub(super) ends: u32,
}

const LONG: &str = "
      trap 'echo asked >> effects; [ -e deaf ] || exit 1' TERM
      trap 'echo heard >> effects' INT HUP QUIT
      echo work >> effects
      until [ -e mended ]; do sleep 0.02 || :; done
      echo worked >> effects
";

const CHATTY: &str = "
      trap 'echo asked >> effects; [ -e deaf ] || exit 1' TERM
      trap 'echo heard >> effects' INT HUP QUIT
      echo work >> effects
      until [ -e mended ]; do echo line; sleep 0.01 || :; done
      echo worked >> effects
";

const PLAIN: Phase = Phase {
    name: "",
    kind: Kind::Step,
    book: "",
    before: None,
    typed: "run book.yaml",
    reached: ("step_spawned", 1),
    asks: None,
    answers: &[],
    is_attended: true,
    step: "work",
    ends: 0,
};

const GO_ON: &str = "Go on? [y/N]";

/// The phases, in the order in which a run may come through them.
pub(super) const PHASES: [Phase; 12] = [
    Phase {
        name: "before the first step",
        kind: Kind::Look,
        book: "
preconditions: [{title: here, probe: {file: mended, within: 50s, every: 20ms}}]
steps:
  - {id: work, run: echo work >> effects; echo worked >> effects}
",
        reached: ("check_started", 1),
        ..PLAIN
    },
    Phase { name: "a quiet step", book: "steps:\n  - id: work\n    run: |LONG", ..PLAIN },
    Phase { name: "a step that prints", book: "steps:\n  - id: work\n    run: |CHATTY", ..PLAIN },
    Phase {
        name: "a gate",
        kind: Kind::Question,
        book: "
steps:
  - {id: work, gate: {ask: May it work?}, run: echo work >> effects; echo worked >> effects}
",
        reached: ("question_asked", 1),
        asks: Some(GO_ON),
        answers: &[(GO_ON, "y\r")],
        ..PLAIN
    },
    Phase {
        name: "a word to be typed",
        kind: Kind::Question,
        book: "
steps:
  - {id: work, gate: {word: volume}, run: echo work >> effects; echo worked >> effects}
",
        reached: ("question_asked", 1),
        asks: Some("Type volume to go on, or no to refuse:"),
        answers: &[("Type volume to go on, or no to refuse:", "volume\r")],
        ..PLAIN
    },
    Phase {
        name: "a secret to be typed",
        kind: Kind::Question,
        book: "
inputs: {password: {secret: true, prompt: The password}}
steps:
  - {id: work, run: echo work >> effects; echo worked >> effects}
",
        reached: ("question_asked", 1),
        asks: Some("The password:"),
        answers: &[("The password:", "correct horse\r")],
        ..PLAIN
    },
    Phase {
        name: "a held step",
        kind: Kind::Question,
        book: "
steps:
  - {id: work, run: 'echo work >> effects; test -e mended && echo worked >> effects'}
",
        reached: ("step_held", 1),
        asks: Some("Choose what to do"),
        answers: &[("Choose what to do", "r"), ("Reason:", "mended\r")],
        ..PLAIN
    },
    Phase {
        name: "a look at what was done",
        kind: Kind::Look,
        book: "
steps:
  - id: work
    run: echo work >> effects; echo worked >> effects
    verify: [{title: there, probe: {file: mended, within: 50s, every: 20ms}}]
",
        reached: ("check_started", 1),
        ..PLAIN
    },
    Phase {
        name: "the pause before a retry",
        kind: Kind::Wait,
        book: "
steps:
  - id: work
    retry: {times: 2, every: 1h, on_exit: [75]}
    run: echo work >> effects; exit 75
",
        reached: ("timer_set", 1),
        ..PLAIN
    },
    Phase {
        name: "a wait",
        kind: Kind::Wait,
        book: "
steps:
  - {id: work, wait: 1h}
",
        reached: ("step_started", 1),
        ..PLAIN
    },
    Phase {
        name: "an undo",
        book: "
steps:
  - {id: first, run: 'true', undo: {run: 'true'}}
  - id: made
    run: 'true'
    undo:
      run: |LONG
  - {id: bad, run: exit 1}
",
        before: Some("run book.yaml"),
        typed: "resume --resolve bad=undo --reason wrong",
        reached: ("step_spawned", 4),
        step: "made~undo",
        ends: 4,
        ..PLAIN
    },
    Phase {
        name: "the last step before it parks",
        book: "
steps:
  - {id: other, needs: [], gate: {ask: May it?}, run: 'true'}
  - id: work
    needs: []
    run: |LONG",
        typed: "run book.yaml --non-interactive",
        is_attended: false,
        ends: 5,
        ..PLAIN
    },
];

impl Phase {
    /// A bench with the runbook, at which what comes before has happened.
    pub(super) fn bench(&self) -> Bench {
        let deeper = |script: &str| script.replace("\n      ", "\n          ");
        let (long, chatty) = match self.name {
            "an undo" => (deeper(LONG), deeper(CHATTY)),
            _ => (LONG.to_owned(), CHATTY.to_owned()),
        };
        let book = self.book.replace("LONG", &long).replace("CHATTY", &chatty);
        let last = "  - {id: last, gate: {ask: May it end?}, run: echo last >> effects}\n";
        let text = format!("holdpoint: 1\nid: book\ntitle: Book\n{}\n{last}", book.trim_end());
        let bench = Bench::new()
            .env("USER", "ann")
            .runbook("book.yaml", &text)
            .file("work.yaml", "work: approve\nlast: approve\n")
            .file("word.yaml", "work: {word: volume}\nlast: approve\n")
            .file("other.yaml", "other: approve\nlast: approve\n")
            .file("last.yaml", "last: approve\n")
            .file("inputs.yaml", "password: correct horse\n");
        if let Some(typed) = self.before {
            bench.args(typed.split(' ')).stdout_contains("").exit(5);
        }
        bench
    }

    /// Starts the run at a terminal, where every signal is heard, and waits until it is there.
    pub(super) fn reach<'b>(&self, bench: &'b Bench) -> Screen<'b> {
        self.reach_with(bench, &format!("exec {HEARS} holdpoint {}", self.typed))
    }

    /// Starts the run as a job of a shell that says when it was left, and lets it go on when told.
    pub(super) fn reach_as_job<'b>(&self, bench: &'b Bench) -> Screen<'b> {
        let job = format!("{HEARS} holdpoint {}", self.typed);
        let wait = "until [ -e fg ]; do sleep 0.02; done";
        let script = format!("set -m; {job}; echo \"left $?\"; {wait}; fg > /dev/null; exit $?");
        self.reach_with(bench, &script)
    }

    /// Starts the run as it is typed into a shell.
    pub(super) fn reach_with<'b>(&self, bench: &'b Bench, script: &str) -> Screen<'b> {
        let mut screen = bench.shell_at_terminal(script);
        let (kind, times) = self.reached;
        let is_there = |journal: &Journal| journal.events(kind).len() >= times;
        eventually(self.name, || is_there(&bench.journal_so_far()));
        if let Some(asks) = self.asks {
            screen.wait_for(asks);
        }
        if self.kind == Kind::Step {
            eventually(self.name, || bench.effects().contains(&"work".to_owned()));
        }
        screen
    }

    /// Lets what is waited for come, a person's answer aside.
    pub(super) fn mend(&self, bench: &Bench) {
        bench.write("mended", "");
    }

    /// Answers the question that is on the screen for the `times`th time, if the phase is at one.
    pub(super) fn answer(&self, screen: &mut Screen<'_>, times: usize) {
        for (place, (asks, keys)) in self.answers.iter().enumerate() {
            screen.wait_for_another(asks, if place == 0 { times } else { 1 });
            screen.types(keys);
        }
    }

    /// Opens the gate of the last step, where somebody is there and the run comes to it, after the
    /// phase's own question was `asked` so often.
    pub(super) fn open_last_gate(&self, screen: &mut Screen<'_>, asked: usize) {
        if self.ends == 0 {
            screen.wait_for("May it end?");
            screen.wait_for_another(GO_ON, if self.asks == Some(GO_ON) { asked + 1 } else { 1 });
            screen.types("y\r");
        }
    }

    /// The files that answer what the runbook asks.
    pub(super) fn prepared(&self) -> &'static [&'static str] {
        match self.name {
            "a gate" => &["--answers", "work.yaml"],
            "a word to be typed" => &["--answers", "word.yaml"],
            "a secret to be typed" => &["--answers", "last.yaml", "--inputs", "inputs.yaml"],
            "the last step before it parks" => &["--answers", "other.yaml"],
            _ => &["--answers", "last.yaml"],
        }
    }
}

/// Hears every signal, though these tests may be run by a program that ignores some.
pub(super) const HEARS: &str = "env --default-signal=INT,TERM,HUP,QUIT,PIPE,TSTP,WINCH";
