//! Searching a list, choosing with one key, and single keys while nothing is asked.

use tokio::sync::mpsc::unbounded_channel;

use super::*;

fn choices() -> [Choice; 3] {
    [
        Choice::of('g', "go", "the step begins"),
        Choice::of('s', "skip", "2 steps go on without it"),
        Choice::of('a', "abort", "the run ends"),
    ]
}

fn snapshots() -> Vec<String> {
    (0..10_000).map(|number| format!("snapshot {number:05} of the Shop")).collect()
}

#[test]
fn typing_narrows_a_long_list_and_says_how_many_are_left() {
    let name = "keys::typing_narrows_a_long_list_and_says_how_many_are_left";
    let ask = |interrupt: &Interrupt| format!("{:?}", select("Which", &snapshots(), interrupt));
    converse(name, ask, |mut person| {
        person.sees("10000 to choose from; type to search");
        person.types("shop 0042");
        person.sees("search: shop 0042  11 of 10000");
        person.types("zz");
        person.sees("search: shop 0042zz  nothing matches; Esc clears it");
        person.types("\n");
        person.sees("nothing is marked");
        person.types("\x7f\x7f7");
        person.sees("search: shop 00427  1 of 10000");
        person.sees("❯ snapshot 00427");
        person.types("\x1b");
        person.sees("10000 to choose from; type to search");
        person.types("09999");
        person.sees("❯ snapshot 09999");
        person.types("\n");
        person.ends("Given(9999)");
    });
}

#[test]
fn a_list_is_drawn_anew_when_the_terminal_is_resized() {
    let name = "keys::a_list_is_drawn_anew_when_the_terminal_is_resized";
    let ask = |interrupt: &Interrupt| format!("{:?}", select("Which", &snapshots(), interrupt));
    converse(name, ask, |mut person| {
        person.sees("snapshot 00014");
        let size = PtySize { rows: 10, cols: 40, ..PtySize::default() };
        person.master.resize(size).expect("it can be resized");
        while person.screen.screen().contents().contains("snapshot 00008") {
            let bytes = person.output.recv_timeout(Duration::from_secs(30));
            person.screen.process(&bytes.expect("it is drawn anew"));
        }
        person.sees("type to search");
        person.types("\n");
        person.ends("Given(0)");
    });
}

#[test]
fn a_digit_decides_at_once() {
    let ask = |interrupt: &Interrupt| format!("{:?}", decide("What now", &three(), interrupt));
    converse("keys::a_digit_decides_at_once", ask, |mut person| {
        person.sees("1 retry");
        person.types("\n");
        person.sees("press the number of an item");
        person.types("2");
        person.ends("Given(1)");
    });
}

#[test]
fn one_key_chooses_and_a_wrong_one_says_what_is_possible() {
    let name = "keys::one_key_chooses_and_a_wrong_one_says_what_is_possible";
    let ask = |interrupt: &Interrupt| format!("{:?}", key("What now", &choices(), interrupt));
    converse(name, ask, |mut person| {
        person.sees("[g]o  [s]kip  [a]bort  [?] what each means");
        person.types("q");
        person.sees("`q` is none of them: press one of g s a or ?");
        person.types("\n");
        person.sees("an empty answer is none");
        person.types("\x1b[A");
        person.sees("that key says nothing here");
        person.types("?");
        person.sees("s  skip   2 steps go on without it");
        person.types("s");
        person.sees("What now · skip");
        person.ends("Given('s')");
    });
}

#[test]
fn what_is_pasted_chooses_nothing_however_long_it_is() {
    let name = "keys::what_is_pasted_chooses_nothing_however_long_it_is";
    let ask = |interrupt: &Interrupt| format!("{:?}", key("What now", &choices(), interrupt));
    converse(name, ask, |mut person| {
        person.sees("[g]o");
        person.types("gsa\ngo\n");
        person.sees("several keys at once are no answer");
        person.types("?");
        person.sees("the step begins");
        person.types("\x1b[200~g\x1b[201~");
        person.sees("several keys at once are no answer");
        person.types("?");
        while person.screen.screen().contents().contains("several keys") {
            let bytes = person.output.recv_timeout(Duration::from_secs(30));
            person.screen.process(&bytes.expect("it is drawn anew"));
        }
        person.types(&"g".repeat(1_000_000));
        person.sees("several keys at once are no answer");
        person.types("g");
        person.ends("Given('g')");
    });
}

