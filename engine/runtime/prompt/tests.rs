//! Each test runs itself again in a terminal of its own: there it asks, here it is the person.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, fs, process, thread};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::event::{PollFd, PollFlags, poll};
use tempfile::TempDir;

use super::*;
use crate::runtime::signals;

mod keys;

/// Set where a test asks instead of answering, to a folder that both know.
const ASKING: &str = "RUN_THE_TEST_ITSELF";

/// The terminal as the person at it sees it.
struct Person {
    folder: TempDir,
    /// How the terminal was when nobody had used it.
    before: String,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// None until something is typed: its end would be typed too.
    keyboard: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Person {
    /// Sits down at a new terminal, where this command runs.
    fn at(mut command: CommandBuilder) -> Person {
        let folder = tempfile::tempdir().expect("a folder");
        command.env(ASKING, folder.path());
        command.env("TERM", "xterm");
        command.env("CLICOLOR_FORCE", "1");
        let pair = native_pty_system().openpty(PtySize::default()).expect("a terminal");
        let before = settings(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("it starts");
        let reader = pair.master.try_clone_reader().expect("it can be read");
        let (output, screen) = (heard(reader), vt100::Parser::default());
        Person { folder, before, child, master: pair.master, keyboard: None, output, screen }
    }

    /// Waits until the screen shows something.
    fn sees(&mut self, text: &str) {
        while !self.screen.screen().contents().contains(text) {
            match self.output.recv_timeout(Duration::from_secs(30)) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(_) => {
                    panic!("no {text:?} on this screen:\n{}", self.screen.screen().contents())
                }
            }
        }
    }

    fn types(&mut self, keys: &str) {
        let take = || self.master.take_writer().expect("it can be typed at");
        let keyboard = self.keyboard.get_or_insert_with(take);
        keyboard.write_all(keys.as_bytes()).expect("the terminal is there");
    }

    /// Types a key again and again until the screen shows something: before it is read it is lost.
    fn types_until(&mut self, key: &str, text: &str) {
        while !self.screen.screen().contents().contains(text) {
            self.types(key);
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                self.screen.process(&bytes);
            }
        }
    }

    /// The end of every conversation: the answer, and the terminal as it was.
    fn ends(mut self, answer: &str) {
        self.sees(&format!("answer: {answer}."));
        assert_eq!(settings(&*self.master), self.before);
        assert!(!self.screen.screen().hide_cursor(), "the cursor is shown");
        assert!(self.child.wait().expect("it is our child").success());
    }
}

fn settings(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios().expect("the terminal is there"))
}

fn heard(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, output) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    output
}

/// Lets the test of this name ask in a terminal and a person there answer.
fn converse(name: &str, ask: impl Fn(&Interrupt) -> String, answer: impl Fn(Person)) {
    if let Some(folder) = folder() {
        return be_asked(&folder, ask);
    }
    let mut command = CommandBuilder::new(env::current_exe().expect("it has a path"));
    command.args(["--exact", &path_of(name), "--nocapture"]);
    answer(Person::at(command));
}

fn path_of(test: &str) -> String {
    let (_, module) = module_path!().split_once("::").expect("it is in a crate");
    format!("{module}::{test}")
}

fn folder() -> Option<PathBuf> {
    env::var_os(ASKING).map(PathBuf::from)
}

/// Asks, with the signals handled as the engine does, and says what the answer was.
#[expect(
    clippy::disallowed_methods,
    reason = "a question that is still open must not be waited for"
)]
fn be_asked(folder: &Path, ask: impl Fn(&Interrupt) -> String) {
    let interrupt = Interrupt::new().expect("there is one");
    let raised = interrupt.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut arrivals = {
        let _inside = runtime.enter();
        signals::listen().expect("signals can be heard")
    };
    std::thread::spawn(move || {
        runtime.block_on(async move {
            while let Some(signal) = arrivals.recv().await {
                if signal == signals::Signal::Interrupt {
                    raised.raise();
                }
            }
        });
    });
    let answer = ask(&interrupt);
    fs::write(folder.join("answer"), &answer).expect("it can be written");
    say(&format!("answer: {answer}.\n"));
    process::exit(0);
}

/// Writes past the test runner, which would keep it to itself.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn three() -> Vec<String> {
    ["retry", "mark it done", "abort"].map(str::to_owned).into()
}

#[test]
fn yes_and_enter_is_yes() {
    let ask = |interrupt: &Interrupt| format!("{:?}", confirm("Drop it?", interrupt));
    converse("yes_and_enter_is_yes", ask, |mut person| {
        person.sees("Drop it?");
        person.types("y\n");
        person.ends("Given(true)");
    });
}

