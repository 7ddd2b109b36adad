//! What somebody answers who wants a run to go on.

use serde_json::{Map, Value as Json, json};

use crate::plan::{Index, Node, Plan, WHOLE};
use crate::run::event::{
    AnswerAsked, CheckRef, Event, EvidenceAsked, FailureKind, GateQuestion, ItemQuestion, Purpose,
    Question, StepEnded,
};
use crate::runbook::action::Action;
use crate::runbook::expression::Expression;
use crate::runbook::input::Input;
use crate::runbook::probe::Check;
use crate::source::{Span, Spanned};

use super::super::coverage;
use super::super::play::Played;
use super::super::player::OPERATOR;
use super::super::script::place::{CheckPlace, Place as Named, name_of};
use super::placeholder;
use super::sketch::{Sketch, at, set};

/// The name of a node in a test: its id where that is enough, else its path.
pub fn name(plan: &Plan, index: Index) -> String {
    let short = coverage::name(plan, index);
    short.strip_suffix("/*").map_or(short.clone(), str::to_owned)
}

/// Where what a name means stands in the file; behind all steps where it means none.
pub fn order(plan: &Plan, name: &str) -> usize {
    let name = Spanned::new(name.to_owned(), Span::default());
    Named::named(plan, &name).map_or(usize::MAX, |place| place.node)
}

/// A check by its id where that means it alone, else by its list or step and its number.
pub fn name_of_check(plan: &Plan, check: &CheckRef) -> String {
    let number = name_of(&Question::Check { check: check.clone(), detail: String::new() });
    let found = check_at(plan, check).and_then(|check| check.id.clone());
    let is_alone = |id: &Spanned<String>| {
        CheckPlace::named(plan, id).is_ok_and(|places| places.len() == 1 && places[0].holds(check))
    };
    match found.filter(is_alone) {
        Some(id) => id.value,
        None => match (&check.step, number.rsplit_once('/')) {
            (Some(step), Some((_, number))) => {
                let step = name_at(plan, step);
                format!("{step}/require/{number}")
            }
            _ => number,
        },
    }
}

fn check_at<'p>(plan: &'p Plan, check: &CheckRef) -> Option<&'p Check> {
    let runbook = &plan.runbook;
    let of_run = match (&check.step, check.purpose) {
        (None, Purpose::Confirm) => &runbook.confirm,
        (None, Purpose::Precondition) => &runbook.preconditions,
        (None, Purpose::Invariant) => &runbook.invariants,
        (None, _) => &runbook.exit_criteria,
        (Some(path), _) => {
            let node = plan.nodes.iter().find(|node| node.path == *path)?;
            let mut all = node.forms.iter().filter_map(|form| form.required().nth(check.index));
            return all.next().map(|around| around.check);
        }
    };
    of_run.get(check.index)
}

/// The name of a step of a run, given by its path.
pub fn name_at(plan: &Plan, path: &str) -> String {
    let at = plan.at_path(path).or_else(|| plan.nodes.iter().position(|node| node.path == path));
    at.map_or_else(|| path.to_owned(), |index| name(plan, index))
}

/// What a test calls that which is asked about.
fn matter(plan: &Plan, question: &Question) -> String {
    match question {
        Question::Check { check, .. } => name_of_check(plan, check),
        question => name_at(plan, &name_of(question)),
    }
}

/// Adds what an action hands on that failed only because nothing was said of that; whether it did.
pub fn hand_on(plan: &Plan, played: &Played, sketch: &mut Sketch) -> bool {
    let mut is_new = false;
    for record in &played.records {
        if let Event::StepEnded(ended) = &record.event {
            is_new |= hand_on_at(plan, &played.plan, ended, sketch);
        }
    }
    is_new
}

fn hand_on_at(plan: &Plan, grown: &Plan, ended: &StepEnded, sketch: &mut Sketch) -> bool {
    let kind = ended.failure.as_ref().map(|failure| failure.kind);
    let place = grown.at_path(&ended.step);
    let (Some(FailureKind::Expect), Some(place)) = (kind, place) else { return false };
    // All items of a fan-out hand on the same.
    let index = grown.pattern_of(&ended.step).filter(|it| *it < plan.nodes.len()).unwrap_or(place);
    let Some(node) = plan.nodes.get(index).filter(|node| node.simulate.is_none()) else {
        return false;
    };
    let name = name(plan, index);
    if at(&sketch.mocks, &name).is_some() {
        return false;
    }
    let outputs = node.forms.iter().flat_map(|form| &form.facets.outputs);
    for output in outputs.filter(|output| output.default.is_none()) {
        sketch.hand_on(&name, &output.name, placeholder::of_kind(output.kind, &output.name));
    }
    at(&sketch.mocks, &name).is_some()
}

