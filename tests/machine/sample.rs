//! Runbooks made by chance: as data for an oracle, and as text for the engine.

use serde_json::{Map, Value as Json, json};

use crate::harness::machine::script::mixed;

/// Numbers that look like chance and are the same for the same seed.
pub(super) struct Dice {
    seed: u64,
    turn: u64,
}

/// What may be made.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Whether steps may say `on_failure: abort`.
    pub(super) aborts: bool,
    /// How deep groups may nest.
    pub(super) depth: usize,
}

/// A runbook.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) default: Option<&'static str>,
    pub(super) confirm: usize,
    pub(super) preconditions: usize,
    pub(super) steps: Vec<Item>,
    pub(super) criteria: usize,
    pub(super) closing: Vec<Item>,
}

/// A step, rung, case or undo.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    /// Its number among everything made.
    number: usize,
    pub(super) needs: Option<Vec<usize>>,
    pub(super) when: Option<When>,
    /// What is required; whether it has an id.
    pub(super) require: Vec<bool>,
    pub(super) done_when: bool,
    pub(super) gate: bool,
    pub(super) verify: usize,
    pub(super) on_failure: Option<&'static str>,
    pub(super) effect: Option<&'static str>,
    /// How often it is tried again; what it exits with says nothing else.
    pub(super) retry: Option<usize>,
    pub(super) destructive: bool,
    pub(super) undo: Option<Box<Undo>>,
    pub(super) does: Does,
}

#[derive(Clone, Debug)]
pub(super) struct Undo {
    pub(super) paired: bool,
    pub(super) item: Item,
}

#[derive(Clone, Debug)]
pub(super) enum When {
    Is(bool),
    Error,
    /// Whether a step before it succeeded.
    Succeeded(String),
}

#[derive(Clone, Debug)]
pub(super) enum Does {
    Run,
    Probe,
    Wait,
    Watch,
    Notify,
    ByHand,
    Nothing,
    Steps(Vec<Item>),
    Ladder(Vec<Item>),
    /// The place of the case that is taken; none for a value without a case.
    Switch(Option<usize>, Vec<Item>),
}

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice { seed, turn: 0 }
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.turn += 1;
        (mixed(self.seed, self.turn) % sides.max(1) as u64) as usize
    }

    /// True once in `times`.
    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> Option<T> {
        among.get(self.roll(among.len())).copied()
    }
}

impl Sample {
    pub(super) fn new(dice: &mut Dice, shape: Shape) -> Sample {
        let mut made = 0;
        let steps = list(dice, shape, shape.depth, &mut made);
        let closing = if dice.one_in(2) { list(dice, shape, 1, &mut made) } else { Vec::new() };
        let default = if dice.one_in(4) { on_failure(dice, shape) } else { None };
        Sample {
            default,
            confirm: usize::from(dice.one_in(4)),
            preconditions: if dice.one_in(3) { dice.roll(3) } else { 0 },
            steps,
            criteria: if dice.one_in(2) { dice.roll(3) } else { 0 },
            closing,
        }
    }

    pub(super) fn text(&self) -> String {
        let probes = |count: usize, prefix: &str| -> Vec<Json> {
            let probe = |at| json!({"id": format!("{prefix}{at}"), "probe": {"file": "/x"}});
            (0..count).map(probe).collect()
        };
        let mut book = json!({
            "holdpoint": 1,
            "id": "sample",
            "title": "Sample",
            "inputs": {"nothing": {"optional": true}, "late": {"late": true}},
            "steps": self.steps.iter().map(|item| item.json(&self.steps)).collect::<Vec<_>>(),
        });
        let lists = [
            ("confirm", probes(self.confirm, "c")),
            ("preconditions", probes(self.preconditions, "p")),
            ("exit_criteria", probes(self.criteria, "x")),
            ("finally", self.closing.iter().map(|item| item.json(&self.closing)).collect()),
        ];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            book[key] = Json::from(list);
        }
        if let Some(default) = self.default {
            book["defaults"] = json!({"on_failure": default, "retry": {"times": 1}});
        }
        // What somebody is reminded of changes nothing of what is done.
        if self.steps.len().is_multiple_of(2) {
            book["objectives"] = json!({"rto": "1m"});
            book["escalation"] = json!([{"to": "a", "after": "20s"}, {"to": "b", "after": "40s"}]);
        }
        book.to_string()
    }
}

