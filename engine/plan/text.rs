//! The outline of a plan as lines for people: every step in order, what it is, and what it would do.
//!
//! A line begins with what it is: observed, assumed, given, would run, or needs a person; what
//! will not be begun is skipped. Below it stand the values that are known; what is known only
//! during the run stands as its template, and UNKNOWN says that it may not come to that.

use std::fmt::Write;
use std::time::Duration;

use crate::document::duration_text;

use super::critical::{CriticalPath, Verdict};
use super::outline::{
    Action, Check, Condition, Input, Item, Kind, Label, Outline, Part, Range, Requirements,
};

/// Where what follows a label begins.
const COLUMN: usize = 16;
/// The most names in one line; the rest is counted.
const NAMES: usize = 8;

/// The outline as text.
pub fn text(outline: &Outline) -> String {
    let mut page = Page { text: format!("{} — {}\n", outline.runbook, outline.title) };
    if let Some(summary) = &outline.summary {
        page.line(0, summary.trim_end());
    }
    page.requirements(&outline.requires);
    page.inputs(&outline.inputs);
    page.checks("confirm", &outline.confirm);
    page.checks("preconditions", &outline.preconditions);
    page.checks("invariants", &outline.invariants);
    page.line(0, "\nsteps");
    page.labelled(1, Label::Assumed.words(), &outline.assumptions.join(", "));
    page.items(outline, Part::Steps);
    page.checks("exit criteria", &outline.exit_criteria);
    if outline.steps.iter().any(|item| item.part == Part::Finally) {
        page.line(0, "\nfinally");
        page.items(outline, Part::Finally);
    }
    page.critical_path(&outline.critical_path);
    page.text
}

impl Label {
    /// How a line with this label begins.
    fn words(self) -> &'static str {
        match self {
            Label::Observed => "observed",
            Label::Assumed => "assumed",
            Label::Given => "given",
            Label::WouldRun => "would run",
            Label::NeedsPerson => "needs a person",
        }
    }
}

struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = depth * 2);
    }

    fn labelled(&mut self, depth: usize, label: &str, line: &str) {
        self.line(depth, format!("{label:<COLUMN$}{line}").trim_end());
    }

    /// A text that may have several lines, each behind a bar.
    fn quoted(&mut self, depth: usize, text: &str) {
        for line in text.trim_end().lines() {
            self.line(depth, format!("| {line}").trim_end());
        }
    }

    fn requirements(&mut self, requires: &Requirements) {
        let kinds = [
            ("tool", &requires.tools),
            ("variable", &requires.env),
            ("place", &requires.reachable),
        ];
        if kinds.iter().any(|(_, names)| !names.is_empty()) {
            self.line(0, "\nrequires");
        }
        for (noun, names) in kinds.iter().filter(|(_, names)| !names.is_empty()) {
            let plural = if names.len() == 1 { "" } else { "s" };
            let line = format!("{noun}{plural} {}", names.join(", "));
            self.labelled(1, Label::Observed.words(), &line);
        }
    }

    fn inputs(&mut self, inputs: &[Input]) {
        if !inputs.is_empty() {
            self.line(0, "\ninputs");
        }
        let width = inputs.iter().map(|input| input.name.len()).max().unwrap_or_default();
        for input in inputs {
            let value = match (&input.value, input.label) {
                (_, Label::Given) if input.secret => "***",
                (Some(value), _) => value,
                (None, Label::Assumed) => "(left out)",
                (None, _) if input.late => "UNKNOWN (asked for when it is needed)",
                (None, _) => "UNKNOWN (asked for at the start)",
            };
            let line = format!("{:<width$}  {}", input.name, value.replace('\n', " "));
            self.labelled(1, input.label.words(), &line);
        }
    }

    fn checks(&mut self, heading: &str, checks: &[Check]) {
        if checks.is_empty() {
            return;
        }
        self.line(0, &format!("\n{heading}"));
        for check in checks {
            self.labelled(1, check.label.words(), check.name());
            self.quoted(1 + COLUMN / 2, &check.look);
        }
    }

    fn items(&mut self, outline: &Outline, part: Part) {
        for item in outline.steps.iter().filter(|item| item.part == part) {
            self.item(item, item.depth + 1);
        }
    }

    fn item(&mut self, item: &Item, depth: usize) {
        let inner = depth + COLUMN / 2;
        let label = match (item.kind, item.happens) {
            // What is only offered is no line of its own.
            (Kind::Undo, Some(false)) => return,
            (Kind::Undo, _) => "can be undone",
            (_, Some(false)) => "skipped",
            _ => item.label.words(),
        };
        self.labelled(depth, label, &heading(item));
        if item.happens == Some(false) {
            let because: Vec<&str> = item.told.iter().map(String::as_str).collect();
            because.iter().for_each(|why| self.line(inner, why));
            item.condition.iter().for_each(|it| self.condition(it, inner));
            return;
        }
        for line in item.why.as_deref().unwrap_or_default().lines() {
            self.line(inner, &format!("({line})"));
        }
        if item.has_own_needs {
            self.line(inner, &format!("needs {}", few(&item.needs)));
        }
        for why in &item.told {
            self.line(inner, &format!("UNKNOWN: {why}"));
        }
        item.condition.iter().for_each(|it| self.condition(it, inner));
        for assumed in &item.assumes {
            self.line(inner, &format!("assumed: {assumed}"));
        }
        if let Some(failure) = &item.failure {
            self.line(inner, &format!("cannot succeed: {failure}"));
        }
        if !item.asks.is_empty() {
            self.line(inner, &format!("asks for {}", item.asks.join(", ")));
        }
        if let Some(switch) = item.switch.as_ref().filter(|switch| switch.value.is_none()) {
            self.line(inner, &format!("switch {} (UNKNOWN)", switch.expression));
        }
        if let Some(each) = &item.each {
            let items = each.items.as_ref().map(|items| few(items));
            let items = items.unwrap_or_else(|| "UNKNOWN".to_owned());
            self.line(inner, &format!("for each {} in {} ({items})", each.name, each.expression));
        }
        for action in &item.actions {
            if let Some(case) = &action.case {
                self.line(inner, &format!("case {case}"));
            }
            self.action(action, inner + usize::from(action.case.is_some()));
            if !item.is_closing && ["continue", "abort"].contains(&action.on_failure) {
                self.line(inner, &format!("on failure {}", action.on_failure));
            }
        }
        if let Some(estimate) = &item.estimate {
            self.line(inner, &format!("estimate {}", estimate.words()));
        }
    }

    fn condition(&mut self, condition: &Condition, depth: usize) {
        let value = match condition.value {
            Some(true) => "true",
            Some(false) => "false",
            None => "UNKNOWN",
        };
        self.line(depth, &format!("when {} ({value})", condition.expression));
    }

    fn action(&mut self, action: &Action, depth: usize) {
        action.condition.iter().for_each(|it| self.condition(it, depth));
        for check in &action.require {
            self.check("requires", check, depth);
        }
        if let Some(look) = &action.done_when {
            self.line(depth, "assumed not to be done already, which is observed by");
            self.quoted(depth, look);
        }
        if let Some(gate) = &action.gate {
            let word = gate.word.as_ref().map(|word| format!(" (type {word})"));
            self.line(depth, &format!("gate {}{}", gate.ask.trim_end(), word.unwrap_or_default()));
            if !gate.approvers.is_empty() {
                self.line(depth, &format!("approvers {}", gate.approvers.join(", ")));
            }
        }
        self.command(action, depth);
        if let Some(retry) = &action.retry {
            self.line(depth, &format!("retried {retry}"));
        }
        for check in &action.verify {
            self.check("verified by", check, depth);
        }
        if let Some(why) = action.undo.as_ref().and_then(|undo| undo.none.as_ref()) {
            self.line(depth, &format!("cannot be undone: {why}"));
        }
        let destructive = if action.destructive { ", destructive" } else { "" };
        match action.effect {
            Some(effect) if matches!(action.action, "run" | "http") || action.destructive => {
                self.line(depth, &format!("effect {effect}{destructive}"));
            }
            None if action.destructive => self.line(depth, "destructive"),
            _ => {}
        }
    }

    fn command(&mut self, action: &Action, depth: usize) {
        if let Some(target) = action.target.as_ref().filter(|target| *target != "local") {
            self.line(depth, &format!("on {target}"));
        }
        if let Some(cwd) = &action.cwd {
            self.line(depth, &format!("in {cwd}"));
        }
        for variable in &action.env {
            let value = variable.value.replace('\n', " ");
            self.line(depth, &format!("with {}={value}", variable.name));
        }
        self.quoted(depth, action.command.as_deref().unwrap_or_default());
        for line in action.stdin.as_deref().unwrap_or_default().trim_end().lines() {
            self.line(depth, format!("< {line}").trim_end());
        }
    }

    fn check(&mut self, word: &str, check: &Check, depth: usize) {
        self.line(depth, &format!("{word} {}", check.name()));
        self.quoted(depth, &check.look);
    }

    fn critical_path(&mut self, path: &CriticalPath) {
        if path.rto.is_none() && path.path.is_empty() {
            return;
        }
        self.line(0, "\ncritical path");
        let id = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let legs: Vec<String> = path.path.iter().map(|leg| id(&leg.path)).collect();
        let time = match path.path.is_empty() {
            true => "UNKNOWN".to_owned(),
            false => between(path.low_ms, path.high_ms),
        };
        let of = path.rto.as_ref().map(|rto| {
            let promise = format!(" of {} RTO", duration(rto.ms));
            match rto.verdict {
                Verdict::Kept | Verdict::Unknown => promise,
                Verdict::AtRisk => promise + ", which the longer time breaks",
                Verdict::Broken => promise + ", which even the shorter time breaks",
            }
        });
        let via =
            if legs.is_empty() { String::new() } else { format!(": {}", joined(&legs, " > ")) };
        self.line(1, &format!("{time}{}{via}", of.unwrap_or_default()));
        let untimed: Vec<String> =
            path.without_estimate.iter().map(|step| id(&step.path)).collect();
        match untimed.as_slice() {
            [] => {}
            [one] => self.line(1, &format!("1 step has no estimate: {one}")),
            many => {
                let line = format!("{} steps have no estimate: {}", many.len(), few(many));
                self.line(1, &line);
            }
        }
        if let Some(own) = &path.own_estimate {
            let is_late = path.rto.as_ref().is_some_and(|rto| own.high_ms > rto.ms);
            let late = if is_late { ", which breaks the RTO" } else { "" };
            let own = between(own.low_ms, own.high_ms);
            self.line(1, &format!("the runbook itself estimates {own}{late}"));
        }
    }
}

