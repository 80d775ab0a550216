//! `weightless`: the shop as one program.

use clap::Parser;
use server::commands::{Command, exit_code};
use std::process::ExitCode;

/// Gives memory back to the system after a flood of large requests, which glibc's allocator keeps; `.cargo/config.toml` says how soon.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A shop for goods that weigh nothing.
#[derive(Parser)]
#[command(
    name = "weightless",
    version,
    about = "A shop for goods that weigh nothing",
    long_about = "A shop for goods that weigh nothing: e-books, music, software, licenses, courses, memberships.\n\n\
        Start with `weightless demo`: a whole shop on this machine, without accounts or internet.\n\
        The other commands read SHOP_* and STRIPE_* variables; .env.sample explains each."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The exit code for a refusal to start: the operator has something to change.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    // One provider for every TLS connection, before any is made.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("weightless: TLS was set up twice");
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("weightless: no threads to work with: {error}");
            return ExitCode::from(REFUSED);
        }
    };
    match runtime.block_on(cli.command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("weightless: {error:#}");
            ExitCode::from(exit_code(&error).unwrap_or(REFUSED))
        }
    }
}
