//! The terminal, in the hands of an actor.

use std::io;
use std::os::unix::net::UnixStream;

use super::super::abstract_socket::connect;
use super::{Reply, Request, receive, send, unexpected};

/// The terminal of the tree: its own, until this is dropped.
#[derive(Debug)]
pub(crate) struct Terminal {
    #[cfg_attr(
        not(feature = "debug"),
        expect(dead_code, reason = "it is there to be open")
    )]
    root: UnixStream,
    prompt: bool,
}

impl Terminal {
    /// Waits until it is this actor's turn; `waits` is told how many are before it, whenever that changes.
    /// `None` when its turn does not come, because the tree is torn down.
    ///
    /// # Errors
    ///
    /// When the root cannot be reached.
    pub(crate) fn wait(name: &str, mut waits: impl FnMut(usize)) -> io::Result<Option<Self>> {
        let mut root = connect(name)?;
        send(&mut root, &Request::Hold)?;
        loop {
            match receive(&mut root)? {
                Reply::Turn { prompt } => return Ok(Some(Self { root, prompt })),
                Reply::Quitting => return Ok(None),
                Reply::Wait(before) => waits(before),
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// True when somebody may be there who can answer.
    pub(crate) fn has_prompt(&self) -> bool {
        self.prompt
    }
}

/// What can be asked for at a prompt.
#[cfg(feature = "debug")]
impl Terminal {
    /// What the whole tree does, as text, with `colours` or without.
    ///
    /// # Errors
    ///
    /// When the root is gone.
    pub(crate) fn tree(&mut self, colours: bool) -> io::Result<String> {
        match self.ask(&Request::Tree { colours })? {
            Reply::Tree(text) => Ok(text),
            other => Err(unexpected(&other)),
        }
    }

    /// Has the root tear the tree down, as after a SIGINT.
    ///
    /// # Errors
    ///
    /// When the root is gone.
    pub(crate) fn quit(&mut self) -> io::Result<()> {
        match self.ask(&Request::Quit)? {
            Reply::Quitting => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn ask(&mut self, request: &Request) -> io::Result<Reply> {
        send(&mut self.root, request)?;
        receive(&mut self.root)
    }
}
