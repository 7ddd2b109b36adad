//! The journal of a run: one JSON object a line, only ever appended to.
//!
//! It is the single source of truth. A record is durable before what it announces begins, so
//! what the journal does not say did not start. A process may die in the middle of a write: then
//! the last line has no newline, and the reader leaves it out. Anything else that does not fit is
//! damage, and a damaged journal is read up to there and never resumed.
//!
//! A run is one folder of the store: journal, frozen runbook, inputs, output.

mod anchor;
pub mod bundle;
mod ends;
mod holder;
pub mod identity;
mod inbox;
mod lock;
mod open;
mod read;
mod record;
mod storage;
mod store;
mod undelivered;
mod writer;

pub use anchor::{Anchor, Held};
pub use ends::ends;
pub use holder::{Holder, NotEnded};
pub use inbox::{Inbox, LETTER, NoLetter};
pub use lock::{Lock, LockError};
pub use open::{new as new_file, to_read};
pub use read::{Ending, Place, Reading, read, read_from};
pub use record::{FIRST_PREV, Line, Record, VERSION};
pub use storage::{Disk, RESERVE, Storage};
pub use store::{Folder, RUNBOOK, Store, StoreError, Turn, frozen_folder, output_name};
pub use undelivered::Undelivered;
pub use writer::{JournalError, Writer};

pub use crate::run::event::Durability;
