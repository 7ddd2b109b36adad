//! Whether an engine of Docker can run here, for tests that need one.

use std::sync::OnceLock;

use super::needs;
use crate::harness::Bench;

/// A lab that is nothing but an engine.
const ENGINE: &str = "
holdpoint: 1
id: engine
title: Whether an engine of Docker can run here
steps: [{id: look, run: [docker, version]}]
exit_criteria: [{probe: {run: [docker, version]}}]
lab:
  components: [docker]
  inject: ['touch broken']
  symptoms: [{file: \"${{ lab.work }}/broken\"}]
  prove: [{run: [docker, compose, version]}]
";

/// Whether an engine cannot run here, which only a try shows.
pub(crate) fn is_left_out() -> bool {
    static REASON: OnceLock<Option<String>> = OnceLock::new();
    let reason = REASON.get_or_init(|| {
        let bench = Bench::new().file("engine.yaml", ENGINE);
        let script =
            "holdpoint rehearse engine.yaml --lab --non-interactive 2>&1; echo \"exit $?\"";
        let printed = bench.shell(script).stdout_contains("").exit(0).stdout;
        let (told, code) = printed.trim_end().rsplit_once("exit ").expect("it ends with its code");
        let reason = (code == "3").then(|| told.to_owned());
        assert!(code == "0" || reason.is_some(), "{printed}");
        if let Some(reason) = &reason {
            let told = format!("tier T2 left out: no engine of Docker runs here: {reason}");
            needs::say(told.trim_end());
        }
        reason
    });
    reason.is_some()
}