#[test]
fn enter_alone_is_no_and_anything_else_is_asked_again() {
    let name = "enter_alone_is_no_and_anything_else_is_asked_again";
    let ask = |interrupt: &Interrupt| format!("{:?}", confirm("Drop it?", interrupt));
    converse(name, ask, |mut person| {
        person.sees("Drop it?");
        person.types("maybe\n");
        person.sees("type y or n, then Enter\n? Drop it?");
        person.types("\n");
        person.ends("Given(false)");
    });
}

#[test]
fn what_was_typed_before_the_question_answers_nothing() {
    let ask = |interrupt: &Interrupt| {
        say("ready\n");
        let input = std::io::stdin();
        let typed = poll(&mut [PollFd::new(&input, PollFlags::IN)], None);
        typed.expect("something is typed before the question");
        format!("{:?}", confirm("Drop it?", interrupt))
    };
    converse("what_was_typed_before_the_question_answers_nothing", ask, |mut person| {
        person.sees("ready");
        person.types("y\n");
        person.sees("Drop it?");
        person.types("n\n");
        person.ends("Given(false)");
    });
}

#[test]
fn ctrl_d_is_nobody_also_after_half_a_line() {
    let ask = |interrupt: &Interrupt| {
        let first = confirm("First?", interrupt);
        let second = line("Second", |_| Ok(()), None, interrupt);
        format!("{first:?} {second:?} {:?}", password("Third", not_empty, interrupt))
    };
    converse("ctrl_d_is_nobody_also_after_half_a_line", ask, |mut person| {
        person.sees("First?");
        person.types("\x04");
        person.sees("Second");
        person.types("half\x04\x04");
        person.sees("Third");
        person.types("\x04");
        person.ends("Nobody Nobody Nobody");
    });
}

#[test]
fn ctrl_c_ends_every_question_and_leaves_the_terminal_as_it_was() {
    let name = "ctrl_c_ends_every_question_and_leaves_the_terminal_as_it_was";
    let ask = |interrupt: &Interrupt| {
        let first = confirm("First?", interrupt);
        interrupt.lower();
        let second = line("Second", |_| Ok(()), None, interrupt);
        interrupt.lower();
        let third = password("Third", not_empty, interrupt);
        interrupt.lower();
        format!("{first:?} {second:?} {third:?} {:?}", select("Fourth", &three(), interrupt))
    };
    converse(name, ask, |mut person| {
        for (question, keys) in
            [("First?", "\x03"), ("Second", "half\x03"), ("Third", "half\x03"), ("abort", "\x03")]
        {
            person.sees(question);
            person.types(keys);
        }
        person.ends("Interrupted Interrupted Interrupted Interrupted");
    });
}

#[test]
fn a_line_is_taken_as_typed_and_refused_ones_are_asked_again() {
    let name = "a_line_is_taken_as_typed_and_refused_ones_are_asked_again";
    let ask = |interrupt: &Interrupt| {
        let check = |typed: &str| match typed {
            " größe " | "standard" => Ok(()),
            _ => Err(format!("no \x1b[2J{typed}")),
        };
        let first = line("Word", check, None, interrupt);
        format!("{first:?} {:?}", line("Another", check, Some("standard"), interrupt))
    };
    converse(name, ask, |mut person| {
        person.sees("Word");
        person.types("small\n");
        person.sees("no \\x1b[2Jsmall\n? Word");
        person.types(" größe \n");
        person.sees("Another (standard)");
        person.types("\n");
        person.ends("Given(\" größe \") Given(\"standard\")");
    });
}

#[test]
fn a_password_is_not_shown_and_not_empty() {
    let ask = |interrupt: &Interrupt| {
        format!("{:?}", password("Key", not_empty, interrupt).map(|key| key.len()))
    };
    converse("a_password_is_not_shown_and_not_empty", ask, |mut person| {
        person.sees("Key");
        person.types("\n");
        person.sees("it is empty\n? Key");
        person.types("hunter22\n");
        person.sees("Given(8)");
        assert!(!person.screen.screen().contents().contains("hunter22"));
        person.ends("Given(8)");
    });
}

#[test]
fn arrows_move_the_mark_and_enter_takes_the_item() {
    let ask = |interrupt: &Interrupt| {
        let first = select("First", &three(), interrupt);
        let second = select("Second", &three(), interrupt);
        format!("{first:?} {second:?} {:?}", select("Third", &three(), interrupt))
    };
    converse("arrows_move_the_mark_and_enter_takes_the_item", ask, |mut person| {
        person.sees("❯ retry");
        assert!(person.screen.screen().hide_cursor());
        person.types("\x1b[B");
        person.sees("❯ mark it done");
        person.types("\x1b[A\x1b[A");
        person.sees("❯ abort");
        person.types("\n");
        person.sees("Second");
        person.types("\x1b[B\x1b[B\x1b[A\r");
        person.sees("Third");
        person.types("\x04");
        person.ends("Given(2) Given(1) Nobody");
    });
}

