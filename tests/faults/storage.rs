//! A storage that fails on purpose, over a real file.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use holdpoint::journal::{Disk, Storage};

/// In what way an operation fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// It fails once.
    Eio,
    /// From then on everything fails.
    Dead,
    /// The disk is full until the reserve is given back.
    Full,
    /// Half of a write is done, and then the disk is full as before.
    HalfThenFull,
    /// What was written and not synced is lost, as after a failed write-back.
    Lost,
    /// Half of a write is done, which is no failure.
    Short,
    /// A signal comes in between, which is no failure.
    Interrupted,
}

impl Fault {
    pub(super) const ALL: [Fault; 7] = [
        Fault::Eio,
        Fault::Dead,
        Fault::Full,
        Fault::HalfThenFull,
        Fault::Lost,
        Fault::Short,
        Fault::Interrupted,
    ];

    /// Whether a writer must go on as if nothing was.
    pub(super) fn is_harmless(self) -> bool {
        matches!(self, Fault::Short | Fault::Interrupted)
    }
}

/// What fails when; shared with the test.
#[derive(Clone, Debug)]
pub(super) struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug)]
struct Plan {
    fault: Fault,
    /// How many operations go well before it.
    left: usize,
    /// Whether it has happened.
    has_failed: bool,
    /// Whether the disk is full.
    is_full: bool,
    /// How many bytes were synced.
    synced: u64,
}

/// What is to become of an operation.
enum Turn {
    Well,
    Half,
    Fails(io::Error),
    /// It fails, and what was not synced is gone.
    Loses(u64),
}

impl Faults {
    /// The operation after so many fails.
    pub(super) fn after(operations: usize, fault: Fault) -> Faults {
        let (has_failed, is_full) = (false, false);
        Faults(Arc::new(Mutex::new(Plan {
            fault,
            left: operations,
            has_failed,
            is_full,
            synced: 0,
        })))
    }

    /// Whether it has happened.
    pub(super) fn has_failed(&self) -> bool {
        self.with(|plan| plan.has_failed)
    }

    /// How many bytes of the journal a loss of power would leave.
    pub(super) fn synced(&self) -> u64 {
        self.with(|plan| plan.synced)
    }

    /// Whether what happens is no failure.
    pub(super) fn is_harmless(&self) -> bool {
        self.with(|plan| plan.fault.is_harmless())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Plan) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts an operation, and says what becomes of it.
    fn turn(&self, is_write: bool) -> Turn {
        self.with(|plan| {
            if plan.has_failed {
                return match plan.fault {
                    Fault::Dead => Turn::Fails(eio()),
                    _ if plan.is_full && is_write => Turn::Fails(full()),
                    _ => Turn::Well,
                };
            }
            if plan.left > 0 {
                plan.left -= 1;
                return Turn::Well;
            }
            plan.has_failed = true;
            match plan.fault {
                Fault::Eio | Fault::Dead => Turn::Fails(eio()),
                Fault::Full | Fault::HalfThenFull => {
                    plan.is_full = true;
                    match plan.fault {
                        Fault::HalfThenFull if is_write => Turn::Half,
                        _ => Turn::Fails(full()),
                    }
                }
                Fault::Lost => Turn::Loses(plan.synced),
                Fault::Short if is_write => Turn::Half,
                Fault::Interrupted if is_write => Turn::Fails(io::ErrorKind::Interrupted.into()),
                Fault::Short | Fault::Interrupted => Turn::Well,
            }
        })
    }
}

fn eio() -> io::Error {
    io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())
}

fn full() -> io::Error {
    io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error())
}

/// The storage.
#[derive(Debug)]
pub(super) struct Faulty {
    disk: Disk,
    faults: Faults,
}

impl Faulty {
    pub(super) fn at(path: &Path, faults: &Faults) -> Faulty {
        Faulty { disk: Disk::at(path), faults: faults.clone() }
    }

    fn check(&mut self) -> io::Result<()> {
        match self.faults.turn(false) {
            Turn::Well | Turn::Half => Ok(()),
            Turn::Fails(error) => Err(error),
            Turn::Loses(synced) => {
                self.disk.cut(synced)?;
                Err(eio())
            }
        }
    }
}

impl Storage for Faulty {
    fn create(&mut self) -> io::Result<()> {
        self.check()?;
        self.disk.create()
    }

    fn open(&mut self) -> io::Result<()> {
        self.check()?;
        self.disk.open()?;
        // What was there before is as safe as it ever will be.
        let length = self.disk.length()?;
        self.faults.with(|plan| plan.synced = length);
        Ok(())
    }

    fn read(&mut self) -> io::Result<Box<dyn BufRead + '_>> {
        self.check()?;
        self.disk.read()
    }

    fn length(&mut self) -> io::Result<u64> {
        self.check()?;
        self.disk.length()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.faults.turn(true) {
            Turn::Well => self.disk.write(bytes),
            Turn::Half => self.disk.write(&bytes[..bytes.len().div_ceil(2)]),
            Turn::Fails(error) => Err(error),
            Turn::Loses(synced) => {
                self.disk.write(bytes)?;
                self.disk.cut(synced)?;
                Err(eio())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.check()?;
        self.disk.sync()?;
        let length = self.disk.length()?;
        self.faults.with(|plan| plan.synced = length);
        Ok(())
    }

    fn keep_tail(&mut self, from: u64) -> io::Result<()> {
        self.check()?;
        self.disk.keep_tail(from)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.check()?;
        self.disk.cut(length)
    }

    fn reserve(&mut self) -> io::Result<()> {
        self.check()?;
        self.disk.reserve()
    }

    fn release(&mut self) -> io::Result<()> {
        self.check()?;
        self.faults.with(|plan| plan.is_full = false);
        self.disk.release()
    }
}
