//! Items with numbers, and what the two ends of a flow log of them.

use std::fmt::Display;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tractor::Result;

use super::plan::{Flow, Reads};
use crate::chaos::calls::kind_of;
use crate::chaos::log::write;

/// How many items are sent until the number of them is logged.
const BATCH: u64 = 64;

/// Where an item goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the actor that has opened the stream.
    Up,
    /// To the function that was called.
    Down,
}

/// One item of a stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    stream: u64,
    direction: Direction,
    number: u64,
    load: String,
}

/// One direction of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Lane {
    /// The stream.
    pub stream: u64,
    /// The direction.
    pub direction: Direction,
    /// What flows.
    pub flow: Flow,
}

/// The end of a lane that sends. Once it is dropped, all is logged.
#[derive(Debug)]
pub struct Sending {
    lane: Lane,
    sent: u64,
    over: bool,
}

/// The end of a lane that reads. Once it is dropped, all is logged.
#[derive(Debug)]
pub struct Reading {
    lane: Lane,
    /// The number of items that were read.
    read: u64,
    /// The number that the next item has, if none is left out.
    next: u64,
    /// Somebody waits for the next item.
    waits: bool,
    over: bool,
}

impl Direction {
    /// The word for it in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Lane {
    fn write(&self, event: &str, words: &[&dyn Display]) {
        let direction = self.direction.word();
        let lane: [&dyn Display; 2] = [&self.stream, &direction];
        write(event, &[&lane, words].concat());
    }
}

impl Sending {
    /// Nothing is sent so far.
    pub fn new(lane: Lane) -> Self {
        lane.write("flow", &[&lane.flow.count, &lane.flow.lossy]);
        Self {
            lane,
            sent: 0,
            over: false,
        }
    }

    /// The next item; nothing when all are sent, or no more can be.
    pub fn item(&self) -> Option<Item> {
        let there = !self.over && self.sent < self.lane.flow.count;
        there.then(|| Item {
            stream: self.lane.stream,
            direction: self.lane.direction,
            number: self.sent,
            load: "x".repeat(self.lane.flow.load(self.sent)),
        })
    }

    /// The next item was sent, or could not be.
    pub fn note(&mut self, sent: Result<()>) {
        match sent {
            Ok(()) => {
                self.sent += 1;
                if self.sent.is_multiple_of(BATCH) {
                    self.lane.write("sent", &[&self.sent, &"so-far"]);
                }
            }
            Err(error) => self.end(kind_of(&error)),
        }
    }

    /// The end is about to be told.
    pub fn all(&mut self) {
        self.end("all");
    }

    fn end(&mut self, how: &str) {
        if !std::mem::replace(&mut self.over, true) {
            self.lane.write("sent", &[&self.sent, &how]);
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.end("dropped");
    }
}

impl Reading {
    /// Nothing is read so far.
    pub fn new(lane: Lane) -> Self {
        Self {
            lane,
            read: 0,
            next: 0,
            waits: false,
            over: false,
        }
    }

    /// True once there is no more to read.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// How long it is to read nothing now.
    pub fn pause(&self) -> Option<Duration> {
        match self.lane.flow.reads {
            Reads::Pauses(after, millis) if after == self.read => {
                Some(Duration::from_millis(millis))
            }
            _ => None,
        }
    }

    /// True when the half is to be dropped.
    pub fn has_enough(&self) -> bool {
        self.lane.flow.reads == Reads::Drops(self.read)
    }

    /// Somebody waits for the next item from now on.
    pub fn waits(&mut self) {
        self.waits = true;
    }

    /// What has come.
    pub fn note(&mut self, next: Option<Result<Item>>) {
        self.waits = false;
        match next {
            Some(Ok(item)) => self.item(&item),
            Some(Err(error)) => self.end(&format!("cut:{}", kind_of(&error))),
            None => self.end("end"),
        }
    }

    /// An item has come that is an error, and has no number.
    pub fn error_item(&mut self) {
        self.waits = false;
        self.read += 1;
        self.next += 1;
    }

    fn item(&mut self, item: &Item) {
        let Lane {
            stream,
            direction,
            flow,
        } = self.lane;
        let ours = (item.stream, item.direction) == (stream, direction)
            && item.load.len() == flow.load(item.number);
        let follows = match flow.lossy {
            true => item.number >= self.next,
            false => item.number == self.next,
        };
        if !ours || !follows {
            let Item { stream, number, .. } = item;
            let (from, len) = (item.direction.word(), item.load.len());
            self.lane
                .write("irregular", &[&self.next, stream, &from, number, &len]);
        }
        self.read += 1;
        self.next = item.number + 1;
    }

    fn end(&mut self, how: &str) {
        if !std::mem::replace(&mut self.over, true) {
            self.lane.write("read", &[&self.read, &self.next, &how]);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.end(if self.waits { "waiting" } else { "dropped" });
    }
}
