//! The page that lets another person go on with a run: where it stands, what was tried and what
//! came of it, what is in doubt, what can be done now and how that is typed.
//!
//! A [`Handover`] holds moments and no lengths of time, so that it says the same whenever it is made
//! of the same records. The pages that people read tell how long ago and how much is left.

mod markdown;
mod page;
mod stands;
mod text;
mod ways;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::millis;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Mode, Moment, NoteKind, Outcome, Verdict, later};
use crate::timeline::handover::{Failed, Message, Past, Remark, Said};

use super::standing::{Rto, Standing};
use super::status::run_word;

pub use markdown::handover_markdown;
pub use text::handover_text;

/// What surrounds a run while somebody looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Whether a process drives it.
    pub is_driven: bool,
    /// Who that is, as far as it can be told.
    pub driver: Option<Driver>,
    /// What stands between `holdpoint` and a command, so that it finds the store.
    pub option: String,
    /// What is wrong with the journal, if anything is.
    pub damage: Option<String>,
    /// That the runbook is not as the run knows it, in a line.
    pub notice: Option<String>,
    /// The steps in doubt whose process still runs, by their paths, and its number.
    pub left_running: Vec<(String, u32)>,
}

/// Who drives a run.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Driver {
    /// Who it is: a name as given, not proven.
    pub operator: String,
    /// The machine that it drives on.
    pub host: String,
    /// Since when.
    pub since: Moment,
}

/// All that the next responder needs. The names and the order of the fields are a promise.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Handover {
    /// The version of this form: 1.
    pub version: u32,
    /// The id of the run.
    pub run: String,
    /// The id of the runbook.
    pub runbook: String,
    /// The title of the runbook.
    pub title: String,
    /// How it goes through its runbook.
    pub mode: Mode,
    /// Where it runs, of the environments of its library.
    pub environment: Option<String>,
    /// The incident's number elsewhere.
    pub incident: Option<String>,
    /// How bad the incident is, as the runbook says.
    pub severity: Option<String>,
    /// What it means for users, as the runbook says.
    pub impact: Option<String>,
    /// Who drove it last.
    pub operator: String,
    /// Whether a process drives it now.
    pub is_driven: bool,
    /// Who that is, as far as it can be told.
    pub driver: Option<Driver>,
    /// When the incident was noticed, where that was said.
    pub detected_at: Option<Moment>,
    /// When the run began.
    pub started_at: Option<Moment>,
    /// When its last record was written.
    pub last_at: Option<Moment>,
    /// The most time until service is restored.
    pub rto: Option<Objective>,
    /// The word for where the run stands.
    pub state: &'static str,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// How many steps are settled.
    pub settled: usize,
    /// How many there are, as far as that is known.
    pub total: usize,
    /// The phase that it is in, or what it does instead of steps.
    pub part: Option<String>,
    /// What is under way.
    pub under_way: Vec<UnderWay>,
    /// The step that will probably begin next.
    pub next: Option<String>,
    /// What somebody must answer before it goes on.
    pub waiting_for: Vec<Waiting>,
    /// The steps that were tried or passed over, in file order.
    pub tried: Vec<Tried>,
    /// The steps whose start is on record and whose end is not.
    pub in_doubt: Vec<InDoubt>,
    /// What can be typed now.
    pub ways: Vec<Way>,
    /// What was let pass, passed over or taken for granted by somebody.
    pub exceptions: Vec<Said>,
    /// What is to be done later.
    pub todos: Vec<Remark>,
    /// What was found out.
    pub findings: Vec<Remark>,
    /// What was decided, as somebody noted it.
    pub decisions: Vec<Remark>,
    /// What people answered, and what they did to the run of their own accord.
    pub answers: Vec<Said>,
    /// Every other remark.
    pub notes: Vec<Remark>,
    /// Who was told what.
    pub messages: Vec<Message>,
    /// What would be taken back, the last step first.
    pub undos: Vec<Undo>,
    /// The secrets that the next driver must be given again.
    pub secrets: Vec<Secret>,
    /// What was said when it was last handed over.
    pub handed_over: Option<HandedOver>,
    /// What is wrong with the journal, if anything is.
    pub damage: Option<String>,
    /// That the runbook is not as the run knows it, where that is so.
    pub notice: Option<String>,
}

/// What was promised, and from when to when it counts.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Objective {
    /// How long it may take, in milliseconds.
    pub objective_ms: u64,
    /// From when it counts: from the detection, else from the start.
    pub since: Moment,
    /// When it is spent.
    pub until: Moment,
}

/// Something that is under way.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct UnderWay {
    /// The path of the step; none for the checks of the run.
    pub step: Option<String>,
    /// What a person calls it.
    pub title: String,
    /// What it does.
    pub doing: String,
    /// Since when its action runs, where it does.
    pub since: Option<Moment>,
    /// Which attempt it is.
    pub attempt: u32,
}

