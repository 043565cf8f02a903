#[tractor::rpc]
async fn echo<T: Clone>(value: T) -> T {
    value.clone()
}

#[tractor::rpc]
async fn length(text: String) -> usize
where
    String: Clone,
{
    text.len()
}

#[tractor::main]
async fn main() {
    let _ = (echo(1_u8), length(String::new()));
}
