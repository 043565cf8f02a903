//! The crate `renamed` knows `tractor` by another name.
use tractor::Rpc;

fn main() {
    assert_eq!(renamed::PATH, "renamed::double");
    assert_eq!(renamed::double::PATH, renamed::PATH);
    renamed::double_here();
    let _ = (renamed::modules(), renamed::fleet());
}
