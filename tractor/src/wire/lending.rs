//! Large byte strings that are encoded and decoded without being copied.
//!
//! serde hands byte strings on as slices, which have to be copied. While a [`Bytes`] is encoded it is
//! therefore *lent*, and so is a frame while it is decoded: a slice that turns out to be a part of what
//! is lent is taken as another handle of the same bytes.

use std::cell::RefCell;

use bytes::Bytes;

/// Shorter byte strings are copied: that costs less, and holds no large buffer for a few bytes.
pub(crate) const LEAST: usize = 16 << 10;

thread_local! {
    static LENT: RefCell<Option<Bytes>> = const { RefCell::new(None) };
}

/// Lends `bytes` to what `code` encodes or decodes.
pub(crate) fn lend<T>(bytes: &Bytes, code: impl FnOnce() -> T) -> T {
    /// Puts back what was lent before, also when `code`, which is the user's, panics.
    struct Before(Option<Bytes>);

    impl Drop for Before {
        fn drop(&mut self) {
            LENT.set(self.0.take());
        }
    }

    let _before = Before(LENT.replace(Some(bytes.clone())));
    code()
}

/// A handle of the bytes of `slice`, if they are lent, and so many that it is worth it.
pub(crate) fn borrow(slice: &[u8]) -> Option<Bytes> {
    if slice.len() < LEAST {
        return None;
    }
    LENT.with_borrow(|lent| {
        let lent = lent.as_ref()?;
        let (inner, outer) = (slice.as_ptr_range(), lent.as_ptr_range());
        let is_part = outer.start <= inner.start && inner.end <= outer.end;
        is_part.then(|| lent.slice_ref(slice))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{LEAST, borrow, lend};

    #[test]
    fn only_what_is_lent_is_borrowed() {
        let bytes = Bytes::from(vec![7; 3 * LEAST]);
        let other = vec![7; LEAST];
        lend(&bytes, || {
            let part = borrow(&bytes[1..=LEAST]).expect("it is a part");
            assert_eq!(part.as_ptr(), bytes[1..].as_ptr());
            assert_eq!(borrow(&bytes[..LEAST - 1]), None, "it is short");
            assert_eq!(borrow(&other), None, "it is something else");
            lend(&Bytes::new(), || assert_eq!(borrow(&bytes), None));
            assert_eq!(borrow(&bytes), Some(bytes.clone()));
        });
        assert_eq!(borrow(&bytes), None);
    }
}
