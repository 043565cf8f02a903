//! The verdict on a run: whether what was promised was kept, as the kernel and the log tell.
//!
//! Each file judges promises of one kind, over the same [story](story::Story), and complains of what
//! was broken, by the id of the promise. What cannot be known from outside is not judged: a process
//! that was killed owes nothing any more.

mod calls;
mod errors;
mod exits;
mod restarts;
pub mod story;
mod talks;

use story::Story;

/// What a run has broken, one complaint a line; nothing, if all went well.
pub fn judge(story: &Story) -> Vec<String> {
    let mut complaints = Vec::new();
    exits::judge(story, &mut complaints);
    calls::judge(story, &mut complaints);
    errors::judge(story, &mut complaints);
    restarts::judge(story, &mut complaints);
    talks::judge(story, &mut complaints);
    complaints
}
