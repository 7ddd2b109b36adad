//! What is asked of whoever leads an exercise: how something goes, and what it has shown.

use std::collections::BTreeMap;

use crate::run::event::exercise::{BEST, Told};
use crate::runtime::prompt::{self, Answer, Choice, Interrupt};

use super::outlook::About;

/// How something goes; `say` shows what stands above the question. Blocks.
pub fn outcome(about: &About, say: &dyn Fn(&str), interrupt: &Interrupt) -> Answer<Told> {
    let choices = choices(about);
    loop {
        say(&above(about));
        let key = match prompt::key("How does it go?", &choices, interrupt) {
            Answer::Given(key) => key,
            Answer::Interrupted => return Answer::Interrupted,
            Answer::Nobody => return Answer::Nobody,
        };
        let told = match key {
            'g' | 'h' => Answer::Given(Told::well()),
            't' => Answer::Given(Told::TimesOut),
            'o' => outputs(about, interrupt).map(|outputs| Told::Well { outputs }),
            'u' => reason("What stands in the way of seeing it?", interrupt)
                .map(|reason| Told::Unseen { reason }),
            _ => reason("What is seen of that?", interrupt).map(Told::fails),
        };
        // What was left leads back to the keys.
        if told != Answer::Nobody {
            return told;
        }
    }
}

fn above(about: &About) -> String {
    let looks = if about.is_look() { "would be looked at" } else { "would run" };
    let mut text = format!("\n{}\n  nothing is run; {looks}:\n", about.title);
    for line in &about.lines {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

fn choices(about: &About) -> Vec<Choice> {
    if about.is_look() {
        return vec![
            Choice::of('h', "holds", "it is as it should be"),
            Choice::of('f', "fails", "it is not; you say what is seen"),
            Choice::of('u', "unseen", "nobody can see it; you say why"),
        ];
    }
    let mut choices = vec![
        Choice::of('g', "goes well", "it succeeds"),
        Choice::of('f', "fails", "it does not; you say what is seen"),
        Choice::of('t', "times out", "it takes longer than it may"),
        Choice::of('u', "unseen", "it was begun, and nobody can see how it ended"),
    ];
    if !about.outputs.is_empty() {
        let names: Vec<&str> = about.outputs.iter().map(|output| output.name.as_str()).collect();
        let meaning = format!("it succeeds, and you say its {}", names.join(", "));
        choices.push(Choice::of('o', "output", &meaning));
    }
    choices
}

fn reason(question: &str, interrupt: &Interrupt) -> Answer<String> {
    prompt::line(question, prompt::is_reason, None, interrupt).map(|text| text.trim().to_owned())
}

fn outputs(about: &About, interrupt: &Interrupt) -> Answer<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for output in &about.outputs {
        let question = format!("{}, {}", output.name.value, output.kind.noun());
        let check = |typed: &str| output.parse(typed).map(drop);
        let default = output.default.as_ref().and_then(|value| value.text());
        match prompt::line(&question, check, default.as_deref(), interrupt) {
            Answer::Given(typed) => drop(values.insert(output.name.value.clone(), typed)),
            Answer::Interrupted => return Answer::Interrupted,
            Answer::Nobody => return Answer::Nobody,
        }
    }
    Answer::Given(values)
}

/// What an exercise has shown: whether each objective was met, and how well it went.
pub type Scored = (Vec<bool>, Option<u8>);

/// What an exercise has shown, of these objectives. Blocks.
pub fn score(objectives: &[String], say: &dyn Fn(&str), interrupt: &Interrupt) -> Answer<Scored> {
    let mut met = Vec::new();
    for objective in objectives {
        say(&format!("\nObjective: {}\n", objective.trim()));
        match prompt::confirm("Was it met?", interrupt) {
            Answer::Given(is_met) => met.push(is_met),
            Answer::Interrupted => return Answer::Interrupted,
            Answer::Nobody => return Answer::Nobody,
        }
    }
    let question = format!("How well did it go, from 1 to {BEST}? Enter alone gives no score");
    let check = |typed: &str| points(typed).map(drop);
    prompt::line(&question, check, None, interrupt)
        .map(|typed| (met, points(&typed).ok().flatten()))
}

fn points(typed: &str) -> Result<Option<u8>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => match typed.parse::<u8>() {
            Ok(points) if (1..=BEST).contains(&points) => Ok(Some(points)),
            _ => Err(format!("type a number from 1 to {BEST}, or Enter alone")),
        },
    }
}

/// What somebody said to a question that is talked about: who, and what.
pub type Said = (String, String);

/// What the team says to a question; none where nobody answers it. Blocks.
pub fn discussed(
    above: &str,
    who: &str,
    say: &dyn Fn(&str),
    interrupt: &Interrupt,
) -> Answer<Option<Said>> {
    say(above);
    let answer = |typed: &str| typed.trim().to_owned();
    let said =
        prompt::line("What do you answer? Enter alone leaves it open", anything, None, interrupt);
    let said = match said.map(|typed| answer(&typed)) {
        Answer::Given(said) if said.is_empty() => return Answer::Given(None),
        Answer::Given(said) => said,
        Answer::Interrupted => return Answer::Interrupted,
        Answer::Nobody => return Answer::Given(None),
    };
    let by = prompt::line("Who says so?", prompt::not_empty, Some(who), interrupt);
    by.map(|by| Some((answer(&by), said)))
}

/// The check that takes nothing too.
fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_of_a_few_numbers_or_none() {
        assert_eq!((points("3"), points(" ")), (Ok(Some(3)), Ok(None)));
        for typed in ["0", "6", "x", "-1"] {
            let expected = Err("type a number from 1 to 5, or Enter alone".to_owned());
            assert_eq!(points(typed), expected, "{typed}");
        }
    }
}
