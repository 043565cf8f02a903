use super::*;

const ONE_CANCELS_ALL: RestartPolicy = RestartPolicy {
    strategy: Restart::Never,
    max: 0,
    window: Duration::from_secs(5),
    backoff: Duration::ZERO..=Duration::ZERO,
};

/// With the default strategy a failure stops every sibling at once.
#[test]
fn failure_stops_all_siblings_at_once() {
    let now = Instant::now();
    let mut family = Family::new(ONE_CANCELS_ALL);
    for id in 0..3 {
        family.add(id, RestartType::Permanent);
        assert_eq!(family.actions(), [Action::Start(id, Duration::ZERO)]);
        family.started(id, now);
    }
    let verdict = family.ended(1, How::Failed, false, now, 0.0);
    assert_eq!(verdict, Verdict::Fails);
    family.end(Rung::Cancel);
    let stopped = [2, 0].map(|id| Action::Stop(id, Rung::Cancel));
    assert_eq!(family.actions(), stopped);
}
