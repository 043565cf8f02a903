//! Where the terminal of a tree is handed out: the root's side of the line.

use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, sleep};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use nix::unistd::Pid;
use socket2::SockRef;

use super::super::abstract_socket::{is_welcome, listen, peer};
use super::lent::Lent;
use super::line::{Line, Place};
use super::{Reply, Request, StandIn, receive, send};
use crate::base::{Aid, on_own_thread, random};

/// What the names of such sockets begin with; 16 hexadecimal digits follow.
const NAME: &str = "tractor-terminal-";

/// How long is waited after an error, such as too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// How often is looked whether somebody who waits is still there.
const LOOK: Duration = Duration::from_millis(500);

/// The root of the tree, as its threads know it.
pub(crate) trait Host: Send + Sync + 'static {
    /// True when somebody may sit at the terminal.
    fn has_prompt(&self) -> bool;

    /// What the tree does, as text, for a terminal that takes `colours` or does not.
    fn tree(&self, colours: bool) -> String;

    /// Tears the tree down.
    fn quit(&self);

    /// Returns once the signals that have come by now are dealt with.
    fn catch_up(&self);
}

/// The desks of this process, one for each of its roots.
static DESKS: Mutex<Vec<Arc<Desk>>> = Mutex::new(Vec::new());

/// Where the terminal of a tree is handed out, in the process of its root.
pub(super) struct Desk {
    root: Aid,
    host: Box<dyn Host>,
    line: Line,
    /// Where it listens, once it does.
    door: Mutex<Option<Door>>,
    lent: Mutex<Option<Lent>>,
    /// What keeps the output of others meanwhile, once that is wanted.
    stand_in: OnceLock<Option<StandIn>>,
}

struct Door {
    name: String,
    listener: Arc<UnixListener>,
}

/// The desk of a root, which is closed when this is dropped. Nothing listens before somebody wants that.
#[must_use = "the desk is closed when this is dropped"]
pub(crate) struct OpenDesk(Arc<Desk>);

impl OpenDesk {
    /// The desk of `root`, which is in this process.
    pub(crate) fn new(root: Aid, host: impl Host) -> Self {
        let desk = Arc::new(Desk {
            root,
            host: Box::new(host),
            line: Line::new(),
            door: Mutex::new(None),
            lent: Mutex::new(None),
            stand_in: OnceLock::new(),
        });
        lock(&DESKS).push(desk.clone());
        Self(desk)
    }
}

impl Drop for OpenDesk {
    fn drop(&mut self) {
        lock(&DESKS).retain(|desk| !Arc::ptr_eq(desk, &self.0));
        self.0.close();
        if let Some(stand_in) = self.0.stand_in() {
            stand_in.leave();
        }
    }
}

/// Takes the terminal back from whoever has it: this process is about to end.
pub(crate) fn close_desks() {
    lock(&DESKS).iter().for_each(|desk| desk.close());
}

impl Desk {
    /// The desk of `root`, if that is in this process.
    pub(super) fn of(root: &Aid) -> Option<Arc<Self>> {
        let desks = lock(&DESKS);
        desks.iter().find(|desk| desk.root == *root).cloned()
    }

    /// The name under which it is found, once it listens.
    pub(super) fn name(&self) -> Option<String> {
        lock(&self.door).as_ref().map(|door| door.name.clone())
    }

    /// Listens, if it does not yet, and has the output of others kept from now on, if somebody `holds` it.
    /// Gives the name under which it is found.
    ///
    /// # Errors
    ///
    /// What the kernel refuses.
    pub(super) fn listen(self: &Arc<Self>, holds: bool) -> io::Result<String> {
        if holds && self.host.has_prompt() {
            self.stand_in.get_or_init(StandIn::engage);
        }
        let mut door = lock(&self.door);
        if let Some(door) = &*door {
            return Ok(door.name.clone());
        }
        let name = format!("{NAME}{:016x}", random());
        let listener = Arc::new(listen(&name)?);
        let (desk, accepts) = (self.clone(), listener.clone());
        thread(move || desk.accept(&accepts))?;
        *door = Some(Door {
            name: name.clone(),
            listener,
        });
        Ok(name)
    }

    fn stand_in(&self) -> Option<StandIn> {
        self.stand_in.get().copied().flatten()
    }

