use std::rc::Rc;

#[tractor::rpc]
async fn share(text: Rc<str>) {
    let _ = text;
}

#[tractor::main]
async fn main() {}
