//! The facts of an incident, from its records and its runbook.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Milestone, Moment, NoteKind};
use crate::run::state::StepState;
use crate::timeline::handover::Past;
use crate::timeline::metrics::RunMetrics;
use crate::timeline::milestones::Reached;
use crate::timeline::{Entry, Objective, Timeline, duration, outcome, signed};

use super::items::{
    ActionItem, Exception, Failure, Happening, Measures, Message, Person, Said, time,
};
use super::{Incident, WITHIN, items};

/// How many of the slowest steps are named.
const SLOWEST: usize = 5;

/// What a post-incident document is made from.
pub struct Sources<'a> {
    /// The plan that the run goes by.
    pub plan: &'a Plan,
    /// Its last state.
    pub state: &'a RunState,
    /// Its timeline, curated.
    pub timeline: &'a Timeline,
    /// What has happened.
    pub past: &'a Past,
    /// How long things took; none where nothing had begun.
    pub metrics: Option<&'a RunMetrics>,
}

/// What is known, and what is not and how it can be said.
#[derive(Default)]
struct Gaps {
    known: Vec<&'static str>,
    unknown: Vec<String>,
}

impl Gaps {
    /// A fact as text, or that it is not known and how to say it.
    fn text(&mut self, name: &'static str, fact: Option<impl Display>, how: &str) -> String {
        match fact.map(|fact| fact.to_string()).filter(|fact| !fact.trim().is_empty()) {
            Some(fact) => {
                self.known.push(name);
                fact.trim_end().to_owned()
            }
            None => {
                self.unknown.push(format!("{name}: {how}"));
                format!("(not known: {how})")
            }
        }
    }

    fn list<T>(&mut self, name: &'static str, list: Vec<T>, how: Option<&str>) -> Vec<T> {
        match (list.is_empty(), how) {
            (false, _) => self.known.push(name),
            (true, Some(how)) => self.unknown.push(format!("{name}: {how}")),
            (true, None) => {}
        }
        list
    }
}

impl Incident {
    /// Gathers the facts.
    pub fn of(from: &Sources<'_>) -> Incident {
        let mut gaps = Gaps::default();
        let incident = of_runbook(from, &mut gaps);
        let incident = in_time(from, &mut gaps, incident);
        let incident = in_lists(from, &mut gaps, incident);
        Incident { unknown: gaps.unknown, known: gaps.known, ..incident }
    }
}

/// What it was, as the runbook and the start of the run say.
fn of_runbook(from: &Sources<'_>, gaps: &mut Gaps) -> Incident {
    let Sources { plan, state, timeline, .. } = from;
    let knowledge = &plan.runbook.knowledge;
    let start = state.start.as_ref();
    let in_runbook = |key: &str| format!("the runbook says it with `{key}`");
    let severity = knowledge.severity.as_ref().map(|severity| &severity.value);
    let incident = start.and_then(|start| start.incident.as_ref());
    let environment = state.environment.as_ref();
    Incident {
        title: state.mode().stamped(&plan.runbook.title),
        runbook: plan.runbook.id.value.clone(),
        run: timeline.run.clone(),
        mode: state.mode().word().to_owned(),
        operator: timeline.operator.clone(),
        environment: gaps.text("environment", environment, "`run --environment` says it"),
        incident: gaps.text("incident", incident, "`run --incident` says it"),
        severity: gaps.text("severity", severity, &in_runbook("severity")),
        system: gaps.text("system", knowledge.system.as_ref(), &in_runbook("system")),
        owner: gaps.text("owner", knowledge.owner.as_ref(), &in_runbook("owner")),
        summary: gaps.text("summary", knowledge.summary.as_ref(), &in_runbook("summary")),
        impact: gaps.text("impact", knowledge.impact.as_ref(), &in_runbook("impact")),
        symptoms: gaps.list("symptoms", knowledge.symptoms.clone(), None),
        damage: timeline.damage.clone().unwrap_or_default(),
        head: timeline.head.clone().unwrap_or_default(),
        ..Incident::default()
    }
}

