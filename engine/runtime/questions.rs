//! The questions that wait for the person at the terminal: one has it, the others their turn.
//!
//! A question waits from the moment it is on record. It may be settled from another terminal, or by
//! time, while it waits here. Then it is withdrawn: not put any more, or taken off the screen.

use crate::run::event::Question;

/// The questions that were put and have no answer.
#[derive(Debug, Default)]
pub struct Questions {
    waiting: Vec<Waiting>,
    at_terminal: Option<Question>,
}

#[derive(Debug)]
struct Waiting {
    question: Question,
    is_withdrawn: bool,
}

impl Questions {
    /// A question begins to wait for its turn.
    pub fn put(&mut self, question: &Question) {
        self.waiting.push(Waiting { question: question.clone(), is_withdrawn: false });
    }

    /// Whether a question may have the terminal now that its turn has come; not when it was
    /// withdrawn meanwhile.
    pub fn take_turn(&mut self, question: &Question) -> bool {
        let may = !self.is_withdrawn(question);
        self.at_terminal = may.then(|| question.clone());
        may
    }

    /// Marks those as withdrawn that still wait, and says whether one of them has the terminal.
    pub fn withdraw(&mut self, questions: &[Question]) -> bool {
        for waiting in &mut self.waiting {
            waiting.is_withdrawn |= questions.contains(&waiting.question);
        }
        self.at_terminal.as_ref().is_some_and(|at| questions.contains(at))
    }

    /// A question waits no more; whether it was withdrawn.
    pub fn end(&mut self, question: &Question) -> bool {
        if self.at_terminal.as_ref() == Some(question) {
            self.at_terminal = None;
        }
        let place = self.waiting.iter().position(|waiting| waiting.question == *question);
        place.is_some_and(|place| self.waiting.swap_remove(place).is_withdrawn)
    }

    /// The question that has the terminal.
    pub fn at_terminal(&self) -> Option<&Question> {
        self.at_terminal.as_ref()
    }

    /// Whether the question that has the terminal was withdrawn.
    pub fn is_at_terminal_withdrawn(&self) -> bool {
        self.at_terminal.as_ref().is_some_and(|at| self.is_withdrawn(at))
    }

    fn is_withdrawn(&self, question: &Question) -> bool {
        self.waiting.iter().any(|waiting| waiting.question == *question && waiting.is_withdrawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str) -> Question {
        Question::Input { name: name.to_owned() }
    }

    #[test]
    fn a_question_that_is_settled_elsewhere_before_its_turn_is_not_put() {
        let mut questions = Questions::default();
        questions.put(&input("a"));
        questions.put(&input("b"));
        assert!(questions.take_turn(&input("a")));
        assert!(!questions.withdraw(&[input("b")]));
        assert!(!questions.end(&input("a")));
        assert!(!questions.take_turn(&input("b")));
        assert!(questions.end(&input("b")));
    }

    #[test]
    fn a_question_on_the_screen_is_taken_off_when_it_is_settled_elsewhere() {
        let mut questions = Questions::default();
        questions.put(&input("a"));
        assert!(questions.take_turn(&input("a")));
        assert!(questions.withdraw(&[input("a")]));
        assert!(questions.end(&input("a")));
        assert_eq!(questions.at_terminal(), None);
    }

    #[test]
    fn a_withdrawal_that_comes_after_the_answer_does_not_hit_the_same_question_put_again() {
        let mut questions = Questions::default();
        questions.put(&input("a"));
        assert!(questions.take_turn(&input("a")));
        assert!(!questions.end(&input("a")));
        assert!(!questions.withdraw(&[input("a")]));
        questions.put(&input("a"));
        assert!(questions.take_turn(&input("a")));
        assert!(!questions.end(&input("a")));
    }
}
