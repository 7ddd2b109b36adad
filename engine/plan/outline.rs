//! The outline of a plan: what each line of it says, worked out once, for people and programs.
//!
//! `text` draws it and `json` writes it down; neither knows anything of its own. The names and the
//! meaning of the fields are a promise to programs: a change of meaning changes [`VERSION`].

mod action;
mod compose;

use schemars::JsonSchema;
use serde::Serialize;

use super::critical::CriticalPath;

pub use action::takes;
pub use compose::outline;

/// The version of the form in which a plan is written down.
pub const VERSION: u32 = 1;

/// A whole plan.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Outline {
    /// The version of this form.
    pub version: u32,
    /// The id of the runbook.
    pub runbook: String,
    /// The title of the runbook.
    pub title: String,
    /// What the runbook does, in a sentence or two.
    pub summary: Option<String>,
    /// What the plan takes for granted, a sentence each.
    pub assumptions: Vec<String>,
    /// Every input, in file order.
    pub inputs: Vec<Input>,
    /// What must be there before anything runs.
    pub requires: Requirements,
    /// The symptom, looked at before anything else.
    pub confirm: Vec<Check>,
    /// What must hold before the first step.
    pub preconditions: Vec<Check>,
    /// What is looked at again and again during the run, and holds it when it breaks.
    pub invariants: Vec<Check>,
    /// Every step, group, rung and undo, those of `finally` too: each before what is inside it.
    pub steps: Vec<Item>,
    /// What gives the verdict.
    pub exit_criteria: Vec<Check>,
    /// How long it takes.
    pub critical_path: CriticalPath,
}

/// What a line is.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It only looks.
    Observed,
    /// It is taken for granted.
    Assumed,
    /// It was given with the command.
    Given,
    /// It would be carried out.
    WouldRun,
    /// A person has to answer, to decide or to act.
    NeedsPerson,
}

/// An input and the value that the plan goes by.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Input {
    /// The name of the input.
    pub name: String,
    /// Whether it is given, assumed from its default or left out, or has to be asked for.
    pub label: Label,
    /// Its value as text; null when it is not known, left out, or a secret.
    pub value: Option<String>,
    /// Whether it is a secret, whose value is never shown.
    pub secret: bool,
    /// Whether it is asked for only when a step needs it.
    pub late: bool,
    /// Whether the run can do without it.
    pub optional: bool,
}

/// What must be there before anything runs.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Requirements {
    /// Programs that are looked for.
    pub tools: Vec<String>,
    /// Variables that must be set.
    pub env: Vec<String>,
    /// Places where something must answer.
    pub reachable: Vec<String>,
}

/// A probe and what it is for.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Check {
    /// The name by which a person may waive it.
    pub id: Option<String>,
    /// What it says when it holds.
    pub title: Option<String>,
    /// Always `observed`.
    pub label: Label,
    /// What is looked at; a template stands for what is not known yet.
    pub look: String,
}

/// A step, a group, a rung or an undo.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Item {
    /// Its place: phases, rungs and steps joined by `/`; an undo ends in `~undo`.
    pub path: String,
    /// Its id; an undo has that of its step.
    pub id: String,
    /// What part it plays.
    pub kind: Kind,
    /// Which list of the runbook it stands in.
    pub part: Part,
    /// The path of the group around it, or of the step that it takes back.
    pub parent: Option<String>,
    /// Whether it is one of the closing steps of a runbook, which never stop anything.
    #[serde(skip)]
    pub is_closing: bool,
    /// How many groups are around it.
    #[serde(skip)]
    pub depth: usize,
    /// What it is.
    pub label: Label,
    /// Whether it will be begun, unless something before it fails; null when that is UNKNOWN.
    pub happens: Option<bool>,
    /// Why it is not begun, or why that is UNKNOWN.
    pub because: Vec<String>,
    /// Those of these reasons that a reader does not see without being told.
    #[serde(skip)]
    pub told: Vec<String>,
    /// What the plan takes for granted of what it refers to.
    pub assumes: Vec<String>,
    /// Why it cannot succeed as things are known.
    pub failure: Option<String>,
    /// What a person calls it.
    pub title: Option<String>,
    /// Why it is there, in Markdown.
    pub why: Option<String>,
    /// The paths of what must be settled before.
    pub needs: Vec<String>,
    /// Whether that is not simply the step above.
    #[serde(skip)]
    pub has_own_needs: bool,
    /// The condition without which it is skipped.
    pub condition: Option<Condition>,
    /// The value that chooses its case.
    pub switch: Option<Switch>,
    /// The list that it is repeated over.
    pub each: Option<Each>,
    /// The late inputs that a person may be asked for when it is ready.
    pub asks: Vec<String>,
    /// How long it usually takes, where the runbook says so.
    pub estimate: Option<Range>,
    /// What it does: one action, or one for each case that is still possible.
    pub actions: Vec<Action>,
}

