#[tractor::main]
async fn main(arguments: Vec<String>) {
    let _ = arguments.len();
}

#[tractor::main(log_level = 7)]
async fn start() {}
