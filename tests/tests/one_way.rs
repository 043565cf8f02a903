//! Streams that come from a remote function.

use std::future::pending;
use std::num::ParseIntError;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use nix::sys::signal::Signal;
use tests::actor::{assert_nobody_left, begin, done, fresh_name, signal, until, within};
use tests::stage::{gate, open_gate, saw, see, seen};
use tests::workers::add;
use tractor::{Error, Portal, Restart, Result, current_call, modules};

/// Sees that it is dropped, and why.
struct Witness;

impl Drop for Witness {
    fn drop(&mut self) {
        let call = current_call().expect("a producer answers a call");
        see(match call.cancellation() {
            Some(cancellation) => cancellation.reason().to_string(),
            None => "ended".into(),
        });
    }
}

#[tractor::rpc]
fn ticks(count: u64) -> impl Stream<Item = u64> {
    stream::iter(0..count)
}

#[tractor::rpc]
async fn late_ticks(count: u64) -> impl Stream<Item = u64> {
    tokio::task::yield_now().await;
    stream::iter(0..count).then(async |n| {
        tokio::task::yield_now().await;
        n
    })
}

/// Counts for ever.
#[tractor::rpc]
fn endless() -> impl Stream<Item = u64> {
    let witness = Witness;
    stream::iter(0..).inspect(move |_| {
        let _ = &witness;
    })
}

/// Yields so many numbers, and then nothing more, but does not end.
#[tractor::rpc]
fn stall(count: u64) -> impl Stream<Item = u64> {
    let witness = Witness;
    stream::iter(0..count).chain(stream::once(async move {
        let _witness = witness;
        pending().await
    }))
}

#[tractor::rpc]
fn units(count: usize) -> impl Stream<Item = ()> {
    stream::iter(0..count).map(drop)
}

#[tractor::rpc]
fn numbers(text: String) -> impl Stream<Item = Result<u32, NotANumber>> {
    let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
    stream::iter(words).map(|word| {
        word.parse().map_err(|error: ParseIntError| NotANumber {
            word,
            why: error.to_string(),
        })
    })
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("`{word}` is not a number: {why}")]
struct NotANumber {
    word: String,
    why: String,
}

/// Yields three numbers, and panics.
#[tractor::rpc]
fn blow_up() -> impl Stream<Item = u64> {
    stream::iter(0..).inspect(|n| assert!(*n < 3, "three is too many"))
}

/// A number that cannot be written if it is too large.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
struct Small(u64, Unwritten);

#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
enum Unwritten {
    Never,
    Fails,
    Panics,
}

impl serde::Serialize for Small {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The number is written before it turns out that the rest cannot be.
        (self.0, &self.1).serialize(serializer)
    }
}

impl serde::Serialize for Unwritten {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_unit_variant("Unwritten", 0, "Never"),
            Self::Fails => Err(serde::ser::Error::custom("it is too large")),
            Self::Panics => panic!("it is too large"),
        }
    }
}

/// Counts, and cannot write the last number.
#[tractor::rpc]
fn small(count: u64, panics: bool) -> impl Stream<Item = Small> {
    stream::iter(0..=count).map(move |n| {
        let unwritten = match panics {
            _ if n < count => Unwritten::Never,
            true => Unwritten::Panics,
            false => Unwritten::Fails,
        };
        Small(n, unwritten)
    })
}

/// Yields numbers in bursts of so many; between them it waits for a call.
#[tractor::rpc]
fn bursts(sizes: Vec<u64>) -> impl Stream<Item = u64> {
    stream::iter(sizes)
        .then(async |size| {
            gate().await;
            stream::iter(0..size)
        })
        .flatten()
}

