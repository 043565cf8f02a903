//! Chapters on what needs more words than a type has room for.

#[doc = include_str!("../docs/contexts.md")]
pub mod contexts {}

#[doc = include_str!("../docs/streams.md")]
pub mod streams {}

#[doc = include_str!("../docs/back_pressure.md")]
pub mod back_pressure {}

#[doc = include_str!("../docs/hangs.md")]
pub mod hangs {}

#[doc = include_str!("../docs/traces.md")]
pub mod traces {}

#[doc = include_str!("../docs/crashes.md")]
pub mod crashes {}

#[doc = include_str!("../docs/screens.md")]
///
/// # The prompt of an actor that has crashed
///
/// On 120 columns:
#[doc = include_str!("../docs/screens/prompt_120_coloured.html")]
/// On 80:
#[doc = include_str!("../docs/screens/prompt_80_coloured.html")]
/// Without colours, on 120:
#[doc = include_str!("../docs/screens/prompt_120_plain.html")]
/// And on 80:
#[doc = include_str!("../docs/screens/prompt_80_plain.html")]
///
/// # `tractor top`
///
/// On 120 columns:
#[doc = include_str!("../docs/screens/top_120_coloured.html")]
/// On 80:
#[doc = include_str!("../docs/screens/top_80_coloured.html")]
/// Without colours, on 120:
#[doc = include_str!("../docs/screens/top_120_plain.html")]
/// And on 80:
#[doc = include_str!("../docs/screens/top_80_plain.html")]
pub mod screens {}

#[doc = include_str!("../docs/logs.md")]
pub mod logs {}

#[doc = include_str!("../docs/endings.md")]
pub mod endings {}
