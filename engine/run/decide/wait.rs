//! What a wait and a watch do next: for the time that is left since the step first began.

use std::time::Duration;

use crate::plan::Index;
use crate::run::effect::Task;
use crate::run::event::{Moment, later};
use crate::runbook::action::Action;
use crate::runbook::expression::TemplateError;
use crate::runbook::script::Setting;
use crate::runbook::wait::{OnBreak, Wait, Watch};

use super::Run;

impl Run<'_> {
    /// What is waited for, and until when.
    pub(super) fn wait(
        &self,
        index: Index,
        wait: &Wait,
        setting: &Setting,
    ) -> Result<Task, TemplateError> {
        let waiting = wait.render(setting, &self.names_at(index))?;
        let until = waiting.limit().map(|limit| self.until(index, limit));
        Ok(Task::Wait { waiting: Box::new(waiting), until })
    }

    /// What is watched, and until when.
    pub(super) fn watch(
        &self,
        index: Index,
        watch: &Watch,
        setting: &Setting,
    ) -> Result<Task, TemplateError> {
        let watching = Box::new(watch.render(setting, &self.names_at(index))?);
        let until = self.until(index, watch.length);
        let before = self.state.steps[index].watched;
        Ok(Task::Watch { watching, until, before })
    }

    /// When so much time has passed since a step began.
    fn until(&self, index: Index, length: Duration) -> Moment {
        let since = self.state.steps[index].since.or(self.state.last_at);
        later(since.unwrap_or_default(), length)
    }

    /// Whether a person decides about what a step watches, whatever `on_failure` says.
    pub(super) fn holds_on_break(&self, index: Index) -> bool {
        let form = self.state.form(self.plan, index);
        form.is_some_and(|form| match &form.facets.action {
            Action::Watch(watch) => watch.on_break == OnBreak::Hold,
            _ => false,
        })
    }
}
