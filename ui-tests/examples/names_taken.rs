//! Generated code does not depend on what the names in it mean here.
#![allow(dead_code, non_camel_case_types, unused_macros)]

struct Result;
struct Option;
struct Call;
struct Rpc;
struct Send;
struct Future;
struct u64;
struct str;
trait Wire {}
mod core {}
mod std {}
mod inventory {}
macro_rules! concat {
    () => {};
}
macro_rules! module_path {
    () => {};
}
macro_rules! unreachable {
    () => {};
}

#[::tractor::rpc]
async fn entry(error: String, payload: u8, probe: u8) -> ::core::result::Result<(), String> {
    let _ = (payload, probe);
    Err(error)
}

#[::tractor::main]
async fn main() {
    assert_eq!(entry("e".into(), 1, 2).await, Err("e".into()));
    let _ = ::tractor::cluster! { modules: [self], count: 1 };
}
