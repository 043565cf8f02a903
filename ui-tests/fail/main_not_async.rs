#[tractor::main]
fn main() {}

#[tractor::test]
fn test() {}
