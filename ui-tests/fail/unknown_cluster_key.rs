fn main() {
    let _ = tractor::cluster! { modules: [self], cuont: 4 };
    let _ = tractor::cluster! { module: [self], count: 4 };
    let _ = tractor::cluster! { modules: [self], scheduling: true, transport: 1 };
}
