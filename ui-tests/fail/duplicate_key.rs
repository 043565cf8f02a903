fn main() {
    let _ = tractor::cluster! { modules: [self], count: 4, count: 5 };
}

#[tractor::test(name = "a", name = "b")]
async fn test() {}
