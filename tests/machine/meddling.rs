//! Runbooks made by chance, and people who skip, jump, go back, take back, ask to be asked, write
//! letters and end runs whenever they like: no law is broken, and every run comes to an end.

use holdpoint::run::event::{
    Cause, End, Event, Exec, ExecEnded, HandedOver, Letter, Note, NoteKind, Outcome, Question,
    Wish, WishedChoice,
};
use holdpoint::run::state::StepState;

use super::campaign::{agrees, campaign_of, machine, told};
use super::sample::{Dice, Shape};
use crate::harness::machine::{Machine, letter, script};

/// How many runbooks each of these campaigns makes.
const ROUNDS: u64 = 1_000;

/// Any step, phase or undo.
fn any(run: &Machine, dice: &mut Dice) -> String {
    let nodes = &run.plan().nodes;
    nodes[dice.roll(nodes.len())].path.clone()
}

fn by() -> String {
    "grace".into()
}

fn reason() -> String {
    "it looks wrong".into()
}

/// What a person does at the terminal of the driver.
fn act(run: &Machine, dice: &mut Dice) -> Event {
    let (step, to) = (any(run, dice), any(run, dice));
    match dice.roll(20) {
        0..4 => Event::StepPassedOver { step, by: by(), reason: reason() },
        4..7 => Event::JumpRequested { to, by: by(), reason: reason() },
        7..11 => Event::BackRequested { to, by: by(), reason: reason() },
        11..15 => Event::StepUndoRequested { step, by: by(), reason: reason() },
        15 | 16 => Event::PaceSet { is_stepwise: dice.one_in(2), by: by() },
        17 => Event::NoteAdded(note()),
        18 if dice.one_in(3) => {
            Event::HandedOver(HandedOver { by: by(), to: None, reason: reason() })
        }
        19 if dice.one_in(3) => Event::AbortRequested { by: by(), reason: reason() },
        _ => Event::StepReleased { step, by: by() },
    }
}

fn note() -> Note {
    Note::new(by(), NoteKind::Finding, "the disk is full")
}

/// What somebody at another terminal wants, who looked at the run a while ago.
fn wish(run: &Machine, dice: &mut Dice) -> Wish {
    let step = any(run, dice);
    let exec = || Exec {
        id: format!("exec-{}", run.events().len() % 3),
        by: by(),
        command: "df".into(),
        cwd: "/".into(),
        host: "there".into(),
        is_on_terminal: false,
    };
    match dice.roll(12) {
        0..4 => about_gate(run, dice).unwrap_or(Wish::Note(note())),
        4..9 => {
            let choices =
                [WishedChoice::Retry, WishedChoice::Done, WishedChoice::Fail, WishedChoice::Skip];
            let held = waiting(run, dice).unwrap_or(step);
            let known = run.plan().at_path(&held).map_or(0, |at| run.state().steps[at].attempts);
            let attempts = known + u32::from(dice.one_in(6));
            Wish::Decide { step: held, choice: choices[dice.roll(4)], attempts, reason: reason() }
        }
        9 => Wish::Undo { step: Some(step).filter(|_| !dice.one_in(8)), reason: reason() },
        10 if dice.one_in(4) => Wish::Abort { reason: reason() },
        10 => Wish::ExecStarted(exec()),
        _ => Wish::ExecEnded(Box::new(ExecEnded {
            id: exec().id,
            end: End::Exited { code: 0 },
            took_ms: 1,
            out: None,
            err: None,
        })),
    }
}

/// A step that waits for a person.
fn waiting(run: &Machine, dice: &mut Dice) -> Option<String> {
    let steps = run.plan().nodes.iter().zip(&run.state().steps);
    let open = steps.filter(|(_, status)| {
        matches!(status.state, StepState::Held(_) | StepState::InDoubt(_) | StepState::AtGate(_))
    });
    let paths: Vec<&String> = open.map(|(node, _)| &node.path).collect();
    paths.get(dice.roll(paths.len())).map(|path| (*path).clone())
}

