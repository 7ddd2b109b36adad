//! The first file of tests of a runbook: cases that walk its edges, found by playing it.
//!
//! It begins with the run in which all goes well, and then has things go otherwise, one after the
//! other, until no new edge is walked. What a case expects is what came when it was played; so the
//! file passes at once, and says what the runbook does and not what it should do.

mod expect;
mod force;
mod kindly;
mod pattern;
mod placeholder;
mod sketch;
mod yaml;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use crate::plan::Plan;
use crate::run::event::{Event, FailureKind, Question};
use crate::runbook::testfile;
use crate::source::{Problems, Source};

use super::compare::{compare, outcome_of};
use super::course::course;
use super::coverage::{Coverage, Edge, Place, patterned, walked};
use super::play::{Played, play};
use super::script::{Piece, Script};
use super::unused::unused;
use sketch::{Sketch, at};

/// How often a case is played with one more answer, at most.
const ROUNDS: usize = 300;

/// How many runs are played for one file, at most.
const PLAYS: usize = 20_000;

/// From how many cases another one is made, at most.
const BASES: usize = 8;

/// The first file of tests of a runbook.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its text.
    pub text: String,
    /// How many cases it has.
    pub cases: usize,
    /// What they walk.
    pub coverage: Coverage,
    /// The inputs for which no value was found that fits.
    pub lacking: Vec<String>,
}

/// Writes the first file of tests for a runbook, which the file calls by `runbook`; its cases name
/// the environment where one is given.
pub fn draft(piece: &Piece, runbook: &str, environment: Option<String>) -> Draft {
    let mut writer = Writer {
        piece,
        coverage: Coverage::of(&piece.plan),
        cases: Vec::new(),
        met: Vec::new(),
        plays: 0,
        vain: HashMap::new(),
    };
    writer.explore(environment);
    let lacking = writer.lacking();
    let mut text = header(runbook, &writer.coverage, &lacking);
    let _ = writeln!(text, "runbook: {}\ncases:", yaml::text(runbook));
    for (place, case) in writer.cases.iter().enumerate() {
        text.push_str(if place > 0 { "\n" } else { "" });
        text.push_str(&case.written());
    }
    Draft { text, cases: writer.cases.len(), coverage: writer.coverage, lacking }
}

/// What stands above the cases.
fn header(runbook: &str, coverage: &Coverage, lacking: &[String]) -> String {
    let mut text = format!(
        "# The first tests of {}, written by playing it: nothing was run.\n\
         # These expectations are what this version does: read them, they are yours to correct.\n\
         # Values of inputs and outputs are placeholders.\n",
        yaml::text(runbook)
    );
    for input in lacking {
        let _ = writeln!(text, "# No value was found that the input {input} admits: give it one.");
    }
    if coverage.missing().next().is_some() {
        text.push_str("# Not walked:\n");
        for edge in coverage.missing() {
            let _ = writeln!(text, "#   {}", commented(&edge.sentence));
        }
    }
    text
}

/// A text in one line.
fn commented(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

struct Writer<'p> {
    piece: &'p Piece,
    coverage: Coverage,
    cases: Vec<Sketch>,
    /// The steps that each of them comes to.
    met: Vec<BTreeSet<String>>,
    plays: usize,
    /// What was walked by sketches that were played and are no case, by their texts.
    vain: HashMap<String, BTreeSet<String>>,
}

/// A sketch that was played.
struct Tried {
    script: Script,
    played: Played,
    walked: BTreeSet<String>,
}