#[test]
fn a_menu_of_keys_can_be_left_with_the_terminal_as_it_was() {
    let name = "keys::a_menu_of_keys_can_be_left_with_the_terminal_as_it_was";
    let ask = |interrupt: &Interrupt| {
        let first = key("First", &choices(), interrupt);
        let second = key("Second", &choices(), interrupt);
        interrupt.lower();
        let third = select("Third", &snapshots(), interrupt);
        format!("{first:?} {second:?} {third:?}")
    };
    converse(name, ask, |mut person| {
        person.sees("First");
        person.types("\x04");
        person.sees("Second");
        person.types("\x03");
        person.sees("Third");
        person.types("shop\x03");
        person.ends("Nobody Interrupted Interrupted");
    });
}

#[test]
fn a_letter_and_enter_choose_where_keys_cannot_be_read() {
    let name = "keys::a_letter_and_enter_choose_where_keys_cannot_be_read";
    let ask = |interrupt: &Interrupt| {
        format!("{:?}", choice::choose_with_line("What now", &choices(), interrupt))
    };
    converse(name, ask, |mut person| {
        person.sees("[g]o  [s]kip  [a]bort  [?] what each means\nKey, then Enter");
        person.types("\n");
        person.sees("an empty answer is none");
        person.types("go now\n");
        person.sees("several keys at once are no answer");
        person.types("?\n");
        person.sees("a  abort  the run ends");
        person.types("skip\n");
        person.ends("Given('s')");
    });
}

#[test]
fn no_line_of_a_long_paste_is_an_answer() {
    let name = "keys::no_line_of_a_long_paste_is_an_answer";
    let ask = |interrupt: &Interrupt| format!("{:?}", line("Word", |_| Ok(()), None, interrupt));
    converse(name, ask, |mut person| {
        person.sees("Word");
        person.types(&"pasted line\n".repeat(3_000));
        person.sees("several lines at once are no answer: type one, then Enter");
        person.types("typed\n");
        person.ends("Given(\"typed\")");
    });
}

#[test]
fn lines_that_are_pasted_or_too_long_or_hold_arrows_are_refused() {
    let name = "keys::lines_that_are_pasted_or_too_long_or_hold_arrows_are_refused";
    let ask = |interrupt: &Interrupt| format!("{:?}", line("Word", |_| Ok(()), None, interrupt));
    converse(name, ask, |mut person| {
        person.sees("Word");
        person.types("one\ntwo");
        person.sees("several lines at once are no answer: type one, then Enter");
        person.types("\x1b[A\n");
        person.sees("it holds a key that is no text, such as an arrow");
        person.types("one\n");
        person.ends("Given(\"one\")");
    });
}

#[test]
fn a_line_of_a_megabyte_is_refused() {
    let name = "keys::a_line_of_a_megabyte_is_refused";
    let ask = |interrupt: &Interrupt| format!("{:?}", password("Key", not_empty, interrupt));
    converse(name, ask, |mut person| {
        person.sees("Key");
        person.types(&"x".repeat(1_000_000));
        person.types("\n");
        person.sees("it is longer than a terminal can take: 4094 bytes are the most");
        person.types("short\n");
        person.ends("Given(\"short\")");
    });
}

