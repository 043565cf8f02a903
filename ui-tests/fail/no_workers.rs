fn main() {
    let _ = tractor::cluster! { modules: [self], count: 0 };
    let _ = tractor::cluster! { modules: [self], names: [] };
}
