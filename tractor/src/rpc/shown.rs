//! The arguments of a call, as a debugger shows them.
//!
//! Whether a type has `Debug` is found out as [`capture`](super::capture) finds out what an error can do:
//! by method resolution at the place where the type is known.

use std::fmt::Debug;

use bytes::Bytes;

use super::Rpc;
use super::args::Arguments;
use super::panic::catch;
use super::wire::decode;

/// An argument that is asked to show itself.
pub struct Shown<'a, T>(pub &'a T);

/// An argument with `Debug`.
pub trait ShownByDebug {
    /// Its text.
    fn text(&self) -> String;
}

impl<T: Debug> ShownByDebug for Shown<'_, T> {
    fn text(&self) -> String {
        const MOST: usize = 4096;
        let text = match catch(|| format!("{:?}", self.0)) {
            Ok(text) => text,
            Err(caught) => return format!("cannot be shown: {caught}"),
        };
        match text.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}.. ({} bytes more)", &text[..end], text.len() - end),
            None => text,
        }
    }
}

/// An argument without.
pub trait NotShown {
    /// What stands for it.
    fn text(&self) -> String;
}

impl<T> NotShown for &Shown<'_, T> {
    fn text(&self) -> String {
        format!("a `{}`, which has no `Debug`", std::any::type_name::<T>())
    }
}

/// The arguments of a call of `F`, one a line; `text` knows their names.
pub fn show_args<F: Rpc>(
    args: &Bytes,
    text: fn(&F::Args) -> Vec<(&str, String)>,
) -> Option<String> {
    let Arguments(args) = decode::<Arguments<F::Args>>(args).ok()?;
    let lines = text(&args).into_iter();
    Some(
        lines
            .map(|(name, text)| format!("{name} = {text}\n"))
            .collect(),
    )
}
