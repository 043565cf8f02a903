//! The macros of the `tractor` crate; use them through it, where they are documented.
//!
//! Each macro has a folder and goes the same way: parse what was written, check it (one function a
//! rule, every mistake into `Errors`), keep what is left as a model of plain data,
//! expand the model. Expanding cannot fail. The user's item is emitted again whatever is wrong with
//! it, so that the rest of the crate has nothing more to complain about.

#![expect(
    missing_docs,
    reason = "the macros are documented where `tractor` re-exports them"
)]

mod cluster;
mod entry;
mod errors;
mod function;
mod krate;
mod modules;
mod nearest;
mod recover;
mod rpc;
mod settings;
mod spans;

use proc_macro::TokenStream;

#[proc_macro_attribute]
pub fn rpc(args: TokenStream, item: TokenStream) -> TokenStream {
    rpc::rpc(args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn context(args: TokenStream, item: TokenStream) -> TokenStream {
    rpc::context(args.into(), &item.into()).into()
}

#[proc_macro]
pub fn modules(input: TokenStream) -> TokenStream {
    modules::modules(input.into()).into()
}

#[proc_macro]
pub fn cluster(input: TokenStream) -> TokenStream {
    cluster::cluster(input.into()).into()
}

#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(args.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(args.into(), &item.into()).into()
}
