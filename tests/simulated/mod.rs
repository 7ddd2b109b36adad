//! The parts of the simulation.

mod acts;
mod books;
pub(crate) mod bug;
pub(crate) mod campaign;
pub(crate) mod chance;
mod commits;
mod disk;
mod driver;
mod keeper;
mod laws;
mod mix;
mod people;
mod play;
mod words;