/// What part an item plays.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A step or a phase of a list.
    Step,
    /// A rung of a ladder.
    Rung,
    /// One item of a fan-out; the pattern of all of them, when the items are not known.
    Item,
    /// The closing steps of an included runbook.
    Closing,
    /// It takes its step back when the group around that has done its work.
    PairedUndo,
    /// It takes its step back when a person wants it to.
    Undo,
}

/// A list of the runbook.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What is done.
    Steps,
    /// What is done at the end, however it went.
    Finally,
}

/// A condition.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Condition {
    /// The expression.
    pub expression: String,
    /// Its value; null when it is UNKNOWN.
    pub value: Option<bool>,
    /// The names that its value waits for.
    pub depends_on: Vec<String>,
}

/// The value that chooses a case.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Switch {
    /// The expression.
    pub expression: String,
    /// Its value; null when it is UNKNOWN.
    pub value: Option<String>,
    /// The names that its value waits for.
    pub depends_on: Vec<String>,
}

/// The list that a step is repeated over.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Each {
    /// The expression.
    pub expression: String,
    /// What templates call the item at hand.
    pub name: String,
    /// The items as text; null when they are UNKNOWN.
    pub items: Option<Vec<String>>,
    /// The names that the list waits for.
    pub depends_on: Vec<String>,
    /// How many items may be under way at a time.
    pub parallel: usize,
}

/// What an item does, and what stands around that.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Action {
    /// The case it belongs to.
    pub case: Option<String>,
    /// The condition of that case, without which the step is skipped when it is chosen.
    pub condition: Option<Condition>,
    /// The key of the runbook that says what is done; `decision` for a gate alone.
    pub action: &'static str,
    /// What is done, as a person reads it: secrets are `***`, and a template stands for what is
    /// not known yet. Null for groups and decisions.
    pub command: Option<String>,
    /// Whether nothing in the command, its variables, folder and standard input is unknown.
    pub known: bool,
    /// Where it runs; null for what runs nothing.
    pub target: Option<String>,
    /// The folder it runs in, where the runbook says so.
    pub cwd: Option<String>,
    /// The variables that are set for it.
    pub env: Vec<Variable>,
    /// What it reads, where the runbook says so.
    pub stdin: Option<String>,
    /// Whether it may be repeated: `read`, `idempotent` or `once`; null for groups and decisions.
    pub effect: Option<&'static str>,
    /// Whether what it does cannot be taken back.
    pub destructive: bool,
    /// How often it is tried again by itself, and after which pauses, in words.
    pub retry: Option<String>,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// What a failure leads to: `hold`, `fail`, `continue` or `abort`.
    pub on_failure: &'static str,
    /// The question before it.
    pub gate: Option<Gate>,
    /// What must hold right before it.
    pub require: Vec<Check>,
    /// What promises that its effect is there already, which the plan assumes not to hold.
    pub done_when: Option<String>,
    /// What must hold afterwards.
    pub verify: Vec<Check>,
    /// The names of what it hands to later steps.
    pub outputs: Vec<String>,
    /// The way back.
    pub undo: Option<Undo>,
}

/// A variable that is set for a command.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Variable {
    /// The name of the variable.
    pub name: String,
    /// Its value: secrets are `***`.
    pub value: String,
}

/// A gate.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Gate {
    /// The question.
    pub ask: String,
    /// The word that must be typed.
    pub word: Option<String>,
    /// The roles or people who may answer; anybody when the list is empty.
    pub approvers: Vec<String>,
    /// The SHA-256 of the question and everything behind it, to which an answer binds; null when
    /// something of that is not known yet.
    pub digest: Option<String>,
}

/// A way back.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Undo {
    /// The path of the item that takes it back; null when there is no way back.
    pub path: Option<String>,
    /// Why there is no way back.
    pub none: Option<String>,
}

/// A length of time, from when all goes well to when it goes as badly as it usually does.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Range {
    /// The shorter, in milliseconds.
    pub low_ms: u64,
    /// The longer, in milliseconds.
    pub high_ms: u64,
}
