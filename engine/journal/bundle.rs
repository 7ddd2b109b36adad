//! A bundle: the record of one run in one file, to be handed on and checked elsewhere.
//!
//! It is a tar archive under gzip, which any machine can unpack: one folder, called like the run,
//! with the journal first and a MANIFEST last, which `sha256sum -c` takes. The same run gives the
//! same bytes. It is read as a stream and never unpacked, and whoever made one is not trusted.

mod hashed;
mod read;
mod write;

pub use read::{Bundle, Limits, read};
pub use write::Packer;

/// The list of all other files with their SHA-256, as `sha256sum` writes it.
pub const MANIFEST: &str = "MANIFEST";

/// The name of the journal.
pub const JOURNAL: &str = "journal.jsonl";
