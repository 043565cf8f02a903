//! A stop as text.

use std::fmt::Write;

use nu_ansi_term::{Color, Style};

use super::source::Place;
use super::spans;
use crate::base::Aid;
use crate::rpc::stop::{Stop, Stopped, Why, as_error};
use crate::scope::traffic_of;
use crate::{Error, base};

/// All that there is to know of a stop; taken on the thread that has stopped.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) actor: Aid,
    /// What has happened, in some words.
    title: String,
    error: Option<Error>,
    /// The message of a panic that is in no call.
    message: Option<String>,
    place: Option<Place>,
    function: Option<String>,
    callers: Vec<Aid>,
    args: Option<String>,
    backtrace: Option<String>,
    spans: Vec<String>,
    tasks: String,
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
                let backtrace = std::backtrace::Backtrace::force_capture().to_string();
                ("pauses", None, None, place, Some(backtrace))
            }
        };
        Self {
            actor: actor.aid().clone(),
            title: title.to_owned(),
            error,
            message,
            place,
            function: call.map(|stopped| stopped.call.function().to_owned()),
            callers: call
                .iter()
                .map(|stopped| stopped.call.caller().clone())
                .collect(),
            args: call.and_then(Stopped::args),
            backtrace,
            spans: spans::current(),
            tasks: traffic_of(actor).to_string(),
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
        let what = match &self.function {
            Some(function) => format!("{} {} in {function}", self.actor, self.title),
            None => format!("{} {}", self.actor, self.title),
        };
        if !self.began_here() {
            let _ = writeln!(text, "{}", paint(Color::Red.bold(), &what));
        }
        if let Some(error) = self.err(colours) {
            text.push_str(&error);
        }
        let told = matches!(&self.error, Some(Error::Remote(error)) if error.location().is_some());
        if let Some(Place { file, line }) = self.place.as_ref().filter(|_| !told) {
            let _ = writeln!(text, "{} {file}:{line}", paint(Style::new().dimmed(), "at"));
        }
        if let Some(lines) = self.src(AROUND) {
            text.push_str(&lines);
        }
        text
    }

    /// True of an error of this actor, which tells itself what has happened, and where.
    pub(super) fn began_here(&self) -> bool {
        match &self.error {
            Some(Error::Remote(error)) => *error.origin() == self.actor,
            _ => false,
        }
    }

    /// All of it, for those who cannot ask.
    pub(super) fn whole(&self, colours: bool) -> String {
        let mut text = self.head(colours);
        let mut section = |title: &str, body: Option<String>| {
            if let Some(body) = body.filter(|body| !body.trim().is_empty()) {
                let _ = write!(text, "{title}:\n{}", indented(&body));
            }
        };
        section("arguments", self.args.clone());
        section("called by", self.callers());
        section(
            "spans",
            (!self.spans.is_empty()).then(|| self.spans.join("\n")),
        );
        section("backtrace", self.backtrace.clone());
        section("this actor", Some(self.tasks.clone()));
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
    pub(super) fn src(&self, around: usize) -> Option<String> {
        self.place.as_ref()?.lines(around)
    }

    /// Who called, the nearest first.
    fn callers(&self) -> Option<String> {
        let callers = self.callers.iter().map(ToString::to_string);
        (!self.callers.is_empty()).then(|| callers.collect::<Vec<_>>().join("\n"))
    }
}

/// What is asked for at a prompt.
#[cfg(feature = "debug")]
impl Report {
    pub(super) fn args(&self) -> Option<&str> {
        self.args.as_deref()
    }

    pub(super) fn backtrace(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }

    pub(super) fn spans(&self) -> &[String] {
        &self.spans
    }

    pub(super) fn tasks(&self) -> &str {
        &self.tasks
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
