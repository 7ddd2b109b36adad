//! Output as lines that a person sees as they come.

use crate::report::visible::{visible, visible_str};

/// The most that is shown of a line, in bytes.
pub(super) const SHOWN: usize = 4 * 1024;

/// Bytes that become lines.
pub(super) struct Lines<'show> {
    show: Box<dyn FnMut(&str) + Send + 'show>,
    /// The beginning of the line that is not over.
    open: Vec<u8>,
    /// How many bytes of it came beyond what is shown.
    over: usize,
}

impl<'show> Lines<'show> {
    pub(super) fn shown_by(show: Box<dyn FnMut(&str) + Send + 'show>) -> Lines<'show> {
        Lines { show, open: Vec::new(), over: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = part.strip_suffix(b"\n");
            let text = line.unwrap_or(part);
            let room = SHOWN - self.open.len();
            let (kept, over) = text.split_at(text.len().min(room));
            self.open.extend_from_slice(kept);
            self.over += over.len();
            if line.is_some() {
                self.show_open();
            }
        }
    }

    /// Shows a last line that has no end.
    pub(super) fn finish(&mut self) {
        if !self.open.is_empty() {
            self.show_open();
        }
    }

    fn show_open(&mut self) {
        let Lines { show, open, over } = self;
        if *over == 0 {
            let line = open.strip_suffix(b"\r").unwrap_or(open);
            show(&visible_str(&String::from_utf8_lossy(line)));
        } else {
            let kept = without_half_character(open);
            let left_out = *over + open.len() - kept.len();
            show(&format!("{} … {left_out} more bytes", visible(kept)));
        }
        open.clear();
        *over = 0;
    }
}

/// A text without the last character, if that is not complete.
fn without_half_character(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => {
            text.get(..error.valid_up_to()).unwrap_or(text)
        }
        _ => text,
    }
}
