fn main() {
    let _ = tractor::cluster! { modules: [self], restart: OneForOnce };
}
