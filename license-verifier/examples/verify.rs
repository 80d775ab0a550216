//! Verifies a license file: `cargo run --example verify -- FILE PUBLIC_KEY PRODUCT`.
use license_verifier::{PublicKey, verify_license_file};
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, public_key, product] = &arguments[..] else {
        eprintln!("verify FILE PUBLIC_KEY PRODUCT");
        return ExitCode::FAILURE;
    };
    match check(file, public_key, product) {
        Ok(name) => {
            println!("Licensed: {name}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn check(file: &str, public_key: &str, product: &str) -> Result<String, Box<dyn std::error::Error>> {
    let now = UNIX_EPOCH.elapsed()?.as_secs();
    let license = verify_license_file(&std::fs::read_to_string(file)?, &[PublicKey::from_hex(public_key)?], i64::try_from(now)?)?;
    Ok(license.of_product(product)?.name)
}
