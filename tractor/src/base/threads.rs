//! Threads of the library itself.

use std::cell::Cell;

thread_local! {
    static OWN: Cell<bool> = const { Cell::new(false) };
}

/// What a thread of the library itself runs: if it panics, no actor has crashed.
pub(crate) fn on_own_thread<T>(body: impl FnOnce() -> T) -> impl FnOnce() -> T {
    move || {
        OWN.set(true);
        body()
    }
}

/// True in a thread of the library itself.
pub(crate) fn is_own_thread() -> bool {
    OWN.get()
}

#[cfg(test)]
mod tests {
    use std::thread::spawn;

    use super::{is_own_thread, on_own_thread};

    #[test]
    fn thread_is_told_by_what_it_runs() {
        let own = spawn(on_own_thread(is_own_thread)).join();
        let other = spawn(is_own_thread).join();
        assert_eq!((own.ok(), other.ok()), (Some(true), Some(false)));
    }
}
