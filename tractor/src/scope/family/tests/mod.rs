//! A family whose children, clock and supervisor are played by the test.

mod any_history;
mod end;
mod failures;
mod play;
mod strategies;

use crate::scope::restart::{Restart, RestartType};

const STRATEGIES: [Restart; 4] = [
    Restart::Never,
    Restart::OneForOne,
    Restart::OneForAll,
    Restart::RestForOne,
];
const TYPES: [RestartType; 3] = [
    RestartType::Permanent,
    RestartType::Transient,
    RestartType::Temporary,
];
