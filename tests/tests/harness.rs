//! `#[tractor::test]`: the child is this test binary, told to run one test.

use tests::fixture::Fixture;
use tests::workers::{add, pid};
use tractor::{Error, Result};

#[tractor::rpc]
async fn speak(text: String) {
    println!("{text}");
}

#[tractor::rpc]
async fn fail(text: String) -> Result<(), String> {
    Err(text)
}

mod deeper {
    #[tractor::test]
    async fn test_in_a_module_finds_itself() -> tractor::Result<()> {
        super::adds().await
    }
}

async fn adds() -> Result<()> {
    tractor::cluster! { modules: [tests::workers], count: 2 }
        .scope(async |workers| {
            for answer in workers.run_all(add(1, 2)).await.into_values() {
                assert_eq!(answer?, 3);
            }
            Ok(())
        })
        .await
}

// Several roots of one name in one process, at the same time.

#[tractor::test]
async fn first_of_several_roots() -> Result<()> {
    adds().await
}

#[tractor::test]
async fn second_of_several_roots() -> Result<()> {
    adds().await
}

#[tractor::test(worker_threads = 2)]
async fn third_of_several_roots() -> Result<()> {
    adds().await
}

#[tractor::test]
async fn child_speaks() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            workers["worker_0"]
                .run(speak("I am a child".to_owned()))
                .await
        })
        .await
}

#[tractor::test]
#[should_panic(expected = "I give up")]
async fn panic_is_the_test_s_own() {
    let cluster = tractor::cluster! { modules: [tests::workers], count: 1 };
    let scope = cluster.scope(async |workers| workers["worker_0"].run(pid).await);
    assert!(scope.await.is_ok());
    panic!("I give up");
}

#[tractor::test]
async fn error_of_a_child_reaches_the_test() {
    let cluster = tractor::cluster! { modules: [self], count: 1 };
    let ended = cluster
        .scope(async |workers| workers["worker_0"].run(fail("no".to_owned())).await)
        .await;
    assert!(matches!(ended, Err(Error::Remote(error)) if error.message() == "no"));
}

#[tractor::test]
async fn root_of_a_test_is_an_actor() {
    let actor = tractor::current_actor();
    assert!(actor.is_root() && actor.parent().is_none());
    assert_eq!(actor.aid().path(), "root");
    assert_eq!(actor.aid().pid(), std::process::id());
}

/// The roots of these tests share their names with those of other programs, so that they cannot look
/// for what is left of them: as a fixture, all of them together are looked after.
#[test]
fn roots_without_a_name_of_their_own_leave_nothing() {
    let binary = std::env::current_exe().expect("it is known");
    let ended = Fixture::new(binary)
        .arg("--skip=output_of_a_child_has_no_harness_lines")
        .arg("--skip=roots_without_a_name_of_their_own_leave_nothing")
        .run();
    ended.assert_code(0);
    let summary = ended.line("test result: ok. ");
    assert!(!summary.starts_with("0 passed"), "{}", ended.text());
    assert!(summary.contains(" 2 filtered out"), "{}", ended.text());
}

#[test]
fn output_of_a_child_has_no_harness_lines() {
    let binary = std::env::current_exe().expect("it is known");
    let ended = Fixture::new(binary)
        .arg("child_speaks")
        .arg("--exact")
        .arg("--nocapture")
        .run();
    ended.assert_code(0);
    let count = |text: &str| {
        ended
            .stdout
            .iter()
            .filter(|line| line.contains(text))
            .count()
    };
    assert_eq!(count("I am a child"), 1, "{}", ended.text());
    assert_eq!(count("running 1 test"), 1, "{}", ended.text());
    assert_eq!(count("test result"), 1, "{}", ended.text());
}
