fn main() {
    let _ = tractor::cluster! { modules: [self], count: "four" };
    let _ = tractor::cluster! { modules: [self], hard_kill: 1 };
    let _ = tractor::cluster! { modules: [self], names: 4 };
    let _ = tractor::cluster! { modules: [self], log_level: 4 };
    let _ = tractor::cluster! { modules: [self], cancel_timeout: 4 };
    let _ = tractor::cluster! { modules: [self], env: ["KEY"] };
    let _ = tractor::cluster! { modules: self };
}
