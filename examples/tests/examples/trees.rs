//! Examples of trees of actors.

use std::collections::BTreeSet;
use std::thread;

use crate::run::{lines_of, run, without_pid};

#[test]
fn quick_cluster_prints_one_line_per_core() {
    let lines = lines_of("quick_cluster");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(lines.len(), cores);
    let pids: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| line.split('[').nth(1))
        .collect();
    assert_eq!(
        pids.len(),
        cores,
        "each line comes from a process of its own"
    );
    let mut names: Vec<_> = lines.iter().map(|line| without_pid(line)).collect();
    let mut expected: Vec<_> = (0..cores)
        .map(|worker| format!("Yo i am actor root.worker_{worker}[pid]"))
        .collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn primes_come_as_they_complete_then_in_order() {
    const IN_ORDER: [&str; 6] = [
        "112272535095293 is prime",
        "112582705942171 is prime",
        "112272535095293 is prime",
        "115280095190773 is prime",
        "115797848077099 is prime",
        "1099726899285419 is not prime",
    ];
    let lines = lines_of("primes");
    assert_eq!(lines.len(), 14);
    assert_eq!(lines[0], "as they complete:");
    let mut completed = lines[1..7].to_vec();
    let mut expected = IN_ORDER;
    completed.sort();
    expected.sort_unstable();
    assert_eq!(completed, expected);
    assert_eq!(lines[7], "in order:");
    assert_eq!(lines[8..], IN_ORDER);
}

#[test]
fn actors_are_daemons_and_one_shots() {
    let lines: Vec<_> = lines_of("actors")
        .iter()
        .map(|line| without_pid(line))
        .collect();
    let question = "What is the airspeed velocity of an unladen swallow?";
    let expected = [
        format!("root.frank[pid]: {question} African or European?"),
        "the first 1000 primes add up to 3682913, says root.first_primes[pid]".to_owned(),
    ];
    assert_eq!(lines[..2], expected);
    // Which of the two is reaped first is theirs to settle.
    let mut exits = lines[2..].to_vec();
    exits.sort();
    assert_eq!(
        exits,
        [
            "first_primes exited with code 0 (cancelled)",
            "frank exited with code 0 (cancelled)"
        ]
    );
}

#[test]
fn nested_actor_tree_answers_and_fails_through_three_levels() {
    let lines = lines_of("nested_actor_tree");
    assert_eq!(lines[0], "north has 60 inhabitants");
    assert_eq!(lines[1], "south has 60 inhabitants");
    let flood = without_pid(&lines[2]).replace("worker_0", "worker_1");
    let origin = "root.region.town.worker_1[pid]";
    let flooded = "street 13 is flooded";
    assert_eq!(
        flood,
        format!("`nested_actor_tree::inhabitants` failed in {origin}: {flooded}")
    );
    let way: Vec<_> = lines[3].split(", ").map(without_pid).collect();
    assert_eq!(
        way,
        ["it came through root.region.town[pid]", "root.region[pid]"]
    );
    assert_eq!(lines.len(), 4);
}

#[test]
fn we_are_processes_contains_its_zombies() {
    let output = run("we_are_processes", &[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("the root crashes, on purpose"), "{stderr}");
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(stdout.lines().count(), cores + 1);
    assert_eq!(stdout.lines().last(), Some("Zombies Contained"));
}

#[test]
fn supervised_restart_loses_nothing() {
    let lines = lines_of("supervised_restart");
    assert_eq!(lines[0], "100 of 100 done, the sum is 328350");
    let (restarts, first) = lines[1].split_once(" restarts; ").expect("it says so");
    // Every process answers 5 calls: the 100 take 20 of them, and 18 of those have followed one.
    assert!(
        restarts.parse::<u32>().expect("a number") >= 18,
        "{lines:?}"
    );
    assert!(first.ends_with("was killed by SIGABRT"), "{first}");
}

#[test]
fn remote_errors_are_told_apart() {
    let lines: Vec<_> = lines_of("remote_errors")
        .iter()
        .map(|line| without_pid(line))
        .collect();
    let location = lines.iter().position(|line| line.starts_with("│ at "));
    let location = location.expect("the panic has a location");
    assert!(lines[location].contains("remote_errors.rs:"));
    let before = [
        "refused: 120 cents short",
        "refused: who is bob?",
        "bank said: cannot read the configuration",
        "  because \"80 80\" is no port",
        "  because invalid digit found in string",
        "`remote_errors::third` panicked in root.bank[pid]: \
         index out of bounds: the len is 2 but the index is 2",
        "╭─ panic",
        "│ index out of bounds: the len is 2 but the index is 2",
    ];
    let after = [
        "│ in remote_errors::third, actor root.bank[pid]",
        "╰─",
        "balance: 480",
        "the scope ended: root.bank[pid] was killed by SIGKILL",
    ];
    assert_eq!(lines[..location], before);
    assert_eq!(lines[location + 1..], after);
}