impl Writer<'_> {
    fn plan(&self) -> &Plan {
        &self.piece.plan
    }

    fn explore(&mut self, environment: Option<String>) {
        let first = Sketch { name: "all goes well".into(), environment, ..Sketch::default() };
        // What cannot go well is skipped, to come to what is below it.
        let (mut first, tried) = self.settled_with(first, "skip");
        if let Some(tried) = tried {
            if !first.decisions.is_empty() {
                first.name = "all goes as well as it can".into();
            }
            self.keep(first, &tried);
        }
        loop {
            let before = self.coverage.count();
            let missing: Vec<Edge> = self.coverage.missing().cloned().collect();
            for edge in &missing {
                if !self.coverage.has(edge) && self.plays < PLAYS {
                    self.walk(edge);
                }
            }
            if self.coverage.count() == before || self.plays >= PLAYS {
                return;
            }
        }
    }

    /// Looks for a case that walks an edge.
    fn walk(&mut self, edge: &Edge) {
        let plan = Arc::clone(&self.piece.plan);
        let place = match &edge.from {
            Place::Step(index) => Some(plan.nodes[*index].path.clone()),
            Place::Check { check, .. } => check.step.clone(),
            Place::Verdict => None,
        };
        // An undo that is not paired begins only where somebody wants it.
        let place = place.map(|path| path.split("~undo").next().unwrap_or_default().to_owned());
        let comes = |met: &BTreeSet<String>| place.as_ref().is_none_or(|path| met.contains(path));
        let bases: Vec<Sketch> = self
            .cases
            .iter()
            .zip(&self.met)
            .filter(|(_, met)| comes(met))
            .map(|(case, _)| case.clone())
            .take(BASES)
            .collect();
        for base in &bases {
            if force::candidates(&plan, edge, base).into_iter().any(|it| self.attempt(edge, it)) {
                return;
            }
        }
        let Place::Step(index) = edge.from else { return };
        let bases: Vec<Sketch> = self.cases.iter().take(BASES).cloned().collect();
        for base in &bases {
            for varied in force::variations(&plan, index, &edge.way, base) {
                if self.attempt(edge, varied.clone())
                    || self.attempt_beyond(edge, varied, place.as_deref())
                {
                    return;
                }
            }
        }
    }

    /// Goes on from a sketch that comes to where an edge begins, if it does.
    fn attempt_beyond(&mut self, edge: &Edge, varied: Sketch, place: Option<&str>) -> bool {
        let plan = Arc::clone(&self.piece.plan);
        let (varied, tried) = self.settled(varied);
        let Some(tried) = tried else { return false };
        let is_met = place.is_none_or(|path| met(&tried.played).contains(path));
        is_met
            && force::candidates(&plan, edge, &varied).into_iter().any(|it| self.attempt(edge, it))
    }

    /// Keeps a sketch as a case if it walks an edge.
    fn attempt(&mut self, edge: &Edge, sketch: Sketch) -> bool {
        if self.plays >= PLAYS {
            return false;
        }
        let key = Sketch { name: String::new(), expect: Vec::new(), ..sketch.clone() }.written();
        if self.vain.get(&key).is_some_and(|walked| !walked.contains(&edge.id)) {
            return false;
        }
        let name = self.name_for(edge);
        let (sketch, tried) = self.settled(Sketch { name, ..sketch });
        match tried {
            Some(tried) if tried.walked.contains(&edge.id) => self.keep(sketch, &tried),
            tried => {
                let walked = tried.map(|tried| tried.walked).unwrap_or_default();
                self.vain.insert(key, walked);
                false
            }
        }
    }

    /// A name that no other case has.
    fn name_for(&self, edge: &Edge) -> String {
        let name = commented(&edge.sentence).replace('`', "");
        let is_taken = |name: &str| self.cases.iter().any(|case| case.name == name);
        let mut numbers = 2..;
        match is_taken(&name) {
            false => name,
            true => numbers
                .find_map(|number| {
                    let other = format!("{name}, {number}");
                    (!is_taken(&other)).then_some(other)
                })
                .unwrap_or(name),
        }
    }

    /// Takes a sketch for a case: without what it does not need, and with what it came to.
    fn keep(&mut self, sketch: Sketch, tried: &Tried) -> bool {
        let (mut sketch, tried) = self.lean(sketch, tried);
        let order = |name: &String| kindly::order(&self.piece.plan, name);
        sketch.mocks.sort_by_key(|(name, _)| order(name));
        sketch.answers.sort_by_key(|(name, _)| order(name));
        sketch.decisions.sort_by_key(|(name, _)| order(name));
        let all = expect::expectations(self.plan(), &tried.played);
        let less: Vec<_> = all.iter().filter(|(key, _)| key != "states").cloned().collect();
        let least = all[..1].to_vec();
        for expect in [all, less, least] {
            let case = Sketch { expect, ..sketch.clone() };
            let Some(again) = self.tried(&case) else { continue };
            let is_so = compare(&again.script.hopes, &again.played, &[]).is_empty();
            let unused = unused(&again.script, &self.piece.plan, &again.played);
            if is_so && unused.is_empty() {
                let events = again.played.records.iter().map(|record| &record.event);
                self.coverage.add(&self.piece.plan, events);
                self.met.push(met(&again.played));
                self.cases.push(case);
                return true;
            }
        }
        false
    }

    /// The sketch without everything that changes nothing when it is not there.
    fn lean(&mut self, sketch: Sketch, tried: &Tried) -> (Sketch, Tried) {
        let wanted = signature(tried);
        let (mut sketch, mut best) = (sketch, None);
        loop {
            let less = sketch.with_less().into_iter().find_map(|less| {
                let tried = self.tried(&less)?;
                (signature(&tried) == wanted).then_some((less, tried))
            });
            match less {
                Some((less, tried)) if self.plays < PLAYS => {
                    sketch = less;
                    best = Some(tried);
                }
                _ => break,
            }
        }
        let best = best.or_else(|| self.tried(&sketch));
        let same = || Tried {
            script: tried.script.clone(),
            played: tried.played.clone(),
            walked: tried.walked.clone(),
        };
        (sketch, best.unwrap_or_else(same))
    }

    /// A sketch with all the answers that its run waits for, and that run; none where it cannot be
    /// played.
    fn settled(&mut self, sketch: Sketch) -> (Sketch, Option<Tried>) {
        self.settled_with(sketch, "failed")
    }

    /// The same, where steps that are held are decided about with a word.
    fn settled_with(&mut self, mut sketch: Sketch, held: &str) -> (Sketch, Option<Tried>) {
        let plan = Arc::clone(&self.piece.plan);
        for _ in 0..ROUNDS {
            let Some(tried) = self.tried(&sketch) else { return (sketch, None) };
            let mut goes_on = kindly::hand_on(&plan, &tried.played, &mut sketch);
            if !goes_on && !tried.played.state.has_ended() {
                let waiting = tried.played.state.waiting_for(&tried.played.plan);
                for question in &waiting {
                    goes_on |= kindly::answer(&plan, question, held, &mut sketch);
                }
            }
            if !goes_on {
                return (sketch, Some(tried));
            }
        }
        (sketch, None)
    }

    /// Plays a sketch; none where it cannot be meant.
    fn tried(&mut self, sketch: &Sketch) -> Option<Tried> {
        self.plays += 1;
        let text = format!("runbook: it\ncases:\n{}", sketch.written());
        let source = Source::new("draft.test.yaml", text);
        let mut problems = Problems::default();
        let file = testfile::read(&source, &mut problems)?;
        let script = Script::of(&self.piece.plan, file.cases.first()?, &mut problems)?;
        let played = play(self.piece, &Arc::new(script.clone())).ok()?;
        let events = played.records.iter().map(|record| &record.event);
        let walked = walked(&self.piece.plan, events);
        Some(Tried { script, played, walked })
    }

    /// The inputs that every run must be told, and for which nothing was found.
    fn lacking(&self) -> Vec<String> {
        let is_told = |name: &str| self.cases.iter().any(|case| at(&case.inputs, name).is_some());
        let inputs = self.plan().runbook.inputs.iter();
        inputs
            .filter(|input| input.default.is_none() && !input.is_optional)
            .filter(|input| !is_told(&input.name) && placeholder::of_input(input).is_none())
            .map(|input| input.name.value.clone())
            .collect()
    }
}

