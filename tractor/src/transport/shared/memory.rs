//! The memory that the two ends of a link share.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::stat::fstat;

use super::ring::RING;

/// Two rings, one for each direction.
pub(super) const SIZE: usize = 2 * RING;

/// Makes memory without a name, which nobody can have who is not given its descriptor (N1).
///
/// Its size is sealed: a peer that could shrink it could kill whoever touches what is gone.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn allocate() -> io::Result<OwnedFd> {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::sys::memfd::{MFdFlags, memfd_create};

    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let file = memfd_create("tractor-link", flags)?;
    nix::unistd::ftruncate(&file, i64::try_from(SIZE).expect("it is far below 2^63"))?;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals()))?;
    Ok(file)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn allocate() -> io::Result<OwnedFd> {
    let reason = "only Linux has memory whose size is sealed";
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn seals() -> nix::fcntl::SealFlag {
    use nix::fcntl::SealFlag;
    SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL
}

/// Memory of a link, mapped into this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    owner: Owner,
}

/// What the memory is given back to.
#[derive(Debug)]
enum Owner {
    Kernel,
    /// Both ends are in this process.
    #[cfg(any(test, fuzzing))]
    Heap,
}

// SAFETY: it is no more than an address range that stays valid until it is dropped. Who may touch
// what of it when is the ring's concern.
#[expect(unsafe_code, reason = "memory that two processes share has no owner")]
unsafe impl Send for Mapping {}
// SAFETY: as above.
#[expect(unsafe_code, reason = "memory that two processes share has no owner")]
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps the memory behind a descriptor.
    ///
    /// # Errors
    ///
    /// Those of the kernel; and when it is not what [`allocate`] makes.
    #[expect(unsafe_code, reason = "a mapping has no safe form")]
    pub(crate) fn new(file: impl AsFd) -> io::Result<Self> {
        check(&file)?;
        let size = NonZeroUsize::new(SIZE).expect("a ring has a size");
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a fresh range that the kernel picks, backed by a file that cannot shrink.
        let base = unsafe { mmap(None, size, access, MapFlags::MAP_SHARED, file, 0) }?;
        Ok(Self {
            base: base.cast(),
            owner: Owner::Kernel,
        })
    }

    /// Memory for two ends in this process.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn within_this_process() -> Self {
        let base = Box::leak(vec![Page([0; PAGE]); SIZE / PAGE].into_boxed_slice());
        Self {
            base: NonNull::from(base).cast(),
            owner: Owner::Heap,
        }
    }

    /// Where the bytes from `offset` on are.
    ///
    /// # Panics
    ///
    /// When there are less than `size`.
    #[expect(unsafe_code, reason = "it computes an address in a mapping")]
    pub(super) fn at(&self, offset: usize, size: usize) -> NonNull<u8> {
        assert!(
            offset + size <= SIZE,
            "the memory of a link is not so large"
        );
        // SAFETY: it is within the mapping, as was just checked.
        unsafe { self.base.add(offset) }
    }
}

impl Drop for Mapping {
    #[expect(unsafe_code, reason = "a mapping has no safe form")]
    fn drop(&mut self) {
        match self.owner {
            Owner::Kernel => {
                // SAFETY: it was mapped with this size, and nothing refers to it any more: all
                // references are made by rings, which own a part of this value.
                // It fails for ranges that were never mapped.
                let _ = unsafe { munmap(self.base.cast(), SIZE) };
            }
            #[cfg(any(test, fuzzing))]
            Owner::Heap => {
                let pages = self.base.cast::<Page>().as_ptr();
                // SAFETY: it was leaked as such a box, and nothing refers to it any more.
                drop(unsafe {
                    Box::from_raw(std::ptr::slice_from_raw_parts_mut(pages, SIZE / PAGE))
                });
            }
        }
    }
}

#[cfg(any(test, fuzzing))]
const PAGE: usize = 4096;

#[cfg(any(test, fuzzing))]
#[derive(Clone)]
#[repr(C, align(4096))]
struct Page([u8; PAGE]);

/// Refuses what could change its size.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn check_seals(file: impl AsFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, SealFlag, fcntl};

    let sealed = SealFlag::from_bits_truncate(fcntl(file, FcntlArg::F_GET_SEALS)?);
    match sealed.contains(seals()) {
        true => Ok(()),
        false => Err(io::Error::other(
            "the size of the link's memory is not sealed",
        )),
    }
}

fn check(file: impl AsFd) -> io::Result<()> {
    let size = fstat(&file)?.st_size;
    if usize::try_from(size) != Ok(SIZE) {
        let reason = format!("the link's memory has {size} bytes instead of {SIZE}");
        return Err(io::Error::other(reason));
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    check_seals(file)?;
    Ok(())
}
