//! A question to a program that only looks: it is started without a shell, reads nothing, has so
//! much time, and what it prints is the answer.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use crate::run::event::StopLevel;

use super::process::{self, End, Sink, Spawn};
use super::require::is_program;

/// How long after TERM it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// A program on PATH. A folder that is named from the current one is passed over: what lies there is
/// what is looked at, and no tool.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(program)).find(|path| is_program(path))
}

/// What a program prints, and the code that it exits with; at most so many bytes, in so much time.
/// Blocks.
pub fn ask(
    program: &Path,
    args: Vec<OsString>,
    patience: Duration,
    most: usize,
) -> io::Result<(Vec<u8>, i32)> {
    let spawn =
        Spawn { args, timeout: Some(patience), grace: GRACE, ..Spawn::new(program.as_os_str()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut out, mut err) =
        (Kept { bytes: Vec::new(), most }, Kept { bytes: Vec::new(), most: 0 });
    let stop = watch::Sender::new(StopLevel::None);
    let over = runtime.block_on(process::run(spawn, &mut out, &mut err, |_| {}, stop.subscribe()));
    let lost = |reason: String| Err(io::Error::other(reason));
    match over.end {
        End::Exit(_) if out.bytes.len() > most => lost(format!("it prints more than {most} bytes")),
        End::Exit(code) => Ok((out.bytes, code)),
        End::TimedOut => lost(format!("it takes longer than {}s", patience.as_secs())),
        End::Signal(signal) | End::Stopped(signal) => {
            lost(format!("it was ended by signal {signal}"))
        }
        End::Spawn(reason) | End::Lost(reason) => lost(reason),
    }
}

/// What is printed, up to one byte more than there may be.
struct Kept {
    bytes: Vec<u8>,
    most: usize,
}

impl Sink for Kept {
    fn take(&mut self, chunk: &[u8]) {
        let room = (self.most + 1).saturating_sub(self.bytes.len());
        self.bytes.extend(chunk.iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(script: &str, patience: Duration) -> Result<(String, i32), String> {
        let shell = find("sh").expect("there is a shell");
        let args = vec!["-c".into(), script.into()];
        let said = ask(&shell, args, patience, 10).map_err(|error| error.to_string());
        said.map(|(bytes, code)| (String::from_utf8_lossy(&bytes).into_owned(), code))
    }

    #[test]
    fn the_answer_is_what_is_printed_and_the_code() {
        let patience = Duration::from_secs(60);
        assert_eq!(answer("echo yes; echo no >&2; exit 3", patience), Ok(("yes\n".into(), 3)));
        assert_eq!(answer("cat", patience), Ok((String::new(), 0)));
        let long = answer("echo 12345678901", patience);
        assert_eq!(long, Err("it prints more than 10 bytes".into()));
    }

    #[test]
    fn a_program_that_does_not_answer_is_ended() {
        let never = answer("sleep 600", Duration::from_secs(1));
        assert_eq!(never, Err("it takes longer than 1s".into()));
    }
}
