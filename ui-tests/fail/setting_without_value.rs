fn main() {
    let _ = tractor::cluster! { modules: [self], count };
    let _ = tractor::cluster! { modules: [self], count = 4 };
    let _ = tractor::cluster! { modules: [self] count: 4 };
    let _ = tractor::cluster! { modules: [self], count: , names: ["a"] };
}
