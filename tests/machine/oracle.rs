//! What must become of a runbook made by chance, worked out from its data without the engine.
//!
//! Everything is answered and nobody ends the run, so that the order in which things happen does
//! not matter: a step has one fate. The oracle reads the contract top to bottom, step by step.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use holdpoint::run::event::{HoldChoice, Outcome, Sight, Verdict};

use super::sample::{Does, Item, Sample, Undo, When};
use crate::harness::machine::{Act, Script};

/// The states by path, as the contract writes them, and how the run ends.
#[derive(Debug)]
pub(super) struct Fate {
    pub(super) states: BTreeMap<String, String>,
    /// Everything that began at some time, even when a retry made it forgotten.
    pub(super) began: HashSet<String>,
    pub(super) outcome: Outcome,
    pub(super) verdict: Option<Verdict>,
}

/// What stands around a step.
#[derive(Clone)]
struct Place {
    path: Rc<str>,
    in_rung: bool,
    is_closing: bool,
    /// Whether it is, or stands in, an undo.
    is_undo: bool,
}

struct Oracle<'a> {
    script: &'a Script,
    sample: &'a Sample,
    states: BTreeMap<String, String>,
    turns: HashMap<String, usize>,
    began: HashSet<String>,
    /// What began and was not taken back yet.
    owing: HashSet<String>,
    /// Undos that are paired, with the path of what they take back, in file order.
    pairs: Vec<(String, String, &'a Item, Place)>,
    rungs: HashSet<String>,
    has_exceptions: bool,
    has_started: bool,
}

pub(super) fn fate(sample: &Sample, script: &Script) -> Fate {
    let mut oracle = Oracle {
        script,
        sample,
        states: BTreeMap::new(),
        turns: HashMap::new(),
        began: HashSet::new(),
        owing: HashSet::new(),
        pairs: Vec::new(),
        rungs: HashSet::new(),
        has_exceptions: false,
        has_started: false,
    };
    oracle.run()
}

