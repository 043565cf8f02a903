use futures_util::StreamExt;

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

macro_rules! dialog {
    ($(#[$attr:meta])* $vis:vis fn $name:ident<$first:ty, $tx:ty, $rx:ty> $body:expr) => {
        $(#[$attr])*
        #[tractor::context]
        $vis async fn $name(ctx: tractor::Context<$first, $tx, $rx>) -> tractor::Result<()> {
            let mut stream = ctx.started($body).await?.open_stream();
            while stream.try_next().await?.is_some() {}
            Ok(())
        }
    };
}

dialog! {
    /// Listens.
    pub fn listen<u64, String, Vec<u8>> 7
}

macro_rules! streams {
    ($($name:ident: $item:ty = $items:expr;)*) => {$(
        #[tractor::rpc]
        fn $name() -> impl futures_util::Stream<Item = $item> {
            futures_util::stream::iter($items)
        }
    )*};
}

streams! {
    numbers: u64 = 0..5;
    words: Result<String, std::fmt::Error> = [Ok("a".to_owned()), Err(std::fmt::Error)];
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
    drop(listen());
    assert_eq!(numbers().count().await + words().count().await, 7);
}
