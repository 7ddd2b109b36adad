//! Real components for tests that recover them. Each says plainly when it is not installed.

pub(crate) mod dns;
pub(crate) mod engine;
pub(crate) mod frame;
pub(crate) mod killed;
pub(crate) mod needs;
pub(crate) mod postgres;
pub(crate) mod rehearsed;
pub(crate) mod sshd;
pub(crate) mod taken_back;
