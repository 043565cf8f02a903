//! The part of a panic's backtrace that its reader looks for.

use std::backtrace::{Backtrace, BacktraceStatus};

/// The last frame of the panic machinery, below which user code begins.
const RAISED: &str = "rust_begin_unwind";

/// The module in which the frames of user code end.
const RUNTIME: &str = "tractor::rpc::";

/// The backtrace of a panic that is being raised, when `RUST_BACKTRACE` asks for one, or this program is
/// `debugged`; from the panic to the handler, or all of it when `RUST_BACKTRACE` is `full`.
pub(super) fn capture(debugged: bool) -> Option<String> {
    let backtrace = match debugged {
        true => Backtrace::force_capture(),
        false => Backtrace::capture(),
    };
    if backtrace.status() != BacktraceStatus::Captured {
        return None;
    }
    let text = backtrace.to_string();
    match std::env::var_os("RUST_BACKTRACE") {
        Some(asked) if asked == "full" => Some(text),
        _ => Some(shorten(&text)),
    }
}

/// Cuts the frames that every panic of every handler has. What looks different than expected
/// stays whole.
fn shorten(backtrace: &str) -> String {
    let lines: Vec<_> = backtrace.lines().collect();
    let frames: Vec<_> = (0..lines.len())
        .filter(|at| symbol(lines[*at]).is_some())
        .collect();
    let is_at =
        |at: &&usize, part: &str| symbol(lines[**at]).is_some_and(|name| name.contains(part));
    let raised = frames.iter().position(|at| is_at(&at, RAISED));
    let user = &frames[raised.map_or(0, |raised| raised + 1)..];
    let runtime = user.iter().find(|at| is_at(at, RUNTIME));
    match (user.first(), runtime) {
        (Some(&first), Some(&end)) if first < end => lines[first..end].join("\n"),
        _ => backtrace.to_owned(),
    }
}

/// The function's name in a line like `  12: app::workers::crunch`.
fn symbol(line: &str) -> Option<&str> {
    let (number, name) = line.trim_start().split_once(": ")?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::shorten;

    const WHOLE: &str = "   0: tractor::rpc::panic::report
             at ./tractor/src/rpc/panic.rs:50:21
   1: __rustc::rust_begin_unwind
   2: core::panicking::panic_fmt
   3: app::crunch
             at ./src/main.rs:40:11
   4: <tractor::rpc::handler::Running<F,T> as tractor::rpc::handler::Handler>::poll
   5: main";

    #[test]
    fn frames_of_the_user_are_kept() {
        let kept = "   2: core::panicking::panic_fmt
   3: app::crunch
             at ./src/main.rs:40:11";
        assert_eq!(shorten(WHOLE), kept);
    }

    #[test]
    fn unknown_shape_stays_whole() {
        for text in ["", "disabled", "   0: a\n   1: b", "no: frames\nhere"] {
            assert_eq!(shorten(text), text);
        }
    }
}
