//! `admin`: what an operator does from the command line.

use crate::application;
use crate::config::Config;
use anyhow::Context;
use clap::Subcommand;
use shop::fulfillment::licenses::key_ring;
use std::io::{BufRead, IsTerminal};

#[derive(Subcommand)]
pub enum AdminAct {
    /// Make an owner of the shop; the password is read from standard input
    CreateOwner {
        #[arg(long)]
        email: String,
    },
    /// Make an API key for a member, and print it alone
    CreateApiKey {
        #[arg(long)]
        email: String,
    },
    /// Give a member a new password, read from standard input; all sessions of the member end
    SetPassword {
        #[arg(long)]
        email: String,
    },
    /// Sign license files with a new key from now on; programs that verify them need its public key as well
    RotateLicenseKey,
    /// Fill an empty shop with the sample goods
    LoadSample,
}

impl AdminAct {
    pub async fn run(self) -> anyhow::Result<()> {
        let shop = application::open(&Config::from_env()?).await?;
        match self {
            AdminAct::CreateOwner { email } => {
                shop::accounts::create_owner(&shop, &email, &password()?).await.map_err(told)?;
                eprintln!("{email} owns the shop now.");
            }
            AdminAct::SetPassword { email } => {
                shop::accounts::set_password(&shop, &email, &password()?).await.map_err(told)?;
                eprintln!("{email} signs in with the new password now.");
            }
            AdminAct::CreateApiKey { email } => println!("{}", shop::accounts::create_api_key(&shop, &email).await.map_err(told)?),
            AdminAct::RotateLicenseKey => {
                let kid = key_ring::rotate(&shop).await.map_err(told)?;
                eprintln!("License files are signed with {kid} now. The old key stays listed at /v1/licenses/public-keys.");
            }
            AdminAct::LoadSample => match shop::catalog::sample::load(&shop).await.map_err(told)? {
                0 => eprintln!("The shop has products already; nothing was changed."),
                n => eprintln!("{n} products are on the shelves."),
            },
        }
        Ok(())
    }
}

fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A use case's refusal as the command line says it.
pub(super) fn told(error: shop::Error) -> anyhow::Error {
    match error {
        shop::Error::Unexpected(cause) => cause,
        other => anyhow::anyhow!("{}", other.answer().2),
    }
}
