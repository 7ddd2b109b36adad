//! What reaches an exercise from outside, signals and letters: it is for the run for as long as that goes
//! on, and what stops a run ends what comes after it.

use std::sync::Arc;

use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::cli::{letters, session};
use crate::drive::{Order, StopRequest, World as _};
use crate::journal::Inbox;
use crate::report::Terminal;
use crate::run::event::{Letter, Wish};

use super::world::Table;

/// Orders for the run, and those that came when it had ended.
pub struct Orders {
    /// For the run.
    pub run: UnboundedReceiver<Order>,
    /// What ended the rest.
    pub late: UnboundedReceiver<Order>,
}

/// Heeds signals from now on, and takes letters until the run has ended.
pub fn listen(table: &Arc<Table>, inbox: Inbox, terminal: Option<Terminal>) -> Orders {
    let (to_run, run) = unbounded_channel();
    let (to_late, late) = unbounded_channel();
    let (sender, signals) = unbounded_channel();
    let live = Arc::clone(&table.live);
    let heard = session::heed_signals(sender, Arc::clone(&live), terminal.clone());
    if let Err(error) = heard.and_then(|()| live.attend()) {
        tracing::warn!(%error, "signals or keys are not heard");
    }
    tokio::spawn(heed(Arc::clone(table), signals, to_run.clone(), to_late));
    let (sender, from_inbox) = unbounded_channel();
    letters::take(sender, inbox, terminal);
    tokio::spawn(hand_on(Arc::clone(table), from_inbox, to_run));
    Orders { run, late }
}

/// Hands signals on to the run; those that it does not hear any more end what comes after it.
async fn heed(
    table: Arc<Table>,
    mut signals: UnboundedReceiver<Order>,
    run: UnboundedSender<Order>,
    late: UnboundedSender<Order>,
) {
    while let Some(order) = signals.recv().await {
        let Err(SendError(order)) = run.send(order) else { continue };
        match &order {
            Order::Stop(StopRequest { level, .. }) => table.stop(*level),
            _ => table.leave(),
        }
        // Only the first says how it ended; where nobody asks, it ends all the same.
        let _ = late.send(order);
    }
}

/// Takes the secrets out of what a letter says of how something goes: whoever wrote it knows of none.
pub fn mask(table: &Table, letter: &mut Letter) {
    if let Wish::Outcome { outcome, .. } = &mut letter.wish {
        *outcome = table.masked(outcome.clone());
    }
}

/// Hands letters on to the run.
async fn hand_on(
    table: Arc<Table>,
    mut letters: UnboundedReceiver<Order>,
    run: UnboundedSender<Order>,
) {
    while let Some(mut order) = letters.recv().await {
        if let Order::Take(letter) = &mut order {
            mask(table.as_ref(), letter);
        }
        if run.send(order).is_err() {
            return;
        }
    }
}