/// A failure and its kind, or what lets a step go on.
enum Looked {
    Fine,
    Failed(&'static str),
    Held(&'static str),
}

impl<'a> Oracle<'a> {
    fn run(&mut self) -> Fate {
        let sample = self.sample;
        let top = Place { path: "".into(), in_rung: false, is_closing: false, is_undo: false };
        if !self.opens() {
            self.close(&sample.steps, "", "not_reached");
            self.close(&sample.closing, "", "not_reached");
            return self.fate(Outcome::Aborted, None);
        }
        self.list(&sample.steps, &top);
        let is_good = sample.steps.iter().all(|item| good(&self.states[&item.id]));
        if is_good {
            self.pairs_inside("");
        }
        let verdict = self.verdict();
        let outcome = self.outcome(verdict);
        if self.has_started && !sample.closing.is_empty() {
            self.list(&sample.closing, &Place { is_closing: true, ..top });
        } else {
            self.close(&sample.closing, "", "not_reached");
        }
        self.fate(outcome, Some(verdict))
    }

    fn fate(&self, outcome: Outcome, verdict: Option<Verdict>) -> Fate {
        let (states, began) = (self.states.clone(), self.began.clone());
        Fate { states, began, outcome, verdict }
    }

    /// Whether the symptom and the preconditions let the run begin.
    fn opens(&mut self) -> bool {
        for (purpose, count) in
            [("confirm", self.sample.confirm), ("precondition", self.sample.preconditions)]
        {
            for place in 0..count {
                let name = format!("{purpose} {place}");
                if holds(self.script.likely_sight(&name)) {
                    continue;
                }
                if self.script.lets_pass(&name) != Some(true) {
                    return false;
                }
                self.has_exceptions |= purpose == "precondition";
            }
        }
        true
    }

    fn verdict(&self) -> Verdict {
        for place in 0..self.sample.criteria {
            match self.script.likely_sight(&format!("exit {place}")) {
                Sight::Fails => return Verdict::NotRecovered,
                Sight::Unseen => return Verdict::Unverified,
                Sight::Holds | Sight::Warns => {}
            }
        }
        if self.sample.criteria == 0 { Verdict::Unverified } else { Verdict::Recovered }
    }

    fn outcome(&self, verdict: Verdict) -> Outcome {
        let is_seen = verdict == Verdict::Recovered;
        if !is_seen && self.sample.criteria > 0 {
            return Outcome::Failed;
        }
        let is_failed_rung = |path: &str| {
            let state = &self.states[path];
            self.rungs.contains(path) && (state.starts_with("failed") || state == "rejected")
        };
        let is_apart = |path: &String| {
            path.match_indices('/').any(|(at, _)| is_failed_rung(&path[..at]))
                || is_failed_rung(path)
        };
        let counted = || self.states.iter().filter(|(path, _)| !is_apart(path));
        if !is_seen && counted().any(|(_, state)| bad(state)) {
            return Outcome::Failed;
        }
        if self.has_exceptions || counted().any(|(_, state)| bad_or_continued(state)) {
            return Outcome::SucceededWithExceptions;
        }
        Outcome::Succeeded
    }

    fn list(&mut self, items: &'a [Item], place: &Place) {
        let mut states: Vec<String> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let above: Vec<usize> = (0..at).collect();
            let needs = item.needs.as_ref().unwrap_or(&above);
            let goes_on_anyway = place.is_closing && !place.in_rung;
            let may = goes_on_anyway || needs.iter().all(|need| good(&states[*need]));
            let path = path_in(&place.path, item);
            if may {
                self.item(item, &path, place);
            } else {
                self.settle_inside(item, &path, "not_reached");
                self.set(&path, "not_reached");
            }
            states.push(self.states[&path].clone());
        }
    }

    fn set(&mut self, path: &str, state: &str) {
        self.states.insert(path.to_owned(), state.to_owned());
    }

    /// What becomes of one step.
    fn item(&mut self, item: &'a Item, path: &str, place: &Place) {
        loop {
            let (kind, is_held) = match self.attempt(item, path, place) {
                Looked::Fine => return,
                Looked::Failed(kind) => (kind, false),
                Looked::Held(kind) => (kind, true),
            };
            if place.is_closing && kind == "rejected" {
                self.settle_inside(item, path, "not_reached");
                return self.set(path, "rejected");
            }
            let key = match self.on_failure(item, kind, place) {
                "hold" if place.is_closing && place.in_rung && !is_held && !place.is_undo => "fail",
                "hold" if place.is_closing => "continue",
                "fail" if place.is_closing && !place.in_rung => "continue",
                _ if place.is_closing && is_held => "continue",
                _ if is_held => "hold",
                key => key,
            };
            match key {
                "continue" => {
                    self.settle_inside(item, path, "not_reached");
                    return self.set(path, &format!("failed{{{kind}}} continue"));
                }
                "fail" => {
                    self.settle_inside(item, path, "not_reached");
                    return self.set(path, &format!("failed{{{kind}}}"));
                }
                _ => {}
            }
            if self.resolve(item, path, kind) {
                return;
            }
        }
    }

    /// What a person makes of a held step; false when it begins again.
    fn resolve(&mut self, item: &'a Item, path: &str, kind: &str) -> bool {
        let turn = self.turns.entry(path.to_owned()).or_default();
        let choice = self.script.likely_choice(path, *turn);
        *turn += 1;
        match choice {
            Some(HoldChoice::Retry) => {
                let inside = format!("{path}/");
                self.states.retain(|path, _| !path.starts_with(&inside));
                return false;
            }
            Some(HoldChoice::Done) => {
                self.has_exceptions = true;
                self.settle_inside(item, path, "skipped{not_needed}");
                self.set(path, "succeeded");
            }
            Some(HoldChoice::Failed) => {
                self.settle_inside(item, path, "not_reached");
                let failed = format!("failed{{{kind}}}");
                self.set(path, if kind == "rejected" { "rejected" } else { &failed });
            }
            _ => {
                self.has_exceptions = true;
                self.settle_inside(item, path, "skipped{operator}");
                self.set(path, "skipped{operator}");
            }
        }
        true
    }

    fn on_failure(&self, item: &Item, kind: &str, place: &Place) -> &'static str {
        let is_message = matches!(taken(item), Does::Notify) && kind == "exit";
        let case = match &item.does {
            Does::Switch(Some(at), cases) => cases.get(*at),
            _ => None,
        };
        let said = case.and_then(|case| case.on_failure).or(item.on_failure).or(match () {
            () if place.is_undo => Some("hold"),
            () if place.in_rung => Some("fail"),
            () => self.sample.default,
        });
        match said.unwrap_or("hold") {
            _ if is_message => "continue",
            "hold" if kind == "inner" && matches!(taken(item), Does::Steps(_)) => "fail",
            key => key,
        }
    }

