//! The macros of the `tractor` crate; use them through it.
use proc_macro::TokenStream;

/// Makes a function callable in another process.
#[proc_macro_attribute]
pub fn rpc(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}
