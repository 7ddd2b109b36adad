//! Letters from other terminals, as the driver of a run takes them out of its inbox.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::drive::Order;
use crate::journal::Inbox;
use crate::report::{Terminal, visible_str};

/// How often the inbox is looked into. A folder is looked at in a few microseconds, and on every
/// file system.
pub const EVERY: Duration = Duration::from_millis(150);

/// Hands on the letters that wait, and from then on each that arrives, until nobody listens.
pub fn take(orders: UnboundedSender<Order>, inbox: Inbox, terminal: Option<Terminal>) {
    let mut taker = Taker { orders, inbox, terminal, seen: BTreeSet::new() };
    // What waits already comes before the run can be left again.
    if taker.look() {
        tokio::spawn(async move {
            while taker.look() {
                tokio::time::sleep(EVERY).await;
            }
        });
    }
}

struct Taker {
    orders: UnboundedSender<Order>,
    inbox: Inbox,
    terminal: Option<Terminal>,
    /// What was handed on; it is removed once it is on record.
    seen: BTreeSet<String>,
}

impl Taker {
    /// Looks once; false when nobody listens any more.
    fn look(&mut self) -> bool {
        let (letters, others) = self.inbox.waiting();
        for other in others {
            self.inbox.put_aside(&other);
            if let Some(terminal) = &self.terminal {
                let told = format!("{} in the inbox is no letter: {}", other.file, other.reason);
                terminal.line(&format!("          {}", visible_str(&told)));
            }
        }
        letters.into_iter().filter(|letter| self.seen.insert(letter.id.clone())).for_each(
            |letter| {
                // Where nobody listens, it stays for the next driver.
                let _ = self.orders.send(Order::Take(Box::new(letter)));
            },
        );
        !self.orders.is_closed()
    }
}
