//! Rules about how tools behave, which stand on what is known of them.

pub mod async_not_awaited;
pub mod removed_feature;
pub mod unknown_flag_or_syntax;
pub mod wrong_tool;
