//! A way to end a question that waits for a person.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};

/// Ends questions from outside. A clone ends the same ones.
#[derive(Clone, Debug)]
pub struct Interrupt {
    event: Arc<OwnedFd>,
    is_for_good: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that lets questions be.
    pub fn new() -> io::Result<Interrupt> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Interrupt { event: Arc::new(event), is_for_good: Arc::default() })
    }

    /// Ends the question that waits, and each one that is put later, until [`Interrupt::lower`].
    pub fn raise(&self) {
        // It fails only when it has been raised more often than can be counted.
        let _ = rustix::io::write(&self.event, &1_u64.to_ne_bytes());
    }

    /// Ends the question that waits, and each one that is put later, whatever is lowered.
    pub fn raise_for_good(&self) {
        self.is_for_good.store(true, Ordering::SeqCst);
        self.raise();
    }

    /// Whether no question is let be any more.
    pub fn is_for_good(&self) -> bool {
        self.is_for_good.load(Ordering::SeqCst)
    }

    /// Lets questions be again, unless that is over for good.
    pub fn lower(&self) {
        if self.is_for_good() {
            return;
        }
        // It fails when it was not raised.
        let _ = rustix::io::read(&self.event, &mut [0; 8]);
    }
}

impl AsFd for Interrupt {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
