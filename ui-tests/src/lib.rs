//! What the macros accept, and how they refuse the rest: see `examples` and `fail`.