fn about_gate(run: &Machine, dice: &mut Dice) -> Option<Wish> {
    let waiting = run.state().waiting_for(run.plan());
    let gate = waiting.into_iter().find_map(|question| match question {
        Question::Gate(gate) => Some(gate),
        _ => None,
    })?;
    let index = run.plan().at_path(&gate.step)?;
    let asked = run.state().steps[index].gate_asked + u32::from(dice.one_in(5));
    let digest = if dice.one_in(5) { "another".into() } else { gate.digest };
    let step = gate.step;
    Some(match dice.one_in(3) {
        true => Wish::Reject { step, digest, asked, reason: reason() },
        false => Wish::Approve { step, digest, asked, note: None, word: None, value: None },
    })
}

/// Plays with meddling, crashes, stops and returns until the run ends.
fn live(run: &mut Machine, dice: &mut Dice) -> Result<(), String> {
    run.start()?;
    let mut sent: Vec<Letter> = Vec::new();
    for _ in 0..6 {
        for _ in 0..dice.roll(30) {
            if run.state().has_ended() {
                break;
            }
            if dice.one_in(4) {
                let event = act(run, dice);
                run.try_meddle(event)?;
            }
            if dice.one_in(4) && !run.state().has_ended() {
                let id = format!("letter {}", run.events().len());
                sent.push(letter(&id, if dice.one_in(9) { " " } else { "grace" }, wish(run, dice)));
            }
            // Letters come late, twice, and in any order.
            if !sent.is_empty() && dice.one_in(3) && !run.state().has_ended() {
                let letter = sent[dice.roll(sent.len())].clone();
                run.try_deliver(&letter)?;
            }
            run.step()?;
        }
        if run.state().has_ended() {
            break;
        }
        is_told_the_same(run)?;
        run.try_resume(run.state().is_attended != dice.one_in(5))?;
    }
    for _ in 0..4 {
        if run.state().has_ended() {
            break;
        }
        // Whoever is there answers everything.
        run.try_resume(true)?;
        run.try_play()?;
    }
    is_told_the_same(run)?;
    run.outcome().map(|_| ()).ok_or_else(|| "it does not come to an end".into())
}

fn is_told_the_same(run: &Machine) -> Result<(), String> {
    match run.replay() == *run.state() {
        true => Ok(()),
        false => Err("the events replay to another state".into()),
    }
}

#[test]
fn no_law_is_broken_whatever_people_do_of_their_own_accord() {
    let shape = Shape { aborts: true, depth: 2 };
    campaign_of(ROUNDS, "meddling", |seed| {
        let (sample, run) = machine(seed, shape)?;
        let mut dice = Dice::new(script::mixed(seed, 17));
        let mut run = if dice.one_in(4) { run.alone() } else { run };
        run = run.with(|script| script.may_abort());
        live(&mut run, &mut dice).map_err(|why| told(&run, &sample, &why))?;
        match (run.cause(), run.outcome()) {
            (Some(Cause::Person { .. }), outcome) if outcome != Some(Outcome::Aborted) => {
                Err(told(&run, &sample, "it was ended by a person and did not end so"))
            }
            _ => Ok(()),
        }
    });
}

#[test]
fn a_run_that_went_back_comes_to_the_same_end_as_one_that_never_did() {
    let shape = Shape { aborts: false, depth: 2 };
    campaign_of(ROUNDS, "back", |seed| {
        let (sample, run) = machine(seed, shape)?;
        let mut run = run.with(|script| script.is_steady());
        let mut dice = Dice::new(script::mixed(seed, 18));
        let mut backs = 0;
        let mut play = || -> Result<(), String> {
            run.start()?;
            while run.state().outcome.is_none() && run.step()? {
                if backs < 4 && dice.one_in(6) {
                    let to = any(&run, &mut dice);
                    let back = Event::BackRequested { to, by: by(), reason: reason() };
                    backs += usize::from(run.try_meddle(back)?);
                }
            }
            run.try_play()?;
            is_told_the_same(&run)?;
            agrees(&sample, &run)
        };
        play().map_err(|why| told(&run, &sample, &why))
    });
}
