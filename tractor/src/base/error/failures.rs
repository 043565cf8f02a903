//! The failures that are not a remote function's own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::{Aid, Exit};

/// Somebody cancelled the call, or the actor that ran it.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("cancelled by {canceller}")]
pub struct Cancelled {
    canceller: Aid,
}

impl Cancelled {
    pub(crate) fn new(canceller: Aid) -> Self {
        Self { canceller }
    }

    /// The actor that asked for the cancellation.
    pub fn canceller(&self) -> &Aid {
        &self.canceller
    }
}

/// The callee's allowlist does not name the module of the function (A1).
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{aid} does not expose `{function}`; it exposes [{}]", .enabled.join(", "))]
pub struct ModuleNotExposed {
    aid: Aid,
    function: String,
    enabled: Vec<String>,
}

impl ModuleNotExposed {
    pub(crate) fn new(aid: Aid, function: &str, enabled: Vec<String>) -> Self {
        Self {
            aid,
            function: function.to_owned(),
            enabled,
        }
    }

    /// The path of the function that was refused.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The modules that the callee does expose.
    pub fn enabled(&self) -> &[String] {
        &self.enabled
    }

    /// The actor that refused.
    pub fn aid(&self) -> &Aid {
        &self.aid
    }
}

/// The callee has no function of that id.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{aid} knows no function with the id {id:#018x}; it runs another program")]
pub struct UnknownFunction {
    aid: Aid,
    id: u64,
}

impl UnknownFunction {
    pub(crate) fn new(aid: Aid, id: u64) -> Self {
        Self { aid, id }
    }

    /// The actor that does not know the function.
    pub fn aid(&self) -> &Aid {
        &self.aid
    }
}

/// An actor's process ended without being asked to.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{} {}", .exit.aid(), .exit.status())]
pub struct ActorDied {
    exit: Exit,
}

impl ActorDied {
    pub(crate) fn new(exit: Exit) -> Self {
        Self { exit }
    }

    /// The actor that died.
    pub fn aid(&self) -> &Aid {
        self.exit.aid()
    }

    /// How it ended.
    pub fn exit(&self) -> &Exit {
        &self.exit
    }
}

/// The link to an actor broke while its process was alive.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("the link to {aid} is lost: {reason}")]
pub struct LinkLost {
    aid: Aid,
    reason: String,
}

impl LinkLost {
    pub(crate) fn new(aid: Aid, reason: String) -> Self {
        Self { aid, reason }
    }

    /// The actor at the other end.
    pub fn aid(&self) -> &Aid {
        &self.aid
    }

    /// What broke the link.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A call did not return before its deadline.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("`{function}` exceeded its deadline of {timeout:?}")]
pub struct DeadlineExceeded {
    function: String,
    timeout: Duration,
}

impl DeadlineExceeded {
    pub(crate) fn new(function: &str, timeout: Duration) -> Self {
        Self {
            function: function.to_owned(),
            timeout,
        }
    }

    /// The path of the function.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// The time the call had, from its first poll.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Arguments or a result could not be encoded or decoded.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("cannot {side} of `{function}` (`{type_name}`): {reason}")]
pub struct CodecError {
    function: String,
    side: CodecSide,
    type_name: String,
    reason: String,
}

impl CodecError {
    pub(crate) fn new<T>(function: &str, side: CodecSide, reason: impl ToString) -> Self {
        Self::of(std::any::type_name::<T>(), function, side, reason)
    }

    /// The same of the type with this name.
    pub(crate) fn of(
        type_name: &str,
        function: &str,
        side: CodecSide,
        reason: impl ToString,
    ) -> Self {
        Self {
            function: function.to_owned(),
            side,
            type_name: type_name.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// The path of the function.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// What was being done.
    pub fn side(&self) -> CodecSide {
        self.side
    }

    /// The type that was being encoded or decoded.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }
}

/// Which way a value was going when its encoding failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CodecSide {
    /// The caller encodes the arguments.
    EncodeArguments,
    /// The callee decodes the arguments.
    DecodeArguments,
    /// The callee encodes the result.
    EncodeResult,
    /// The caller decodes the result.
    DecodeResult,
    /// The source of a stream encodes an item.
    EncodeItem,
    /// The reader of a stream decodes an item.
    DecodeItem,
    /// The callee encodes the value that a context starts with.
    EncodeFirst,
    /// The caller decodes the value that a context starts with.
    DecodeFirst,
}

impl std::fmt::Display for CodecSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EncodeArguments => "encode the arguments",
            Self::DecodeArguments => "decode the arguments",
            Self::EncodeResult => "encode the result",
            Self::DecodeResult => "decode the result",
            Self::EncodeItem => "encode an item",
            Self::DecodeItem => "decode an item",
            Self::EncodeFirst => "encode the first value",
            Self::DecodeFirst => "decode the first value",
        })
    }
}

/// The program asked for something that cannot be.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// A process could not be started.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[error("cannot start actor `{name}`: {reason}")]
pub struct SpawnError {
    name: String,
    reason: String,
}

impl SpawnError {
    pub(crate) fn new(name: &str, reason: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            reason: reason.into(),
        }
    }

    /// The path of the actor that did not start.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What went wrong, and what can be done about it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
