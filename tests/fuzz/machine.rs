//! Whatever is told to a run, and whenever: it is taken or refused, the same each time, what is
//! decided next can happen, and the events that were taken make the same state again.

use super::story::Story;

pub(crate) fn play(bytes: &[u8]) {
    let story = Story::of(bytes);
    assert_eq!(story.retold(), story.state, "the events make another state");
}
