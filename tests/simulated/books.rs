//! The runbooks of the simulation: many small ones, a few large, each planned once.

use std::sync::Arc;

use holdpoint::plan::{Form, Index, Plan};
use holdpoint::runbook::step::Repeat;
use serde_json::{Value as Json, json};

use super::chance::Chance;
use crate::harness::machine::planned;
use crate::sample::{Dice, Sample, Shape};

/// A runbook, with what the laws ask about its steps.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) plan: Arc<Plan>,
    pub(crate) text: String,
}

impl Book {
    pub(crate) fn of(text: String) -> Result<Book, String> {
        Ok(Book { plan: Arc::new(planned(&text)?), text })
    }

    /// The book with a number; the same number always gives the same.
    pub(crate) fn numbered(number: u64) -> Book {
        let mut turn = 0;
        loop {
            let seed = number * 1_000 + turn;
            let is_sample = number.is_multiple_of(4);
            turn += 1;
            let shape = Shape { aborts: true, depth: 2 };
            let text = match is_sample {
                true => Sample::new(&mut Dice::new(seed), shape).text(),
                false => commands(&mut Chance::dice(seed), number),
            };
            match Book::of(text) {
                // One made by chance that is larger than wanted, or that no plan is made of.
                Ok(book) if is_sample && book.plan.nodes.len() > 30 => {}
                Err(_) if is_sample && turn < 100 => {}
                Ok(book) => return book,
                Err(problem) => panic!("{problem}"),
            }
        }
    }
}

/// Steps that run commands: side by side, gated, retried, in groups, of every effect class.
fn commands(chance: &mut Chance, number: u64) -> String {
    let count = match number % 64 {
        1 => 50,
        2 | 3 => 1,
        _ => 1 + chance.choose(if number.is_multiple_of(3) { 11 } else { 5 }),
    };
    let mut steps: Vec<Json> = Vec::new();
    let mut before: Option<String> = None;
    while steps.len() < count {
        let id = format!("s{}", steps.len());
        let mut step = command(chance, &id, before.as_deref());
        if chance.one_in(6) {
            let inner = command(chance, &format!("{id}-a"), before.as_deref());
            let after = command(chance, &format!("{id}-b"), Some(&format!("{id}-a")));
            step = json!({"id": id, "steps": [inner, after]});
            if chance.one_in(3) {
                step["gate"] = json!(true);
            }
        }
        if chance.one_in(3) {
            step["needs"] = json!([]);
            before = None;
        } else {
            before = Some(id);
        }
        steps.push(step);
    }
    let mut book = json!({"holdpoint": 1, "id": "sample", "title": "Sample", "steps": steps});
    if chance.one_in(4) {
        book["exit_criteria"] = json!([{"probe": {"file": "/x"}}]);
    }
    if chance.one_in(5) {
        book["finally"] = json!([command(chance, "last", None)]);
    }
    if chance.one_in(6) {
        book["invariants"] = json!([{"id": "all-along", "probe": {"file": "/x"}}]);
    }
    book.to_string()
}

fn command(chance: &mut Chance, id: &str, before: Option<&str>) -> Json {
    let name = id.replace('-', "_");
    let told = before.filter(|_| chance.one_in(2));
    let run = match told {
        Some(before) if before.contains("-a") => {
            format!("echo ${{{{ steps.{}.outputs.v }}}}", before.replace('-', "_"))
        }
        _ => format!("echo {name}"),
    };
    let mut step = json!({"id": id, "run": run});
    if id.ends_with("-a") {
        step["outputs"] = json!({"v": {}});
    }
    let effect = ["once", "once", "idempotent", "idempotent", "read"][chance.choose(5)];
    if chance.choose(4) > 0 {
        step["effect"] = json!(effect);
    }
    if chance.one_in(4) || id.ends_with("-b") && chance.one_in(2) {
        step["gate"] = json!(true);
    }
    if chance.one_in(6) {
        step["done_when"] = json!({"file": "/x"});
    }
    if chance.one_in(7) {
        step["verify"] = json!([{"probe": {"file": "/x"}}]);
    }
    if chance.one_in(5) {
        let times = 1 + chance.choose(2);
        step["retry"] = match effect {
            "once" => json!({"times": times, "on_exit": 1}),
            _ => json!({"times": times, "every": "3s", "on_exit": [1, 2]}),
        };
    }
    if chance.one_in(3) {
        step["on_failure"] = json!(["hold", "continue", "fail"][chance.choose(3)]);
    }
    if chance.one_in(8) {
        step["undo"] = json!({"run": format!("echo back {name}"), "effect": "idempotent"});
    }
    step
}

/// Whether every form of a step has something.
pub(crate) fn all(plan: &Plan, index: Index, has: impl Fn(&Form) -> bool) -> bool {
    let forms = &plan.nodes[index].forms;
    !forms.is_empty() && forms.iter().all(has)
}

/// How carefully a step must be done: the most careful of its forms.
pub(crate) fn repeat(plan: &Plan, index: Index) -> Repeat {
    let repeats = plan.nodes[index].forms.iter().map(|form| form.facets.repeat());
    let care = |repeat: &Repeat| match repeat {
        Repeat::Read => 0,
        Repeat::Idempotent => 1,
        Repeat::Once => 2,
    };
    // Of the forms of a switch one is taken; the laws ask for what holds of all of them.
    repeats.min_by_key(care).unwrap_or(Repeat::Read)
}
