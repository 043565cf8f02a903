//! What is left in place of a function with mistakes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, PatType, Signature, Type, parse_quote};

use super::model::{Output, dialog, stream_item};
use super::{Attribute, attrs, check, owned};
use crate::function::Function;
use crate::krate::Krate;

/// A function of the same name and with the same parameters, and a stub, for a function with
/// mistakes, so that neither its callers nor its imports are mistakes of their own. The function
/// itself is kept inside, so that its body is checked all the same.
pub(super) fn function(krate: &Krate, attribute: Attribute, function: Function) -> TokenStream {
    let private = krate.private();
    let Function {
        attrs,
        vis,
        mut sig,
        body,
    } = function;
    let attrs = attrs::sort(&attrs);
    let (cfg, body_attrs) = (&attrs.cfg, &attrs.body);
    let ident = &sig.ident.clone();
    let (generics, clause) = (&sig.generics.clone(), &sig.generics.where_clause.clone());
    let shape = Shape::of(attribute, &sig);
    let context = match shape {
        Shape::Context(_) => check::context(&sig),
        Shape::Call | Shape::Stream(_) => None,
    };
    let params: Vec<_> = check::parameters(&sig)
        .filter(|parameter| context.is_none_or(|context| !std::ptr::eq(context, *parameter)))
        .enumerate()
        .map(plain)
        .collect();
    let call = shape.call();
    let beside = shape.beside(&private, ident);

    let output = match &sig.output {
        _ if matches!(shape, Shape::Stream(_)) => parse_quote!(-> #private::TractorResult<()>),
        syn::ReturnType::Type(_, ty) if !owned_by_rule(ty) => syn::ReturnType::Default,
        other => other.clone(),
    };
    let Output {
        ty: returned,
        result,
        ..
    } = Output::of(&output);
    let success = match result {
        _ if matches!(shape, Shape::Stream(_)) => quote!(()),
        Some(_) => quote!(<#returned as #private::Fallible>::Success),
        None => returned.clone(),
    };

    // rustc has its own words for all of it, and they were said already.
    let body = match context.is_none_or(|context| owned_dialog(&context.ty)) {
        true => quote!(#body),
        false => quote!({ ::core::unreachable!() }),
    };
    sig.constness = None;
    let body = sig.variadic.is_none().then(|| {
        quote! {
            impl #ident {
                #(#body_attrs)*
                #[allow(unused)]
                #sig #body
            }
        }
    });
    quote! {
        #(#cfg)*
        #[allow(dead_code, missing_docs, non_camel_case_types, unreachable_pub)]
        #vis enum #ident {}
        #(#cfg)*
        #[allow(missing_docs, unused)]
        #vis fn #ident #generics(#(#params),*) -> #private::#call<#ident> #clause {
            ::core::unreachable!()
        }
        #(#cfg)*
        const _: () = {
            #body
            impl #private::Rpc for #ident {
                type Args = ();
                type Return = #returned;
                type Output = #success;
                type Module = #private::ModuleId<{ #private::module_hash(::core::module_path!()) }>;
                const PATH: &'static ::core::primitive::str = "";
                const MODULE: &'static ::core::primitive::str = ::core::module_path!();
                async fn call(_: ()) -> #returned {
                    ::core::unreachable!()
                }
                fn settle(
                    _: #returned,
                ) -> ::core::result::Result<Self::Output, #private::Raised> {
                    ::core::unreachable!()
                }
                fn entry() -> &'static #private::Entry {
                    ::core::unreachable!()
                }
            }
            #beside
        };
    }
}

/// What the function was meant to be.
enum Shape {
    Call,
    /// A stream of these, if that can be told.
    Stream(Option<Type>),
    /// A dialog, with a context of this type, if it can be had.
    Context(Option<Type>),
}

impl Shape {
    fn of(attribute: Attribute, sig: &Signature) -> Self {
        match (attribute, stream_item(&sig.output)) {
            (Attribute::Context, _) => {
                let context = check::context(sig).map(|parameter| &*parameter.ty);
                Self::Context(context.filter(|ty| owned_dialog(ty)).cloned())
            }
            (Attribute::Rpc, Some(item)) => {
                Self::Stream(item.filter(|item| owned_by_rule(item)).cloned())
            }
            (Attribute::Rpc, None) => Self::Call,
        }
    }

    /// The type of its calls.
    fn call(&self) -> TokenStream {
        match self {
            Self::Call => quote!(Call),
            Self::Stream(_) => quote!(StreamCall),
            Self::Context(_) => quote!(ContextCall),
        }
    }

    /// What it has beside `Rpc`.
    fn beside(&self, private: &TokenStream, ident: &Ident) -> Option<TokenStream> {
        match self {
            Self::Call => None,
            Self::Stream(item) => {
                let item = item
                    .as_ref()
                    .map_or_else(|| quote!(()), |item| quote!(#item));
                Some(quote! {
                    impl #private::StreamFn for #ident {
                        type Item = #item;
                        type Yield = ();
                        const FALLIBLE: ::core::primitive::bool = false;
                        fn stream(
                            args: (),
                        ) -> impl #private::Stream<Item = Self::Item> + ::core::marker::Send + 'static
                        {
                            #private::stream_call::<Self>(args)
                        }
                        fn settle_item(
                            _: Self::Item,
                        ) -> ::core::result::Result<(), #private::Raised> {
                            ::core::unreachable!()
                        }
                    }
                })
            }
            Self::Context(context) => {
                let context = match context {
                    Some(context) => quote!(#context),
                    None => quote!(#private::Context<(), (), ()>),
                };
                Some(quote! {
                    impl #private::ContextFn for #ident {
                        type First = <#context as #private::Dialog>::First;
                        type Tx = <#context as #private::Dialog>::Tx;
                        type Rx = <#context as #private::Dialog>::Rx;
                    }
                })
            }
        }
    }
}

fn owned_by_rule(ty: &Type) -> bool {
    owned::borrow(ty).is_none() && !matches!(owned::peeled(ty), Type::Never(_))
}

/// True of a context that carries nothing borrowed, as far as its type is written out.
fn owned_dialog(context: &Type) -> bool {
    let mut types = dialog(context).into_iter().flatten();
    types.all(owned_by_rule)
}

/// The `at`th parameter under a plain name.
fn plain((at, PatType { ty, .. }): (usize, &PatType)) -> TokenStream {
    let name = format_ident!("arg{at}");
    quote!(#name: #ty)
}
