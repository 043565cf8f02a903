//! Where a call stands in a trace.

use std::num::NonZero;

use super::random::random;

/// The target of the spans in which handlers run.
pub(crate) const HANDLERS: &str = "tractor::rpc";

/// The fields of these spans that are there for machines, to put a trace together.
pub(crate) const FOR_MACHINES: [&str; 5] =
    ["trace_id", "span_id", "parent_id", "otel.name", "otel.kind"];

/// Where a span stands in a trace, as <https://www.w3.org/TR/trace-context/> has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext {
    trace_id: NonZero<u128>,
    span_id: NonZero<u64>,
    flags: u8,
}

impl TraceContext {
    /// The flag of a trace that somebody records.
    const SAMPLED: u8 = 1;

    /// `None` of the identities that stand for none.
    pub(crate) fn new(trace_id: u128, span_id: u64, flags: u8) -> Option<Self> {
        Some(Self {
            trace_id: NonZero::new(trace_id)?,
            span_id: NonZero::new(span_id)?,
            flags,
        })
    }

    /// A new span: below `parent`, or the first one of a new trace.
    pub(crate) fn below(parent: Option<&Self>) -> Self {
        let half = || u128::from(random());
        let fresh = || NonZero::new(half() << 64 | half()).unwrap_or(NonZero::<u128>::MIN);
        Self {
            trace_id: parent.map_or_else(fresh, |parent| parent.trace_id),
            span_id: NonZero::new(random()).unwrap_or(NonZero::<u64>::MIN),
            flags: parent.map_or(Self::SAMPLED, |parent| parent.flags),
        }
    }

    /// What all spans of a trace have in common.
    pub(crate) fn trace_id(&self) -> u128 {
        self.trace_id.get()
    }

    /// What a span has for itself.
    pub(crate) fn span_id(&self) -> u64 {
        self.span_id.get()
    }

    /// What is done about the trace.
    pub(crate) fn flags(&self) -> u8 {
        self.flags
    }
}

#[cfg(test)]
mod tests {
    use super::TraceContext;

    #[test]
    fn span_below_another_is_of_its_trace() {
        let above = TraceContext::new(1 << 100, 7, 0).expect("neither is zero");
        let below = TraceContext::below(Some(&above));
        assert_eq!(below.trace_id(), above.trace_id());
        assert_ne!(below.span_id(), above.span_id());
        assert_eq!(below.flags(), 0, "what is not recorded above is not here");
    }

    #[test]
    fn span_below_none_begins_a_trace() {
        let [one, other] = [(); 2].map(|()| TraceContext::below(None));
        assert_ne!(one.trace_id(), other.trace_id());
        assert!(one.trace_id() > u128::from(u64::MAX), "all of it is random");
    }

    #[test]
    fn zero_is_no_identity() {
        assert_eq!(TraceContext::new(0, 1, 1), None);
        assert_eq!(TraceContext::new(1, 0, 1), None);
    }
}
