//! The story of a run: its log, by actor, scope and call.

use std::collections::{BTreeMap, BTreeSet};

use crate::chaos::log::Line;

/// Everything that is known of a run.
#[derive(Debug, Default)]
pub struct Story {
    /// The log.
    pub lines: Vec<Line>,
    /// The processes that came to their `main`.
    pub actors: BTreeMap<u32, Actor>,
    /// The scopes that were opened.
    pub scopes: BTreeMap<u64, Scope>,
    /// The calls that were made.
    pub calls: BTreeMap<u64, Call>,
    /// The processes whose parent had ended before them.
    pub orphans: BTreeSet<u32>,
    /// How the root ended; nothing when it had to be put down.
    pub root: Option<String>,
}

/// A point of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The line's place in the log: what was written later happened later or at the same time.
    pub line: usize,
    /// When it was written, in nanoseconds.
    pub at: u64,
}

/// One process.
#[derive(Debug)]
pub struct Actor {
    /// Its id.
    pub pid: u32,
    /// Its names, from the root down.
    pub path: String,
    /// Its parent at its birth.
    pub parent: u32,
    /// When it came to its `main`.
    pub born: Moment,
    /// The signals that it was sent from outside.
    pub struck: Vec<(Moment, i32)>,
    /// How it was about to end itself.
    pub dying: Option<(Moment, String)>,
    /// The records of its exit.
    pub exits: Vec<Exit>,
    /// The last that it wrote.
    pub last: Moment,
}

/// A record of an exit, as the library had it.
#[derive(Debug)]
pub struct Exit {
    /// When it was written down.
    pub when: Moment,
    /// The scope that had it.
    pub scope: u64,
    /// The last rung of the ladder.
    pub rung: String,
    /// The status.
    pub status: String,
}

/// One scope.
#[derive(Debug)]
pub struct Scope {
    /// The process in which it was opened.
    pub owner: u32,
    /// Its strategy.
    pub strategy: String,
    /// The names of its actors.
    pub names: Vec<String>,
    /// When it was opened.
    pub opened: Moment,
    /// When it had ended, and with what, unless it was dropped.
    pub closed: Option<(Moment, String)>,
    /// True when its records are complete.
    pub reported: bool,
    /// When all was known of it, however it ended.
    pub over: Option<Moment>,
    /// Children of its owner that were there when it had ended, and their states.
    pub left: Vec<(u32, String)>,
    /// The failures that it knows of.
    pub failures: Vec<String>,
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// The process that made it.
    pub caller: u32,
    /// The path of the actor that it was made to.
    pub callee: String,
    /// The word for what is expected of it.
    pub kind: String,
    /// When it was made.
    pub made: Moment,
    /// When it resolved, and with what.
    pub resolved: Vec<(Moment, String)>,
    /// When it was dropped.
    pub dropped: Vec<Moment>,
    /// When its handler began, and where.
    pub begun: Vec<(Moment, u32)>,
    /// When its handler ended, and where.
    pub ended: Vec<(Moment, u32)>,
    /// When its handler failed, and where.
    pub failing: Vec<(Moment, u32)>,
}

impl Story {
    /// The story that a log tells of a run.
    pub fn new(lines: Vec<Line>, orphans: BTreeSet<u32>, root: Option<String>) -> Self {
        let mut story = Self {
            orphans,
            root,
            ..Self::default()
        };
        for (line, text) in lines.iter().enumerate() {
            let moment = Moment { line, at: text.at };
            if let Some(actor) = story.actors.get_mut(&text.pid) {
                actor.last = moment;
            }
            story.tell(moment, text);
        }
        story.lines = lines;
        story
    }

    fn tell(&mut self, moment: Moment, line: &Line) {
        match line.event.as_str() {
            "born" => self.bear(moment, line),
            "strike" => {
                let signal = line.number(1).try_into().expect("a signal fits");
                if let Some(actor) = self.actors.get_mut(&line.process(0)) {
                    actor.struck.push((moment, signal));
                }
            }
            "dying" => {
                if let Some(actor) = self.actors.get_mut(&line.pid) {
                    actor.dying = Some((moment, line.word(0).to_owned()));
                }
            }
            "exit" => {
                if let Some(actor) = self.actors.get_mut(&line.process(1)) {
                    actor.exits.push(Exit {
                        when: moment,
                        scope: line.number(0),
                        rung: line.word(2).to_owned(),
                        status: line.word(3).to_owned(),
                    });
                }
            }
            "open" | "left" | "failure" | "closed" | "settled" => self.tell_scope(moment, line),
            "call" | "resolved" | "dropped" | "begun" | "ended" | "failing" | "faulty" => {
                self.tell_call(moment, line);
            }
            _ => {}
        }
    }

