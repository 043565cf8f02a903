//! A screen that shows what every actor does, again and again.

mod app;
mod keys;
mod rows;
mod screen;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use self::app::App;
use super::attach::{self, Attached};
use super::trouble::Trouble;
use crate::base::{ActorSnapshot, block_on, takes_colours};

/// How soon a new look is shown.
const FRAME: Duration = Duration::from_millis(50);

/// What a look has seen, and when.
type Look = (Instant, Result<ActorSnapshot, Trouble>);

/// Shows the tree of `root`, until somebody quits or the tree has ended.
pub(super) fn show(root: u32, within: Duration, every: Duration) -> Result<(), Trouble> {
    if !io::stdout().is_terminal() {
        return Err(Trouble::NoTerminal);
    }
    let looks = look_again_and_again(root, within, every)?;
    let mut app = App::new(every, takes_colours(&io::stdout()));
    // What cannot be seen at all is said before the screen is taken.
    let (at, seen) = looks.recv().map_err(|_| Trouble::Ended { pid: root })?;
    app.update(at, seen?);
    let ended = ratatui::try_init()
        .map_err(Trouble::Output)
        .and_then(|mut terminal| run(&mut terminal, &mut app, &looks));
    // Also when only a part of it could be taken.
    let restored = ratatui::try_restore().map_err(Trouble::Output);
    ended.and(restored)
}

fn run(
    terminal: &mut DefaultTerminal,
    app: &mut App,
    looks: &Receiver<Look>,
) -> Result<(), Trouble> {
    while !app.quits() {
        terminal
            .draw(|frame| screen::draw(frame, app))
            .map_err(Trouble::Output)?;
        if event::poll(FRAME).map_err(Trouble::Output)? {
            keys::handle(&event::read().map_err(Trouble::Output)?, app);
        }
        loop {
            match looks.try_recv() {
                Ok((at, seen)) => app.update(at, seen?),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    unreachable!("it looks until there is nothing to see, and says so")
                }
            }
        }
    }
    Ok(())
}

/// Looks on a thread of its own: keys are heard while somebody does not answer.
fn look_again_and_again(
    root: u32,
    within: Duration,
    every: Duration,
) -> Result<Receiver<Look>, Trouble> {
    let (sender, looks) = mpsc::channel();
    let runtime = attach::runtime()?;
    let looker = move || {
        let ended = block_on(&runtime, async {
            tokio::select! {
                trouble = look(root, within, every, &sender) => trouble,
                trouble = signalled() => trouble,
            }
        });
        // Nobody listens who has quit.
        let _ = sender.send((Instant::now(), Err(ended)));
    };
    let started = thread::Builder::new().name("look".into()).spawn(looker);
    started.map_err(Trouble::Begin)?;
    Ok(looks)
}

/// Looks until there is nothing to see any more.
async fn look(root: u32, within: Duration, every: Duration, looks: &Sender<Look>) -> Trouble {
    let mut attached = match Attached::to(root) {
        Ok(attached) => attached,
        Err(trouble) => return trouble,
    };
    loop {
        match attached.look(within).await {
            Ok(seen) => {
                // Whoever has quit ends the process.
                let _ = looks.send((Instant::now(), Ok(seen)));
            }
            Err(trouble) => return trouble,
        }
        sleep(every).await;
    }
}

/// Resolves when a signal asks for the end: the terminal is given back before.
async fn signalled() -> Trouble {
    let kinds = [SignalKind::terminate(), SignalKind::hangup()];
    match kinds.map(signal) {
        [Ok(mut terminate), Ok(mut hang_up)] => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            Trouble::Signalled
        }
        [Err(error), _] | [_, Err(error)] => Trouble::Begin(error),
    }
}
