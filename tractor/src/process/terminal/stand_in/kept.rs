//! Output that is kept while somebody is at a prompt.

use std::collections::VecDeque;
use std::mem::take;

/// The most that is kept, in bytes.
const LIMIT: usize = 1 << 20;

/// How long the end of a line may be that is not shown without its beginning, in bytes.
const LINE: usize = 4 << 10;

/// The last bytes of what was pushed, as many as fit.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: VecDeque<u8>,
    left_out: usize,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let excess = self.bytes.len().saturating_sub(LIMIT);
        self.bytes.drain(..excess);
        self.left_out += excess;
    }

    /// Empties it: what was kept, with a line before it that says how much was not.
    pub(super) fn take(&mut self) -> VecDeque<u8> {
        let (mut bytes, mut left_out) = (take(&mut self.bytes), take(&mut self.left_out));
        if left_out == 0 {
            return bytes;
        }
        // What is left of a line may begin in the middle of a character, or of a colour.
        let torn = bytes.iter().take(LINE).position(|byte| *byte == b'\n');
        let torn = torn.map_or(0, |at| at + 1);
        bytes.drain(..torn);
        left_out += torn;
        let told = format!("tractor: {left_out} bytes of output are left out here\n");
        told.bytes().chain(bytes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, LIMIT, LINE};

    fn text(kept: &mut Kept) -> String {
        String::from_utf8(kept.take().into()).expect("it is text")
    }

    #[test]
    fn what_fits_is_kept_whole() {
        let mut kept = Kept::default();
        kept.push(b"one\ntw");
        kept.push(b"o\n");
        assert_eq!(text(&mut kept), "one\ntwo\n");
        assert!(kept.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut kept = Kept::default();
        let line = [&*vec![b'x'; 99], b"\n"].concat();
        let lines = LIMIT / line.len() + 2;
        for _ in 0..lines {
            kept.push(&line);
        }
        let text = text(&mut kept);
        let (told, rest) = text.split_once('\n').expect("it has lines");
        let left_out = lines * line.len() - rest.len();
        assert_eq!(
            told,
            format!("tractor: {left_out} bytes of output are left out here")
        );
        assert_eq!(rest.len() % line.len(), 0, "no line is torn");
        assert!(rest.len() > LIMIT - line.len());
        kept.push(b"more\n");
        assert_eq!(super::tests::text(&mut kept), "more\n");
    }

    #[test]
    fn line_without_end_is_kept_all_the_same() {
        let mut kept = Kept::default();
        kept.push(&vec![b'x'; LIMIT + 1]);
        kept.push(&vec![b'x'; LINE]);
        let text = text(&mut kept);
        let (_, rest) = text.split_once('\n').expect("it is told");
        assert_eq!(rest.len(), LIMIT);
    }
}
