//! The identity of a module, known to the compiler and at run time.

use std::fmt;

/// A module, as a type: `H` is the hash of its path.
pub enum ModuleId<const H: u64> {}

/// The path of a module, like `my_crate::workers`.
///
/// It is kept in two parts, because a constant can cut a string but not build one.
#[derive(Debug, Clone, Copy)]
pub struct ModulePath {
    base: &'static str,
    rest: &'static str,
}

impl ModulePath {
    /// The module whose whole path is `path`.
    pub const fn absolute(path: &'static str) -> Self {
        Self {
            base: path,
            rest: "",
        }
    }

    /// The module `rest` below the module `current`; `current` itself when `rest` is empty.
    pub const fn below(current: &'static str, rest: &'static str) -> Self {
        Self {
            base: current,
            rest,
        }
    }

    /// The module `rest` below the root of the crate that has the module `current`.
    pub const fn below_root(current: &'static str, rest: &'static str) -> Self {
        let mut base = current;
        while let Some(parent) = parent(base) {
            base = parent;
        }
        Self { base, rest }
    }

    /// The module `rest` below the `up`th parent of the module `current`.
    ///
    /// When `current` has not that many parents the compiler says so where the path is written;
    /// here it is the root's.
    pub const fn below_parent(current: &'static str, up: usize, rest: &'static str) -> Self {
        let mut base = current;
        let mut left = up;
        while left > 0 {
            if let Some(parent) = parent(base) {
                base = parent;
            }
            left -= 1;
        }
        Self { base, rest }
    }

    /// The FNV-1a hash of the path.
    pub const fn hash(self) -> u64 {
        let hash = fnv_1a(FNV_OFFSET, self.base);
        if self.rest.is_empty() {
            return hash;
        }
        fnv_1a(fnv_1a(hash, "::"), self.rest)
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base)?;
        if !self.rest.is_empty() {
            write!(f, "::{}", self.rest)?;
        }
        Ok(())
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

const fn fnv_1a(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

/// `a::b` of `a::b::c`.
const fn parent(path: &'static str) -> Option<&'static str> {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 {
        at -= 1;
        if bytes[at] == b':' {
            // The path has the colons in pairs: this is the second of one.
            return Some(path.split_at(at - 1).0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::ModulePath;

    #[track_caller]
    fn same(path: ModulePath, written: &'static str) {
        assert_eq!(path.to_string(), written);
        assert_eq!(path.hash(), ModulePath::absolute(written).hash());
    }

    #[test]
    fn paths_are_resolved_from_the_current_module() {
        same(ModulePath::below("a::b", ""), "a::b");
        same(ModulePath::below("a::b", "c::d"), "a::b::c::d");
        same(ModulePath::below_root("a::b::c", ""), "a");
        same(ModulePath::below_root("a::b::c", "d"), "a::d");
        same(ModulePath::below_root("a", "d"), "a::d");
        same(ModulePath::below_parent("a::b::c", 1, ""), "a::b");
        same(ModulePath::below_parent("a::b::c", 2, "d::e"), "a::d::e");
    }

    #[test]
    fn different_modules_have_different_hashes() {
        assert_ne!(
            ModulePath::absolute("a::b").hash(),
            ModulePath::absolute("a::c").hash()
        );
    }
}