#[test]
fn single_keys_are_read_unseen_and_give_way_to_a_question() {
    let name = "keys::single_keys_are_read_unseen_and_give_way_to_a_question";
    let ask = |interrupt: &Interrupt| {
        let (sender, mut keys) = unbounded_channel();
        let keyboard = Keyboard::open(sender).expect("a thread").expect("somebody is there");
        let mut next = || keys.blocking_recv();
        say("\nready\n");
        let first = next();
        say("pressed\n");
        let answer = confirm("Drop it?", interrupt);
        say("\nagain\n");
        let second = next();
        drop(keyboard);
        format!("{first:?} {answer:?} {second:?} {:?}", keys.try_recv().is_err())
    };
    converse(name, ask, |mut person| {
        person.sees("ready");
        while settings(&*person.master) == person.before {
            thread::yield_now();
        }
        person.types_until("%", "pressed");
        assert!(!person.screen.screen().contents().contains('%'), "it is not shown");
        person.sees("Drop it?");
        person.types("y\n");
        person.sees("again");
        person.types_until("q", "answer:");
        person.ends("Some('%') Given(true) Some('q') true");
    });
}

#[test]
fn single_keys_leave_the_terminal_as_it_was_also_on_the_way_out() {
    let name = "keys::single_keys_leave_the_terminal_as_it_was_also_on_the_way_out";
    let ask = |_: &Interrupt| {
        let (sender, mut keys) = unbounded_channel();
        let keyboard = Keyboard::open(sender).expect("a thread");
        say("\nready\n");
        let key = keys.blocking_recv();
        restore();
        std::mem::forget(keyboard);
        format!("{key:?}")
    };
    converse(name, ask, |mut person| {
        person.sees("ready");
        person.types_until("x", "answer:");
        person.ends("Some('x')");
    });
}

#[test]
fn single_keys_are_not_read_while_the_terminal_is_lent() {
    let name = "keys::single_keys_are_not_read_while_the_terminal_is_lent";
    let ask = |_: &Interrupt| {
        let (sender, mut keys) = unbounded_channel();
        let _keyboard = Keyboard::open(sender).expect("a thread");
        let lent = lend();
        say("\nlent\n");
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed).expect("it is ours");
        drop(lent);
        say("\nback\n");
        format!("{typed:?} {:?}", keys.blocking_recv())
    };
    converse(name, ask, |mut person| {
        person.sees("lent");
        person.types("a line\n");
        person.sees("back");
        person.types_until("k", "answer:");
        person.ends("\"a line\\n\" Some('k')");
    });
}

#[test]
fn several_keys_at_once_are_no_single_key() {
    let name = "keys::several_keys_at_once_are_no_single_key";
    let ask = |_: &Interrupt| {
        let (sender, mut keys) = unbounded_channel();
        let _keyboard = Keyboard::open(sender).expect("a thread");
        say("\nready\n");
        let first = keys.blocking_recv();
        say("\nfirst\n");
        let second = keys.blocking_recv();
        format!("{first:?} {second:?}")
    };
    converse(name, ask, |mut person| {
        person.sees("ready");
        person.types_until("a", "first");
        person.types("bcd\nefg\n");
        person.types_until("z", "answer:");
        person.ends("Some('a') Some('z')");
    });
}

#[test]
fn single_keys_give_the_terminal_back_while_we_are_suspended() {
    let name = "keys::single_keys_give_the_terminal_back_while_we_are_suspended";
    let ask = |_: &Interrupt| {
        let (sender, mut keys) = unbounded_channel();
        let _keyboard = Keyboard::open(sender).expect("a thread");
        say("\nready\n");
        let first = keys.blocking_recv();
        give_back();
        say("\nsuspended\n");
        while folder().is_some_and(|folder| !folder.join("go").exists()) {
            thread::yield_now();
        }
        ask_again();
        say("\nagain\n");
        format!("{first:?} {:?}", keys.blocking_recv())
    };
    converse(name, ask, |mut person| {
        person.sees("ready");
        person.types_until("a", "suspended");
        assert_eq!(settings(&*person.master), person.before);
        fs::write(person.folder.path().join("go"), "").expect("it can be written");
        person.sees("again");
        while settings(&*person.master) == person.before {
            thread::yield_now();
        }
        person.types_until("b", "answer:");
        person.ends("Some('a') Some('b')");
    });
}
