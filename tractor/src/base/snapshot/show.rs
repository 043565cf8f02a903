//! Snapshots as text.

use std::fmt;
use std::time::Duration;

use nu_ansi_term::{Color, Style as Colour};

use super::super::Aid;
use super::{
    ActorSnapshot, ActorState, CallSnapshot, ProcessSnapshot, ProcessState, StreamSnapshot,
};

/// How a tree is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// How many calls of each kind, and streams, are shown of each actor.
    pub(crate) most: usize,
    /// Whether it is for a terminal.
    pub(crate) colours: bool,
}

impl fmt::Display for ActorSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = Style {
            most: usize::MAX,
            colours: false,
        };
        self.styled(style).fmt(f)
    }
}

/// A tree that is written in some style.
pub(crate) struct Styled<'a>(&'a ActorSnapshot, Style);

impl fmt::Display for Styled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.show(f, self.0, &self.0.path, "", "")
    }
}

impl ActorSnapshot {
    /// This actor and all below it in some style.
    pub(crate) fn styled(&self, style: Style) -> Styled<'_> {
        Styled(self, style)
    }
}

impl Style {
    /// Writes an actor and all below it: `first` in front of its own line, `rest` in front of the
    /// others.
    fn show(
        self,
        f: &mut fmt::Formatter<'_>,
        actor: &ActorSnapshot,
        name: &str,
        first: &str,
        rest: &str,
    ) -> fmt::Result {
        write!(f, "{first}{}", self.paint(name, Colour::new().bold()))?;
        let pid = actor.process.as_ref().map(|process| process.pid);
        if let Some(pid) = pid.or(actor.aid.as_ref().map(Aid::pid)) {
            write!(f, "[{pid}]")?;
        }
        write!(f, " {}", self.paint(actor.state, actor.state.colour()))?;
        if let Some(process) = &actor.process {
            write!(f, ", {process}")?;
        }
        match actor.restarts {
            0 => {}
            1 => f.write_str(", restarted once")?,
            restarts => write!(f, ", restarted {restarts} times")?,
        }
        let below = if actor.children.is_empty() {
            " "
        } else {
            "│"
        };
        let under = format!("\n{rest}{below}   ");
        self.list(f, &under, "answers", &actor.answering)?;
        self.list(f, &under, "waits for", &actor.waiting)?;
        self.list(f, &under, "streams", &actor.streams)?;
        for (at, child) in actor.children.iter().enumerate() {
            let (turn, bar) = branch(at, actor.children.len());
            let (first, rest) = (format!("{rest}{turn}"), format!("{rest}{bar}"));
            f.write_str("\n")?;
            self.show(f, child, child.name(), &first, &rest)?;
        }
        Ok(())
    }

    /// Writes the first of `all`, and how many there are beside.
    fn list(
        self,
        f: &mut fmt::Formatter<'_>,
        under: &str,
        what: &str,
        all: &[impl fmt::Display],
    ) -> fmt::Result {
        for one in all.iter().take(self.most) {
            write!(
                f,
                "{under}{} {one}",
                self.paint(what, Colour::from(Color::Cyan))
            )?;
        }
        match all.len().saturating_sub(self.most) {
            0 => Ok(()),
            more => write!(
                f,
                "{under}{} {more} more",
                self.paint(what, Colour::from(Color::Cyan))
            ),
        }
    }

    fn paint(self, text: impl fmt::Display, colour: Colour) -> impl fmt::Display {
        match self.colours {
            true => colour.paint(text.to_string()),
            false => Colour::new().paint(text.to_string()),
        }
    }
}

/// What stands in front of the child at this place, of so many, and in front of all below it.
pub(crate) fn branch(at: usize, count: usize) -> (&'static str, &'static str) {
    match at + 1 == count {
        true => ("└─ ", "   "),
        false => ("├─ ", "│  "),
    }
}

impl ActorState {
    /// Red is what needs somebody's attention.
    fn colour(self) -> Colour {
        match self {
            Self::Running => Color::Green.normal(),
            Self::Unresponsive => Color::Red.bold(),
            Self::Starting | Self::Ending | Self::Restarting => Color::Yellow.normal(),
            Self::OutOfReach => Colour::new().dimmed(),
        }
    }
}

impl fmt::Display for ActorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "is starting",
            Self::Running => "runs",
            Self::Ending => "is ending",
            Self::Restarting => "is being restarted",
            Self::Unresponsive => "does not answer",
            Self::OutOfReach => "cannot be asked",
        })
    }
}

impl fmt::Display for CallSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            peer,
            age,
            cancelled,
        } = self;
        write!(f, "{function}, {peer}, for {}", Span(*age))?;
        match cancelled {
            true => f.write_str(", cancelled"),
            false => Ok(()),
        }
    }
}

