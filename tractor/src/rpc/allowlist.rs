//! The modules whose functions an actor answers, known to the compiler and at run time.

use std::fmt;
use std::marker::PhantomData;

use super::Rpc;
use super::module::{ModuleId, ModulePath};

/// The modules whose functions an actor answers; made by [`modules!`](crate::modules).
///
/// `A` is the same list as a type, so that a call of a function that is not exposed does not
/// compile. The actor checks every call against the list again (A1).
pub struct Modules<A> {
    listed: &'static [Listed],
    list: PhantomData<fn() -> A>,
}

/// One module of a list.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    written: &'static str,
    candidates: &'static [ModulePath],
}

impl Listed {
    /// A module that was written as `written`, and can be any of `candidates`.
    ///
    /// A path that starts with a plain name means a child of the current module or another crate;
    /// only the compiler can tell which, and it does not tell.
    pub const fn new(written: &'static str, candidates: &'static [ModulePath]) -> Self {
        Self {
            written,
            candidates,
        }
    }

    /// The module as the user wrote it.
    pub(crate) fn written(&self) -> &'static str {
        self.written
    }

    /// The modules it can be.
    pub(crate) fn candidates(&self) -> &'static [ModulePath] {
        self.candidates
    }
}

/// The hash of candidate `candidate` of the module at `at`.
///
/// # Panics
///
/// With `twice` when the module is listed before: as a type, the list would be ambiguous.
#[track_caller]
pub const fn id(listed: &[Listed], at: usize, candidate: usize, twice: &'static str) -> u64 {
    let hash = listed[at].candidates[candidate].hash();
    let mut before = 0;
    while before < at {
        let mut other = 0;
        while other < listed[before].candidates.len() {
            let distinct = listed[before].candidates[other].hash() != hash;
            // Not `assert!`: the compiler's message would lead into that macro.
            if distinct { Some(()) } else { None }.expect(twice);
            other += 1;
        }
        before += 1;
    }
    hash
}

impl<A> Modules<A> {
    /// The list with the modules `listed`, which `A` has to name too.
    #[doc(hidden)]
    pub const fn new(listed: &'static [Listed]) -> Self {
        Self {
            listed,
            list: PhantomData,
        }
    }

    /// The modules, in the order in which they were written.
    pub(crate) fn listed(&self) -> &'static [Listed] {
        self.listed
    }
}

impl<A> Clone for Modules<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Modules<A> {}

impl<A> fmt::Debug for Modules<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.listed.iter().map(|module| module.written))
            .finish()
    }
}

/// The list of a portal that knows its callee's modules only at run time.
pub enum Dynamic {}

/// A list that begins with the module `M`.
pub struct Cons<M, Rest>(PhantomData<fn() -> (M, Rest)>);

/// The empty list.
pub enum Nil {}

/// At the head of the list.
pub enum Here {}

/// At `I` of the list's rest.
pub struct There<I>(PhantomData<fn() -> I>);

/// A list that has the module `M`, at `I`.
pub trait Contains<M, I> {}

#[diagnostic::do_not_recommend]
impl<const H: u64, Rest> Contains<ModuleId<H>, Here> for Cons<ModuleId<H>, Rest> {}

#[diagnostic::do_not_recommend]
impl<M, Head, Rest: Contains<M, I>, I> Contains<M, There<I>> for Cons<Head, Rest> {}

#[diagnostic::do_not_recommend]
impl<M> Contains<M, Here> for Dynamic {}

/// An allowlist that has the module of the function `F`.
///
/// `I` says where in the list; the compiler finds it. [`Dynamic`] exposes every function to the
/// compiler, and leaves the check to the callee.
#[diagnostic::on_unimplemented(
    message = "`{F}` is not exposed to this portal",
    label = "the module of `{F}` is not in the portal's allowlist",
    note = "add the module that defines the function to `modules: [..]` where the actor is started",
    note = "if it is re-exported there, name its module by the function: `module_of(path::to::function)`"
)]
pub trait Exposes<F, I> {}

#[diagnostic::do_not_recommend]
impl<F: Rpc, A: Contains<F::Module, I>, I> Exposes<F, I> for A {}

/// [`Exposes`], asked by a portal about the call `C`, so that rustc points at the argument.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{F}` is not exposed to this portal",
    label = "the module of `{F}` is not in the portal's allowlist",
    note = "add the module that defines the function to `modules: [..]` where the actor is started",
    note = "if it is re-exported there, name its module by the function: `module_of(path::to::function)`"
)]
pub trait Admits<C, F, I> {}

#[diagnostic::do_not_recommend]
impl<A: Exposes<F, I>, C, F, I> Admits<C, F, I> for A {}
