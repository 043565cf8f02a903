fn main() {
    let double = #[tractor::rpc]
    |n: u64| n * 2;
    double(2);
}
