//! What a script is read as.

mod compound;
mod hostile;
mod inner;
mod options;
mod words;

use super::{Command, Place, commands, slots};

/// The commands of a script.
fn read(script: &str) -> Vec<Command> {
    commands(script, &slots(script))
}

/// The commands of a script, each as its words with what is known of it:
/// `NAME=value program words <operator target @place 0/2 flags`.
fn shown(script: &str) -> Vec<String> {
    read(script).iter().map(one).collect()
}

fn one(command: &Command) -> String {
    let mut parts = Vec::new();
    for wrapper in &command.wrappers {
        let place = match &wrapper.place {
            Place::Same => String::new(),
            Place::Container(name) => format!(" in {name}"),
            Place::Pod(name) => format!(" in pod {name}"),
            Place::Host(name) => format!(" on {name}"),
        };
        parts.push(format!("({}{place})", wrapper.program));
    }
    for assignment in &command.assignments {
        parts.push(format!("{}={}", assignment.name, assignment.value.text));
    }
    parts.extend(command.words.iter().map(|word| word.text.clone()));
    for redirect in &command.redirects {
        parts.push(format!("{}[{}]", redirect.operator, redirect.target.text));
    }
    if command.pipe.length > 1 {
        let pipe = command.pipe;
        parts.push(format!("#{}/{}", pipe.place + 1, pipe.length));
    }
    let around = command.around;
    for (is_so, word) in [
        (around.is_substituted, "substituted"),
        (around.is_tested, "tested"),
        (around.is_repeated, "repeated"),
        (around.is_in_function, "in-function"),
        (around.is_background, "background"),
    ] {
        if is_so {
            parts.push(format!("#{word}"));
        }
    }
    parts.join(" ")
}

/// What stands in the script where each command does.
fn places(script: &str) -> Vec<&str> {
    read(script).iter().map(|command| &script[command.range.clone()]).collect()
}
