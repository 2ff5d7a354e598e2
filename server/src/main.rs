//! The `questlog` program: everything it does lives in the library, so that tests can call it.

use std::process::ExitCode;

fn main() -> ExitCode {
    questlog::cli::main()
}
