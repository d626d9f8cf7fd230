//! How much memory something takes, where the allocator can tell: in a fuzzer's process, which has one thread.

#[cfg(feature = "libfuzzer")]
#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// Runs it and fails when it takes more than so many bytes above what was there before.
pub(crate) fn within<T>(bytes_max: usize, run: impl FnOnce() -> T) -> T {
    #[cfg(feature = "libfuzzer")]
    {
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let value = run();
        let taken = ALLOCATOR.peak_usage().saturating_sub(before);
        assert!(
            taken <= bytes_max,
            "it took {taken} bytes, {bytes_max} are allowed"
        );
        value
    }
    #[cfg(not(feature = "libfuzzer"))]
    {
        let _ = bytes_max;
        run()
    }
}
