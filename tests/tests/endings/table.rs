//! The table of endings, as data.

use serde::{Deserialize, Serialize};

use self::How::{Cancels, Cuts, Dies, Drops, Fails, Panics, Returns};
use self::Who::{Callee, Neighbour, Opener, Parent, Root};

/// Who ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Who {
    /// The body of the scope, and the task and the actor that it is in.
    Opener,
    /// The function, and its actor.
    Callee,
    /// A third party: another task of the opener's actor.
    Neighbour,
    /// A third party: the root, which has called the handler that is the opener.
    Root,
    /// The parent of the opener, between it and the root. The parent of the callee is the opener.
    Parent,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    Returns,
    Fails,
    Panics,
    /// It cancels the context, or the next actor below.
    Cancels,
    /// It drops the future that it awaits.
    Drops,
    /// By SIGKILL.
    Dies,
    /// It shuts down its sockets, the link of the context among them.
    Cuts,
}

/// When it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum When {
    /// The function runs, and has not started its context.
    Before,
    /// Items have gone both ways, and both sides wait for the next.
    Mid,
    /// The body has returned, the function has not.
    Drain,
}

impl Who {
    pub(crate) const ALL: [Self; 5] = [Opener, Callee, Neighbour, Root, Parent];
}

impl How {
    pub(crate) const ALL: [Self; 7] = [Returns, Fails, Panics, Cancels, Drops, Dies, Cuts];
}

impl When {
    pub(crate) const ALL: [Self; 3] = [Self::Before, Self::Mid, Self::Drain];
}

/// What follows of one ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// What each side writes down; alternatives, of sides that are killed while they do, are apart
    /// by `|`.
    Sees {
        opener: &'static str,
        callee: &'static str,
    },
    /// There is no such ending, because of this.
    Never(&'static str),
}

/// An ending at [each of the three times](When::ALL).
pub(crate) struct Row {
    pub(crate) who: Who,
    pub(crate) how: How,
    pub(crate) cells: [Cell; 3],
}

const fn row(who: Who, how: How, cells: [Cell; 3]) -> Row {
    Row { who, how, cells }
}

const fn sees(opener: &'static str, callee: &'static str) -> Cell {
    Cell::Sees { opener, callee }
}

const NO_BODY: Cell = Cell::Never("the body begins when the context has started");
const BODY_OVER: Cell = Cell::Never("the body has returned");
const NO_MEANS: Cell = Cell::Never("a function has no means to cancel its own context");
const NOT_ITS_OWN: Cell = Cell::Never("a function is dropped only by a cancellation");
const UNLINKED: Cell = Cell::Never("nothing links this task with the context");
const SAME_ACTOR: Cell = Cell::Never("its actor is the opener's: see there");
const IS_PARENT: Cell = Cell::Never("the root is the parent of the opener: see there");

/// By which every cancellation of the context itself reaches the function.
const DROPPED: &str = "cancelled by opener: the caller dropped the call";
/// An orphan drops what it runs, and may be killed before it has.
const ORPHANED: &str = "|dropped";
/// The callee of an orphan: told, or killed before it could be.
const BELOW_ORPHAN: &str = "|dropped|cancelled by opener: the caller dropped the call";
/// A handler that is dropped because its caller is.
const LEFT_BY_MIDDLE: Cell = sees("cancelled by middle: the caller dropped the call", DROPPED);

pub(crate) const TABLE: [Row; 35] = [
    row(
        Opener,
        Returns,
        [NO_BODY, sees("scope ok", "read None; returned"), BODY_OVER],
    ),
    row(
        Opener,
        Fails,
        [NO_BODY, sees("scope own error", DROPPED), BODY_OVER],
    ),
    row(
        Opener,
        Panics,
        [NO_BODY, sees("panicked", DROPPED), BODY_OVER],
    ),
    row(
        Opener,
        Cancels,
        [
            NO_BODY,
            sees("read cancelled by opener; scope ok", DROPPED),
            BODY_OVER,
        ],
    ),
    row(Opener, Drops, [sees("scope dropped", DROPPED); 3]),
    row(Opener, Dies, [sees("", ORPHANED); 3]),
    row(
        Opener,
        Cuts,
        [
            sees("scope callee died", ORPHANED),
            sees("read callee died; scope callee died", ORPHANED),
            sees("scope callee died", ORPHANED),
        ],
    ),
    row(
        Callee,
        Returns,
        [
            sees("scope not started", "returned"),
            sees("read None; scope ok", "returned"),
            sees("scope ok", "returned"),
        ],
    ),
    row(
        Callee,
        Fails,
        [
            sees("scope error", "failed"),
            sees("read error; scope error", "failed"),
            sees("scope error", "failed"),
        ],
    ),
    row(
        Callee,
        Panics,
        [
            sees("scope panic", "panicked"),
            sees("read panic; scope panic", "panicked"),
            sees("scope panic", "panicked"),
        ],
    ),
    row(Callee, Cancels, [NO_MEANS; 3]),
    row(Callee, Drops, [NOT_ITS_OWN; 3]),
    row(
        Callee,
        Dies,
        [
            sees("scope callee died", ""),
            sees("read callee died; scope callee died", ""),
            sees("scope callee died", ""),
        ],
    ),
    row(
        Callee,
        Cuts,
        [
            sees("scope callee died", ORPHANED),
            sees("read callee died; scope callee died", ORPHANED),
            sees("scope callee died", ORPHANED),
        ],
    ),
    row(Neighbour, Returns, [UNLINKED; 3]),
    row(Neighbour, Fails, [UNLINKED; 3]),
    row(Neighbour, Panics, [UNLINKED; 3]),
    row(
        Neighbour,
        Cancels,
        [
            sees("scope cancelled by opener", ENDED),
            sees("read cancelled by opener; scope cancelled by opener", ENDED),
            sees("scope cancelled by opener", ENDED),
        ],
    ),
    row(Neighbour, Drops, [UNLINKED; 3]),
    row(Neighbour, Dies, [SAME_ACTOR; 3]),
    row(Neighbour, Cuts, [SAME_ACTOR; 3]),
    row(Root, Returns, [IS_PARENT; 3]),
    row(Root, Fails, [IS_PARENT; 3]),
    row(Root, Panics, [IS_PARENT; 3]),
    row(
        Root,
        Cancels,
        [sees("cancelled by root: the actor is being ended", DROPPED); 3],
    ),
    row(
        Root,
        Drops,
        [sees("cancelled by root: the caller dropped the call", DROPPED); 3],
    ),
    row(Root, Dies, [IS_PARENT; 3]),
    row(Root, Cuts, [IS_PARENT; 3]),
    row(Parent, Returns, [LEFT_BY_MIDDLE; 3]),
    row(Parent, Fails, [LEFT_BY_MIDDLE; 3]),
    row(Parent, Panics, [LEFT_BY_MIDDLE; 3]),
    row(Parent, Cancels, [LEFT_BY_MIDDLE; 3]),
    row(Parent, Drops, [LEFT_BY_MIDDLE; 3]),
    row(Parent, Dies, [sees(ORPHANED, BELOW_ORPHAN); 3]),
    row(Parent, Cuts, [sees(ORPHANED, BELOW_ORPHAN); 3]),
];

/// What the function is told when its whole actor is ended.
const ENDED: &str = "cancelled by opener: the actor is being ended";