/// What stands behind the label of an item.
fn heading(item: &Item) -> String {
    let part = match (item.kind, item.actions.first().map(|action| action.action)) {
        (Kind::PairedUndo, _) => "undo of ",
        (Kind::Undo, _) => "",
        (Kind::Rung, Some("ladder")) => "rung and ladder ",
        (Kind::Rung, _) => "rung ",
        (Kind::Item | Kind::Closing, _) => "",
        (Kind::Step, Some("steps")) => "phase ",
        (Kind::Step, Some("ladder")) => "ladder ",
        (Kind::Step, _) => "",
    };
    let when = if item.kind == Kind::PairedUndo { " at the end of its group" } else { "" };
    let title = item.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
    // An undo is drawn beneath its step, whose fate a reader has seen.
    let is_marked = item.happens.is_none() && item.kind != Kind::Undo;
    let mark = if is_marked { " (UNKNOWN)" } else { "" };
    let title = title.replace('\n', " ");
    let id = match (item.kind, item.id.as_str()) {
        (Kind::Item, "*") => "each item".to_owned(),
        (Kind::Item, number) => format!("item {number}"),
        (Kind::Closing, _) => "finally".to_owned(),
        (_, id) => id.to_owned(),
    };
    format!("{part}{id}{title}{when}{mark}")
}

impl Check {
    /// What a person calls it.
    fn name(&self) -> &str {
        self.title.as_deref().or(self.id.as_deref()).unwrap_or("a probe")
    }
}

impl Range {
    fn words(&self) -> String {
        between(self.low_ms, self.high_ms)
    }
}

fn between(low: u64, high: u64) -> String {
    match low == high {
        true => duration(low),
        false => format!("{}..{}", duration(low), duration(high)),
    }
}

fn duration(ms: u64) -> String {
    duration_text(Duration::from_millis(ms))
}

fn few(names: &[String]) -> String {
    joined(names, ", ")
}

/// The first names, and how many more there are.
fn joined(names: &[String], between: &str) -> String {
    let more = names.len().saturating_sub(NAMES);
    let first = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(between);
    match more {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
