fn main() {
    let _ = tractor::cluster! { modules: [self], names: ["a", "b", "a"] };
}
