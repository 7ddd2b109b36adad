//! What people do to a run in a scripted world of their own accord, here and by letter.

use holdpoint::run::event::exercise::Script;
use holdpoint::run::event::{Event, Letter, LetterTaken, Mode, Sender, Wish, WishedChoice};
use holdpoint::run::receive;

use super::{Broken, Machine};

/// A letter from another terminal, by a person other than the operator.
pub(crate) fn letter(id: &str, by: &str, wish: Wish) -> Letter {
    let sent_at = "2026-11-20T03:00:00Z".parse().expect("this is a moment");
    let sender = Sender { user: by.into(), host: "there".into() };
    Letter { v: 1, id: id.into(), sent_at, by: by.into(), sender, wish }
}

impl Machine {
    /// It goes through its runbook in another way than for real.
    pub(crate) fn in_mode(mut self, mode: Mode) -> Machine {
        self.start.mode = mode;
        self
    }

    /// It is an exercise at a table, which begins now.
    #[track_caller]
    pub(crate) fn at_a_table(mut self, script: Script) -> Machine {
        self.start.mode = Mode::Tabletop;
        let begun = [Event::RunStarted(self.start.clone()), Event::ExerciseBegun(Box::new(script))];
        let begun = begun.into_iter().try_for_each(|event| self.commit(event));
        match begun.and_then(|()| self.advance()) {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    /// Tells what a person does, if that can be now; what cannot changes nothing. Whether it could.
    pub(crate) fn try_meddle(&mut self, event: Event) -> Result<bool, Broken> {
        let mut tried = self.state.clone();
        let at = self.next_moment(&event);
        if tried.apply(&self.plan, at, &event).is_ok() {
            return self.try_tell(event).map(|()| true);
        }
        match tried == self.state {
            true => Ok(false),
            false => Err(format!("{event:?} was refused and changed something")),
        }
    }

    /// A person does something that cannot be now, and is told why.
    #[track_caller]
    pub(crate) fn refuses(&self, event: &Event, expected: &str) -> &Machine {
        let mut tried = self.state.clone();
        let at = self.next_moment(event);
        let refused = tried.apply(&self.plan, at, event).expect_err("this cannot be now");
        assert_eq!(refused.reason, expected, "{}", self.tale());
        assert_eq!(tried, self.state, "what is refused changes nothing");
        self
    }

    /// A letter is taken out of the inbox, as a driver does it.
    pub(crate) fn try_deliver(&mut self, letter: &Letter) -> Result<(), Broken> {
        let at = self.moments.last().copied().unwrap_or(letter.sent_at);
        // One whose time has not come stays in the inbox.
        for event in receive(&self.plan, &self.state, at, letter).unwrap_or_default() {
            self.commit(event)?;
        }
        self.forget_answered();
        self.advance()
    }

    #[track_caller]
    pub(crate) fn deliver(mut self, letter: &Letter) -> Machine {
        match self.try_deliver(letter) {
            Ok(()) => self,
            Err(broken) => panic!("{broken}\n{}", self.tale()),
        }
    }

    /// What became of the last letter: nothing where it was heeded, else why not.
    #[track_caller]
    pub(crate) fn refusal(&self) -> Option<&str> {
        let taken = self.events.iter().rev().find_map(|event| match event {
            Event::LetterTaken(taken) => Some(&**taken),
            _ => None,
        });
        let LetterTaken { refused, .. } = taken.expect("a letter was taken");
        refused.as_deref()
    }

    /// The wish to open the gate that a step waits at, as somebody who looks at it writes it.
    #[track_caller]
    pub(crate) fn approval(&self, path: &str) -> Wish {
        let (step, digest) = (path.to_owned(), self.gate(path).digest);
        let asked = self.state.steps[self.index(path)].gate_asked;
        Wish::Approve { step, digest, asked, note: None, word: None, value: None }
    }

    /// The wish to decide about a step as it stands.
    #[track_caller]
    pub(crate) fn decision(&self, path: &str, choice: WishedChoice) -> Wish {
        let attempts = self.state.steps[self.index(path)].attempts;
        Wish::Decide { step: path.into(), choice, attempts, reason: "so it is".into() }
    }

    #[track_caller]
    fn index(&self, path: &str) -> usize {
        self.plan.find(path).unwrap_or_else(|| panic!("there is no step {path}"))
    }
}
