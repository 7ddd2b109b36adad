//! The plan in words: every step in order, what it is, and what it would do.
//!
//! Values that are known are put in; what is known only during the run stands as its template.
//! Each line says what would happen to it: it is looked at, it would run, or it needs a person.

use std::fmt::Write;

use crate::runbook::action::Action;
use crate::runbook::expression::Scope;
use crate::runbook::rendered::Quoting;
use crate::runbook::step::Repeat;
use crate::runbook::template::Template;

use super::{Form, Index, Inside, Plan, ROOT, Role};

/// The plan as text, with the values that `scope` knows.
pub fn text(plan: &Plan, scope: &dyn Scope) -> String {
    let runbook = &plan.runbook;
    let mut page = Page { plan, scope, text: String::new() };
    let _ = writeln!(page.text, "{} — {}", runbook.id, runbook.title);
    if let Some(summary) = &runbook.knowledge.summary {
        let _ = writeln!(page.text, "{}", summary.trim_end());
    }
    page.inputs();
    page.checks("confirm", &runbook.confirm);
    page.checks("preconditions", &runbook.preconditions);
    let _ = writeln!(page.text, "\nsteps");
    page.list(plan.nodes[ROOT].forms.first(), 1);
    page.checks("exit criteria", &runbook.exit_criteria);
    if let Some(finally) = plan.finally {
        let _ = writeln!(page.text, "\nfinally");
        page.list(plan.nodes[finally].forms.first(), 1);
    }
    page.text
}

