macro_rules! remote {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty $body:block) => {
        $(#[$attr])*
        #[tractor::rpc]
        $vis async fn $name($($arg: $ty),*) -> $ret $body
    };
}

remote! {
    /// Adds.
    pub fn add(a: u64, b: u64) -> u64 { a + b }
}

remote! {
    fn fails(text: String) -> Result<u8, std::num::ParseIntError> { text.parse() }
}

macro_rules! fleet {
    ($module:path, $count:expr) => {
        tractor::cluster! { modules: [$module], count: $count }
    };
}

#[tractor::main]
async fn main() {
    assert_eq!(add(1, 2).await, 3);
    assert!(fails("x".into()).await.is_err());
    let _ = fleet!(self, 1 + 1);
}
