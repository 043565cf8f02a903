//! The part of a backtrace that its reader looks for: the user's own frames, from the place outwards.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::env;
use std::fmt::Write;

/// The last frame of the panic machinery: of `panic!`, and of `panic_any`.
const RAISED: [&str; 2] = ["rust_begin_unwind", "std::panicking::begin_panic"];

/// What a program that pauses calls.
const PAUSES: [&str; 2] = ["tractor::debugger::", "tractor::rpc::stop::"];

/// What user code stands on: a handler, the body of a root, a task, a thread.
const GROUND: [&str; 9] = [
    "tractor::rpc::handler::",
    "tractor::rpc::panic::",
    "tractor::rpc::blocking::",
    "tractor::rpc::server::",
    "tractor::runtime::",
    "tokio::runtime::task::",
    "std::sys::backtrace::__rust_begin_short_backtrace",
    "__rust_begin_short_backtrace",
    "std::rt::",
];

/// What is of libraries, by its name, and by where it is: a function that is inlined is told without its crate.
const LIBRARIES: [&str; 5] = ["core::", "std::", "alloc::", "tractor::", "__rust_try"];
const ELSEWHERE: [&str; 3] = ["/rustc/", "/registry/src/", "/git/checkouts/"];

/// This file, as the compiler was told, begins where those of tractor are.
const HERE: &str = "rpc/backtrace.rs";

/// Where the macro has put the body of a remote function, and what calls it there.
const INSIDE_STUB: &str = "::_::<impl ";
const CALLS_STUB: &str = "::_::<impl tractor::rpc::function::Rpc for ";