    /// True when somebody has the terminal, or waits for it.
    pub(super) fn is_held(&self) -> bool {
        self.line.is_taken()
    }

    /// Nobody has the terminal any more, or gets it.
    fn close(&self) {
        self.line.close();
        self.take_back();
        if let Some(door) = lock(&self.door).take() {
            // Wakes the thread that accepts.
            let _ = SockRef::from(&*door.listener).shutdown(Shutdown::Both);
        }
    }

    fn accept(self: &Arc<Self>, listener: &UnixListener) {
        loop {
            match self.accept_one(listener) {
                Ok(()) => {}
                // It is closed.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
                Err(error) => {
                    tracing::warn!(%error, "cannot hand out the terminal");
                    sleep(PAUSE);
                }
            }
        }
    }

    fn accept_one(self: &Arc<Self>, listener: &UnixListener) -> io::Result<()> {
        let (stream, _) = listener.accept()?;
        let peer = peer(&stream)?;
        if !is_welcome(peer.uid) {
            return Ok(());
        }
        let desk = self.clone();
        thread(move || desk.serve(stream, Pid::from_raw(peer.pid)))
    }

    /// Serves the process `pid`, until it goes away.
    fn serve(&self, mut actor: UnixStream, pid: Pid) {
        let mut place = None;
        // However it goes away: that of one which has had the terminal shows only here.
        let _gone = self.converse(&mut actor, pid, &mut place);
        if place.as_ref().is_some_and(|place| place.before() == 0) {
            // As long as it has its place, nobody else has the terminal, and a SIGINT is none of the tree.
            self.host.catch_up();
            self.take_back();
        }
    }

    fn converse<'l>(
        &'l self,
        actor: &mut UnixStream,
        pid: Pid,
        place: &mut Option<Place<'l>>,
    ) -> io::Result<()> {
        loop {
            let reply = match receive(actor)? {
                Request::Hold => {
                    self.wait(place.get_or_insert_with(|| self.line.stand()), actor)?;
                    self.lend(pid, actor)?
                }
                Request::IsHeld => Reply::Held(self.is_held()),
                Request::Tree { colours } => Reply::Tree(self.host.tree(colours)),
                Request::Quit => {
                    self.line.close();
                    self.host.quit();
                    Reply::Quitting
                }
            };
            send(actor, &reply)?;
        }
    }

    /// Waits until it is the turn of `place`, as long as `actor` lives.
    fn wait(&self, place: &Place<'_>, actor: &mut UnixStream) -> io::Result<()> {
        let mut before = place.before();
        let mut told = 0;
        while before > 0 && !self.line.is_closed() {
            if before != told {
                send(actor, &Reply::Wait(before))?;
                told = before;
            }
            before = place.wait(LOOK);
            look(actor)?;
        }
        Ok(())
    }

    /// Hands the terminal to the process `pid`, whose turn it is, as long as that lives.
    fn lend(&self, pid: Pid, actor: &UnixStream) -> io::Result<Reply> {
        let has_prompt = self.host.has_prompt();
        if has_prompt
            && !self.line.is_closed()
            && let Some(stand_in) = self.stand_in()
        {
            // Without the lock: it may take as long as the terminal is held up.
            stand_in.hold(|| look(actor).is_ok());
            look(actor)?;
        }
        let mut lent = lock(&self.lent);
        // Under the lock: whoever closes the line takes back what is lent by then.
        let closed = self.line.is_closed();
        if has_prompt && !closed {
            *lent = Lent::to(pid);
        }
        let prompt = lent.is_some();
        if !prompt {
            self.release();
        }
        Ok(match closed {
            true => Reply::Quitting,
            false => Reply::Turn { prompt },
        })
    }

    fn take_back(&self) {
        // Under the lock: a process that ends waits until it is done.
        let mut lent = lock(&self.lent);
        *lent = None;
        self.release();
    }

    /// The others' output goes to the terminal again; what was kept of it is there before the next prompt.
    fn release(&self) {
        if let Some(stand_in) = self.stand_in() {
            stand_in.release();
        }
    }
}

fn thread(body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = Builder::new().name("tractor-terminal".to_owned());
    thread.spawn(on_own_thread(body)).map(drop)
}

/// Fails when `actor` is gone.
fn look(actor: &UnixStream) -> io::Result<()> {
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    match recv(actor.as_raw_fd(), &mut [0], flags) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
