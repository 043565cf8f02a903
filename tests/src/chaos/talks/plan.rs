//! What a seed means for a stream.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// What an actor and its parent have to say to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// What the function sends.
    pub up: Flow,
    /// What the function receives; nothing when its stream goes one way.
    pub down: Flow,
    /// Whether the ends send and read in turns, where that is possible.
    pub in_turns: bool,
    /// How the function ends.
    pub finish: Finish,
    /// When it does, in milliseconds; otherwise when all is said.
    pub finishes_after: Option<u64>,
    /// How its opener ends.
    pub leave: Leave,
}

/// What flows in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// The number of items.
    pub count: u64,
    /// How many items there are to one that is large.
    pub to_a_large: u64,
    /// Whether the oldest items are dropped when nobody reads.
    pub lossy: bool,
    /// Whether the sender closes its stream, or drops its half of it.
    pub closes: bool,
    /// What its reader does.
    pub reads: Reads,
}

/// What a reader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reads {
    /// It reads everything.
    All,
    /// After so many items it reads nothing for so many milliseconds.
    Pauses(u64, u64),
    /// It drops its half after so many items.
    Drops(u64),
}

/// How a function ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Finish {
    Returns,
    Fails,
    Panics,
    /// By a signal, with its process.
    Dies(i32),
    /// Not by itself.
    Never,
}

/// How an opener ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leave {
    /// It waits for the function.
    Waits,
    /// It cancels the function after so many milliseconds.
    Cancels(u64),
    /// Its scope is dropped after so many milliseconds.
    Drops(u64),
    /// Its body fails after so many milliseconds.
    Fails(u64),
    /// Its body returns after so many milliseconds.
    Returns(u64),
}

impl Talk {
    /// True when it comes to an end without being cancelled.
    pub fn ends(self) -> bool {
        let leaves = matches!(
            self.leave,
            Leave::Cancels(_) | Leave::Drops(_) | Leave::Fails(_)
        );
        leaves || self.finish != Finish::Never
    }

    /// The next that `random` has in store.
    pub fn sow(random: &mut Random) -> Self {
        let millis = random.below(120);
        let leave = match random.below(10) {
            0 => Leave::Cancels(millis),
            1 => Leave::Drops(millis),
            2 => Leave::Fails(millis),
            3 => Leave::Returns(millis),
            _ => Leave::Waits,
        };
        let finish = match random.below(12) {
            0 | 1 => Finish::Fails,
            2 => Finish::Panics,
            3 => Finish::Dies(*random.choose(&[6, 9])),
            4 => Finish::Never,
            _ => Finish::Returns,
        };
        let early = random.below(4) == 0;
        Self {
            up: Flow::sow(random),
            down: Flow::sow(random),
            in_turns: random.below(3) == 0,
            finish,
            finishes_after: early.then(|| random.below(120)),
            leave,
        }
    }
}

impl Flow {
    fn sow(random: &mut Random) -> Self {
        let count = match random.below(4) {
            0 => random.below(4),
            1 => random.below(40),
            _ => random.below(600),
        };
        let after = random.below(count + 1);
        Self {
            count,
            to_a_large: match *random.choose(&[0, 0, 3, 17]) {
                0 => 0,
                // A few megabytes are enough.
                some => (count / 30).max(some),
            },
            lossy: random.below(5) == 0,
            closes: random.below(2) == 0,
            reads: match random.below(8) {
                0 => Reads::Drops(after),
                1 | 2 => Reads::Pauses(after, random.below(300)),
                _ => Reads::All,
            },
        }
    }

    /// How long the load of an item is, in bytes.
    pub fn load(self, number: u64) -> usize {
        /// More than a frame takes, more than a window, and a multiple of what fits into one part.
        const LARGE: [usize; 3] = [33 << 10, 70 << 10, 96 << 10];

        let is_large = number.checked_rem(self.to_a_large) == Some(0);
        let number = usize::try_from(number).expect("an item fits into memory");
        match is_large {
            true => LARGE[number % LARGE.len()],
            false => number * 37 % 300,
        }
    }
}