    /// One way through a step: what stands around its action, and the action.
    fn attempt(&mut self, item: &'a Item, path: &str, place: &Place) -> Looked {
        match &item.when {
            Some(When::Is(false)) => return self.skip(item, path),
            Some(When::Error) => return Looked::Held("when"),
            Some(When::Succeeded(id)) => {
                let around =
                    path.rsplit_once('/').map_or(String::new(), |(it, _)| format!("{it}/"));
                let state = &self.states[&format!("{around}{id}")];
                if !["succeeded", "satisfied"].contains(&state.as_str()) {
                    return self.skip(item, path);
                }
            }
            _ => {}
        }
        let case = match &item.does {
            Does::Switch(None, _) => return Looked::Held("when"),
            Does::Switch(Some(at), cases) => {
                self.pass_over(cases, *at, path);
                cases.get(*at)
            }
            _ => None,
        };
        match case.and_then(|case| case.when.as_ref()) {
            Some(When::Is(false)) => return self.skip(item, path),
            Some(When::Error) => return Looked::Held("when"),
            _ => {}
        }
        let both = |all: &'a [bool], case: Option<&'a Item>| -> Vec<bool> {
            all.iter().chain(case.into_iter().flat_map(|case| &case.require)).copied().collect()
        };
        let require = both(&item.require, case);
        let done_when = item.done_when || case.is_some_and(|case| case.done_when);
        let gate = item.gate || case.is_some_and(|case| case.gate);
        for _ in 0..if gate { 2 } else { 1 } {
            match self.required(&require, path) {
                Looked::Fine => {}
                other => return other,
            }
            if done_when {
                match self.script.likely_sight(&format!("{path} done_when 0")) {
                    Sight::Unseen => return Looked::Held("unseen"),
                    Sight::Fails => {}
                    _ => {
                        self.settle_inside(item, path, "skipped{not_needed}");
                        self.set(path, "satisfied");
                        return Looked::Fine;
                    }
                }
            }
            if gate && !self.script.likely_to_open(path) {
                return Looked::Held("rejected");
            }
        }
        self.act(item, case, path, place)
    }

    fn required(&mut self, require: &[bool], path: &str) -> Looked {
        for (place, has_id) in require.iter().enumerate() {
            let name = format!("{path} require {place}");
            let sight = self.script.likely_sight(&name);
            if holds(sight) {
                continue;
            }
            if *has_id && self.script.lets_pass(&name) == Some(true) {
                self.has_exceptions = true;
                continue;
            }
            return match sight {
                Sight::Unseen => Looked::Held("unseen"),
                _ => Looked::Failed("precondition"),
            };
        }
        Looked::Fine
    }

    fn act(&mut self, item: &'a Item, case: Option<&'a Item>, path: &str, place: &Place) -> Looked {
        let inner = Place { path: path.into(), ..place.clone() };
        let failed = match taken(item) {
            Does::Nothing => None,
            Does::Run | Does::Probe | Does::Wait | Does::Watch | Does::Notify => {
                self.has_started = true;
                self.begin(item, case, path, place);
                matches!(self.script.likely_act(path), Act::Exit(_)).then_some("exit")
            }
            Does::ByHand => {
                self.has_started = true;
                self.begin(item, case, path, place);
                matches!(self.script.likely_act(path), Act::Exit(_)).then_some("person")
            }
            Does::Steps(items) => {
                self.begin(item, case, path, place);
                self.list(items, &inner);
                let is_good = |item: &Item| good(&self.states[&path_in(path, item)]);
                (!items.iter().all(is_good)).then_some("inner")
            }
            Does::Ladder(rungs) => {
                self.begin(item, case, path, place);
                (!self.ladder(rungs, &inner)).then_some("inner")
            }
            Does::Switch(..) => None,
        };
        if let Some(kind) = failed {
            return Looked::Failed(kind);
        }
        if matches!(taken(item), Does::Steps(_) | Does::Ladder(_)) && !self.pairs_inside(path) {
            return Looked::Failed("inner");
        }
        for look in 0..item.verify + case.map_or(0, |case| case.verify) {
            match self.script.likely_sight(&format!("{path} verify {look}")) {
                Sight::Unseen => return Looked::Held("unseen"),
                Sight::Fails => return Looked::Failed("verify"),
                Sight::Holds | Sight::Warns => {}
            }
        }
        self.set(path, "succeeded");
        Looked::Fine
    }

