//! The time with which a line begins.

use std::ops::RangeInclusive;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The time with which a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Since 1970.
    seconds: i64,
    nanos: u32,
}

impl Stamp {
    /// Now.
    pub(crate) fn now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default();
        Self {
            seconds: now.as_secs().cast_signed(),
            nanos: now.subsec_nanos(),
        }
    }

    /// The time with which `line` begins, if it does.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        Rest(line).rfc3339().or_else(|| Rest(line).unix())
    }
}

/// What is left of a line.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// `2026-05-01T12:00:00.5+01:00`; instead of the `T` there may be a space.
    fn rfc3339(&mut self) -> Option<Stamp> {
        let year = self.number(4)?;
        let month = self.after(b"-")?.within(1..=12)?;
        let day = self.after(b"-")?.within(1..=31)?;
        let hour = self.after(b"Tt ")?.within(0..=23)?;
        let minute = self.after(b":")?.within(0..=59)?;
        let second = self.after(b":")?.within(0..=60)?;
        let nanos = self.fraction();
        let east = self.offset()?;
        let minutes = 60 * (24 * days(year, month, day) + hour) + minute - east;
        Some(Stamp {
            seconds: 60 * minutes + second,
            nanos,
        })
    }

    /// The minutes of `Z`, `+01:00` or `-01:00`.
    fn offset(&mut self) -> Option<i64> {
        let sign = *self.0.first()?;
        self.after(b"Zz+-")?;
        if sign.eq_ignore_ascii_case(&b'Z') {
            return Some(0);
        }
        let hours = self.within(0..=23)?;
        let minutes = 60 * hours + self.after(b":")?.within(0..=59)?;
        Some(if sign == b'-' { -minutes } else { minutes })
    }

    /// A word like `1777636800` or `1777636800.5`, in seconds, or of 13 digits, in milliseconds.
    fn unix(&mut self) -> Option<Stamp> {
        let stamp = match self.digits() {
            13 => Stamp {
                seconds: self.number(10)?,
                nanos: u32::try_from(self.number(3)?).ok()? * 1_000_000,
            },
            digits @ 1..=12 => Stamp {
                seconds: self.number(digits)?,
                nanos: self.fraction(),
            },
            _ => return None,
        };
        let is_word = self.0.first().is_none_or(u8::is_ascii_whitespace);
        is_word.then_some(stamp)
    }

    /// What comes after one of these bytes.
    fn after(&mut self, one_of: &[u8]) -> Option<&mut Self> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        one_of.contains(first).then_some(self)
    }

    /// A number of two digits.
    fn within(&mut self, range: RangeInclusive<i64>) -> Option<i64> {
        self.number(2).filter(|number| range.contains(number))
    }

    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, byte| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            Some(10 * sum + digit)
        })
    }

    /// How many digits come next.
    fn digits(&self) -> usize {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit());
        digits.count()
    }

    /// The nanoseconds of a fraction, if there is one; what is finer is cut off.
    fn fraction(&mut self) -> u32 {
        let Some((b'.', rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        let (digits, rest) = rest.split_at(self.digits());
        self.0 = rest;
        let digits = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
        digits.fold(0, |sum, byte| 10 * sum + u32::from(byte - b'0'))
    }
}

/// The days from 1970-01-01 to this one, in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Counted from March, so that the leap day is the last of its year.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}
