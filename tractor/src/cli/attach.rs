//! A connection to the root of a tree.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::find::window;
use super::trouble::Trouble;
use crate::base::{ActorSnapshot, Tasks};
use crate::process::look_in;
use crate::runtime::inspect::{Answer, Asked, GREETING, Question, receive, send};
use crate::scope::{from_outside, less};

/// More than any tree: a hundred thousand calls. Whoever answers is not trusted to say how large.
const ANSWER_LIMIT: u32 = 16 << 20;

/// What the way to the root and back may take besides.
const WAY: Duration = Duration::from_millis(200);

/// A connection to the root of a tree.
#[derive(Debug)]
pub(super) struct Attached {
    root: u32,
    questions: mpsc::Sender<Question>,
    answers: mpsc::Receiver<Result<Answer, Trouble>>,
    /// Whether an answer is to come: that of a root which does not answer comes later, or never.
    asked: bool,
}

/// A runtime to look with.
pub(super) fn runtime() -> Result<Runtime, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(Trouble::Begin)
}

impl Attached {
    /// Connects to the process `root`.
    pub(super) fn to(root: u32) -> Result<Self, Trouble> {
        let window = window(root)?.ok_or_else(|| Trouble::no_window(root))?;
        let stream = match look_in(root, &window) {
            Ok(stream) => Some(stream),
            // It has not let anybody in for long: it does not answer.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return Err(Trouble::OutOfReach { pid: root });
            }
            Err(error) => return Err(Trouble::Lost { pid: root, error }),
        };
        let (questions, asked) = mpsc::channel(1);
        let (answer, answers) = mpsc::channel(1);
        Tasks::new().spawn(async move {
            let Some(stream) = stream else {
                return pending().await;
            };
            if let Err(trouble) = converse(root, stream, asked, &answer).await {
                let _ = answer.send(Err(trouble)).await;
            }
        });
        Ok(Self {
            root,
            questions,
            answers,
            asked: false,
        })
    }

    /// What the tree does; of a root that does not answer within that time, what the kernel knows.
    pub(super) async fn look(&mut self, within: Duration) -> Result<ActorSnapshot, Trouble> {
        let due = Instant::now() + within + WAY;
        loop {
            // What is answered late was seen then: it is asked again.
            let fresh = !self.asked;
            if fresh {
                // What is known is told in time.
                self.ask(within, Asked::Look);
            }
            match timeout_at(due, self.answers.recv()).await {
                Ok(Some(answer)) => {
                    self.asked = false;
                    match answer {
                        Ok(Answer::Seen(seen)) if fresh => return Ok(seen),
                        Ok(_) => {}
                        Err(trouble) => return Err(trouble),
                    }
                }
                Ok(None) => return Err(Trouble::Ended { pid: self.root }),
                Err(_) => return Ok(from_outside(self.root)),
            }
        }
    }

    /// Changes the levels of the actors of that name and all below them, or of all actors. Gives how many
    /// there are.
    pub(super) async fn set_levels(
        &mut self,
        within: Duration,
        filter: String,
        actor: Option<String>,
    ) -> Result<usize, Trouble> {
        let pid = self.root;
        self.ask(within, Asked::SetLevels { filter, actor });
        match timeout_at(Instant::now() + within + WAY, self.answers.recv()).await {
            Ok(Some(Ok(Answer::Changed(changed)))) => Ok(changed),
            Ok(Some(Ok(Answer::Failed(reason)))) => Err(Trouble::Failed { reason }),
            Ok(Some(Ok(Answer::Seen(_)))) => Err(Trouble::OtherVersion { pid }),
            Ok(Some(Err(trouble))) => Err(trouble),
            Ok(None) => Err(Trouble::Ended { pid }),
            Err(_) => Err(Trouble::NoAnswer { pid }),
        }
    }

    /// What is known is told in time.
    fn ask(&mut self, within: Duration, what: Asked) {
        let within = less(within);
        self.asked = self.questions.try_send(Question { within, what }).is_ok();
    }
}

/// Asks what is to be asked, as long as there is an answer.
async fn converse(
    root: u32,
    mut stream: UnixStream,
    mut questions: mpsc::Receiver<Question>,
    answers: &mpsc::Sender<Result<Answer, Trouble>>,
) -> Result<(), Trouble> {
    let lost = |error| lost(root, error);
    let mut greeting = [0; GREETING.len()];
    if let Err(error) = stream.read_exact(&mut greeting).await {
        return Err(match error.kind() {
            io::ErrorKind::UnexpectedEof => Trouble::Refused { pid: root },
            _ => lost(error),
        });
    }
    if greeting != GREETING {
        return Err(Trouble::OtherVersion { pid: root });
    }
    while let Some(question) = questions.recv().await {
        send(&mut stream, &question).await.map_err(lost)?;
        let mut answer: Answer = receive(&mut stream, ANSWER_LIMIT).await.map_err(lost)?;
        match &mut answer {
            Answer::Seen(seen) => make_printable(seen),
            Answer::Failed(reason) => make_text_printable(reason),
            Answer::Changed(_) => {}
        }
        if answers.send(Ok(answer)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Replaces what a terminal would take for commands: whoever answers may not be a friend.
fn make_text_printable(text: &mut String) {
    if text.contains(char::is_control) {
        *text = text.replace(char::is_control, "\u{fffd}");
    }
}

fn make_printable(actor: &mut ActorSnapshot) {
    let printable = make_text_printable;
    printable(&mut actor.path);
    let calls = actor.answering.iter_mut().chain(&mut actor.waiting);
    for call in calls {
        printable(&mut call.function);
        call.peer.make_printable();
    }
    for stream in &mut actor.streams {
        printable(&mut stream.function);
        stream.peer.make_printable();
    }
    if let Some(aid) = &mut actor.aid {
        aid.make_printable();
    }
    actor.children.iter_mut().for_each(make_printable);
}

fn lost(pid: u32, error: io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => Trouble::Ended { pid },
        _ => Trouble::Lost { pid, error },
    }
}
