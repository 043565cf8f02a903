//! The functions of this program that can be called by their path.

use std::any::type_name;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};
use std::sync::Arc;

use bytes::Bytes;

use super::Rpc;
use super::allowlist::Listed;
use super::args::Arguments;
use super::handler::BoxHandler;
use super::introspect::is_built_in;
use super::module::ModulePath;
use super::wire::decode;
use crate::base::{CodecError, CodecSide, ConfigError, Result};
use crate::wire::{EncodeError, FunctionId};

/// One function that can be called by its path.
pub struct Entry {
    id: FunctionId,
    module: &'static str,
    path: &'static str,
    blocking: bool,
    #[cfg(feature = "debug")]
    streams: bool,
    /// The name of the arguments' type.
    args: fn() -> &'static str,
    start: fn(&Bytes) -> Result<BoxHandler, CodecError>,
    view: Option<View>,
}

/// What a debugger shows of a function.
pub struct View {
    /// Writes the arguments, one a line.
    pub args: fn(&Bytes) -> Option<String>,
    /// The file in which the function is written.
    pub file: &'static str,
    /// The line of that file.
    pub line: u32,
}

impl Entry {
    /// The entry of `F`, named `name` in `module`.
    pub const fn new<F: Rpc>(module: &'static str, name: &'static str) -> Self {
        Self {
            id: FunctionId(ModulePath::below(module, name).hash()),
            module,
            path: F::PATH,
            blocking: F::BLOCKING,
            #[cfg(feature = "debug")]
            streams: F::STREAMS,
            args: type_name::<F::Args>,
            start: start::<F>,
            view: None,
        }
    }

    /// The same, with what a debugger shows of it.
    #[must_use]
    pub const fn viewed(mut self, view: View) -> Self {
        self.view = Some(view);
        self
    }

    /// The arguments, one a line.
    pub(super) fn show(&self, args: &Bytes) -> Option<String> {
        (self.view.as_ref()?.args)(args)
    }

    /// The file and the line where the function is written.
    pub(super) fn place(&self) -> Option<(&'static str, u32)> {
        let view = self.view.as_ref()?;
        Some((view.file, view.line))
    }

    /// What a call names the function by.
    pub(crate) const fn id(&self) -> FunctionId {
        self.id
    }

    /// The function's path.
    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// The path of its module.
    pub(crate) fn module(&self) -> &'static str {
        self.module
    }

    /// True of a plain function, which cannot be interrupted once it runs.
    pub(super) fn is_blocking(&self) -> bool {
        self.blocking
    }

    /// True of a function whose calls have a stream.
    #[cfg(feature = "debug")]
    pub(super) fn has_stream(&self) -> bool {
        self.streams
    }

    /// What a call fails with whose arguments cannot be encoded.
    pub(super) fn cannot_encode(&self, error: &EncodeError) -> CodecError {
        CodecError::of((self.args)(), self.path, CodecSide::EncodeArguments, error)
    }

    /// Decodes the arguments and makes the handler.
    pub(super) fn start(&self, args: &Bytes) -> Result<BoxHandler, CodecError> {
        (self.start)(args)
    }
}

fn start<F: Rpc>(args: &Bytes) -> Result<BoxHandler, CodecError> {
    match decode(args) {
        Ok(Arguments(args)) => Ok(F::start(args)),
        Err(error) => {
            let side = CodecSide::DecodeArguments;
            Err(CodecError::new::<F::Args>(F::PATH, side, error))
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({})", self.path)
    }
}

/// Puts an entry into the registry.
pub struct Registration(pub &'static Entry);

inventory::collect!(Registration);

fn entries() -> impl Iterator<Item = &'static Entry> {
    inventory::iter::<Registration>().map(|Registration(entry)| *entry)
}

/// The entries but for those that every actor answers.
fn of_users() -> impl Iterator<Item = &'static Entry> {
    entries().filter(|entry| !is_built_in(entry.module))
}

/// The paths of all functions that can be called in this program, sorted.
///
/// The answer to "is my function registered?": a crate that is not linked in has none here.
pub fn registered_functions() -> Vec<&'static str> {
    let mut paths: Vec<_> = of_users().map(Entry::path).collect();
    paths.sort_unstable();
    paths
}

