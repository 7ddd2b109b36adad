//! A program at a terminal of its own: what stands on the screen, and what is typed.
//!
//! The terminal is a real one, and a screen emulator reads what it gets. A terminal forgets what was
//! typed before a question, so a test types only once it has seen what it answers.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};

use super::process::send;
use super::{Bench, PATIENCE, text};

const ROWS: u16 = 50;
const COLUMNS: u16 = 80;

/// The rows and columns of a terminal.
pub(crate) type Size = (u16, u16);

/// The size of a terminal unless a test says otherwise.
pub(crate) const SIZE: Size = (ROWS, COLUMNS);

/// A program under way at its own terminal.
pub(crate) struct Screen<'b> {
    bench: &'b Bench,
    line: String,
    child: Box<dyn Child + Send + Sync>,
    /// None until something is typed: its end would be typed too.
    keyboard: Option<Box<dyn Write + Send>>,
    /// Reads what the program shows, until it is told to look away.
    watcher: Option<JoinHandle<()>>,
    looks_away: Arc<AtomicBool>,
    parser: Arc<Mutex<vt100::Parser>>,
    /// All that the program wrote, byte by byte.
    written: Arc<Mutex<Vec<u8>>>,
    /// Keeps both ends open: a terminal whose program has ended can be looked at.
    pair: Option<PtyPair>,
    /// The settings of the terminal before the program.
    before: String,
}

