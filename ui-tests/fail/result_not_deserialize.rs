#[derive(serde::Serialize)]
struct Report;

#[tractor::rpc]
async fn report() -> Report {
    Report
}

#[tractor::rpc]
async fn try_report(id: u64) -> Result<Report, String> {
    Err(id.to_string())
}

#[tractor::main]
async fn main() {
    let _ = (report().await, try_report(1).await);
}
