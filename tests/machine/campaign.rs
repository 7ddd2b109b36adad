//! Runbooks made by chance in worlds made by chance: no law is ever broken, the oracle agrees, and
//! a crash changes nothing that it should not.
//!
//! A failure names its seed; `HOLDPOINT_SEED` plays that one alone, `HOLDPOINT_ROUNDS` changes how
//! many are played.

use std::env;

use holdpoint::plan::{Plan, Role};
use holdpoint::run::Event;
use holdpoint::run::event::DoubtChoice;
use holdpoint::run::state::StepState;

use super::oracle;
use super::sample::{Dice, Sample, Shape};
use crate::harness::machine::{Machine, planned, script};

/// How many runbooks each of the campaigns makes.
const ROUNDS: u64 = 3_000;

/// Plays every seed and shows the first that breaks something.
fn campaign(name: &str, play: impl Fn(u64) -> Result<(), String>) {
    campaign_of(ROUNDS, name, play);
}

/// The same with another number of runbooks where none is named.
pub(super) fn campaign_of(rounds: u64, name: &str, play: impl Fn(u64) -> Result<(), String>) {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("HOLDPOINT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HOLDPOINT_ROUNDS").unwrap_or(rounds),
    };
    let rounds = seeds.end - seeds.start;
    let broken: Vec<(u64, String)> =
        seeds.filter_map(|seed| play(seed).err().map(|why| (seed, why))).collect();
    if let Some((seed, why)) = broken.iter().min_by_key(|(_, why)| why.len()) {
        panic!(
            "{name}: {} of {rounds} seeds break something; HOLDPOINT_SEED={seed}: {why}",
            broken.len()
        );
    }
}

pub(super) fn machine(seed: u64, shape: Shape) -> Result<(Sample, Machine), String> {
    let mut dice = Dice::new(script::mixed(seed, 77));
    let sample = Sample::new(&mut dice, shape);
    let plan = planned(&sample.text())?;
    let run = Machine::of(plan).seed(1 + seed).parallel(1 + dice.roll(3));
    Ok((sample, run.with(|script| script.left_to_chance(seed))))
}

/// What broke, with all that is known of the run.
pub(super) fn told(run: &Machine, sample: &Sample, why: &str) -> String {
    format!("{why}\n{}\n{}", sample.text(), run.tale())
}

#[test]
fn what_becomes_of_a_runbook_is_what_the_contract_says() {
    let shape = Shape { aborts: false, depth: 2 };
    campaign("oracle", |seed| {
        let (sample, mut run) = machine(seed, shape)?;
        run.try_play().map_err(|why| told(&run, &sample, &why))?;
        agrees(&sample, &run).map_err(|why| told(&run, &sample, &why))?;
        if run.replay() != *run.state() {
            return Err(told(&run, &sample, "the events replay to another state"));
        }
        Ok(())
    });
}

/// Whether the run came out as the oracle says.
pub(super) fn agrees(sample: &Sample, run: &Machine) -> Result<(), String> {
    let fate = oracle::fate(sample, run.script());
    for (path, due) in &fate.states {
        let found = run.state_of(path);
        if found != *due {
            return Err(format!("`{path}` is {found} where it should be {due}"));
        }
    }
    let begun = run.plan().nodes.iter().zip(&run.state().steps).find(|(node, status)| {
        !node.path.is_empty()
            && node.path != "finally"
            && status.attempts > 0
            && !fate.began.contains(&node.path)
    });
    if let Some((node, _)) = begun {
        return Err(format!("`{}` should never have begun", node.path));
    }
    if run.outcome() != Some(fate.outcome) || run.verdict() != fate.verdict {
        return Err(format!(
            "it ended {:?} and {:?} where it should be {:?} and {:?}",
            run.outcome(),
            run.verdict(),
            fate.outcome,
            fate.verdict
        ));
    }
    Ok(())
}

#[test]
fn no_law_is_broken_whatever_people_do_and_however_often_the_driver_dies() {
    let shape = Shape { aborts: true, depth: 2 };
    campaign("laws", |seed| {
        let (sample, mut run) = machine(seed, shape)?;
        let mut dice = Dice::new(script::mixed(seed, 99));
        if dice.one_in(3) {
            run = run.alone();
        }
        run = run.with(|script| {
            script.may_abort();
            if dice.one_in(3) {
                script.cannot_tell_processes();
            }
        });
        live(&mut run, &mut dice).map_err(|why| told(&run, &sample, &why))
    });
}

