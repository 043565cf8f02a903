use tractor::Context;

#[tractor::context(blocking)]
async fn trainer(ctx: Context<(), u64, u64>, model: &str, (a, b): (u8, u8)) {}

fn main() {
    let _ = trainer("resnet", (1, 2));
}
