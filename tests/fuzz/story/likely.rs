//! What is likely to be told next: an answer to something that is under way.

use holdpoint::run::event::{AnswerAsked, ChoicesListed, Event, EvidenceAsked, Question};
use holdpoint::run::{Effect, Execution, Task};
use serde_json::{Map, Value as Json, json};

use super::{Bytes, Story, made};

const SIGHTS: [&str; 4] = ["holds", "fails", "unseen", "warns"];
const FAILURES: [&str; 6] = ["exit", "timeout", "signal", "spawn", "expect", "stopped"];

impl Story {
    /// An answer to something that has begun; what is answered for good is under way no more.
    pub(super) fn likely(&mut self, numbers: &mut Bytes<'_>) -> Vec<Event> {
        if self.under_way.is_empty() {
            return Vec::new();
        }
        let at = numbers.below(self.under_way.len());
        let effect = self.under_way.remove(at);
        match &effect {
            Effect::Record(_) => Vec::new(),
            Effect::SeekChoices { input, .. } => {
                let problem = (numbers.below(2) > 0).then(|| self.words());
                let choices = vec![self.words(); numbers.below(3)];
                let input = input.clone();
                vec![Event::ChoicesListed(ChoicesListed { input, choices, problem })]
            }
            Effect::Observe { check, .. } => vec![made(json!({
                "type": "check_observed", "check": check, "sight": SIGHTS[numbers.below(4)],
                "detail": self.words(), "took_ms": 1,
            }))],
            Effect::Ask { question, .. } => self.reply(question, numbers).into_iter().collect(),
            Effect::Execute(execution) => match numbers.below(8) {
                0 => {
                    let told = self.on_the_way(execution);
                    self.under_way.push(effect);
                    told
                }
                _ => vec![self.ending(execution, numbers)],
            },
            Effect::SeekProcess { step, .. } => {
                vec![made(json!({
                    "type": "process_gone", "step": step, "is_certain": numbers.below(2) > 0,
                    "has_begun": numbers.below(4) > 0,
                }))]
            }
            Effect::Wake { timer, due } => {
                vec![Event::TimerDue { timer: timer.clone(), due: *due }]
            }
        }
    }

    fn on_the_way(&mut self, execution: &Execution) -> Vec<Event> {
        let Execution { step, attempt, .. } = execution;
        match &execution.task {
            Task::Run(_) => vec![made(json!({
                "type": "step_spawned", "step": step, "attempt": attempt,
                "process": {"pid": 7, "start_time": 7, "boot_id": "boot"},
            }))],
            Task::Watch { .. } => vec![made(json!({
                "type": "watch_seen", "step": step, "attempt": attempt, "sight": "fails",
                "detail": self.words(),
            }))],
            _ => Vec::new(),
        }
    }

    fn ending(&mut self, execution: &Execution, numbers: &mut Bytes<'_>) -> Event {
        let kind = numbers.below(9);
        let failure = FAILURES.get(kind).map(|kind| json!({"kind": kind, "detail": self.words()}));
        let end = match &execution.task {
            Task::Run(_) if kind == 2 => json!({"how": "signalled", "signal": 9}),
            Task::Run(_) => json!({"how": "exited", "code": i32::from(failure.is_some())}),
            Task::Http(_) => json!({"how": "answered", "status": 200}),
            Task::Look(_) => json!({"how": "looked", "detail": self.words()}),
            Task::Wait { .. } => json!({"how": "waited"}),
            Task::Watch { before, .. } => json!({"how": "watched", "breaks": before.breaks}),
            Task::Show(text) => json!({"how": "shown", "text": text}),
            Task::Send(delivery) => {
                json!({"how": "sent", "to": delivery.to, "text": delivery.text})
            }
        };
        let is_there = |_: &&_| failure.is_none();
        let outputs = execution.outputs.iter().filter(is_there);
        let (secret, open): (Vec<_>, Vec<_>) = outputs.partition(|output| output.is_secret);
        let value = |story: &mut Story, number| match number {
            0 => json!([1, 2, 3]),
            1 => json!(story.words()),
            2 => json!([]),
            other => json!(other),
        };
        let named: Map<String, Json> = open
            .iter()
            .map(|output| (output.name.value.clone(), value(self, numbers.below(6))))
            .collect();
        let secrets: Vec<&str> = secret.iter().map(|output| output.name.value.as_str()).collect();
        let printed = json!({
            "file": "output/x.1.out", "bytes": 3, "sha256": "00", "cut": 0, "tail": self.words(),
        });
        made(json!({
            "type": "step_ended", "step": execution.step, "attempt": execution.attempt, "end": end,
            "failure": failure, "is_unseen": failure.is_some() && numbers.below(4) == 0,
            "outputs": named, "secrets": secrets, "stdout": self.words(), "took_ms": 1,
            "out": printed, "notes": [self.words()],
        }))
    }

