//! The page of a run, from records that were made up.