fn list(dice: &mut Dice, shape: Shape, depth: usize, made: &mut usize) -> Vec<Item> {
    let count = 1 + dice.roll(4);
    let mut items: Vec<Item> = Vec::new();
    for place in 0..count {
        let mut item = item(dice, shape, depth, made, &items);
        if dice.one_in(3) {
            let needed = (0..place).filter(|_| dice.one_in(2)).collect();
            item.needs = Some(needed);
            // It may look only at what it needs.
            item.when = item.when.filter(|when| !matches!(when, When::Succeeded(_)));
        }
        items.push(item);
    }
    items
}

fn item(dice: &mut Dice, shape: Shape, depth: usize, made: &mut usize, above: &[Item]) -> Item {
    *made += 1;
    let number = *made;
    let id = format!("s{number}");
    let does = match dice.roll(if depth == 0 { 9 } else { 13 }) {
        0..4 if number.is_multiple_of(4) => Does::ByHand,
        0..4 => Does::Run,
        4 => Does::Probe,
        5 => Does::Notify,
        6 => Does::Nothing,
        7 => Does::Wait,
        8 => Does::Watch,
        9 | 10 => Does::Steps(list(dice, shape, depth - 1, made)),
        11 => Does::Ladder(
            (0..=dice.roll(3)).map(|_| item(dice, shape, depth - 1, made, &[])).collect(),
        ),
        _ => {
            let cases: Vec<Item> =
                (0..=dice.roll(2)).map(|_| item(dice, shape, depth - 1, made, &[])).collect();
            let taken = if dice.one_in(8) { None } else { Some(dice.roll(cases.len())) };
            Does::Switch(taken, cases.into_iter().map(as_case).collect())
        }
    };
    let when = match dice.roll(12) {
        0 => Some(When::Is(false)),
        1 => Some(When::Is(true)),
        2 => Some(When::Error),
        3 => above.last().map(|item| When::Succeeded(item.id.clone())),
        _ => None,
    };
    let undo = dice.one_in(4).then(|| undo(dice, shape, &id, made));
    Item {
        number,
        needs: None,
        when,
        require: if dice.one_in(5) {
            (0..=dice.roll(2)).map(|_| dice.one_in(2)).collect()
        } else {
            Vec::new()
        },
        done_when: dice.one_in(6),
        gate: dice.one_in(7) || matches!(does, Does::Nothing),
        verify: if dice.one_in(5) { 1 + dice.roll(2) } else { 0 },
        on_failure: if dice.one_in(3) { on_failure(dice, shape) } else { None },
        effect: if dice.one_in(3) { dice.pick(&["read", "idempotent", "once"]) } else { None },
        retry: dice.one_in(4).then(|| dice.roll(3)),
        destructive: dice.one_in(8),
        undo,
        does,
        id,
    }
}

/// A case, which is no switch itself.
fn as_case(item: Item) -> Item {
    let does = match item.does {
        Does::Switch(..) => Does::Run,
        other => other,
    };
    Item { does, ..item }
}

fn undo(dice: &mut Dice, shape: Shape, id: &str, made: &mut usize) -> Box<Undo> {
    let plain = item(dice, shape, 0, made, &[]);
    let does = match plain.does {
        Does::Nothing => Does::Run,
        other => other,
    };
    let item = Item { id: id.to_owned(), undo: None, does, on_failure: None, ..plain };
    Box::new(Undo { paired: dice.one_in(2), item })
}

fn on_failure(dice: &mut Dice, shape: Shape) -> Option<&'static str> {
    let all = ["hold", "fail", "continue", "abort"];
    dice.pick(if shape.aborts { &all } else { &all[..3] })
}

impl Item {
    fn json(&self, siblings: &[Item]) -> Json {
        let mut step = self.facets();
        step.insert("id".into(), json!(self.id));
        if let Some(needs) = &self.needs {
            let ids: Vec<&str> =
                needs.iter().filter_map(|at| siblings.get(*at)).map(|it| it.id.as_str()).collect();
            step.insert("needs".into(), json!(ids));
        }
        Json::Object(step)
    }

