fn main() {
    let _ = tractor::cluster! { modules: [self], count: 3, names: ["a", "b"] };
}