    /// What a person says to a question; none when that is nothing.
    pub(super) fn reply(&mut self, question: &Question, numbers: &mut Bytes<'_>) -> Option<Event> {
        let (by, reason) = (self.words(), self.words());
        let number = numbers.next();
        let choose = |words: &[&str]| words[usize::from(number) % words.len()].to_owned();
        Some(made(match question {
            Question::Gate(gate) if number.is_multiple_of(5) => json!({
                "type": "gate_rejected", "step": gate.step, "digest": gate.digest, "by": by,
                "reason": reason,
            }),
            Question::Gate(gate) => json!({
                "type": "gate_approved", "step": gate.step, "digest": gate.digest, "by": by,
                "note": reason, "is_prepared": number.is_multiple_of(2),
                "value": gate.value.as_ref().map(|_| "7"), "is_bypass": number.is_multiple_of(7),
            }),
            Question::Hold { step, .. } => json!({
                "type": "hold_resolved", "step": step, "by": by, "reason": reason,
                "choice": choose(&["retry", "done", "failed", "skip", "abort", "undo"]),
            }),
            Question::InDoubt { step, .. } => json!({
                "type": "doubt_settled", "step": step, "by": {"by": "person", "name": by},
                "choice": choose(&["done", "rerun", "failed"]), "reason": reason,
            }),
            Question::Input { name } => json!({
                "type": "input_given", "name": name, "from": "prompt", "is_secret": false,
                "value": if number.is_multiple_of(3) { json!(self.words()) } else { json!(number) },
            }),
            Question::Check { check, .. } if number.is_multiple_of(3) => json!({
                "type": "check_refused", "check": check, "by": by, "detail": reason,
            }),
            Question::Check { check, .. } => json!({
                "type": "check_waived", "check": check, "by": by, "reason": reason,
            }),
            Question::Invariant { check, .. } => json!({
                "type": "invariant_resolved", "check": check, "by": by, "reason": reason,
                "choice": choose(&["retry", "waive", "abort", "undo"]),
            }),
            Question::Verdict { .. } => json!({
                "type": "verdict_resolved", "choice": choose(&["retry", "end", "undo"]), "by": by,
                "reason": reason,
            }),
            Question::Needed { step, .. } => json!({
                "type": "need_decided", "step": step, "by": by, "reason": reason,
                "is_needed": number.is_multiple_of(2), "is_prepared": false,
            }),
            Question::Proceed { step, .. } => json!({
                "type": "step_released", "step": step, "by": by,
            }),
            Question::Terminal { .. } => return None,
            by_hand => return Some(self.done(by_hand, number)),
        }))
    }

    /// What is said of an action that a person does.
    fn done(&mut self, question: &Question, number: u8) -> Event {
        let (by, reason) = (self.words(), self.words());
        let step = question.by_hand().expect("only what is done by hand is left");
        if number.is_multiple_of(7) {
            let item = question.item();
            let mut event = json!({
                "type": "step_given_up", "step": step, "by": by, "reason": reason,
                "is_prepared": false,
            });
            if let Some(item) = item {
                event["item"] = json!(item);
            }
            return made(event);
        }
        let text = reason.clone();
        let evidence = |asked: &[EvidenceAsked]| -> Map<String, Json> {
            let given = json!({"type": "text", "text": text});
            asked.iter().map(|asked| (asked.name.clone(), given.clone())).collect()
        };
        let (answers, secrets, evidence) = match question {
            Question::Item(asked) => {
                return made(json!({
                    "type": "item_ticked", "step": step, "item": asked.item, "by": by,
                    "evidence": evidence(&asked.evidence),
                    "waived": number.is_multiple_of(3).then_some(reason), "is_prepared": false,
                }));
            }
            Question::Choose { options, .. } => {
                let option = options.get(usize::from(number) % options.len().max(1));
                let value = option.map(|option| option.value.clone()).unwrap_or_default();
                (json!({"choice": value}), Vec::new(), Map::new())
            }
            Question::Manual { answers, evidence: asked, .. } => {
                let (secret, open): (Vec<&AnswerAsked>, Vec<&AnswerAsked>) =
                    answers.iter().partition(|answer| answer.is_secret);
                let given = open.iter().map(|it| (it.name.clone(), json!(number)));
                let secrets = secret.iter().map(|it| it.name.clone()).collect();
                (given.collect::<Map<String, Json>>().into(), secrets, evidence(asked))
            }
            _ => (json!({}), Vec::new(), Map::new()),
        };
        made(json!({
            "type": "step_answered", "step": step, "by": by, "answers": answers,
            "secrets": secrets, "evidence": evidence, "note": null, "is_prepared": false,
        }))
    }
}
