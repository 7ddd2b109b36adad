//! Rules about secrets and about what is told from outside.

pub mod hardcoded_secret;
pub mod insecure_transport;
mod names;
pub mod option_injection;
pub mod secret_in_argv;
pub mod secret_leak;
pub mod template_injection;
