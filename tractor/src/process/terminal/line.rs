//! Those who want the terminal, first come, first served.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Those who want the terminal; the first of them has it.
#[derive(Debug)]
pub(super) struct Line {
    places: Mutex<Places>,
    moved: Condvar,
}

#[derive(Debug)]
struct Places {
    next: u64,
    taken: VecDeque<u64>,
    closed: bool,
}

/// A place in the line, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'l> {
    line: &'l Line,
    number: u64,
}

impl Line {
    pub(super) const fn new() -> Self {
        Self {
            places: Mutex::new(Places {
                next: 0,
                taken: VecDeque::new(),
                closed: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Nobody has the terminal any more, or gets it.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.moved.notify_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Takes the last place.
    pub(super) fn stand(&self) -> Place<'_> {
        let mut places = self.lock();
        let number = places.next;
        places.next += 1;
        places.taken.push_back(number);
        Place { line: self, number }
    }

    /// True when somebody has the terminal.
    pub(super) fn is_taken(&self) -> bool {
        let places = self.lock();
        !places.taken.is_empty() && !places.closed
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// How many are before it; the one whom nobody is before has the terminal.
    pub(super) fn before(&self) -> usize {
        Self::of(&self.line.lock(), self.number)
    }

    /// Waits until the line moves, or for that time. Gives how many are before it then.
    pub(super) fn wait(&self, most: Duration) -> usize {
        let places = self.line.lock();
        let before = Self::of(&places, self.number);
        if before == 0 {
            return 0;
        }
        let moved = self.line.moved.wait_timeout(places, most);
        let (places, _) = moved.unwrap_or_else(PoisonError::into_inner);
        Self::of(&places, self.number)
    }

    fn of(places: &Places, number: u64) -> usize {
        let place = places.taken.iter().position(|taken| *taken == number);
        place.expect("it is there until it is dropped")
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.lock().taken.retain(|taken| *taken != self.number);
        self.line.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Line, Place};

    /// Nobody has to wait so long.
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn first_come_first_served() {
        let line = Line::new();
        assert!(!line.is_taken());
        let [first, second, third] = [line.stand(), line.stand(), line.stand()];
        assert_eq!([&first, &second, &third].map(Place::before), [0, 1, 2]);
        drop(second);
        assert_eq!((first.before(), third.before()), (0, 1));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| while third.wait(LONG) > 0 {});
            drop(first);
            waiting.join().expect("its turn comes");
        });
        drop(third);
        assert!(!line.is_taken());
        let _fourth = line.stand();
        assert!(line.is_taken());
        line.close();
        assert!(line.is_closed() && !line.is_taken());
    }
}