/// Adds an answer to what a run waits for, where a step is held with the word `held`; whether that
/// could be done.
pub fn answer(plan: &Plan, question: &Question, held: &str, sketch: &mut Sketch) -> bool {
    let before = sketch.clone();
    match question {
        Question::Input { name } => {
            let input = plan.runbook.inputs.iter().find(|input| input.name.value == *name);
            if let Some(value) = input.and_then(|input| value_for(plan, input)) {
                set(&mut sketch.inputs, name, value);
            }
        }
        Question::Gate(gate) => approve(&name_at(plan, &gate.step), gate, sketch),
        Question::Manual { step, answers, evidence, .. } => {
            done(plan, step, answers, evidence, sketch);
        }
        Question::Item(item) => tick(&name_at(plan, &item.step), item, sketch),
        Question::Needed { step, .. } => {
            let reason = json!({"needed": true, "reason": "it is needed"});
            sketch.answer(&name_at(plan, step), &reason);
        }
        Question::Choose { step, options, has_none, .. } => {
            let first = options.first().map(|option| option.value.clone());
            if let Some(choice) = first.or(has_none.then_some(Json::Null)) {
                sketch.answer(&name_at(plan, step), &json!({"choice": choice}));
            }
        }
        Question::Hold { .. } => sketch.decide(&matter(plan, question), held),
        Question::InDoubt { .. } => sketch.decide(&matter(plan, question), "failed"),
        Question::Check { .. } => sketch.decide(&matter(plan, question), "refuse"),
        Question::Invariant { .. } => sketch.decide(&matter(plan, question), "abort"),
        Question::Verdict { .. } => sketch.decide(&matter(plan, question), "end"),
        Question::Terminal { .. } | Question::Proceed { .. } => {}
    }
    *sketch != before
}

/// A value for an input: one that a switch has a case for, where the input chooses among cases.
pub fn value_for(plan: &Plan, input: &Input) -> Option<Json> {
    let dotted = format!("inputs.{}", input.name);
    let is_it = |node: &&Node| {
        let on = node.switch.as_ref().and_then(Expression::bare_name);
        node.space == WHOLE && on == Some(dotted.as_str())
    };
    let switches = plan.nodes.iter().filter(is_it);
    let cases = switches.flat_map(|node| &node.forms).filter_map(|form| form.case.as_ref());
    let mut cases = cases.map(|case| json!(case)).filter(|case| input.taken(case).is_ok());
    cases.next().or_else(|| placeholder::of_input(input))
}

/// As many yeses as a gate wants, each by somebody who may say so.
fn approve(step: &str, gate: &GateQuestion, sketch: &mut Sketch) {
    let who = |place: usize| match gate.approvers.get(place) {
        Some(approver) => Some(approver.clone()),
        None if gate.quorum > 1 || gate.barred.as_deref() == Some(OPERATOR) => {
            Some(format!("colleague {}", place + 1))
        }
        None => None,
    };
    let value = gate.value.as_ref().map(|value| {
        value.at_least.clone().or_else(|| value.at_most.clone()).unwrap_or_else(|| "1".into())
    });
    let yes = |place: usize| {
        let mut answer = Map::new();
        match &gate.word {
            Some(word) => answer.insert("word".into(), json!(word)),
            None => answer.insert("approve".into(), json!(true)),
        };
        answer.extend(who(place).map(|by| ("by".to_owned(), json!(by))));
        answer.extend(value.clone().map(|value| ("value".to_owned(), json!(value))));
        Json::Object(answer)
    };
    match gate.quorum {
        0 | 1 => sketch.answer(step, &yes(0)),
        quorum => set(&mut sketch.answers, step, Json::Array((0..quorum).map(yes).collect())),
    }
}

fn done(
    plan: &Plan,
    step: &str,
    answers: &[AnswerAsked],
    evidence: &[EvidenceAsked],
    sketch: &mut Sketch,
) {
    let declared = declared(plan, step);
    let mut given = Map::new();
    for answer in answers.iter().filter(|answer| !answer.is_optional) {
        let input = declared.iter().find(|input| input.name.value == answer.name);
        let value = input.and_then(|input| placeholder::of_input(input));
        let value = value.unwrap_or_else(|| placeholder::of_kind(answer.kind, &answer.name));
        given.insert(answer.name.clone(), value);
    }
    let shown = shown(evidence);
    let mut answer = Map::new();
    // Without anything handed in it is said all the same that it is done.
    if !given.is_empty() || shown.is_empty() {
        answer.insert("answers".into(), Json::Object(given));
    }
    if !shown.is_empty() {
        answer.insert("evidence".into(), Json::Object(shown));
    }
    sketch.answer(&name_at(plan, step), &Json::Object(answer));
}

fn shown(evidence: &[EvidenceAsked]) -> Map<String, Json> {
    let wanted = evidence.iter().filter(|evidence| !evidence.is_optional);
    wanted.map(|it| (it.name.clone(), placeholder::of_evidence(it.kind, &it.name))).collect()
}

/// What a step that a person does asks for, as it is written.
fn declared<'p>(plan: &'p Plan, step: &str) -> Vec<&'p Input> {
    let index = plan.at_path(step).or_else(|| plan.pattern_of(step));
    let forms = index.map(|index| plan.nodes[index].forms.as_slice()).unwrap_or_default();
    let of = |form: &'p crate::plan::Form| match &form.facets.action {
        Action::Manual(manual) => manual.answers.as_slice(),
        _ => &[],
    };
    forms.iter().flat_map(of).collect()
}

fn tick(step: &str, item: &ItemQuestion, sketch: &mut Sketch) {
    let shown = shown(&item.evidence);
    let said = match shown.is_empty() {
        true => json!("done"),
        false => json!({"done": true, "evidence": shown}),
    };
    let items = at(&sketch.answers, step).and_then(|answer| answer.get("items")).cloned();
    let mut items = items.and_then(|items| items.as_object().cloned()).unwrap_or_default();
    items.insert(item.item.clone(), said);
    sketch.answer(step, &json!({"items": items}));
}
