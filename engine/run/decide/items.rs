//! What comes next for a fan-out: its list, its items, and what they amount to together.

use crate::plan::{Index, Inside, Items};
use crate::runbook::each::{Empty, Fail};
use crate::runbook::expression::TemplateError;
use crate::runbook::value::Value;

use crate::run::event::{Event, Failure, FailureKind, Skip};
use crate::run::state::StepState;

use super::{Next, Run};

/// The most items that one step may be repeated for.
pub(super) const MOST: usize = 10_000;

impl Run<'_> {
    /// Finds out what a fan-out is repeated for; none when that is known, or it is none.
    pub(super) fn list_items(&self, index: Index) -> Option<Next> {
        let items = self.plan.items(index)?;
        if self.state.steps[index].items.is_some() {
            return None;
        }
        let step = self.path(index);
        Some(match self.listed(index, items) {
            Err(error) => self.hold(index, FailureKind::Template, &error),
            Ok(listed) if !listed.is_empty() => {
                let items = listed.iter().map(Value::to_json).collect();
                Next::Record(Event::ItemsListed { step, items })
            }
            Ok(_) if items.each.empty == Empty::Skip => {
                Next::Record(Event::StepSkipped { step, why: Skip::NotNeeded })
            }
            Ok(_) => {
                let detail = format!("`{}` is an empty list", items.each.list.code().trim());
                let failure = Failure::new(FailureKind::Empty, detail);
                Next::Record(self.consequence(index, failure))
            }
        })
    }

    fn listed(&self, index: Index, items: &Items) -> Result<Vec<Value>, TemplateError> {
        let list = &items.each.list;
        let refuse = |message: String| Err(TemplateError { message, range: None });
        match list.evaluate(&self.names_at(index))? {
            Value::List(listed) if listed.len() > MOST => {
                refuse(format!("`{}` has more than {MOST} items", list.code().trim()))
            }
            Value::List(listed) => Ok(listed),
            other => refuse(format!("`{}` is {}, not a list", list.code().trim(), other.noun())),
        }
    }

    /// An item that will not begin any more, since another has failed.
    pub(super) fn idle_item(&self, index: Index) -> Option<Index> {
        let items = self.plan.items(index)?;
        let copies = self.state.children(self.plan, index);
        let is_over =
            items.each.fail == Fail::Any && copies.iter().any(|it| self.state.is_bad(*it));
        copies.iter().copied().find(|copy| is_over && self.is_pending(*copy))
    }

    /// Why a fan-out whose items are settled has failed, if it has.
    pub(super) fn item_failure(&self, index: Index, items: &Items) -> Option<String> {
        let copies = self.state.children(self.plan, index);
        let mut bad = copies.iter().filter(|copy| self.state.is_bad(**copy));
        let (count, first) = (bad.clone().count(), bad.next()?);
        if items.each.fail == Fail::All && count < copies.len() {
            return None;
        }
        let reason = match &self.state.steps[*first].state {
            StepState::Failed(failure, _) => failure.detail.as_str(),
            _ => "it did not succeed",
        };
        let id = &self.plan.nodes[*first].id;
        Some(format!("item {id} of {}: {reason}", copies.len()))
    }

    /// The nodes inside a node as far as they are known: of a fan-out without a list, its pattern.
    pub(super) fn known_inside<'p>(&'p self, index: Index, inside: &'p Inside) -> &'p [Index] {
        match inside {
            Inside::Each(_) if self.state.steps[index].items.is_some() => {
                self.state.children(self.plan, index)
            }
            inside => inside.drawn(),
        }
    }
}
