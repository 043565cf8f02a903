//! The head of a message between two bare sockets.

/// Sixteen bytes of which both sides know what they mean.
#[derive(Debug, PartialEq)]
pub(super) enum Head {
    /// Nothing follows.
    Echo(u64),
    /// As many bytes follow, and every which of them is to be looked at.
    Bytes { stride: u64, size: usize },
    /// The answer is as many items.
    Items(u64),
}

impl Head {
    /// The length of a head, and of an answer, which is padded to it.
    pub(super) const SIZE: usize = 16;

    const ITEMS: u64 = u64::MAX;

    pub(super) fn encode(&self) -> [u8; Self::SIZE] {
        let (word, kind) = match *self {
            Self::Echo(n) => (n, 0),
            Self::Bytes { stride, size } => (stride, size as u64),
            Self::Items(count) => (count, Self::ITEMS),
        };
        let mut bytes = [0; Self::SIZE];
        bytes[..8].copy_from_slice(&word.to_le_bytes());
        bytes[8..].copy_from_slice(&kind.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; Self::SIZE]) -> Self {
        let word = first_word(bytes);
        match u64::from_le_bytes(std::array::from_fn(|i| bytes[8 + i])) {
            0 => Self::Echo(word),
            Self::ITEMS => Self::Items(word),
            size => Self::Bytes {
                stride: word,
                size: usize::try_from(size).unwrap_or(usize::MAX),
            },
        }
    }
}

/// What an answer says.
pub(super) fn first_word(bytes: &[u8; Head::SIZE]) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_decoded_as_they_were_encoded() {
        let bytes = Head::Bytes { stride: 3, size: 9 };
        for head in [Head::Echo(7), bytes, Head::Items(5)] {
            assert_eq!(Head::decode(&head.encode()), head);
        }
    }
}
