//! The fuzz targets under libFuzzer; the variable `HOLDPOINT_FUZZ` names the one that runs.
#![no_main]

#[path = "mod.rs"]
mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("HOLDPOINT_FUZZ").unwrap_or_default();
    targets::find(&name).unwrap_or_else(|| panic!("HOLDPOINT_FUZZ names no target: {name:?}"))
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
