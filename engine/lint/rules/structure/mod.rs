//! Rules about what a step is: one thing, in one place, that can happen and be seen to have happened.

pub mod alternatives_in_one_step;
pub mod mixed_execution_target;
pub mod prose_only_step;
pub mod unreachable_step;