/// When it was, and how it ended.
fn in_time(from: &Sources<'_>, gaps: &mut Gaps, incident: Incident) -> Incident {
    let timeline = from.timeline;
    let marks = &timeline.milestones;
    let began = marks.since.as_ref().map(|since| since.at);
    let ended = marks.ended.as_ref().map(|ended| ended.at);
    let back = marks.reached(Milestone::Restored).or(marks.ended.as_ref());
    let deadline = ended.and_then(|at| at.checked_add_signed(WITHIN));
    let verdict = timeline.verdict.map(|verdict| verdict.word().replace('_', " "));
    let (never, open) = ("the run never began", "the run has not ended");
    Incident {
        date: gaps.text("date", began.map(|at| at.format("%Y-%m-%d")), never),
        began: gaps.text("began", began.map(time), never),
        started: gaps.text("started", timeline.started_at.map(time), never),
        ended: gaps.text("ended", ended.map(time), open),
        duration: gaps.text(
            "duration",
            back.map(|back| signed(back.after_ms)),
            "service is not back, and the run has not ended",
        ),
        outcome: gaps.text("outcome", timeline.outcome.map(outcome), open),
        verdict: gaps.text("verdict", verdict, "the exit criteria were not judged"),
        deadline: gaps.text(
            "deadline",
            deadline.map(time),
            "48 hours after the end, and the run has not ended",
        ),
        milestones: milestones(timeline),
        ..incident
    }
}

/// What happened, what was said, and what is to be done.
fn in_lists(from: &Sources<'_>, gaps: &mut Gaps, incident: Incident) -> Incident {
    let Sources { plan, state, timeline, past, .. } = from;
    let noted = |kind| past.remarks.iter().filter(move |it| it.kind == kind);
    let findings = noted(NoteKind::Finding).map(Said::of).collect();
    let todos = noted(NoteKind::Todo).map(ActionItem::of).collect();
    let messages = past.messages.iter().map(Message::of).collect();
    let finding = Some("`holdpoint note TEXT --kind finding` says one");
    let todo = Some("`holdpoint note TEXT --kind todo` says one");
    let lesson = Some("`holdpoint note 'lesson: TEXT'` says one");
    let message = Some("no message of the run is on record; a note can tell of others");
    Incident {
        timeline: timeline.entries.iter().map(happening).collect(),
        root_cause: gaps.text(
            "root_cause",
            root_cause(timeline, past),
            "`holdpoint note TEXT --milestone root-cause` says it",
        ),
        resolution: gaps.list("resolution", done(plan, state), None),
        failures: gaps.list("failures", failures(past), None),
        findings: gaps.list("findings", findings, finding),
        decisions: gaps.list("decisions", decisions(past), None),
        exceptions: gaps.list("exceptions", exceptions(past), None),
        action_items: gaps.list("action_items", todos, todo),
        lessons: gaps.list("lessons", lessons(past), lesson),
        messages: gaps.list("messages", messages, message),
        people: people(timeline),
        metrics: measures(from),
        ..incident
    }
}

fn milestones(timeline: &Timeline) -> Vec<items::Milestone> {
    let marks = timeline.milestones.marks.iter();
    let told = marks.map(|mark| match &mark.reached {
        Some(Reached { at, after_ms, known }) => items::Milestone {
            name: mark.milestone.label().to_owned(),
            time: time(*at),
            after: signed(*after_ms),
            source: known.words(),
        },
        None => items::Milestone {
            name: mark.milestone.label().to_owned(),
            time: "(not known)".to_owned(),
            after: "(not known)".to_owned(),
            source: format!("`holdpoint note TEXT --milestone {}` says it", word(mark.milestone)),
        },
    });
    told.collect()
}

/// A milestone as it is typed.
fn word(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Detected => "detected",
        Milestone::Acknowledged => "acknowledged",
        Milestone::Investigated => "investigated",
        Milestone::RootCause => "root-cause",
        Milestone::Mitigated => "mitigated",
        Milestone::Restored => "restored",
    }
}

fn happening(entry: &Entry) -> Happening {
    Happening {
        time: time(when(entry)),
        step: entry.step.clone().unwrap_or_default(),
        who: entry.by.clone().unwrap_or_default(),
        what: entry.text.clone(),
    }
}

/// When that was which an entry tells of.
fn when(entry: &Entry) -> Moment {
    entry.remark.as_ref().and_then(|remark| remark.about).unwrap_or(entry.at)
}

/// What the last note says that names the root cause and that nothing corrects.
fn root_cause<'p>(timeline: &Timeline, past: &'p Past) -> Option<&'p str> {
    let reached = timeline.milestones.reached(Milestone::RootCause)?;
    let remark = past.remarks.iter().find(|remark| remark.seq == reached.known.seq)?;
    Some(remark.text.as_str())
}

/// The steps that were done, by what a person calls them.
fn done(plan: &Plan, state: &RunState) -> Vec<String> {
    let is_done = |index: &usize| {
        let state_of = &state.steps[*index].state;
        let is_done = matches!(state_of, StepState::Succeeded | StepState::Satisfied);
        is_done && state.is_leaf(plan, *index)
    };
    let done = plan.listed().map(|(index, _)| index).filter(is_done);
    done.map(|index| {
        let (node, title) = (&plan.nodes[index], crate::run::cost::title(plan, state, index));
        if title == node.id { node.path.clone() } else { format!("{title} ({})", node.path) }
    })
    .collect()
}

