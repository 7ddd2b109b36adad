//! Every test of Holdpoint that is not a unit test, in one binary.

mod document;
mod harness;
mod journal;
mod lab;
mod recovery_postgres;
