//! The crate `renamed` knows `tractor` by another name.
use tractor::Rpc;

fn main() {
    assert_eq!(renamed::PATH, "renamed::double");
    assert_eq!(renamed::double::PATH, renamed::PATH);
    renamed::double_here();
    assert_eq!(renamed::dialog::PATH, "renamed::dialog");
    assert_eq!(renamed::ticks::PATH, "renamed::ticks");
    let _ = (renamed::dialog(7), renamed::ticks(5));
    let _ = (renamed::modules(), renamed::fleet());
}