#[test]
fn a_menu_longer_than_the_screen_shows_the_marked_item() {
    let items: Vec<String> =
        (0..50).map(|number| format!("item {number} {}", "long ".repeat(30))).collect();
    let ask = |interrupt: &Interrupt| format!("{:?}", select("Which", &items, interrupt));
    converse("a_menu_longer_than_the_screen_shows_the_marked_item", ask, |mut person| {
        person.sees("❯ item 0");
        person.types("\x1b[A");
        person.sees("❯ item 49");
        assert!(person.screen.screen().contents().contains("Which"));
        person.types("\n");
        person.ends("Given(49)");
    });
}

#[test]
fn a_terminal_without_cursor_keys_asks_for_a_number_and_narrows_with_a_slash() {
    let name = "a_terminal_without_cursor_keys_asks_for_a_number_and_narrows_with_a_slash";
    let ask = |interrupt: &Interrupt| {
        format!("{:?}", menu::select_by_number("Which", &three(), interrupt))
    };
    converse(name, ask, |mut person| {
        person.sees("? Which\n  1 retry\n  2 mark it done\n  3 abort\nNumber");
        person.types("4\n");
        person.sees("type a number from 1 to 3, then Enter\n? Which\n  1 retry\n  2 mark it done\n  3 abort\nNumber");
        person.types("/zzz\n");
        person.sees("nothing matches `zzz`");
        person.types("/DONE it\n");
        person.sees("? Which\n  2 mark it done\nNumber");
        person.types("2\n");
        person.ends("Given(1)");
    });
}

#[test]
fn a_question_cannot_act_on_the_terminal() {
    let ask = |interrupt: &Interrupt| format!("{:?}", confirm("a\x1b[2Jb\u{202e}c", interrupt));
    converse("a_question_cannot_act_on_the_terminal", ask, |mut person| {
        person.sees(r"a\x1b[2Jb\u{202e}c");
        person.types("\x04");
        person.ends("Nobody");
    });
}

#[test]
fn an_open_question_can_be_left_with_the_terminal_as_it_was() {
    let ask = |interrupt: &Interrupt| {
        let interrupt = interrupt.clone();
        thread::spawn(move || select("Which", &three(), &interrupt));
        while folder().is_some_and(|folder| !folder.join("leave").exists()) {
            thread::yield_now();
        }
        restore();
        "left".to_owned()
    };
    converse("an_open_question_can_be_left_with_the_terminal_as_it_was", ask, |mut person| {
        person.sees("abort");
        assert_ne!(settings(&*person.master), person.before);
        fs::write(person.folder.path().join("leave"), "").expect("it can be written");
        person.ends("left");
    });
}

#[test]
fn a_terminal_that_is_closed_is_nobody() {
    let ask = |interrupt: &Interrupt| {
        // Who listens notices only at the next word that nobody listens any more.
        thread::spawn(|| {
            loop {
                say(" ");
                thread::sleep(Duration::from_millis(10));
            }
        });
        format!("{:?}", select("Which", &three(), interrupt))
    };
    converse("a_terminal_that_is_closed_is_nobody", ask, |mut person| {
        person.sees("abort");
        let Person { folder, mut child, master, output, .. } = person;
        drop((master, output));
        child.wait().expect("it is our child");
        let answer = fs::read_to_string(folder.path().join("answer"));
        assert_eq!(answer.ok().as_deref(), Some("Nobody"));
    });
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    if let Some(folder) = folder() {
        let ask = |interrupt: &Interrupt| {
            let first = confirm("First?", interrupt);
            let second = line("Second", |_| Ok(()), Some("default"), interrupt);
            let third = password("Third", not_empty, interrupt);
            format!("{first:?} {second:?} {third:?} {:?}", select("Fourth", &three(), interrupt))
        };
        return be_asked(&folder, ask);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let output = process::Command::new("/bin/sh")
        .args(["-c", "yes | \"$0\" --exact \"$1\" --nocapture"])
        .arg(env::current_exe().expect("it has a path"))
        .arg(path_of("without_a_terminal_nobody_is_asked"))
        .env(ASKING, folder.path())
        .output()
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("answer: Nobody Nobody Nobody Nobody.\n"), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