/// A question that somebody must answer.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Waiting {
    /// The path of the step that it is about; none for the run.
    pub step: Option<String>,
    /// What sort of question it is.
    pub kind: &'static str,
    /// The question in words.
    pub question: String,
    /// What would run once it is answered, where that is on record.
    pub commands: Vec<String>,
    /// Since when it waits, where that is on record.
    pub since: Option<Moment>,
    /// Who may answer, and how they are reached; anybody where nobody is named.
    pub who: Vec<String>,
    /// What can be typed to answer it.
    pub ways: Vec<Way>,
}

/// A command that can be typed now.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Way {
    /// The command; what is to be put in stands in capitals.
    pub command: String,
    /// What it does.
    pub what: String,
}

/// A step that was tried or passed over.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Tried {
    /// The path of the step.
    pub step: String,
    /// The word for where it stands.
    pub state: &'static str,
    /// How often its action was begun.
    pub attempts: u32,
    /// What went wrong, in order.
    pub failures: Vec<Failed>,
}

/// A step whose start is on record and whose end is not.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct InDoubt {
    /// The path of the step.
    pub step: String,
    /// What may have run.
    pub command: String,
    /// When its last attempt began.
    pub since: Option<Moment>,
    /// Which attempt that was.
    pub attempt: u32,
}

/// Something that would be taken back.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Undo {
    /// The path of the step that is taken back.
    pub step: String,
    /// What takes it back.
    pub by: String,
    /// Whether that is also done at a happy end.
    pub is_paired: bool,
}

/// A secret that no record holds.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Secret {
    /// What it is called.
    pub name: String,
    /// The environment variable that it is taken from, where it is one.
    pub variable: Option<String>,
    /// The step that handed it on, where one did.
    pub step: Option<String>,
}

/// What somebody said who left the run to another.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct HandedOver {
    /// When they left it.
    pub at: Moment,
    /// Who left it.
    pub by: String,
    /// To whom, where that was said.
    pub to: Option<String>,
    /// What the next one must know.
    pub reason: String,
}

impl Objective {
    fn of(rto: Rto) -> Objective {
        Objective {
            objective_ms: millis(rto.promise),
            since: rto.since,
            until: later(rto.since, rto.promise),
        }
    }
}

impl Handover {
    /// Gathers it from where a run stands and what has happened.
    pub fn of(plan: &Plan, state: &RunState, past: Past, around: &Surroundings) -> Handover {
        let start = state.start.as_ref();
        let standing = Standing::of(plan, state);
        let knowledge = &plan.runbook.knowledge;
        let of_kind = |kind| {
            let remarks = past.remarks.iter().filter(|it: &&Remark| it.kind == kind);
            remarks.cloned().collect::<Vec<Remark>>()
        };
        Handover {
            version: 1,
            run: start.map(|start| start.run.clone()).unwrap_or_default(),
            runbook: plan.runbook.id.value.clone(),
            title: plan.runbook.title.clone(),
            mode: state.mode(),
            environment: state.environment.clone(),
            incident: start.and_then(|start| start.incident.clone()),
            severity: knowledge.severity.as_ref().map(|severity| severity.value.clone()),
            impact: knowledge.impact.clone(),
            operator: state.operator.clone(),
            is_driven: around.is_driven,
            driver: around.driver.clone(),
            detected_at: start.and_then(|start| start.detected_at),
            started_at: state.started_at,
            last_at: state.last_at,
            rto: standing.rto.map(Objective::of),
            state: run_word(plan, state),
            outcome: state.outcome,
            verdict: state.verdict,
            settled: standing.settled,
            total: standing.total,
            under_way: stands::under_way(plan, state, &standing.running, around),
            part: standing.part.filter(|_| !state.has_ended()),
            next: standing.next.filter(|_| !state.has_ended()),
            waiting_for: stands::waiting(plan, state, &past, around),
            tried: stands::tried(plan, state, &past),
            in_doubt: stands::in_doubt(plan, state),
            ways: ways::of_run(plan, state, around),
            todos: of_kind(NoteKind::Todo),
            findings: of_kind(NoteKind::Finding),
            decisions: of_kind(NoteKind::Decision),
            notes: of_kind(NoteKind::Note),
            exceptions: past.exceptions,
            answers: past.decisions,
            messages: past.messages,
            undos: stands::undos(plan, state),
            secrets: stands::secrets(plan, state, &past.secrets),
            handed_over: past.handed_over.map(|(at, handed)| HandedOver {
                at,
                by: handed.by,
                to: handed.to,
                reason: handed.reason,
            }),
            damage: around.damage.clone(),
            notice: around.notice.clone(),
        }
    }
}
