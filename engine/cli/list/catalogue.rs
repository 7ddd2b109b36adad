//! The catalogue: the cards of all runbooks here, and where "here" is.

use std::path::PathBuf;

use crate::cli::failure::Failure;
use crate::cli::library;
use crate::journal::Store;

use super::card::{self, Card};
use super::walk::{seen_from, walk};

/// The runbooks of one place.
pub struct Catalogue {
    /// The folder that they are in.
    pub root: PathBuf,
    /// Whether it is the folder of a library.
    pub is_library: bool,
    /// A card for each, in the order of their paths.
    pub cards: Vec<Card>,
    /// Why there may be more.
    pub cut_short: Option<String>,
}

/// The runbooks of the library around the current folder; without one, those under it.
pub fn here(store: &Store) -> Result<Catalogue, Failure> {
    let folder = std::env::current_dir().map_err(Failure::Setup)?;
    let library = library::folder_around(&folder);
    let is_library = library.is_some();
    let root = library.unwrap_or_else(|| folder.clone());
    let runs = store.root();
    let found = walk(&root, &runs.canonicalize().unwrap_or_else(|_| runs.to_owned()));
    let cards = found.files.iter().filter_map(|file| card::read(&seen_from(&folder, file)));
    Ok(Catalogue { cards: cards.collect(), root, is_library, cut_short: found.cut_short })
}

impl Catalogue {
    /// Where they are, in words.
    pub fn place(&self) -> String {
        let root = self.root.display();
        if self.is_library { format!("the library {root}") } else { root.to_string() }
    }
}