    fn facets(&self) -> Map<String, Json> {
        let mut step = Map::new();
        let mut put = |key: &str, value: Option<Json>| {
            step.extend(value.map(|value| (key.to_owned(), value)));
        };
        put(
            "when",
            self.when.as_ref().map(|when| match when {
                When::Is(true) => json!("1 == 1"),
                When::Is(false) => json!("1 == 2"),
                When::Error => json!("inputs.nothing"),
                When::Succeeded(id) => json!(format!("steps.{id}.succeeded")),
            }),
        );
        let require = self.require.iter().enumerate().map(|(place, has_id)| match has_id {
            true => json!({"id": format!("q{}-{place}", self.number), "probe": {"file": "/x"}}),
            false => json!({"probe": {"file": "/x"}}),
        });
        let require: Vec<Json> = require.collect();
        put("require", (!require.is_empty()).then(|| Json::from(require)));
        put("done_when", self.done_when.then(|| json!({"file": "/x"})));
        put("gate", self.gate.then(|| json!(true)));
        let verify: Vec<Json> =
            (0..self.verify).map(|_| json!({"probe": {"file": "/x"}})).collect();
        put("verify", (!verify.is_empty()).then(|| Json::from(verify)));
        put("on_failure", self.on_failure.map(Json::from));
        put("effect", self.effect.map(Json::from));
        put(
            "retry",
            self.retry
                .filter(|_| matches!(self.does, Does::Run))
                .map(|times| self.retry_json(times)),
        );
        put("destructive", self.destructive.then(|| json!(true)));
        put(
            "undo",
            self.undo.as_ref().map(|undo| {
                let mut facets = undo.item.facets();
                facets.insert("paired".into(), json!(undo.paired));
                Json::Object(facets)
            }),
        );
        self.action(&mut step);
        step
    }

    fn retry_json(&self, times: usize) -> Json {
        match self.effect {
            Some("read" | "idempotent") => json!({"times": times, "every": "3s"}),
            _ => {
                let code = 1 + self.number % 2;
                json!({"times": times, "backoff": "exponential", "max": "5s", "on_exit": code})
            }
        }
    }

    fn action(&self, step: &mut Map<String, Json>) {
        let all = |items: &[Item]| items.iter().map(|item| item.json(items)).collect::<Json>();
        match &self.does {
            Does::Run => drop(step.insert("run".into(), json!("echo ${{ inputs.late }}"))),
            Does::Probe => drop(step.insert("probe".into(), json!({"file": "/x"}))),
            Does::Wait => {
                let until = json!({"until": {"file": "/x", "within": "20s"}});
                let wait = if self.number.is_multiple_of(2) { json!("20s") } else { until };
                step.insert("wait".into(), wait);
            }
            Does::Watch => {
                let watch = json!({"for": "20s", "probe": {"file": "/x"}});
                step.insert("watch".into(), watch);
            }
            Does::Notify => drop(step.insert("notify".into(), json!({"template": "update"}))),
            Does::ByHand => {
                let item = |text: &str| json!({"item": text, "if_applicable": true});
                let list = json!([item("${{ inputs.late }}"), item("2"), item("3")]);
                let choose = json!({"ask": "Which?", "options": ["${{ inputs.late }}", "other"]});
                let (key, action) = match self.number % 12 {
                    0 => ("checklist", list),
                    4 => ("choose", choose),
                    _ => ("manual", json!("Do ${{ inputs.late }}.")),
                };
                step.insert(key.into(), action);
            }
            Does::Nothing => {}
            Does::Steps(items) => drop(step.insert("steps".into(), all(items))),
            Does::Ladder(items) => drop(step.insert("ladder".into(), all(items))),
            Does::Switch(taken, cases) => {
                let value = taken.map_or("none".to_owned(), |at| format!("c{at}"));
                step.insert("switch".into(), json!(format!("'{value}'")));
                let case =
                    |(at, item): (usize, &Item)| (format!("c{at}"), Json::Object(item.facets()));
                let cases: Map<String, Json> = cases.iter().enumerate().map(case).collect();
                step.insert("cases".into(), Json::Object(cases));
            }
        }
    }
}
