use std::time::Duration;

const COUNT: usize = 2;

#[tractor::main]
async fn main() {
    let names = vec!["a".to_owned(), "b".to_owned()];
    let _ = tractor::cluster! { modules: [self], names: names, };
    let _ = tractor::cluster! {
        modules: [],
        count: COUNT,
        names: ["a", "b"],
        hard_kill: COUNT > 1,
        log_level: "debug",
        worker_threads: COUNT * 2,
        env: [("KEY", "value"), ("OTHER", "value")],
        cancel_timeout: Duration::from_secs(1),
        kill_timeout: Duration::from_millis(100),
        max_in_flight: 8,
        max_frame: 1 << 20,
        stream_window: 64 << 10,
    };
}