    /// Whether a rung succeeds.
    fn ladder(&mut self, rungs: &'a [Item], place: &Place) -> bool {
        let mut has_succeeded = false;
        for rung in rungs {
            let path = path_in(&place.path, rung);
            self.rungs.insert(path.clone());
            if has_succeeded {
                self.settle_inside(rung, &path, "skipped{not_needed}");
                self.set(&path, "skipped{not_needed}");
                continue;
            }
            self.item(rung, &path, &Place { in_rung: true, ..place.clone() });
            has_succeeded = ["succeeded", "satisfied"].contains(&self.states[&path].as_str());
        }
        has_succeeded
    }

    /// Notes that a step began, and what will take it back.
    fn begin(&mut self, item: &'a Item, case: Option<&'a Item>, path: &str, place: &Place) {
        self.began.insert(path.to_owned());
        self.owing.insert(path.to_owned());
        let own = |undo: &'a Option<Box<Undo>>| undo.as_deref();
        let (undo, suffix) = match (case.map(|case| own(&case.undo)), &item.does) {
            (Some(Some(undo)), Does::Switch(Some(at), _)) => (Some(undo), format!("-c{at}")),
            _ => (own(&item.undo), String::new()),
        };
        let Some(undo) = undo.filter(|undo| undo.paired) else { return };
        let at = format!("{path}~undo{suffix}");
        if !self.pairs.iter().any(|(path, ..)| *path == at) {
            let place = Place { is_undo: true, ..place.clone() };
            self.pairs.push((at, path.to_owned(), &undo.item, place));
        }
    }

    /// Runs the pairs that a group owes; whether all of them are good.
    fn pairs_inside(&mut self, group: &str) -> bool {
        let inside = if group.is_empty() { String::new() } else { format!("{group}/") };
        let is_due = |of: &str| of.starts_with(&inside) && self.owing.contains(of);
        let due: Vec<_> = self.pairs.iter().filter(|(_, of, ..)| is_due(of)).cloned().collect();
        let mut is_good = true;
        for (path, of, item, place) in due {
            if !self.states.contains_key(&path) {
                self.item(item, &path, &place);
            }
            match good(&self.states[&path]) {
                true => drop(self.owing.remove(&of)),
                false => is_good = false,
            }
        }
        is_good
    }

    fn skip(&mut self, item: &'a Item, path: &str) -> Looked {
        self.settle_inside(item, path, "skipped{when}");
        self.set(path, "skipped{when}");
        Looked::Fine
    }

    fn pass_over(&mut self, cases: &'a [Item], taken: usize, path: &str) {
        for (_, case) in cases.iter().enumerate().filter(|(at, _)| *at != taken) {
            self.settle_inside(case, path, "skipped{not_needed}");
        }
    }

    /// Settles what is open inside a step; undos are left as they are.
    fn settle_inside(&mut self, item: &'a Item, path: &str, state: &str) {
        match &item.does {
            Does::Steps(items) | Does::Ladder(items) => {
                if matches!(item.does, Does::Ladder(_)) {
                    self.rungs.extend(items.iter().map(|item| format!("{path}/{}", item.id)));
                }
                self.close(items, path, state);
            }
            Does::Switch(_, cases) => {
                for case in cases {
                    self.settle_inside(case, path, state);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, items: &'a [Item], around: &str, state: &str) {
        for item in items {
            let path = path_in(around, item);
            self.states.entry(path.clone()).or_insert_with(|| state.to_owned());
            self.settle_inside(item, &path, state);
        }
    }
}

fn path_in(around: &str, item: &Item) -> String {
    if around.is_empty() { item.id.clone() } else { format!("{around}/{}", item.id) }
}

/// What a step does, in the case that is taken.
fn taken(item: &Item) -> &Does {
    match &item.does {
        Does::Switch(Some(at), cases) => &cases[*at].does,
        other => other,
    }
}

fn holds(sight: Sight) -> bool {
    matches!(sight, Sight::Holds | Sight::Warns)
}

fn good(state: &str) -> bool {
    ["succeeded", "satisfied"].contains(&state)
        || state.starts_with("skipped")
        || state.ends_with("continue")
}

fn bad(state: &str) -> bool {
    !good(state)
}

fn bad_or_continued(state: &str) -> bool {
    bad(state) || state.ends_with("continue")
}