fn failures(past: &Past) -> Vec<Failure> {
    let mut failures = Vec::new();
    for tried in &past.tried {
        for failed in &tried.failures {
            let (step, attempt, why) = (tried.step.clone(), failed.attempt, failed.why.clone());
            failures.push((failed.at, Failure { time: time(failed.at), step, attempt, why }));
        }
    }
    failures.sort_by_key(|(at, _)| *at);
    failures.into_iter().map(|(_, failure)| failure).collect()
}

/// What was noted as decided, and what people answered, in order.
fn decisions(past: &Past) -> Vec<Said> {
    let noted = past.remarks.iter().filter(|it| it.kind == NoteKind::Decision);
    let noted = noted.map(|remark| (remark.about.unwrap_or(remark.at), Said::of(remark)));
    let answered = past.decisions.iter().map(|said| {
        let step = said.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
        let text = format!("{step}{}", said.text);
        (said.at, Said { time: time(said.at), who: String::new(), text })
    });
    let mut decisions: Vec<(Moment, Said)> = noted.chain(answered).collect();
    decisions.sort_by_key(|(at, _)| *at);
    decisions.into_iter().map(|(_, said)| said).collect()
}

fn exceptions(past: &Past) -> Vec<Exception> {
    let told = past.exceptions.iter().map(|said| Exception {
        time: time(said.at),
        step: said.step.clone().unwrap_or_else(|| "the run".to_owned()),
        text: said.text.clone(),
    });
    told.collect()
}

/// What the notes say that begin with `lesson:`.
fn lessons(past: &Past) -> Vec<String> {
    let lesson = |text: &str| {
        let (word, rest) = text.split_once(':')?;
        let is_lesson = word.trim().eq_ignore_ascii_case("lesson");
        (is_lesson && !rest.trim().is_empty()).then(|| rest.trim().to_owned())
    };
    past.remarks.iter().filter_map(|remark| lesson(&remark.text)).collect()
}

/// Everybody whose name stands at an entry, who did most first.
fn people(timeline: &Timeline) -> Vec<Person> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for by in timeline.entries.iter().filter_map(|entry| entry.by.as_deref()) {
        *counts.entry(by).or_default() += 1;
    }
    let mut people: Vec<Person> = counts
        .into_iter()
        .map(|(name, entries)| Person { name: name.to_owned(), entries })
        .collect();
    people.sort_by_key(|person| std::cmp::Reverse(person.entries));
    people
}

fn measures(from: &Sources<'_>) -> Measures {
    let not_known = || "(not known)".to_owned();
    let time = |ms: Option<i64>| ms.map(signed).unwrap_or_else(not_known);
    let Some(run) = from.metrics else {
        return Measures {
            acknowledged: not_known(),
            mitigated: not_known(),
            restored: not_known(),
            rto: not_known(),
            rpo: not_known(),
            gates: not_known(),
            slowest: Vec::new(),
        };
    };
    let gates: Vec<u64> = run.steps.iter().flat_map(|step| step.gate_ms.iter().copied()).collect();
    let waited = duration(gates.iter().sum());
    let steps = run.steps.iter().filter_map(|step| Some((step.took_ms?, step.step.as_str())));
    Measures {
        acknowledged: time(run.acknowledged_ms),
        mitigated: time(run.mitigated_ms),
        restored: time(run.restored_ms),
        rto: objective(&run.objectives.rto),
        rpo: objective(&run.objectives.rpo),
        gates: match gates.len() {
            0 => "no gate was answered".to_owned(),
            1 => format!("1 gate waited {waited}"),
            more => format!("{more} gates waited {waited} together"),
        },
        slowest: slowest(steps.collect()),
    }
}

/// The steps that took the most time, in milliseconds, the slowest first.
pub(super) fn slowest(mut steps: Vec<(u64, &str)>) -> Vec<String> {
    steps.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    let slowest = steps.iter().take(SLOWEST);
    slowest.map(|(took, step)| format!("{step}: {}", duration(*took))).collect()
}

/// What came of a promise, in words.
fn objective(objective: &Objective) -> String {
    let Objective { promised_ms, measured_ms, is_met } = *objective;
    let measured = measured_ms.map_or_else(|| "(not known)".to_owned(), duration);
    let promised = promised_ms.map_or_else(
        || "nothing promised".to_owned(),
        |promised| format!("{} promised", duration(promised)),
    );
    let met = match is_met {
        Some(true) => ": kept",
        Some(false) => ": not kept",
        None => "",
    };
    format!("{measured}, {promised}{met}")
}
