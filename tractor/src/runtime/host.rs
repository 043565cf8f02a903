//! The root of a tree in debug mode, as those who have stopped know it.

use std::io::{self, IsTerminal};
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::runtime::Handle;

use super::Outcome;
use crate::base::{Actor, Style};
use crate::debugger::stop_at_crashes;
use crate::process::{Host, Interrupt, Interrupter, OpenDesk, know_terminal, open_terminal};
use crate::rpc::stop::{Why, stop};
use crate::scope::{from_outside, of_root};

/// The root, as the threads that hand the terminal out know it.
struct Root {
    actor: Actor,
    runtime: Handle,
    interrupter: Interrupter,
}

/// How long the actors have to say what they do: those who have stopped do not.
const PATIENCE: Duration = Duration::from_millis(500);

impl Host for Root {
    fn has_prompt(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn tree(&self, colours: bool) -> String {
        let (give, seen) = channel();
        let actor = self.actor.clone();
        let look = async move {
            let _ = give.send(of_root(&actor, PATIENCE).await);
        };
        self.runtime.spawn(look);
        // The root itself may be what has stopped.
        let seen = seen.recv_timeout(2 * PATIENCE);
        let seen = seen.unwrap_or_else(|_| from_outside(self.actor.aid().pid()));
        let most = usize::MAX;
        seen.styled(Style { most, colours }).to_string()
    }

    fn quit(&self) {
        self.interrupter.interrupt();
    }

    fn catch_up(&self) {
        self.interrupter.catch_up();
    }
}

/// Has a root, in debug mode, stop where it crashes, and hand the terminal out to its tree; without, its
/// children may be in it.
pub(super) fn debug_root(actor: &Actor, runtime: &Handle, interrupter: Interrupter) -> OpenDesk {
    let root = Root {
        actor: actor.clone(),
        runtime: runtime.clone(),
        interrupter,
    };
    let desk = OpenDesk::new(actor.aid().clone(), root);
    let config = actor.config();
    if config.is_debugged() {
        let _name = open_terminal(actor.aid(), config.holds_output());
        stop_at_crashes();
    }
    desk
}

/// Stops `root`, in debug mode, if its body has failed, and nobody has asked for the end.
pub(super) async fn stop_if_failed(
    root: &Actor,
    outcome: &impl Outcome,
    interrupter: &Interrupter,
) {
    if !root.config().is_debugged() {
        return;
    }
    let Some(error) = outcome.failure(root) else {
        return;
    };
    // A signal to the whole group ends the children as well, and the body may have learnt of that first.
    if interrupter.now().await == Interrupt::None {
        stop(Why::Error(&error));
    }
}

/// Has a child stop where it crashes; its root hands the terminal out there.
pub(super) fn debug_child(actor: &Actor, terminal: Option<String>) {
    if let Some(name) = terminal {
        know_terminal(name);
    }
    if actor.config().is_debugged() {
        stop_at_crashes();
    }
}