/// Finds functions that a call could not tell apart.
///
/// # Errors
///
/// Names them: two functions with one path, or two paths with one hash.
pub(crate) fn check_registry() -> Result<()> {
    check(entries().map(|entry| (entry.id(), entry.path)))
}

fn check(paths: impl IntoIterator<Item = (FunctionId, &'static str)>) -> Result<()> {
    let mut seen = HashMap::new();
    for (id, path) in paths {
        let Some(other) = seen.insert(id, path) else {
            continue;
        };
        let message = match other == path {
            true => format!("two #[tractor::rpc] functions have the path `{other}`; rename one"),
            false => format!(
                "the paths `{other}` and `{path}` have one hash; rename one of the functions"
            ),
        };
        return Err(ConfigError::new(message).into());
    }
    Ok(())
}

/// Finds the modules that an allowlist means.
///
/// # Errors
///
/// Names the entry that means no module with functions, and the modules that have some.
pub(crate) fn resolve(listed: &[Listed]) -> Result<Vec<String>> {
    let modules: HashSet<_> = of_users().map(|entry| entry.module).collect();
    let resolve_one = |listed: &Listed| {
        let mut paths = listed.candidates().iter().map(ToString::to_string);
        paths
            .find(|path| modules.contains(path.as_str()))
            .ok_or_else(|| unknown(listed.written(), &modules))
    };
    listed
        .iter()
        .map(|listed| Ok(resolve_one(listed)?))
        .collect()
}

fn unknown(written: &str, modules: &HashSet<&str>) -> ConfigError {
    let mut message =
        format!("the module `{written}` of `modules: [..]` has no #[tractor::rpc] function");
    if modules.is_empty() {
        message.push_str(", and neither has any other module of this program");
    } else {
        let mut names: Vec<_> = modules.iter().copied().collect();
        names.sort_unstable();
        let _ = write!(message, "; modules that have some: {}", names.join(", "));
        message.push_str(
            "; if it is re-exported or its crate is renamed, name a function of it instead: \
             module_of(path::to::function)",
        );
    }
    ConfigError::new(message)
}

/// The functions of the modules that one actor exposes (A1).
pub(crate) struct Exposed {
    functions: HashMap<FunctionId, &'static Entry>,
    modules: Arc<[String]>,
}

/// Why a call is refused.
pub(super) enum Refusal {
    /// The function exists, and its module is not exposed.
    NotExposed(&'static Entry),
    /// There is no such function.
    Unknown,
}

impl Exposed {
    /// Exposes `modules` and nothing else.
    pub(crate) fn new(modules: &[String]) -> Self {
        let listed: HashSet<_> = modules.iter().map(String::as_str).collect();
        let functions = entries()
            .filter(|entry| listed.contains(entry.module) || is_built_in(entry.module))
            .map(|entry| (entry.id(), entry))
            .collect();
        Self {
            functions,
            modules: modules.into(),
        }
    }

    /// The modules.
    pub(super) fn modules(&self) -> &Arc<[String]> {
        &self.modules
    }

    /// The function, if it may be called.
    pub(super) fn find(&self, id: FunctionId) -> Result<&'static Entry, Refusal> {
        if let Some(entry) = self.functions.get(&id) {
            return Ok(entry);
        }
        Err(match entries().find(|entry| entry.id() == id) {
            Some(entry) => Refusal::NotExposed(entry),
            None => Refusal::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(paths: [(u64, &'static str); 3]) -> String {
        let paths = paths.map(|(id, path)| (FunctionId(id), path));
        check(paths).expect_err("two are alike").to_string()
    }

    #[test]
    fn functions_that_a_call_cannot_tell_apart_are_refused() {
        assert!(check([(FunctionId(1), "a::f"), (FunctionId(2), "b::f")]).is_ok());
        assert_eq!(
            refused([(1, "a::f"), (2, "b::f"), (1, "a::f")]),
            "two #[tractor::rpc] functions have the path `a::f`; rename one"
        );
        assert_eq!(
            refused([(1, "a::f"), (2, "b::f"), (1, "c::f")]),
            "the paths `a::f` and `c::f` have one hash; rename one of the functions"
        );
    }
}
