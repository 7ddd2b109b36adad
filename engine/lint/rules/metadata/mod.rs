//! Rules about what a responder reads, and how fresh it is.

pub mod untested;
