#[tractor::context]
struct Trainer;

fn main() {
    let _ = Trainer;
}
