//! The parts of the simulation.

mod acts;
pub(crate) mod books;
pub(crate) mod bug;
pub(crate) mod campaign;
pub(crate) mod chance;
mod commits;
mod disk;
mod driver;
mod keeper;
mod laws;
pub(crate) mod mix;
mod people;
mod play;
pub(crate) mod small;
mod words;
