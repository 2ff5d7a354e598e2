//! Loops for the widest vectors that a processor has.

/// Does `work`, compiled a second time for 256-bit vectors (AVX2) and chosen where the processor has them: the build
/// itself must run on any x86-64. Everywhere else, wasm among them, what the target has is all there is.
///
/// Only what is inlined into `work` is compiled so: an `#[inline(always)]` closure over `#[inline(always)]` functions.
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = fearless_simd::Level::new().as_avx2() {
        return fearless_simd::Simd::vectorize(avx2, work);
    }
    work()
}
