//! The callee refuses what its allowlist does not name (A1).

use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::workers::add;
use tractor::{Error, Result, modules};

mod open {
    #[tractor::rpc]
    pub(crate) async fn greet() -> String {
        "hello".to_owned()
    }

    pub(crate) mod inner {
        #[tractor::rpc]
        pub(crate) async fn whisper() -> String {
            "psst".to_owned()
        }
    }
}

mod closed {
    use std::sync::atomic::{AtomicBool, Ordering};

    pub(crate) static RAN: AtomicBool = AtomicBool::new(false);

    #[tractor::rpc]
    pub(crate) async fn secret() {
        RAN.store(true, Ordering::SeqCst);
    }
}

#[tractor::rpc]
async fn secret_ran() -> bool {
    closed::RAN.load(std::sync::atomic::Ordering::SeqCst)
}

#[tractor::test(name = fresh_name())]
async fn unexposed_function_is_refused_by_the_callee() -> Result<()> {
    tractor::cluster! { modules: [self, open], count: 1 }
        .scope(async |workers| {
            let portal = workers["worker_0"].dynamic();
            let refused = within("a refusal", portal.run(closed::secret)).await;
            let Error::ModuleNotExposed(error) = failure(refused) else {
                panic!("it was to be refused");
            };
            assert_eq!(error.function(), "allowlist::closed::secret");
            assert_eq!(error.enabled(), ["allowlist", "allowlist::open"]);
            assert_eq!(error.aid(), &portal.aid());
            let text = error.to_string();
            assert!(text.contains("allowlist::closed::secret"), "{text}");
            assert!(text.contains("[allowlist, allowlist::open]"), "{text}");
            // It did not run, and the link serves on.
            assert!(!within("an answer", portal.run(secret_ran)).await?);
            assert_eq!(within("an answer", portal.run(open::greet)).await?, "hello");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn module_does_not_expose_those_inside_it() -> Result<()> {
    tractor::cluster! { modules: [open], count: 1 }
        .scope(async |workers| {
            let portal = workers["worker_0"].dynamic();
            let refused = within("a refusal", portal.run(open::inner::whisper)).await;
            assert!(matches!(failure(refused), Error::ModuleNotExposed(_)));
            let refused = within("a refusal", portal.run(add(1, 2))).await;
            assert!(matches!(failure(refused), Error::ModuleNotExposed(_)));
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn dynamic_portal_becomes_typed_again() -> Result<()> {
    tractor::cluster! { modules: [open, tests::workers], count: 1 }
        .scope(async |workers| {
            let dynamic = workers["worker_0"].dynamic();
            let typed = dynamic.expect(modules![open]).await?;
            assert_eq!(within("an answer", typed.run(open::greet)).await?, "hello");
            assert_eq!(typed.aid(), dynamic.aid());
            let Err(Error::ModuleNotExposed(error)) = dynamic.expect(modules![open, closed]).await
            else {
                panic!("it does not expose `closed`");
            };
            assert!(error.to_string().contains("allowlist::closed"), "{error}");
            assert_eq!(error.enabled(), ["allowlist::open", "tests::workers"]);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn portals_of_different_lists_share_a_collection() -> Result<()> {
    tractor::cluster! { modules: [open], names: ["a"] }
        .scope(async |one| {
            tractor::cluster! { modules: [tests::workers], names: ["b"] }
                .scope(async |other| {
                    let portals = [one["a"].dynamic(), other["b"].dynamic()];
                    let sums = portals.iter().map(|portal| portal.run(add(1, 2)));
                    let sums = within("answers", futures_util::future::join_all(sums)).await;
                    assert!(matches!(sums[0], Err(Error::ModuleNotExposed(_))));
                    assert!(matches!(sums[1], Ok(3)));
                    done()
                })
                .await
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[test]
fn every_registered_function_is_listed() {
    let functions = tractor::registered_functions();
    for path in [
        "allowlist::closed::secret",
        "allowlist::secret_ran",
        "tests::workers::add",
    ] {
        assert!(functions.contains(&path), "{path} is not in {functions:?}");
    }
    assert!(functions.is_sorted());
}
