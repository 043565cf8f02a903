//! What a function that is called from another process must not be: one function a rule.

use std::fmt::Display;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{FnArg, Pat, PatType, ReturnType, Safety, Signature, Token, Type};

use super::Attribute;
use super::model::{dialog, item_of, stream_item};
use super::owned::{self, Borrow};
use crate::errors::Errors;
use crate::function::Function;

/// The most parameters a function can have: the longest tuple `serde` knows.
const MOST_PARAMETERS: usize = 16;

/// What can be made of a function.
pub(super) enum Verdict {
    /// All of it.
    Sound,
    /// A stand-in with its name and signature.
    Unsound,
    /// Nothing: it stands in an impl, where no item can.
    Method,
}

/// Notes every mistake in `function`.
pub(super) fn function(attribute: Attribute, function: &Function, errors: &mut Errors) -> Verdict {
    let mut rules = Rules {
        attribute,
        name: function.sig.ident.to_string(),
        errors,
    };
    let found = rules.errors.len();
    rules.no_receiver(&function.sig);
    rules.no_qualifier(&function.sig);
    rules.no_generics(&function.sig);
    rules.no_variadic(&function.sig);
    rules.few_parameters(&function.sig);
    let context = match attribute {
        Attribute::Rpc => None,
        Attribute::Context => {
            rules.asynchronous(&function.sig);
            rules.context(&function.sig)
        }
    };
    for parameter in parameters(&function.sig) {
        rules.plain_name(parameter);
        rules.unconditional(parameter);
        if context.is_none_or(|context| !std::ptr::eq(context, parameter)) {
            rules.owned_parameter(parameter);
        }
    }
    match stream_item(&function.sig.output) {
        Some(item) if attribute == Attribute::Rpc => rules.owned_item(&function.sig.output, item),
        _ => rules.owned_return(&function.sig.output),
    }

    if function.sig.receiver().is_some() {
        Verdict::Method
    } else if rules.errors.len() > found {
        Verdict::Unsound
    } else {
        Verdict::Sound
    }
}

/// The parameters but `self`.
pub(super) fn parameters(sig: &Signature) -> impl Iterator<Item = &PatType> {
    sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    })
}

/// The parameter that is meant to be the context: the first, unless another is written as one.
pub(super) fn context(sig: &Signature) -> Option<&PatType> {
    let written = parameters(sig).find(|parameter| dialog(&parameter.ty).is_some());
    written.or_else(|| parameters(sig).next())
}

/// The rules, with what their messages share.
struct Rules<'e> {
    attribute: Attribute,
    name: String,
    errors: &'e mut Errors,
}

