//! Whose turn it is at the terminal.
//!
//! One question has it at a time, or a command, or else whoever reads single keys while nothing is
//! asked. The last gives way at once: it is told by an [`Interrupt`] that somebody waits.

use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use super::Interrupt;

static STATE: Mutex<State> = Mutex::new(State { is_taken: false, waiting: 0 });
static CHANGED: Condvar = Condvar::new();

/// Raised while somebody waits whom the reader of keys must give way to.
static GIVE_WAY: OnceLock<Option<Interrupt>> = OnceLock::new();

struct State {
    is_taken: bool,
    /// How many wait that do not give way.
    waiting: usize,
}

/// The terminal is somebody's until this is dropped.
pub(super) struct Turn(());

impl Drop for Turn {
    fn drop(&mut self) {
        state().is_taken = false;
        CHANGED.notify_all();
    }
}

/// Waits for the terminal, before whoever gives way.
pub(super) fn take() -> Turn {
    let mut state = state();
    state.waiting += 1;
    if let Some(way) = give_way() {
        way.raise();
    }
    state = CHANGED.wait_while(state, |it| it.is_taken).unwrap_or_else(PoisonError::into_inner);
    state.waiting -= 1;
    state.is_taken = true;
    Turn(())
}

/// Waits until nobody has the terminal or waits for it; none when `is_over` before, which is looked
/// at whenever [`look_again`] is said.
pub(super) fn take_idle(is_over: impl Fn() -> bool) -> Option<Turn> {
    let is_late = |it: &mut State| !is_over() && (it.is_taken || it.waiting > 0);
    let mut state = CHANGED.wait_while(state(), is_late).unwrap_or_else(PoisonError::into_inner);
    if is_over() {
        return None;
    }
    if let Some(way) = give_way() {
        way.lower();
    }
    state.is_taken = true;
    Some(Turn(()))
}

/// Lets those who wait look whether they still want to.
pub(super) fn look_again() {
    // Nobody is between looking and waiting while this is held.
    let _state = state();
    CHANGED.notify_all();
}

/// What is raised while somebody waits whom the reader of keys must give way to.
pub(super) fn give_way() -> Option<&'static Interrupt> {
    GIVE_WAY.get_or_init(|| Interrupt::new().ok()).as_ref()
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
