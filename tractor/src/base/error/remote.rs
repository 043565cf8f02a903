//! A failure of a remote function, as it reaches the caller.

use std::any::type_name;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cause::Chain;
use crate::base::Aid;

/// The remote function returned `Err` or panicked.
///
/// Nothing of the original is lost on its way up (E1): the text always arrives, with its whole
/// chain of sources; the typed value arrives when its type is serializable and comes back with
/// [`downcast`](Self::downcast). An error that climbs further keeps its origin.
#[derive(Clone, Serialize, Deserialize)]
pub struct RemoteError {
    inner: Box<Inner>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    type_name: String,
    message: String,
    chain: Chain,
    payload: Option<Vec<u8>>,
    panic: Option<PanicReport>,
    origin: Aid,
    function: String,
    relay_path: Vec<Aid>,
    context: Vec<String>,
}

/// What is known of an error at the place where it is returned.
#[derive(Debug)]
pub(crate) struct RemoteParts {
    /// The name of the error's type.
    pub(crate) type_name: &'static str,
    /// Its `Display` text.
    pub(crate) message: String,
    /// The `Display` texts of its sources, the nearest first.
    pub(crate) chain: Vec<String>,
    /// The encoded value, when its type is serializable.
    pub(crate) payload: Option<Vec<u8>>,
}

/// What the panic hook saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PanicReport {
    pub(crate) message: String,
    pub(crate) location: Option<String>,
    pub(crate) backtrace: Option<String>,
}

impl RemoteError {
    /// The error that `function` returned in `origin`.
    pub(crate) fn new(parts: RemoteParts, origin: &Aid, function: &str) -> Self {
        Self {
            inner: Box::new(Inner {
                type_name: parts.type_name.to_owned(),
                message: parts.message,
                chain: parts.chain.into(),
                payload: parts.payload,
                panic: None,
                origin: origin.clone(),
                function: function.to_owned(),
                relay_path: Vec::new(),
                context: Vec::new(),
            }),
        }
    }

    /// The panic of `function` in `origin`.
    pub(crate) fn panicked(panic: PanicReport, origin: &Aid, function: &str) -> Self {
        let parts = RemoteParts {
            type_name: "panic",
            message: panic.message.clone(),
            chain: Vec::new(),
            payload: None,
        };
        let mut error = Self::new(parts, origin, function);
        error.inner.panic = Some(panic);
        error
    }

    /// The same error, one actor further up.
    pub(crate) fn relayed_by(mut self, aid: &Aid, context: Vec<String>) -> Self {
        self.inner.relay_path.push(aid.clone());
        self.within(context)
    }

    /// The same error, with what an actor on its way says about it, outermost first.
    pub(crate) fn within(mut self, mut context: Vec<String>) -> Self {
        context.append(&mut self.inner.context);
        self.inner.context = context;
        self
    }

    /// The name of the error's type; `panic` for a panic.
    pub fn type_name(&self) -> &str {
        // Nobody else knows it by the path of the module that defines it.
        match self.inner.type_name == type_name::<super::Error>() {
            true => "tractor::Error",
            false => &self.inner.type_name,
        }
    }

    /// The error's own text, or the panic's message.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The texts of the error's sources, the nearest first.
    pub fn chain(&self) -> impl Iterator<Item = &str> {
        self.inner.chain.messages()
    }

    /// True when the function panicked.
    pub fn is_panic(&self) -> bool {
        self.inner.panic.is_some()
    }

    /// Where the function panicked, as `file:line:column`.
    pub fn location(&self) -> Option<&str> {
        self.inner.panic.as_ref()?.location.as_deref()
    }

    /// The backtrace of a panic, taken when `RUST_BACKTRACE` asks for it, as std does: from the
    /// panic to the function, or all of it when it is `full`.
    pub fn backtrace(&self) -> Option<&str> {
        self.inner.panic.as_ref()?.backtrace.as_deref()
    }

    /// The actor in which the function failed.
    pub fn origin(&self) -> &Aid {
        &self.inner.origin
    }

    /// The path of the function that failed.
    pub fn function(&self) -> &str {
        &self.inner.function
    }

    /// The actors the error climbed through after its origin, in that order.
    pub fn relay_path(&self) -> &[Aid] {
        &self.inner.relay_path
    }

    /// What the actors on the way up said about the error, such as the contexts of `anyhow`; the
    /// outermost first.
    pub fn context(&self) -> impl Iterator<Item = &str> {
        self.inner.context.iter().map(String::as_str)
    }

    /// True when the error was an `E`, and is serializable.
    pub fn is<E: 'static>(&self) -> bool {
        self.inner.payload.is_some() && self.inner.type_name == type_name::<E>()
    }

    /// The original error.
    ///
    /// # Errors
    ///
    /// Gives itself back when the error was no `E`, or when `E` is not serializable.
    pub fn downcast<E: DeserializeOwned + 'static>(self) -> Result<E, Self> {
        if !self.is::<E>() {
            return Err(self);
        }
        let original = self.inner.payload.as_deref().map(postcard::from_bytes);
        original.and_then(Result::ok).ok_or(self)
    }
}

impl std::error::Error for RemoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.inner.chain.first()?;
        Some(cause)
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.is_panic() {
            "panicked"
        } else {
            "failed"
        };
        let line = self.inner.message.lines().next().unwrap_or_default();
        write!(
            f,
            "`{}` {verb} in {}: {line}",
            self.function(),
            self.origin()
        )
    }
}

impl fmt::Debug for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteError")
            .field("type_name", &self.inner.type_name)
            .field("message", &self.inner.message)
            .field("chain", &self.chain().collect::<Vec<_>>())
            .field("panic", &self.inner.panic)
            .field("origin", &self.inner.origin)
            .field("function", &self.inner.function)
            .field("relay_path", &self.inner.relay_path)
            .field("context", &self.inner.context)
            .finish_non_exhaustive()
    }
}