async fn with_worker(body: impl AsyncFnOnce(&Portal) -> Result<()>) -> Result<()> {
    tractor::cluster! { modules: [self, tests::stage, tests::workers], count: 1 }
        .scope(async |workers| body(&workers["worker_0"].dynamic()).await)
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn stream_comes_from_here_or_from_there() -> Result<()> {
    assert!(ticks(5).collect::<Vec<_>>().await.into_iter().eq(0..5));
    assert!(late_ticks(5).collect::<Vec<_>>().await.into_iter().eq(0..5));
    with_worker(async |portal| {
        for count in [0, 1, 5, 50_000] {
            let read = portal
                .open_stream_from(ticks(count))
                .try_collect::<Vec<_>>();
            assert!(within("the stream", read).await?.into_iter().eq(0..count));
        }
        let read = portal
            .open_stream_from(late_ticks(1000))
            .try_collect::<Vec<_>>();
        assert!(within("the stream", read).await?.into_iter().eq(0..1000));
        // By its name, when it has no parameters.
        let read = portal
            .open_stream_from(endless)
            .take(3)
            .try_collect::<Vec<_>>();
        assert_eq!(within("the stream", read).await?, [0, 1, 2]);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn stream_that_has_begun_here_stays_here() -> Result<()> {
    with_worker(async |portal| {
        let mut begun = ticks(5);
        assert_eq!(begun.next().await, Some(0));
        let mut refused = portal.open_stream_from(begun);
        let error = within("the refusal", refused.next()).await;
        assert!(matches!(error, Some(Err(Error::Config(_)))), "{error:?}");
        assert!(refused.next().await.is_none());
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn items_without_a_value_are_items() -> Result<()> {
    with_worker(async |portal| {
        for count in [0, 1, 100_000] {
            let units = portal.open_stream_from(units(count));
            let read = units.try_fold(0, async |sum, ()| Ok(sum + 1));
            assert_eq!(within("the stream", read).await?, count);
        }
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn items_before_one_that_cannot_be_encoded_arrive() -> Result<()> {
    with_worker(async |portal| {
        for (count, panics) in [(0, false), (3, false), (20_000, false), (3, true)] {
            let stream = portal.open_stream_from(small(count, panics));
            let read: Vec<_> = within("the stream", stream.collect()).await;
            let (last, items) = read.split_last().expect("it has an end");
            let error = last.as_ref().expect_err("it cannot be written").to_string();
            let why = match panics {
                true => "it is too large",
                false => "cannot encode an item",
            };
            assert!(error.contains(why), "{error}");
            let numbers = items.iter().flatten().map(|small| small.0);
            assert!(numbers.eq(0..count), "{} of {count}", items.len());
        }
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn what_a_source_yields_arrives_while_it_waits() -> Result<()> {
    with_worker(async |portal| {
        // Less than a batch, a batch more or less, and more than the window.
        let sizes = vec![1, 3, 2_000, 2_800, 5_600, 100_000, 1];
        let mut stream = portal.open_stream_from(bursts(sizes.clone()));
        begin(&mut stream.next()).await;
        for size in sizes {
            within("the gate", portal.run(open_gate)).await?;
            for n in 0..size {
                assert_eq!(within("an item", stream.next()).await.transpose()?, Some(n));
            }
        }
        assert!(within("the end", stream.next()).await.is_none());
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn item_that_is_an_error_is_no_end() -> Result<()> {
    with_worker(async |portal| {
        let stream = portal.open_stream_from(numbers("1 two 3 four".into()));
        let read: Vec<_> = within("the stream", stream.collect()).await;
        let [
            Ok(1),
            Err(Error::Remote(two)),
            Ok(3),
            Err(Error::Remote(four)),
        ] = &read[..]
        else {
            panic!("{read:?}");
        };
        assert_eq!(*two.origin(), portal.aid());
        assert!(two.function().ends_with("numbers"), "{}", two.function());
        for (error, word) in [(two, "two"), (four, "four")] {
            assert!(error.is::<NotANumber>());
            let original = error
                .clone()
                .downcast::<NotANumber>()
                .expect("its type is known");
            assert_eq!(original.word, word);
            assert_eq!(error.message(), original.to_string());
        }
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn dropped_stream_cancels_its_producer() -> Result<()> {
    with_worker(async |portal| {
        let mut expected = Vec::new();
        // Never polled, it has not begun.
        drop(portal.open_stream_from(stall(1)));
        saw(portal, &expected).await;
        for read in [0, 1, 3] {
            let mut stream = portal.open_stream_from(stall(3));
            begin(&mut stream.next()).await;
            for n in 0..read {
                assert_eq!(within("an item", stream.next()).await.transpose()?, Some(n));
            }
            drop(stream);
            expected.push("the caller dropped the call");
            saw(portal, &expected).await;
        }
        // One that is held up by its reader notices, too.
        let mut stream = portal.open_stream_from(endless);
        assert_eq!(within("an item", stream.next()).await.transpose()?, Some(0));
        drop(stream);
        expected.push("the caller dropped the call");
        saw(portal, &expected).await;
        assert_eq!(within("an answer", portal.run(add(1, 2))).await?, 3);
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn panic_of_the_producer_is_the_last_item() -> Result<()> {
    with_worker(async |portal| {
        let stream = portal.open_stream_from(blow_up);
        let read: Vec<_> = within("the stream", stream.collect()).await;
        let [Ok(0), Ok(1), Ok(2), Err(Error::Remote(panic))] = &read[..] else {
            panic!("{read:?}");
        };
        assert!(
            panic.is_panic() && panic.message().contains("three"),
            "{panic}"
        );
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn death_of_the_producer_is_the_last_item() -> Result<()> {
    tractor::nursery()
        .restart(Restart::OneForOne)
        .scope(async |an| {
            let portal = an.start_actor("phoenix", modules![self]).await?.dynamic();
            let mut stream = portal.open_stream_from(stall(3));
            for n in 0..3 {
                assert_eq!(within("an item", stream.next()).await.transpose()?, Some(n));
            }
            signal(portal.aid(), Signal::SIGKILL);
            let error = within("the death", stream.next()).await;
            assert!(matches!(error, Some(Err(Error::ActorDied(_)))), "{error:?}");
            assert!(stream.next().await.is_none());
            // The next stream comes from the next process.
            let read = portal.open_stream_from(ticks(3)).try_collect::<Vec<_>>();
            assert_eq!(within("the stream", read).await?, [0, 1, 2]);
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn deadline_of_a_stream_is_told_behind_its_items() -> Result<()> {
    with_worker(async |portal| {
        let stream = portal
            .open_stream_from(stall(3))
            .timeout(Duration::from_millis(200));
        let read: Vec<_> = within("the deadline", stream.collect()).await;
        let (last, items) = read.split_last().expect("it has an end");
        assert!(matches!(last, Err(Error::DeadlineExceeded(_))), "{last:?}");
        // On a machine that is busy it may have passed before they came.
        for (n, item) in (0..).zip(items) {
            assert_eq!(item.as_ref().ok(), Some(&n));
        }
        // Whose clock has seen the deadline first decides what the reason is.
        until("the producer is cancelled", async || {
            portal.run(seen).await.expect("it answers").len() == 1
        })
        .await;
        done()
    })
    .await
}

#[tractor::test(name = fresh_name())]
async fn stream_is_dropped_at_any_poll() -> Result<()> {
    with_worker(async |portal| {
        for polls in 0..40 {
            let mut stream = portal.open_stream_from(late_ticks(20));
            let mut items = 0;
            for _ in 0..polls {
                match stream.next().now_or_never() {
                    Some(Some(item)) => {
                        assert_eq!(item?, items);
                        items += 1;
                    }
                    Some(None) => assert_eq!(items, 20),
                    // Others have their turn, and the link.
                    None => assert_eq!(within("an answer", portal.run(add(1, 2))).await?, 3),
                }
            }
            drop(stream);
            assert_eq!(within("an answer", portal.run(add(1, 2))).await?, 3);
        }
        done()
    })
    .await
}
