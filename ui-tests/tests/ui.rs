//! Every program in `pass` compiles and runs; every one in `fail` is refused as its `.stderr` says.

#[test]
fn pass() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
fn fail() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