/// Plays with crashes, stops and returns until the run ends or nothing changes any more.
fn live(run: &mut Machine, dice: &mut Dice) -> Result<(), String> {
    run.start()?;
    for _ in 0..6 {
        let steps = dice.roll(30);
        for _ in 0..steps {
            run.step()?;
        }
        if run.state().has_ended() {
            break;
        }
        if dice.one_in(3) {
            run.try_stop()?;
            for _ in 0..dice.roll(6) {
                run.step()?;
            }
        }
        if run.state().has_ended() {
            break;
        }
        if run.replay() != *run.state() {
            return Err("the events replay to another state".into());
        }
        run.try_resume(run.state().is_attended != dice.one_in(5))?;
    }
    run.try_play()?;
    if run.replay() != *run.state() {
        return Err("the events replay to another state".into());
    }
    if run.outcome().is_none() {
        // Whoever is there answers everything.
        run.try_resume(true)?;
        run.try_play()?;
    }
    run.outcome().map(|_| ()).ok_or_else(|| "it does not come to an end".into())
}

#[test]
fn a_crash_changes_nothing_that_it_should_not() {
    let shape = Shape { aborts: false, depth: 2 };
    campaign("crash", |seed| {
        let (sample, mut run) = machine(seed, shape)?;
        run.try_play().map_err(|why| told(&run, &sample, &why))?;
        let mut dice = Dice::new(script::mixed(seed, 55));
        for _ in 0..3 {
            let mut cut = run.cut(1 + dice.roll(run.events().len()))?;
            if cut.state().has_ended() {
                continue;
            }
            cut.try_resume(true)
                .and_then(|()| cut.try_play())
                .map_err(|why| told(&cut, &sample, &why))?;
            // A message in doubt is not sent again, so that its step ends otherwise.
            let is_lost = |event: &Event| {
                matches!(event, Event::DoubtSettled { choice: DoubtChoice::Failed, .. })
            };
            if cut.count(is_lost) == 0 {
                agrees(&sample, &cut).map_err(|why| told(&cut, &sample, &why))?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_runbook_that_is_taken_over_unchanged_changes_nothing() {
    let shape = Shape { aborts: false, depth: 2 };
    campaign_of(ROUNDS / 6, "adopt the same", |seed| {
        let (sample, mut run) = machine(seed, shape)?;
        run.try_play().map_err(|why| told(&run, &sample, &why))?;
        let mut dice = Dice::new(script::mixed(seed, 33));
        for _ in 0..3 {
            let cut = run.cut(1 + dice.roll(run.events().len()))?;
            let Ok(mut cut) = cut.try_adopt(planned(&sample.text())?, &[]) else { continue };
            cut.try_resume(true)
                .and_then(|()| cut.try_play())
                .map_err(|why| told(&cut, &sample, &why))?;
            if cut.replay() != *cut.state() {
                return Err(told(&cut, &sample, "the events replay to another state"));
            }
            agrees(&sample, &cut).map_err(|why| told(&cut, &sample, &why))?;
        }
        Ok(())
    });
}

#[test]
fn whatever_runbook_is_taken_over_the_run_comes_to_an_end() {
    let shape = Shape { aborts: true, depth: 2 };
    campaign_of(ROUNDS / 6, "adopt another", |seed| {
        let (sample, run) = machine(seed, shape)?;
        let mut dice = Dice::new(script::mixed(seed, 44));
        let mut whole = run.clone();
        whole.try_play().map_err(|why| told(&whole, &sample, &why))?;
        let mut cut = whole.cut(1 + dice.roll(whole.events().len()))?;
        for turn in 1..=2 {
            let (other, _) = machine(seed + turn * 7, shape)?;
            let next = planned(&other.text())?;
            let redone = redone(&cut, &next, &mut dice);
            let redone: Vec<&str> = redone.iter().map(String::as_str).collect();
            let Ok(mut adopted) = cut.clone().try_adopt(next, &redone) else { return Ok(()) };
            adopted.try_resume(true).map_err(|why| told(&adopted, &other, &why))?;
            for _ in 0..dice.roll(20) * (2 - turn as usize) {
                adopted.step().map_err(|why| told(&adopted, &other, &why))?;
            }
            cut = adopted;
        }
        cut.try_play().map_err(|why| told(&cut, &sample, &why))?;
        if cut.replay() != *cut.state() {
            return Err(told(&cut, &sample, "the events replay to another state"));
        }
        match cut.outcome() {
            Some(_) => Ok(()),
            None => Err(told(&cut, &sample, "it does not come to an end")),
        }
    });
}

/// Some of the steps that are done in a run and are in another plan too.
fn redone(run: &Machine, next: &Plan, dice: &mut Dice) -> Vec<String> {
    let nodes = run.plan().nodes.iter().zip(&run.state().steps);
    let done = nodes.filter(|(node, status)| {
        let is_step = matches!(node.role, Role::Step | Role::Rung);
        is_step && status.state == StepState::Succeeded && next.at_path(&node.path).is_some()
    });
    done.map(|(node, _)| node.path.clone()).filter(|_| dice.one_in(3)).collect()
}