/// The backtrace of a panic that is being raised, when `RUST_BACKTRACE` asks for one, or this program is
/// `debugged`; all of it when `RUST_BACKTRACE` is `full`.
pub(super) fn of_panic(debugged: bool) -> Option<String> {
    let backtrace = match debugged {
        true => Backtrace::force_capture(),
        false => Backtrace::capture(),
    };
    let raised = |frames: &[Frame<'_>]| frames.iter().position(Frame::is_raised);
    (backtrace.status() == BacktraceStatus::Captured).then(|| shown(&backtrace, raised))
}

/// The backtrace of code that pauses, in whose behalf this is called; all of it when `RUST_BACKTRACE` is `full`.
pub(crate) fn of_pause() -> String {
    let pauses = |frames: &[Frame<'_>]| frames.iter().rposition(|frame| frame.begins_with(&PAUSES));
    shown(&Backtrace::force_capture(), pauses)
}

/// The user's own frames below the last one that is not, which `called` finds.
fn shown(backtrace: &Backtrace, called: impl FnOnce(&[Frame<'_>]) -> Option<usize>) -> String {
    let text = backtrace.to_string();
    match env::var_os("RUST_BACKTRACE") {
        Some(asked) if asked == "full" => text,
        _ => shorten(&text, called).unwrap_or(text),
    }
}

/// A frame as `std` writes it: `  12: app::workers::crunch`, and in a line of its own where that is.
struct Frame<'t> {
    name: &'t str,
    place: Option<&'t str>,
}

/// The user's own frames, as `std` writes them. `None` of what looks different than expected.
fn shorten(backtrace: &str, called: impl FnOnce(&[Frame<'_>]) -> Option<usize>) -> Option<String> {
    let frames = frames(backtrace);
    let frames = &frames[called(&frames).map_or(0, |called| called + 1)..];
    let ground = frames.iter().position(Frame::is_ground);
    let frames = &frames[..ground.unwrap_or(frames.len())];
    let first = frames.iter().position(Frame::is_own)?;
    let last = frames.iter().rposition(Frame::is_own)?;
    let mut text = String::new();
    let mut number = 0;
    for run in frames[first..=last].chunk_by(|a, b| a.is_own() == b.is_own()) {
        if !run[0].is_own() {
            let _ = writeln!(text, "      ({} of libraries)", run.len());
            continue;
        }
        for Frame { name, place } in run {
            let _ = writeln!(text, "{number:4}: {}", readable(name));
            if let Some(place) = place {
                let _ = writeln!(text, "{:13}{place}", "");
            }
            number += 1;
        }
    }
    Some(text)
}

fn frames(backtrace: &str) -> Vec<Frame<'_>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in backtrace.lines() {
        if let Some(name) = symbol(line) {
            frames.push(Frame { name, place: None });
        } else if let Some(frame) = frames.last_mut() {
            frame.place = Some(line.trim());
        }
    }
    frames
}

/// The function's name in the first line of a frame.
fn symbol(line: &str) -> Option<&str> {
    let (number, name) = line.trim_start().split_once(": ")?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !number.is_empty()).then_some(name)
}

impl Frame<'_> {
    /// True when its name, or that of its type, begins like one of these.
    fn begins_with(&self, those: &[&str]) -> bool {
        let name = self.name.trim_start_matches(['<', '&', '*']);
        those.iter().any(|those| name.starts_with(those))
    }

    fn is_raised(&self) -> bool {
        RAISED.iter().any(|raised| self.name.contains(raised))
    }

    fn is_ground(&self) -> bool {
        self.begins_with(&GROUND)
    }

    fn is_own(&self) -> bool {
        let of_tractor = file!().strip_suffix(HERE);
        let is_elsewhere = self.place.is_some_and(|place| {
            ELSEWHERE.iter().any(|part| place.contains(part))
                || of_tractor.is_some_and(|path| is_in(place, path))
        });
        !is_elsewhere && !self.begins_with(&LIBRARIES) && !self.name.contains(CALLS_STUB)
    }
}

/// True of a place, `at src/main.rs:1:2`, in what has this path.
fn is_in(place: &str, path: &str) -> bool {
    let mut found = place.match_indices(path);
    found.any(|(at, _)| place[..at].ends_with([' ', '/']))
}

/// A name as it is written in the program: without the closures that async functions are, and without the stub
/// in which a remote function is.
fn readable(name: &str) -> &str {
    let mut name = name;
    while let Some(outer) = name
        .strip_suffix("::{{closure}}")
        .or_else(|| name.strip_suffix("::{closure#0}"))
    {
        name = outer;
    }
    if name.starts_with('{') {
        // A closure that is inlined, and its types.
        return name.split_once('<').map_or(name, |(name, _)| name);
    }
    let inside = name.split_once(INSIDE_STUB).map(|(_, inside)| inside);
    let Some((path, method)) = inside
        .or(name.strip_prefix('<'))
        .and_then(|inside| inside.split_once(">::"))
    else {
        return name;
    };
    match path.rsplit("::").next() == Some(method) {
        true => path,
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, PAUSES, is_in, readable};

    fn shorten(backtrace: &str) -> Option<String> {
        let raised = |frame: &Frame<'_>| frame.is_raised();
        super::shorten(backtrace, |frames| frames.iter().position(raised))
    }

    const PANIC: &str = "   0: tractor::rpc::panic::report
             at ./tractor/src/rpc/panic.rs:50:21
   1: {closure#0}
   2: __rustc::rust_begin_unwind
   3: core::panicking::panic_fmt
   4: <core::option::Option<T>>::unwrap
   5: app::inner
             at ./src/main.rs:50:11
   6: app::_::<impl app::crunch>::crunch::{{closure}}
             at ./src/main.rs:40:11
   7: app::_::<impl tractor::rpc::function::Rpc for app::crunch>::call::{{closure}}
   8: <core::panic::unwind_safe::AssertUnwindSafe<F> as core::ops::function::FnOnce<()>>::call_once
   9: <tractor::rpc::handler::Running<F,T> as tractor::rpc::handler::Handler>::poll
  10: main";

    const SHORT: &str = "   0: app::inner
             at ./src/main.rs:50:11
   1: app::crunch
             at ./src/main.rs:40:11
";

    #[test]
    fn own_frames_are_kept() {
        assert_eq!(shorten(PANIC).as_deref(), Some(SHORT));
        // Without debug information, and through libraries.
        let nested = "0: rust_begin_unwind\n1: app::inner\n2: <tractor::rpc::call::Local<F> as \
                      core::future::future::Future>::poll\n3: app::outer::{{closure}}\n4: tractor::rpc::server::poll";
        let shown = "   0: app::inner\n      (1 of libraries)\n   1: app::outer\n";
        assert_eq!(shorten(nested).as_deref(), Some(shown));
    }

    #[test]
    fn value_that_is_thrown_is_a_panic_as_well() {
        let thrown = "0: tractor::rpc::panic::report\n1: std::panicking::begin_panic\n2: std::panic::panic_any\n\
                      3: app::throws\n4: tractor::rpc::handler::poll";
        assert_eq!(shorten(thrown).as_deref(), Some("   0: app::throws\n"));
    }

    #[test]
    fn place_is_in_a_path_that_begins_there() {
        assert!(is_in("at tractor/src/lib.rs:1:1", "tractor/src/"));
        assert!(is_in("at ./tractor/src/lib.rs:1:1", "tractor/src/"));
        assert!(!is_in("at ./contractor/src/lib.rs:1:1", "tractor/src/"));
    }

    #[test]
    fn what_pauses_is_not_shown() {
        let pause = "0: tractor::rpc::backtrace::of_pause\n1: {closure#0}\n2: tractor::debugger::pause::pause\n\
                     3: app::count::{{closure}}\n4: tokio::runtime::task::raw::poll";
        let pauses = |frame: &Frame<'_>| frame.begins_with(&PAUSES);
        let shown = super::shorten(pause, |frames| frames.iter().rposition(pauses));
        assert_eq!(shown.as_deref(), Some("   0: app::count\n"));
    }

    #[test]
    fn libraries_are_told_by_where_they_are() {
        let text = "0: poll<app::Mill>\n   at /rustc/4a4ef493e3/library/core/src/future/future.rs:133:9\n\
                    1: {async_fn#0}<app::Mill>\n   at ./src/main.rs:7:9\n\
                    2: drive\n   at /home/me/.cargo/registry/src/index-1/wheel-1.0.0/src/lib.rs:1:1\n\
                    3: app::main";
        let shown = "   0: {async_fn#0}\n             at ./src/main.rs:7:9\n      (1 of libraries)\n   1: app::main\n";
        assert_eq!(shorten(text).as_deref(), Some(shown));
    }

    #[test]
    fn unknown_shape_stays_whole() {
        for text in [
            "",
            "disabled",
            "no: frames\nhere",
            // Nobody's own before the handler.
            "0: rust_begin_unwind\n1: tractor::rpc::handler::poll\n2: main",
        ] {
            assert_eq!(shorten(text), None, "{text}");
        }
        assert_eq!(
            shorten("   0: a\n   1: b").as_deref(),
            Some("   0: a\n   1: b\n")
        );
    }

    #[test]
    fn names_are_as_they_are_written() {
        for (name, written) in [
            (
                "app::_::<impl app::crunch>::crunch::{{closure}}",
                "app::crunch",
            ),
            ("<app::crunch>::crunch::{closure#0}", "app::crunch"),
            ("app::plain::{{closure}}::{{closure}}", "app::plain"),
            ("{async_fn#0}<app::Mill, (u8, u8)>", "{async_fn#0}"),
            ("<app::Mill>::grind", "<app::Mill>::grind"),
            (
                "app::_::<impl app::Mill>::grind",
                "app::_::<impl app::Mill>::grind",
            ),
        ] {
            assert_eq!(readable(name), written);
        }
    }
}
