fn main() {
    let _ = tractor::cluster! { modules: [self], cuont: 4 };
    let _ = tractor::cluster! { module: [self], count: 4 };
    let _ = tractor::cluster! { modules: [self], debug_mode: true, transport: 1 };
}
