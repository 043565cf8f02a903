#![deny(warnings)]

#[tractor::rpc]
async fn grow(
    mut list: Vec<u64>,
    #[allow(unused_variables)] unused: u64,
    _ignored: (),
) -> Vec<u64> {
    list.push(7);
    list
}

#[tractor::rpc]
#[allow(clippy::too_many_arguments)]
async fn sum(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
    m: u8,
    n: u8,
    o: u8,
    p: u8,
) -> u32 {
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
        .iter()
        .map(|n| u32::from(*n))
        .sum()
}

#[tractor::rpc]
async fn owned(
    text: std::borrow::Cow<'static, str>,
    nested: ((u8, [u16; 2]), Option<Box<str>>),
) -> (String, u8) {
    (text.into_owned(), nested.0.0)
}

#[tractor::main]
async fn main() {
    assert_eq!(grow(vec![], 0, ()).await, [7]);
    assert_eq!(
        sum(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).await,
        16
    );
    assert_eq!(
        owned("a".into(), ((1, [2, 3]), None)).await,
        ("a".to_owned(), 1)
    );
}
