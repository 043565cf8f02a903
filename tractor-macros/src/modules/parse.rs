//! From tokens to a list of modules.
//!
//! ```text
//! invocation = [ "crate" "=" path ";" ] list
//! list       = { module "," }
//! module     = path | "module_of" "(" path ")"
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Path, Token, parenthesized, token};

use super::model::{Module, Place};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::recover::skip_to_comma;

/// Parses what stands between the brackets of `modules![..]`.
pub(super) fn invocation(input: TokenStream, errors: &mut Errors) -> (Krate, Vec<Module>) {
    let parser = |input: ParseStream<'_>| {
        let krate = krate(input)?;
        Ok((krate, modules(input, errors)))
    };
    match parser.parse2(input) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.push(error);
            (Krate::default(), Vec::new())
        }
    }
}

/// Parses a list of modules.
pub(super) fn list(input: TokenStream, errors: &mut Errors) -> Vec<Module> {
    let parser = |input: ParseStream<'_>| Ok(modules(input, errors));
    parser.parse2(input).unwrap_or_default()
}

fn krate(input: ParseStream<'_>) -> syn::Result<Krate> {
    if !(input.peek(Token![crate]) && input.peek2(Token![=])) {
        return Ok(Krate::default());
    }
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = input.call(Path::parse_mod_style)?;
    input.parse::<Token![;]>()?;
    Ok(Krate::at(path))
}

fn modules(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Module> {
    let mut list: Vec<Module> = Vec::new();
    while !input.is_empty() {
        match module(input) {
            Ok(module) if list.iter().any(|other| other.written == module.written) => {
                let mistake = format!("module `{}` is listed twice", module.written);
                errors.add(&module.tokens, mistake, "keep one of them");
            }
            Ok(module) => list.push(module),
            Err(error) => {
                errors.push(error);
                skip_to_comma(input);
            }
        }
    }
    list
}

fn module(input: ParseStream<'_>) -> syn::Result<Module> {
    if input.peek(Ident) && input.peek2(token::Paren) {
        return module_of(input);
    }
    let Ok(path) = input.call(Path::parse_mod_style) else {
        let message = "expected the path of a module\nhelp: write for example `self`, `crate::workers` or `module_of(path::to::function)`";
        return Err(input.error(message));
    };
    comma(input)?;
    Ok(Module {
        written: written(&path),
        place: place(&path)?,
        tokens: path.into_token_stream(),
    })
}

fn module_of(input: ParseStream<'_>) -> syn::Result<Module> {
    let keyword: Ident = input.parse()?;
    if keyword != "module_of" {
        let message = format!(
            "`{keyword}(..)` is not a module\nhelp: write `module_of(path::to::function)`, or the path of a module"
        );
        return Err(syn::Error::new(keyword.span(), message));
    }
    let content;
    parenthesized!(content in input);
    let function = content.call(Path::parse_mod_style)?;
    if !content.is_empty() {
        return Err(content.error("`module_of` takes the path of one function"));
    }
    comma(input)?;
    Ok(Module {
        written: format!("module_of({})", written(&function)),
        tokens: quote!(#keyword #function),
        place: Place::Of { function },
    })
}

fn comma(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(input.error("expected `,` between modules"))
}

/// The path, without spaces.
fn written(path: &Path) -> String {
    let leading = path.leading_colon.map_or("", |_| "::");
    format!("{leading}{}", joined(names(path)))
}

/// The segments as `module_path!()` writes them: raw only where they have to be.
fn names(path: &Path) -> impl Iterator<Item = String> {
    path.segments.iter().map(|segment| {
        let plain = segment.ident.unraw().to_string();
        if segment.ident == plain || syn::parse_str::<Ident>(&plain).is_ok() {
            plain
        } else {
            segment.ident.to_string()
        }
    })
}

fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join("::")
}

fn place(path: &Path) -> syn::Result<Place> {
    let all = || joined(names(path));
    if path.leading_colon.is_some() {
        return Ok(Place::Crate { path: all() });
    }
    let mut names = names(path).peekable();
    match names.peek().map(String::as_str) {
        Some("crate") => Ok(Place::Root {
            rest: joined(names.skip(1)),
        }),
        Some("self" | "super") => {
            names.next_if(|name| name == "self");
            let mut up = 0;
            while names.next_if(|name| name == "super").is_some() {
                up += 1;
            }
            Ok(Place::Here {
                up,
                rest: joined(names),
            })
        }
        Some("$crate") => {
            let message = "the path of `$crate` is not known here\nhelp: write `module_of($crate::path::to::function)`";
            Err(syn::Error::new_spanned(path, message))
        }
        _ => Ok(Place::ChildOrCrate { path: all() }),
    }
}
