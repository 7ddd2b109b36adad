//! What comes next when the run is taken back: the undo of every step that has begun, the last to
//! end first, one at a time.

use crate::plan::Index;
use crate::run::effect::Effect;

use super::{Next, Run};

impl Run<'_> {
    /// What comes next while the run is taken back.
    pub(super) fn take_back(&self) -> Vec<Effect> {
        let mut begin = Vec::new();
        for index in &self.state.active {
            match self.next_of(*index) {
                Next::Record(event) => return vec![Effect::Record(event)],
                Next::Begin(effect) => begin.push(effect),
                Next::Nothing => {}
            }
        }
        if !begin.is_empty() || self.state.undos_under_way(self.plan).next().is_some() {
            return self.with_ready(begin);
        }
        match self.state.owed_undos(self.plan).first() {
            Some(undo) => self.begin(*undo).effects(),
            None => self.close(),
        }
    }

    /// What has begun goes on, and so does what is ready inside it.
    fn with_ready(&self, mut begin: Vec<Effect>) -> Vec<Effect> {
        if begin.is_empty()
            && let Some(event) = self.begin_ready(&mut begin)
        {
            return vec![Effect::Record(event)];
        }
        begin
    }

    /// Whether what a node did before is being taken back: it does nothing meanwhile.
    pub(super) fn is_being_undone(&self, index: Index) -> bool {
        let mut undos = self.plan.nodes[index].forms.iter().filter_map(|form| form.undo);
        undos.any(|undo| self.state.active.contains(&undo))
    }

    /// What would be taken back now, for a person who may want that.
    pub(super) fn undos(&self) -> Vec<String> {
        if self.state.no_way_back().is_some() {
            return Vec::new();
        }
        let path = |undo: &Index| self.plan.nodes[*undo].path.clone();
        self.state.owed_undos(self.plan).iter().map(path).collect()
    }
}
