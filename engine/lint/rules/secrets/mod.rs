//! Rules about secrets and about what is told from outside.

pub mod template_injection;
