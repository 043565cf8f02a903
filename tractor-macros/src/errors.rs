//! The mistakes found in one item.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found in one item, reported all together.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Notes a mistake in `tokens`, and what to do about it.
    pub(crate) fn add(&mut self, tokens: impl ToTokens, mistake: impl Display, help: impl Display) {
        let message = format!("{mistake}\nhelp: {help}");
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// Notes a mistake at `span`, and what to do about it.
    pub(crate) fn add_at(&mut self, span: Span, mistake: impl Display, help: impl Display) {
        let message = format!("{mistake}\nhelp: {help}");
        self.found.push(syn::Error::new(span, message));
    }

    /// Notes what could not be parsed.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Notes a mistake, if there is one.
    pub(crate) fn extend(&mut self, error: Option<syn::Error>) {
        self.found.extend(error);
    }

    /// The value of `result`; its error is noted.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many mistakes there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// The mistakes as `compile_error!`s, which stand where items or statements do.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}