/// What must stay the same of a run when something is left out of its case.
#[derive(PartialEq)]
struct Signature {
    outcome: String,
    walked: BTreeSet<String>,
    course: Vec<String>,
    /// What failed, and why: not that nobody said what it hands on.
    failures: Vec<(String, FailureKind)>,
    waiting: Vec<Question>,
}

fn signature(tried: &Tried) -> Signature {
    let played = &tried.played;
    let course = course(played);
    let failures = played.records.iter().filter_map(|record| match &record.event {
        Event::StepFailed { step, failure, .. } | Event::StepHeld { step, failure } => {
            Some((step.clone(), failure.kind))
        }
        _ => None,
    });
    let waiting = match played.state.has_ended() {
        true => Vec::new(),
        false => played.state.waiting_for(&played.plan),
    };
    Signature {
        outcome: outcome_of(played),
        walked: tried.walked.clone(),
        course: [course.path, course.undone].concat(),
        failures: failures.collect(),
        waiting,
    }
}

/// The steps that a run comes to, those of fan-outs by their patterns.
fn met(played: &Played) -> BTreeSet<String> {
    let events = played.records.iter().map(|record| &record.event);
    events.filter_map(step_of).map(|path| patterned(&path)).collect()
}

fn step_of(event: &Event) -> Option<String> {
    let told = serde_json::to_value(event).ok()?;
    let places = ["/step", "/question/step", "/check/step"];
    places.into_iter().find_map(|place| Some(told.pointer(place)?.as_str()?.to_owned()))
}
