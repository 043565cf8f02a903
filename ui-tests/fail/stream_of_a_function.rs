use tractor::Portal;

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    2 * n
}

fn open(portal: &Portal) {
    drop(portal.open_stream_from(double(7)));
}

fn main() {
    let _ = open;
}
