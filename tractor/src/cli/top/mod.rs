//! A screen that shows what every actor does, again and again.

mod app;
mod keys;
mod rows;
mod screen;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event;

use self::app::App;
use super::attach::{self, Attached};
use super::trouble::Trouble;
use crate::base::{ActorSnapshot, block_on};

/// How soon a new look is shown.
const GLANCE: Duration = Duration::from_millis(50);

/// What a look has seen, and when.
type Look = (Instant, Result<ActorSnapshot, Trouble>);

/// Shows the tree of `root`, until somebody quits or the tree has ended.
pub(super) fn show(root: u32, within: Duration, every: Duration) -> Result<(), Trouble> {
    if !io::stdout().is_terminal() {
        return Err(Trouble::NoTerminal);
    }
    let looks = look_again_and_again(root, within, every)?;
    let mut app = App::new(every);
    // What cannot be seen at all is said before the screen is taken.
    let (at, seen) = looks.recv().map_err(|_| Trouble::Ended { pid: root })?;
    app.update(at, &seen?);
    let mut terminal = ratatui::try_init().map_err(Trouble::Output)?;
    let ended = run(&mut terminal, &mut app, &looks);
    ratatui::try_restore().map_err(Trouble::Output)?;
    ended
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
        if event::poll(GLANCE).map_err(Trouble::Output)? {
            keys::handle(&event::read().map_err(Trouble::Output)?, app);
        }
        for (at, seen) in looks.try_iter() {
            app.update(at, &seen?);
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
        block_on(&runtime, async {
            let mut attached = match Attached::to(root) {
                Ok(attached) => attached,
                Err(trouble) => {
                    let _ = sender.send((Instant::now(), Err(trouble)));
                    return;
                }
            };
            loop {
                let seen = attached.look(within).await;
                let failed = seen.is_err();
                if sender.send((Instant::now(), seen)).is_err() || failed {
                    return;
                }
                tokio::time::sleep(every).await;
            }
        });
    };
    let started = thread::Builder::new().name("look".into()).spawn(looker);
    started.map_err(Trouble::Output)?;
    Ok(looks)
}