impl<'b> Screen<'b> {
    #[track_caller]
    pub(super) fn start(
        bench: &'b Bench,
        program: &Path,
        args: &[String],
        size: Size,
    ) -> Screen<'b> {
        let pair = native_pty_system().openpty(pty_size(size)).expect("the system has terminals");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(&bench.root);
        command.env_clear();
        command.env("TERM", "xterm");
        // The emulator does with a window that is made narrower what xterm itself does.
        command.env("XTERM_VERSION", "XTerm(390)");
        bench.environment.iter().for_each(|(name, value)| command.env(name, value));
        let reader = pair.master.try_clone_reader().expect("a terminal can be read");
        let before = settings(&pair);
        let child = pair.slave.spawn_command(command).expect("the program can be started");
        let parser = Arc::new(Mutex::new(emulator(size)));
        let looks_away = Arc::<AtomicBool>::default();
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let watcher = thread::spawn({
            let (parser, looks_away) = (Arc::clone(&parser), Arc::clone(&looks_away));
            let written = Arc::clone(&written);
            move || watch(reader, &parser, &written, &looks_away)
        });
        let watcher = Some(watcher);
        let line = format!("`{}` at a terminal", args.join(" "));
        let (keyboard, pair) = (None, Some(pair));
        Screen { bench, line, child, keyboard, watcher, looks_away, parser, written, pair, before }
    }

    /// Types keys; Enter is `\r`, Ctrl-C is `\x03`.
    pub(crate) fn types(&mut self, keys: &str) {
        self.types_bytes(keys.as_bytes());
    }

    /// Chooses by a key, and gives the reason that is asked for.
    pub(crate) fn decides(&mut self, key: &str, reason: &str) {
        self.types(key);
        self.wait_for("Reason");
        self.types(&format!("{reason}\r"));
    }

    /// Types what no keyboard has.
    pub(crate) fn types_bytes(&mut self, bytes: &[u8]) {
        let pair = self.pair.as_ref().expect("the terminal is open");
        let take = || pair.master.take_writer().expect("a terminal can be typed at");
        let keyboard = self.keyboard.get_or_insert_with(take);
        keyboard.write_all(bytes).expect("the terminal is open");
        keyboard.flush().expect("the terminal is open");
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, part: &str) {
        self.wait_for_another(part, 1);
    }

    /// Waits until the screen holds a text so many times.
    #[track_caller]
    pub(crate) fn wait_for_another(&mut self, part: &str, times: usize) {
        let is_there = |shown: &str| text::count(part, shown) >= times;
        assert!(
            self.comes(is_there),
            "{}: no {part:?} {times} times:\n{}",
            self.line,
            self.shown()
        );
    }

    /// Waits until a text is the last on the screen.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self, part: &str) {
        let is_there = |shown: &str| shown.ends_with(part);
        assert!(self.comes(is_there), "{}: no {part:?} at the end:\n{}", self.line, self.shown());
    }

    /// Whether what is waited for stands on the screen before patience ends.
    fn comes(&mut self, is_there: impl Fn(&str) -> bool) -> bool {
        let end = Instant::now() + PATIENCE;
        loop {
            let is_over = !matches!(self.child.try_wait(), Ok(None));
            // Looked at after that, so that nothing of an ended program is missed for long.
            if is_there(&self.shown()) {
                return true;
            }
            if Instant::now() > end || (is_over && Instant::now() > end - PATIENCE + GRACE) {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What stands on the screen, line by line, without the empty end.
    pub(crate) fn shown(&self) -> String {
        let parser = self.parser.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = parser.screen().contents();
        for (name, word) in self.bench.names() {
            shown = shown.replace(&name, word);
        }
        let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
        lines.join("\n").trim_end().to_owned()
    }

    /// All that the program wrote so far, with what moves and what rings.
    pub(crate) fn written(&self) -> String {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&written).into_owned()
    }

    /// Makes the window another size; the program is told.
    pub(crate) fn resize(&mut self, size: Size) {
        let (rows, columns) = size;
        let mut parser = self.parser.lock().unwrap_or_else(PoisonError::into_inner);
        parser.screen_mut().set_size(lines(rows), lines(columns));
        drop(parser);
        let pair = self.pair.as_ref().expect("the terminal is open");
        pair.master.resize(pty_size(size)).expect("the terminal is open");
    }

    /// Whether a row of the screen that holds a text has any colour or weight.
    pub(crate) fn is_dressed(&self, part: &str) -> bool {
        let parser = self.parser.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = parser.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let is_dressed = |row: u16, column: u16| {
            screen.cell(row, column).is_some_and(|cell| {
                cell.bold() || cell.inverse() || cell.fgcolor() != vt100::Color::Default
            })
        };
        let texts = screen.rows(0, columns).enumerate();
        let mut rows = (0..rows).zip(texts).filter(|(_, (_, text))| text.contains(part));
        rows.any(|(row, _)| (0..columns).any(|column| is_dressed(row, column)))
    }

    /// The number of the program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("it has a number")
    }

    /// Sends the program a signal from outside, named as `INT` or `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        send(name, &[self.pid().to_string()]);
    }

    /// Closes the terminal, as a line that drops does; nothing was typed at it.
    pub(crate) fn hang_up(&mut self) {
        assert!(self.keyboard.is_none(), "what is typed last would be an end of input");
        self.looks_away.store(true, Ordering::SeqCst);
        // The watcher wakes up when something is shown.
        self.show("\r");
        let watcher = self.watcher.take().expect("a terminal is closed once");
        watcher.join().expect("the watcher does not panic");
        self.pair = None;
    }

    /// Waits for the end of a program whose terminal is gone.
    #[track_caller]
    pub(crate) fn exit_unseen(mut self, code: u32) {
        let status = self.status();
        assert_eq!((status.exit_code(), status.signal()), (code, None), "{}", self.line);
    }

    /// How a program ended whose end may be any.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.status()
    }

    /// Whether the program has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Fails unless the terminal is as it was before the program.
    #[track_caller]
    pub(crate) fn assert_as_before(&self) {
        let pair = self.pair.as_ref().expect("the terminal is open");
        let shown = self.shown();
        assert_eq!(settings(pair), self.before, "the terminal is not as it was:\n{shown}");
        assert!(self.has_cursor(), "the cursor is gone:\n{shown}");
    }

    /// Whether the cursor can be seen.
    pub(crate) fn has_cursor(&self) -> bool {
        !self.parser.lock().unwrap_or_else(PoisonError::into_inner).screen().hide_cursor()
    }

    /// Waits for the end of the program; its terminal must be as it was before.
    #[track_caller]
    pub(crate) fn exit(mut self, code: u32) -> String {
        let status = self.status();
        let shown = self.settled();
        assert_eq!((status.exit_code(), status.signal()), (code, None), "{}\n{shown}", self.line);
        self.assert_as_before();
        shown
    }

    #[track_caller]
    fn status(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().expect("a child can be waited for") {
                Some(status) => return status,
                None if Instant::now() > end => panic!("{} goes on:\n{}", self.line, self.shown()),
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Shows something that is not the program's.
    fn show(&self, text: &str) {
        let pair = self.pair.as_ref().expect("the terminal is open");
        let tty = pair.master.tty_name().expect("a terminal has a name");
        let mut terminal =
            std::fs::OpenOptions::new().write(true).open(tty).expect("the terminal is open");
        terminal.write_all(text.as_bytes()).expect("the terminal is open");
    }

    /// What stands on the screen once nothing more comes: a mark that is written last has arrived.
    fn settled(&mut self) -> String {
        self.show(END);
        let end = Instant::now() + PATIENCE;
        while !self.shown().ends_with(END) && Instant::now() < end {
            thread::sleep(Duration::from_millis(2));
        }
        self.shown().trim_end_matches(END).trim_end().to_owned()
    }
}

/// How long what an ended program wrote may take to arrive.
const GRACE: Duration = Duration::from_secs(5);

/// Stands on the screen after all that a program wrote.
const END: &str = "[END]";

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn emulator((rows, columns): Size) -> vt100::Parser {
    vt100::Parser::new(lines(rows), lines(columns), 0)
}

fn lines(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a screen has lines")
}

fn pty_size((rows, cols): Size) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn watch(
    mut reader: Box<dyn std::io::Read + Send>,
    parser: &Mutex<vt100::Parser>,
    written: &Mutex<Vec<u8>>,
    looks_away: &AtomicBool,
) {
    let mut buffer = [0; 4096];
    while let Ok(count) = reader.read(&mut buffer) {
        if count == 0 || looks_away.load(Ordering::SeqCst) {
            return;
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        written.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        parser.lock().unwrap_or_else(PoisonError::into_inner).process(bytes);
    }
}

/// The settings of a terminal, as `stty` tells them.
fn settings(pair: &PtyPair) -> String {
    let tty = pair.master.tty_name().expect("a terminal has a name");
    let told = Command::new("stty").arg("-F").arg(tty).arg("-g").output();
    let told = told.expect("stty is there");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8_lossy(&told.stdout).trim().to_owned()
}
