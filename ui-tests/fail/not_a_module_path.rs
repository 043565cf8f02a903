#[tractor::rpc]
async fn work() {}

fn plain() {}

macro_rules! here {
    () => {
        tractor::modules![$crate::workers]
    };
}

fn main() {
    let _ = tractor::modules![self, "workers"];
    let _ = tractor::modules![self workers];
    let _ = tractor::modules![path_of(work)];
    let _ = tractor::modules![module_of(plain)];
    let _ = here!();
}
