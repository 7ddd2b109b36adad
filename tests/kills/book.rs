//! A runbook made by chance, whose commands write down what they really did.

use super::Luck;

/// What a step says about being repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Read,
    Idempotent,
    Destructive,
    Once,
    /// `once`, and whether its effect is there can be seen.
    Seen,
}

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) kind: Kind,
    is_parallel: bool,
    millis: usize,
}

/// A runbook.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) steps: Vec<Step>,
}

impl Book {
    pub(super) fn new(luck: &mut Luck) -> Book {
        let kinds = [Kind::Read, Kind::Idempotent, Kind::Destructive, Kind::Once, Kind::Seen];
        let mut step = |n: usize| Step {
            id: format!("s{n}"),
            kind: luck.one_of(&kinds),
            is_parallel: luck.below(3) == 0,
            millis: luck.below(40),
        };
        let mut steps: Vec<Step> = (1..=8).map(&mut step).collect();
        steps.truncate(4 + luck.below(5));
        Book { steps }
    }

    pub(super) fn text(&self) -> String {
        let head = "holdpoint: 1\nid: killed\ntitle: Killed\ndefaults: {shell: sh -eu}\nsteps:\n";
        self.steps.iter().fold(head.to_owned(), |text, step| text + &step.text())
    }
}

impl Step {
    fn text(&self) -> String {
        let Step { id, millis, .. } = self;
        let kind = match self.kind {
            Kind::Read => "effect: read".to_owned(),
            Kind::Idempotent => "effect: idempotent".to_owned(),
            Kind::Destructive => "effect: idempotent\n    destructive: true".to_owned(),
            Kind::Once => "effect: once".to_owned(),
            Kind::Seen => format!("done_when: {{run: [grep, -q, '^end {id}[.]', effects]}}"),
        };
        let needs = if self.is_parallel { "\n    needs: []" } else { "" };
        format!(
            "  - id: {id}{needs}
    {kind}
    outputs: {{token: {{default: none}}}}
    run: |
      me=\"${{HOLDPOINT_OUTPUT##*/}} $$\"
      echo \"begin $me\" >> effects
      sleep 0.{millis:03}
      echo token=$$ >> $HOLDPOINT_OUTPUT
      echo \"end $me\" >> effects
"
        )
    }
}