    fn bear(&mut self, born: Moment, line: &Line) {
        let actor = Actor {
            pid: line.pid,
            path: line.word(0).to_owned(),
            parent: line.process(1),
            born,
            struck: Vec::new(),
            dying: None,
            exits: Vec::new(),
            last: born,
        };
        self.actors.insert(line.pid, actor);
    }

    fn tell_scope(&mut self, moment: Moment, line: &Line) {
        let id = line.number(0);
        if line.event == "open" {
            let scope = Scope {
                owner: line.pid,
                strategy: line.word(1).to_owned(),
                names: line.word(2).split(' ').map(str::to_owned).collect(),
                opened: moment,
                closed: None,
                reported: false,
                over: None,
                left: Vec::new(),
                failures: Vec::new(),
            };
            self.scopes.insert(id, scope);
            return;
        }
        let Some(scope) = self.scopes.get_mut(&id) else {
            return;
        };
        match line.event.as_str() {
            "left" => scope.left.push((line.process(1), line.word(2).to_owned())),
            "failure" => scope.failures.push(line.word(2).to_owned()),
            "closed" => {
                scope.closed = Some((moment, line.word(1).to_owned()));
                scope.reported = line.word(2) == "true";
                scope.over = Some(moment);
            }
            _ => scope.over = Some(moment),
        }
    }

    fn tell_call(&mut self, moment: Moment, line: &Line) {
        let (id, here) = (line.number(0), (moment, line.pid));
        if line.event == "call" {
            let call = Call {
                caller: line.pid,
                callee: line.word(1).to_owned(),
                kind: line.word(2).to_owned(),
                made: moment,
                resolved: Vec::new(),
                dropped: Vec::new(),
                begun: Vec::new(),
                ended: Vec::new(),
                failing: Vec::new(),
            };
            // The one call of a one-shot may begin before its caller knows that it has started.
            let earlier = self.calls.remove(&id);
            let call = match earlier {
                Some(Call {
                    begun,
                    ended,
                    failing,
                    ..
                }) => Call {
                    begun,
                    ended,
                    failing,
                    ..call
                },
                None => call,
            };
            self.calls.insert(id, call);
            return;
        }
        let call = self.calls.entry(id).or_insert_with(|| Call {
            caller: 0,
            callee: String::new(),
            kind: String::new(),
            made: moment,
            resolved: Vec::new(),
            dropped: Vec::new(),
            begun: Vec::new(),
            ended: Vec::new(),
            failing: Vec::new(),
        });
        match line.event.as_str() {
            "resolved" => call.resolved.push((moment, line.word(1).to_owned())),
            "dropped" => call.dropped.push(moment),
            "begun" => call.begun.push(here),
            "ended" => call.ended.push(here),
            "faulty" => {
                // Nobody calls for an item of its own.
                call.kind = "item".to_owned();
                call.failing.push(here);
            }
            _ => call.failing.push(here),
        }
    }

    /// The path of a process, or what is known instead.
    pub fn name(&self, pid: u32) -> String {
        match self.actors.get(&pid) {
            Some(actor) => format!("{}[{pid}]", actor.path),
            None => format!("?[{pid}]"),
        }
    }

    /// The scope that an actor was started in.
    pub fn scope_of(&self, actor: &Actor) -> Option<(u64, &Scope)> {
        let (_, name) = actor.path.rsplit_once('.')?;
        self.scope_named(actor.parent, name)
    }

    /// The scope in which `owner` starts actors of this name.
    pub fn scope_named(&self, owner: u32, name: &str) -> Option<(u64, &Scope)> {
        let mut scopes = self.scopes.iter();
        let found = scopes.find(|(_, scope)| {
            scope.owner == owner && scope.names.iter().any(|other| other == name)
        });
        found.map(|(&id, scope)| (id, scope))
    }

    /// The processes that an actor of a scope has had, one after the other.
    pub fn lives(&self, scope: &Scope, name: &str) -> Vec<&Actor> {
        let mut lives: Vec<_> = self
            .actors
            .values()
            .filter(|actor| actor.parent == scope.owner && actor.name() == name)
            .collect();
        lives.sort_by_key(|actor| actor.born);
        lives
    }

    /// True of a process that has ended as it should: whatever it had begun, it has ended.
    pub fn was_orderly(&self, pid: u32) -> bool {
        let Some(actor) = self.actors.get(&pid) else {
            return false;
        };
        if actor.path == "root" {
            let root = self.root.as_deref();
            return root == Some("code:0") || root == Some("code:143");
        }
        let exits = actor.exits.iter().any(|exit| exit.status == "code:0");
        exits && actor.dying.is_none()
    }
}

impl Actor {
    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// True when it was sent the signal from outside.
    pub fn was_struck_by(&self, signal: i32) -> bool {
        self.struck.iter().any(|&(_, by)| by == signal)
    }
}