impl Rules<'_> {
    fn broken(&mut self, tokens: impl ToTokens, rule: impl Display, help: impl Display) {
        let mistake = format!("{} `{}` {rule}", self.attribute.noun(), self.name);
        self.errors.add(tokens, mistake, help);
    }

    fn asynchronous(&mut self, sig: &Signature) {
        if sig.asyncness.is_none() {
            let help = "write `async fn`: it awaits what the other side sends";
            self.broken(sig.fn_token, "must be `async`", help);
        }
    }

    fn context<'f>(&mut self, sig: &'f Signature) -> Option<&'f PatType> {
        let rule = "must take its context as the first parameter";
        let context = context(sig);
        match context {
            None => {
                let help = "take `ctx: tractor::Context<First, Tx, Rx>`: what it starts with, \
                            what it sends and what it receives";
                self.broken(&sig.ident, rule, help);
            }
            Some(context) => {
                let first = parameters(sig).next();
                if first.is_some_and(|first| !std::ptr::eq(first, context)) {
                    self.broken(context, rule, "move it in front of the others");
                }
                self.owned_dialog(&context.ty);
            }
        }
        context
    }

    fn owned_dialog(&mut self, context: &Type) {
        for ty in dialog(context).into_iter().flatten() {
            if let Some((_, tokens)) = owned::borrow(ty) {
                let help = owned_instead("carry", ty);
                self.broken(tokens, "must own what its context carries", help);
            }
        }
    }

    fn no_receiver(&mut self, sig: &Signature) {
        if let Some(receiver) = sig.receiver() {
            let help = "move the function out of the impl, and pass what it needs as an argument";
            self.broken(receiver, "must not take `self`", help);
        }
    }

    fn no_qualifier(&mut self, sig: &Signature) {
        if let Safety::Unsafe(token) = &sig.safety {
            let help = "check in the function what a caller in another process cannot promise";
            self.broken(token, "must not be `unsafe`", help);
        }
        if let Some(abi) = &sig.abi {
            let help = "leave `extern` out: callers in another process use no calling convention";
            self.broken(abi, "must not be `extern`", help);
        }
        if let Some(token) = &sig.constness {
            let help = "leave `const` out: a call of another process is never constant";
            self.broken(token, "must not be `const`", help);
        }
    }

    fn no_generics(&mut self, sig: &Signature) {
        let help = "write the types out; for several types, write a function for each of them";
        if let Some(clause) = sig.generics.where_clause.as_ref()
            && sig.generics.params.is_empty()
        {
            self.broken(clause, "must not have a `where` clause", help);
        } else if !sig.generics.params.is_empty() {
            self.broken(&sig.generics, "must not be generic", help);
        }
    }

    fn no_variadic(&mut self, sig: &Signature) {
        if let Some(variadic) = &sig.variadic {
            let help = "take a `Vec` of the arguments";
            self.broken(variadic.dots, "must not be variadic", help);
        }
    }

    fn few_parameters(&mut self, sig: &Signature) {
        let inputs = parameters(sig);
        let most = MOST_PARAMETERS + usize::from(self.attribute == Attribute::Context);
        let surplus: Punctuated<_, Token![,]> = inputs.skip(most).collect();
        if !surplus.is_empty() {
            let rule = format!("must not have more than {MOST_PARAMETERS} parameters");
            let help = "put some of them into a struct";
            self.broken(surplus, rule, help);
        }
    }

    fn plain_name(&mut self, parameter: &PatType) {
        let help = match &*parameter.pat {
            Pat::Ident(pat) if pat.by_ref.is_some() => "leave `ref` out",
            Pat::Ident(pat) if pat.subpat.is_some() => "match on it in the function's body",
            Pat::Ident(_) => return,
            Pat::Wild(_) => "give it a name that starts with `_`",
            _ => "name it, and take it apart in the function's body",
        };
        let rule = "must have plain names for its parameters";
        self.broken(&parameter.pat, rule, help);
    }

    fn unconditional(&mut self, parameter: &PatType) {
        for attr in &parameter.attrs {
            if attr.path().is_ident("cfg") {
                let help = "put the `#[cfg(..)]` on the function, and write it once for each case";
                self.broken(attr, "must not have conditional parameters", help);
            }
        }
    }

    fn owned_parameter(&mut self, parameter: &PatType) {
        let ty = &*parameter.ty;
        let Some((borrow, tokens)) = owned::borrow(ty) else {
            return;
        };
        match borrow {
            Borrow::Reference | Borrow::Lifetime => {
                let help = owned_instead("take", ty);
                self.broken(tokens, "must own its arguments", help);
            }
            Borrow::ImplTrait => {
                let help = "write the type out";
                self.broken(tokens, "must not have `impl Trait` parameters", help);
            }
        }
    }

    fn owned_item(&mut self, output: &ReturnType, item: Option<&Type>) {
        let Some(item) = item else {
            let ReturnType::Type(_, ty) = output else {
                return;
            };
            let help = "write `impl Stream<Item = T>`";
            return self.broken(ty, "must say what its stream yields", help);
        };
        if let Some((_, tokens)) = owned::borrow(item) {
            let help = owned_instead("yield", item);
            self.broken(tokens, "must own the items of its stream", help);
        }
    }

    fn owned_return(&mut self, output: &ReturnType) {
        let ReturnType::Type(_, ty) = output else {
            return;
        };
        if let Type::Never(never) = owned::peeled(ty) {
            let help = "leave the return type out: an endless call ends by being cancelled";
            return self.broken(never, "must not return `!`", help);
        }
        let Some((borrow, tokens)) = owned::borrow(ty) else {
            return;
        };
        match borrow {
            Borrow::Reference | Borrow::Lifetime => {
                let help = owned_instead("return", ty);
                self.broken(tokens, "must own its result", help);
            }
            Borrow::ImplTrait => {
                let help = match self.attribute {
                    Attribute::Context => {
                        "write the type out; items are sent through the context's stream"
                    }
                    Attribute::Rpc if item_of("Iterator", ty).is_some() => {
                        "return `impl Stream<Item = T>`, to send item by item, or a `Vec<T>`"
                    }
                    Attribute::Rpc => "write the type out; a stream is `impl Stream<Item = T>`",
                };
                self.broken(tokens, "must not return `impl Trait`", help);
            }
        }
    }
}

/// Says what to do with a type that owns its data, instead of with `ty`.
fn owned_instead(verb: &str, ty: &Type) -> String {
    match owned::counterpart(ty) {
        Some(owned) => format!("{verb} `{owned}` instead of `{}`", owned::text(ty)),
        None => format!("{verb} a type that owns its data"),
    }
}
