//! What an entry function must not be.

use super::model::Kind;
use crate::errors::Errors;
use crate::function::Function;

/// Notes every mistake in `function`; true when there is none.
pub(super) fn function(kind: Kind, function: &Function, errors: &mut Errors) -> bool {
    let found = errors.len();
    is_async(kind, function, errors);
    takes_nothing(kind, function, errors);
    errors.len() == found
}

fn is_async(kind: Kind, function: &Function, errors: &mut Errors) {
    if function.sig.asyncness.is_none() {
        let name = &function.sig.ident;
        errors.add(
            function.sig.fn_token,
            format!("{} `{name}` must be async", kind.noun()),
            format!("write `async fn {name}`"),
        );
    }
}

fn takes_nothing(kind: Kind, function: &Function, errors: &mut Errors) {
    let sig = &function.sig;
    if !sig.inputs.is_empty() {
        let help = match kind {
            Kind::Main => "read the command line with `std::env::args()`",
            Kind::Test => "set up what the test needs in its body",
        };
        let mistake = format!("{} `{}` must not have parameters", kind.noun(), sig.ident);
        errors.add(&sig.inputs, mistake, help);
    }
}
