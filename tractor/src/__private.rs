//! What generated code names; not part of the API.

pub use inventory;

use crate::ClusterBuilder;

pub use crate::__viewed as viewed;
pub use crate::Restart;
pub use crate::base::{Config, Raised, Result as TractorResult};
pub use crate::rpc::allowlist::{Admits, Cons, Dynamic, Here, Listed, Modules, Nil, There, id};
pub use crate::rpc::blocking;
pub use crate::rpc::capture::{
    BoxedRoot, ErrorRoot, NoPayload, NoRoot, Probe, SerializablePayload, capture,
};
pub use crate::rpc::context::Dialog;
pub use crate::rpc::handler::{Handler, handle};
pub use crate::rpc::module::{ModuleId, ModulePath};
pub use crate::rpc::outcome::{Failure, Fallible};
pub use crate::rpc::registry::{Entry, Registration, View};
pub use crate::rpc::shown::{NotShown, Shown, ShownByDebug, show_args};
pub use crate::rpc::stream::{flatten, pump, settle_pump};
pub use crate::rpc::{
    Args, Call, Context, ContextCall, ContextFn, Exposes, IntoCall, Reply, Rpc, StreamCall,
    StreamFn, Wire,
};
pub use crate::runtime::{main, test};
pub use futures_core::Stream;

/// Describes a cluster.
pub fn cluster<A>(modules: Modules<A>) -> ClusterBuilder<A> {
    ClusterBuilder::new(modules)
}

/// Builds a call, which nobody else can.
pub fn call<F: Rpc>(args: F::Args) -> Call<F> {
    Call::new(args)
}

/// Builds a call of a context, which nobody else can.
pub fn context_call<F: ContextFn>(args: F::Args) -> ContextCall<F> {
    ContextCall::new(args)
}

/// Builds a call of a stream, which nobody else can.
pub fn stream_call<F: StreamFn>(args: F::Args) -> StreamCall<F> {
    StreamCall::new(args)
}

/// The list that stands for one that could not be understood, so that one mistake is one error.
pub fn modules_in_error() -> Modules<Dynamic> {
    Modules::new(&[])
}

/// The hash of a module's path.
pub const fn module_hash(path: &'static str) -> u64 {
    ModulePath::absolute(path).hash()
}

/// The entry of a function, with what a debugger shows of it: nothing without the feature `debug`, as it is
/// compiled for every function.
#[cfg(not(feature = "debug"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __viewed {
    ($stub:ident, $entry:expr, $($name:literal = $index:tt),*) => {
        $entry
    };
}

/// The entry of a function, with what a debugger shows of it.
#[cfg(feature = "debug")]
#[doc(hidden)]
#[macro_export]
macro_rules! __viewed {
    ($stub:ident, $entry:expr, $($name:literal = $index:tt),*) => {
        $entry.viewed($crate::__private::View {
            args: |args| $crate::__private::show_args::<$stub>(args, |_args| {
                #[allow(unused_imports)]
                use $crate::__private::{NotShown as _, ShownByDebug as _};
                ::std::vec![$(($name, (&$crate::__private::Shown(&_args.$index)).text())),*]
            }),
            file: ::core::file!(),
            line: ::core::line!(),
        })
    };
}

/// Tuples by a path, which can begin and end at any span.
macro_rules! tuples {
    ($($name:ident<$($ty:ident),*>;)*) => {$(
        pub type $name<$($ty),*> = ($($ty,)*);
    )*};
}

tuples! {
    Tuple0<>;
    Tuple1<A>;
    Tuple2<A, B>;
    Tuple3<A, B, C>;
    Tuple4<A, B, C, D>;
    Tuple5<A, B, C, D, E>;
    Tuple6<A, B, C, D, E, F>;
    Tuple7<A, B, C, D, E, F, G>;
    Tuple8<A, B, C, D, E, F, G, H>;
    Tuple9<A, B, C, D, E, F, G, H, I>;
    Tuple10<A, B, C, D, E, F, G, H, I, J>;
    Tuple11<A, B, C, D, E, F, G, H, I, J, K>;
    Tuple12<A, B, C, D, E, F, G, H, I, J, K, L>;
    Tuple13<A, B, C, D, E, F, G, H, I, J, K, L, M>;
    Tuple14<A, B, C, D, E, F, G, H, I, J, K, L, M, N>;
    Tuple15<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O>;
    Tuple16<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P>;
}
