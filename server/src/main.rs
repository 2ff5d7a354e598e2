//! The `questlog` program: everything it does lives in the library, so that tests can call it.

use std::process::ExitCode;

/// Its pages go back to the system soon, so that the memory of a peak is not kept.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    questlog::cli::main()
}
