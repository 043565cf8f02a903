//! Examples of streams, each of which says in its documentation what it prints.

use crate::run::lines_of;

/// What the doc comment of an example says that it prints.
fn promised(source: &str) -> Vec<&str> {
    let comment = source.lines().map_while(|line| line.strip_prefix("//!"));
    let comment = comment.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let prints = comment.skip_while(|line| !line.starts_with("$ cargo run"));
    prints.skip(1).take_while(|&line| line != "```").collect()
}

#[test]
fn ping_pong_goes_both_ways() {
    let promised = promised(include_str!("../../ping_pong.rs"));
    assert_eq!(lines_of("ping_pong"), promised);
}

#[test]
fn typed_dialog_ends_in_its_own_ways() {
    let promised = promised(include_str!("../../typed_dialog.rs"));
    assert_eq!(lines_of("typed_dialog"), promised);
}

#[test]
fn cluster_streams_take_turns() {
    let promised = promised(include_str!("../../cluster_streams.rs"));
    assert_eq!(lines_of("cluster_streams"), promised);
}

#[test]
fn broadcast_fanout_reaches_every_subscriber() {
    let promised = promised(include_str!("../../broadcast_fanout.rs"));
    assert_eq!(lines_of("broadcast_fanout"), promised);
}

#[test]
fn multiple_streams_share_one_portal() {
    let promised = promised(include_str!("../../multiple_streams_one_portal.rs"));
    assert_eq!(lines_of("multiple_streams_one_portal"), promised);
}

#[test]
fn streaming_service_drops_duplicates() {
    let promised = promised(include_str!("../../streaming_service.rs"));
    assert_eq!(lines_of("streaming_service"), promised);
}
