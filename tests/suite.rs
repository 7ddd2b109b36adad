//! Every test of Holdpoint that is not a unit test, in one binary.

mod cli_bad_input;
mod cli_damage;
mod cli_each;
mod cli_failing;
mod cli_include;
mod cli_keyboard;
mod cli_parallel;
mod cli_probes;
mod cli_process;
mod cli_quickstart;
mod cli_resume;
mod cli_secrets;
mod cli_signals;
mod cli_targets;
mod cli_targets_lost;
mod cli_terminal;
mod cli_undo;
mod cli_verdict;
mod cli_waiting;
mod docs;
mod document;
mod harness;
mod journal;
mod lab;
mod machine;
mod recovery_postgres;
