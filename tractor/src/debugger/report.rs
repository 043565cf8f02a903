//! A stop as text.

use std::fmt::Write;

use nu_ansi_term::{Color, Style};

use super::ask::ask;
use super::source::Place;
use super::spans::Spans;
use crate::base::Aid;
use crate::log::recent_events;
use crate::rpc::backtrace::of_pause;
use crate::rpc::stop::{Stop, Stopped, Why, as_error};
use crate::scope::traffic_of;
use crate::{Error, base};

/// All that there is to know of a stop. What only the thread knows that has stopped is taken there; the rest
/// is asked for when somebody wants it.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) actor: base::Actor,
    /// What has happened, in some words.
    title: String,
    error: Option<Error>,
    /// The message of a panic that is in no call.
    message: Option<String>,
    place: Option<Place>,
    call: Option<Stopped>,
    backtrace: Option<String>,
    spans: Option<Spans>,
    /// The last ones of this actor, the oldest first.
    events: Vec<String>,
    /// False of what another actor has printed already.
    pub(super) is_news: bool,
    /// Whether the call can be made once more.
    #[cfg(feature = "debug")]
    pub(super) can_retry: bool,
    /// The thread that has stopped, as the kernel counts.
    #[cfg(feature = "debug")]
    pub(super) thread: i32,
}

/// Lines of the source on either side of the place, in a report.
const AROUND: usize = 3;

impl Report {
    /// What is known where `actor` stops.
    pub(super) fn of(stop: &Stop<'_>, actor: &base::Actor) -> Self {
        let call = stop.call;
        let in_call = |panic| call.map(|stopped| as_error(panic, &stopped.call));
        let place_of_call = || {
            let (file, line) = call?.place()?;
            let (file, line) = (file.to_owned(), usize::try_from(line).ok()?);
            Some(Place { file, line })
        };
        let is_news = match stop.why {
            Why::Panic(_) => true,
            Why::Error(error) => began_in(actor.aid(), error),
            Why::Pause(_) => false,
        };
        let (title, error, message, place, backtrace) = match stop.why {
            Why::Panic(panic) => {
                let location = panic.location.as_deref();
                let message = call.is_none().then(|| panic.message.clone());
                let place = location.and_then(Place::parse);
                let backtrace = panic.backtrace.clone();
                ("panicked", in_call(panic), message, place, backtrace)
            }
            Why::Error(error) => ("failed", Some(error.clone()), None, place_of_call(), None),
            Why::Pause(location) => {
                let place = Place::parse(&location.to_string());
                ("pauses", None, None, place, Some(of_pause()))
            }
        };
        Self {
            actor: actor.clone(),
            title: title.to_owned(),
            error,
            message,
            place,
            call: call.cloned(),
            backtrace,
            spans: Spans::current(),
            events: recent_events(),
            is_news,
            #[cfg(feature = "debug")]
            can_retry: !matches!(stop.why, Why::Pause(_))
                && call.is_some_and(Stopped::can_be_made_again),
            #[cfg(feature = "debug")]
            thread: thread_id(),
        }
    }

    /// The beginning of a prompt.
    pub(super) fn head(&self, colours: bool) -> String {
        let paint = |style: Style, text: &str| match colours {
            true => style.paint(text).to_string(),
            false => text.to_owned(),
        };
        let mut text = String::new();
        let (actor, title) = (self.actor.aid(), &self.title);
        let what = match &self.call {
            Some(stopped) => format!("{actor} {title} in {}", stopped.call.function()),
            None => format!("{actor} {title}"),
        };
        // An error that began here tells that itself.
        let told = matches!(&self.error, Some(Error::Remote(error)) if error.origin() == actor);
        if !told {
            let _ = writeln!(text, "{}", paint(Color::Red.bold(), &what));
        }
        if let Some(error) = self.err(colours) {
            text.push_str(&error);
        }
        let told = matches!(&self.error, Some(Error::Remote(error)) if error.location().is_some());
        if let Some(Place { file, line }) = self.place.as_ref().filter(|_| !told) {
            let _ = writeln!(text, "{} {file}:{line}", paint(Style::new().dimmed(), "at"));
        }
        if let Some(caller) = self.caller() {
            let _ = writeln!(
                text,
                "{} {caller}",
                paint(Style::new().dimmed(), "called by")
            );
        }
        if let Some(lines) = self.src(AROUND, colours) {
            text.push_str(&lines);
        }
        text
    }

    /// All of it, for those who cannot ask.
    pub(super) fn whole(&self, colours: bool) -> String {
        let mut text = self.head(colours);
        let mut section = |title: &str, body: Option<String>| {
            if let Some(body) = body.filter(|body| !body.trim().is_empty()) {
                let _ = write!(text, "{title}:\n{}", indented(&body));
            }
        };
        section("arguments", self.args());
        section("spans", self.spans());
        section("last events", self.events());
        section("backtrace", self.backtrace.clone());
        section("this actor", self.tasks());
        text
    }

    /// The error, with its chain.
    pub(super) fn err(&self, colours: bool) -> Option<String> {
        if let Some(message) = &self.message {
            return Some(format!("{message}\n"));
        }
        let report = self.error.as_ref()?.report().without_backtrace();
        Some(match colours {
            true => format!("{}\n", report.coloured()),
            false => format!("{report}\n"),
        })
    }

    /// The lines around the place, so many on either side.
    pub(super) fn src(&self, around: usize, colours: bool) -> Option<String> {
        self.place.as_ref()?.lines(around, colours)
    }

    fn caller(&self) -> Option<String> {
        let stopped = self.call.as_ref()?;
        Some(stopped.call.caller().to_string())
    }

    /// The arguments of the call, one a line.
    pub(super) fn args(&self) -> Option<String> {
        let stopped = self.call.clone()?;
        ask(move || stopped.args())
    }

    /// The last events of this actor, the oldest first, one a line.
    pub(super) fn events(&self) -> Option<String> {
        (!self.events.is_empty()).then(|| self.events.join("\n"))
    }

    /// The spans around, the innermost first.
    pub(super) fn spans(&self) -> Option<String> {
        let spans = self.spans.clone()?;
        ask(move || spans.text())
    }

    /// What the actor does.
    pub(super) fn tasks(&self) -> Option<String> {
        let actor = self.actor.clone();
        ask(move || Some(traffic_of(&actor).to_string()))
    }

    /// The way from the panic to the function.
    #[cfg(feature = "debug")]
    pub(super) fn backtrace(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }
}

/// True when something of `error` has gone wrong in `actor`.
fn began_in(actor: &Aid, error: &Error) -> bool {
    match error {
        Error::Remote(error) => error.origin() == actor,
        Error::Group(group) => group.errors().iter().any(|error| began_in(actor, error)),
        _ => false,
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(all(feature = "debug", any(target_os = "linux", target_os = "android")))]
fn thread_id() -> i32 {
    nix::unistd::gettid().as_raw()
}

#[cfg(all(
    feature = "debug",
    not(any(target_os = "linux", target_os = "android"))
))]
fn thread_id() -> i32 {
    0
}