impl fmt::Display for StreamSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            peer,
            reading,
            unread,
            unsent,
            credit,
        } = self;
        let reading = if *reading { "waits for an item, " } else { "" };
        let [unread, unsent, credit] = [*unread, *unsent, *credit].map(|bytes| Size(bytes as u64));
        write!(
            f,
            "{function}, {peer}, {reading}{unread} not read, {unsent} not sent, credit for {credit}"
        )
    }
}

impl fmt::Display for ProcessSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            state,
            threads,
            memory,
            cpu,
            age,
            ..
        } = self;
        let threads = match threads {
            1 => "1 thread".to_owned(),
            threads => format!("{threads} threads"),
        };
        let (memory, cpu, age) = (Size(*memory), Span(*cpu), Span(*age));
        write!(
            f,
            "{state}, {memory}, {threads}, {cpu} of processor in {age}"
        )
    }
}

impl fmt::Display for ProcessState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "on a processor",
            Self::Sleeping => "asleep",
            Self::Blocked => "waiting for a device",
            Self::Stopped => "stopped",
            Self::Ended => "ended",
        })
    }
}

/// A time to be read by people.
pub(crate) struct Span(pub(crate) Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => write!(f, "{} ms", self.0.as_millis()),
            1..60 => write!(f, "{:.1} s", self.0.as_secs_f64()),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            _ => write!(f, "{} h {} min", seconds / 3600, seconds / 60 % 60),
        }
    }
}

/// A number of bytes to be read by people.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        #[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
        let mut size = self.0 as f64 / 1024.0;
        let mut unit = 0;
        while size >= 1024.0 && unit + 1 < UNITS.len() {
            size /= 1024.0;
            unit += 1;
        }
        write!(f, "{size:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{
        ActorSnapshot, ActorState, CallSnapshot, ProcessSnapshot, ProcessState, StreamSnapshot,
    };
    use super::{Size, Span};
    use crate::base::Aid;

    fn actor(path: &str, state: ActorState) -> ActorSnapshot {
        let aid = Aid::of_process(path, 7, 0);
        let mut actor = ActorSnapshot::new(path.to_owned(), Some(aid), state);
        actor.process = Some(ProcessSnapshot {
            pid: 7,
            state: ProcessState::Sleeping,
            threads: 2,
            memory: 3 << 20,
            cpu: Duration::from_millis(12),
            age: Duration::from_secs(90),
        });
        actor
    }

    #[test]
    fn tree_shows_who_waits_for_whom() {
        let peer = |path| Aid::of_process(path, 9, 0);
        let mut root = actor("root", ActorState::Running);
        root.waiting.push(CallSnapshot {
            function: "app::work".to_owned(),
            peer: peer("root.a"),
            age: Duration::from_millis(3200),
            cancelled: true,
        });
        let mut a = actor("root.a", ActorState::Unresponsive);
        a.children
            .push(actor("root.a.below", ActorState::OutOfReach));
        let mut b = actor("root.b", ActorState::Running);
        b.restarts = 2;
        b.streams.push(StreamSnapshot {
            function: "app::ticks".to_owned(),
            peer: peer("root"),
            reading: true,
            unread: 5,
            unsent: 2048,
            credit: 0,
        });
        let c = ActorSnapshot::new("root.c".to_owned(), None, ActorState::Restarting);
        root.children.extend([a, b, c]);
        let process = "asleep, 3.0 MiB, 2 threads, 12 ms of processor in 1 min 30 s";
        let expected = format!(
            "root[7] runs, {process}\n\
             │   waits for app::work, root.a[9], for 3.2 s, cancelled\n\
             ├─ a[7] does not answer, {process}\n\
             │  └─ below[7] cannot be asked, {process}\n\
             ├─ b[7] runs, {process}, restarted 2 times\n\
             │      streams app::ticks, root[9], waits for an item, 5 B not read, 2.0 KiB not sent, credit for 0 B\n\
             └─ c is being restarted"
        );
        assert_eq!(root.to_string(), expected);
        let paths: Vec<_> = root.iter().map(|actor| actor.path.as_str()).collect();
        assert_eq!(
            paths,
            ["root", "root.a", "root.a.below", "root.b", "root.c"]
        );
        assert_eq!(root.find("root.b").map(|b| b.restarts), Some(2));
    }

    #[test]
    fn numbers_have_the_unit_that_fits() {
        let span = |millis| Span(Duration::from_millis(millis)).to_string();
        assert_eq!(span(999), "999 ms");
        assert_eq!(span(59_900), "59.9 s");
        assert_eq!(span(60_000), "1 min 0 s");
        assert_eq!(span(3_720_000), "1 h 2 min");
        let size = |bytes| Size(bytes).to_string();
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(5 << 50), "5120.0 TiB");
    }
}