struct Page<'a> {
    plan: &'a Plan,
    scope: &'a dyn Scope,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = depth * 2);
    }

    fn inputs(&mut self) {
        if !self.plan.runbook.inputs.is_empty() {
            let _ = writeln!(self.text, "\ninputs");
        }
        let inputs = &self.plan.runbook.inputs;
        let width = inputs.iter().map(|input| input.name.len()).max().unwrap_or_default();
        for input in inputs {
            let name = &input.name.value;
            let value = self.scope.value(&format!("inputs.{name}")).and_then(|value| value.text());
            let value = match value {
                _ if input.is_secret => "(secret)".to_owned(),
                Some(value) => value,
                None if input.is_late => "UNKNOWN (asked for when it is needed)".to_owned(),
                None if input.is_optional => "(left out)".to_owned(),
                None => "UNKNOWN (asked for at the start)".to_owned(),
            };
            self.line(1, &format!("{name:<width$}  {value}"));
        }
    }

    fn checks(&mut self, heading: &str, checks: &[crate::runbook::probe::Check]) {
        if checks.is_empty() {
            return;
        }
        let _ = writeln!(self.text, "\n{heading}");
        for check in checks {
            let title =
                check.title.clone().or_else(|| check.id.as_ref().map(|id| id.value.clone()));
            self.line(1, &format!("observed      {}", title.unwrap_or_else(|| "a probe".into())));
        }
    }

    fn list(&mut self, form: Option<&Form>, depth: usize) {
        for index in form.map_or(&[][..], |form| form.inside.drawn()) {
            self.node(*index, depth);
        }
    }

    fn node(&mut self, index: Index, depth: usize) {
        let node = &self.plan.nodes[index];
        let title = node.title.as_ref().map(|title| self.shown(title)).unwrap_or_default();
        let rung = if node.role == Role::Rung { "rung " } else { "" };
        let title = if title.is_empty() { String::new() } else { format!(": {title}") };
        let label = self.label(index);
        self.line(depth, &format!("{label:<14}{rung}{}{title}", node.id));
        for line in node.why.as_deref().unwrap_or_default().lines() {
            self.line(depth + 7, &format!("({line})"));
        }
        self.needs(index, depth + 7);
        let chosen = node.switch.as_ref().and_then(|on| on.evaluate(self.scope).ok());
        let chosen = chosen.and_then(|value| value.text());
        let is_shown = |form: &&Form| chosen.is_none() || form.case == chosen;
        for form in node.forms.iter().filter(is_shown) {
            if let Some(case) = &form.case {
                self.line(depth + 6, &format!("case {case}"));
            }
            self.form(form, depth + 7);
            self.list(Some(form), depth + 1);
        }
    }

    fn needs(&mut self, index: Index, depth: usize) {
        let node = &self.plan.nodes[index];
        let is_plain = match node.needs.as_slice() {
            [] => true,
            [need] => self.plan.nodes[*need].dependents.len() == 1 && *need < index,
            _ => false,
        };
        if !is_plain {
            let needs: Vec<&str> =
                node.needs.iter().map(|need| self.plan.nodes[*need].id.as_str()).collect();
            self.line(depth, &format!("needs {}", needs.join(", ")));
        }
    }

    /// What would happen to a node.
    fn label(&self, index: Index) -> &'static str {
        let node = &self.plan.nodes[index];
        let has_gate = node.forms.iter().any(|form| form.facets.gate.is_some());
        let form = node.forms.first();
        match form.map(|form| (&form.facets.action, &form.inside)) {
            _ if has_gate => "needs person",
            Some((Action::Probe(_), _)) => "observed",
            Some((_, Inside::Phase(_))) => "phase",
            Some((_, Inside::Ladder(_))) => "ladder",
            Some((_, Inside::Each(_))) => "for each",
            _ => "would run",
        }
    }

    fn form(&mut self, form: &Form, depth: usize) {
        let facets = &form.facets;
        if let Some(when) = &facets.when {
            let holds = match when.holds(self.scope) {
                Ok(true) => "true",
                Ok(false) => "false: skipped",
                Err(_) => "UNKNOWN",
            };
            self.line(depth, &format!("when {} ({holds})", when.code()));
        }
        if let Some(gate) = &facets.gate {
            let ask = gate.ask.as_ref().map(|ask| self.shown(ask)).unwrap_or_default();
            let word = gate.word.as_ref().map(|word| self.shown(word));
            let word = word.map(|word| format!(" (type {word})")).unwrap_or_default();
            self.line(depth, format!("gate {ask}{word}").trim_end());
            if !gate.approvers.is_empty() {
                let names: Vec<&str> = gate.approvers.iter().map(|name| name.as_str()).collect();
                self.line(depth, &format!("approvers {}", names.join(", ")));
            }
        }
        if let Action::Run(script) = &facets.action {
            let place = facets.setting.prefix(self.scope);
            for line in format!("{place}{}", script.partly(self.scope)).lines() {
                self.line(depth, &format!("| {line}"));
            }
        }
        self.around(form, depth);
        let repeat = match facets.repeat() {
            Repeat::Read => "read",
            Repeat::Idempotent => "idempotent",
            Repeat::Once => "once",
        };
        if matches!(facets.action, Action::Run(_)) {
            let destructive = if facets.is_destructive { ", destructive" } else { "" };
            self.line(depth, &format!("effect {repeat}{destructive}"));
        }
    }

    /// What stands around the action: its checks, and the way back.
    fn around(&mut self, form: &Form, depth: usize) {
        let facets = &form.facets;
        for (word, checks) in [("requires", &facets.require), ("verified by", &facets.verify)] {
            for check in checks {
                let id = || check.id.as_ref().map(|id| id.value.clone());
                let name = check.title.clone().or_else(id).unwrap_or_else(|| "a probe".into());
                self.line(depth, &format!("{word} {name}"));
            }
        }
        if facets.done_when.is_some() {
            self.line(depth, "passed over when its effect is there already");
        }
        if let Some(retry) = facets.retry.as_ref().filter(|retry| retry.times > 0) {
            self.line(depth, &format!("retried {retry}"));
        }
        let undo = form.undo.map(|undo| &self.plan.nodes[undo]);
        match undo.map(|undo| undo.role) {
            Some(Role::Undo { is_paired: true, .. }) => {
                self.line(depth, "undone at the end of its group");
            }
            Some(_) => self.line(depth, "can be undone"),
            None => {}
        }
    }

    fn shown(&self, template: &Template) -> String {
        template.partly(self.scope, Quoting::Text)
    }
}
