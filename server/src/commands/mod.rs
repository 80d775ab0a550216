//! The commands of the program.

mod admin;
mod backup;
mod demo;
mod emulator;

pub use backup::exit_code;

use crate::config::Config;
use crate::{application, listener, metrics, telemetry};
use clap::Subcommand;
use std::io::Write;

/// Third-party licenses, as `make notices` gathers them.
const NOTICES: &str = include_str!("../../../NOTICES.txt");

/// What the program can do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the shop: web pages, the API and the worker, with the schema brought up to date first
    Serve,
    /// Work without serving: events, mails and the reconciler (for a machine of its own)
    Work,
    /// Bring the database's schema up to date
    Migrate,
    /// Copy the database and the files to a folder while the shop runs
    Backup(backup::BackupArgs),
    /// A whole shop on this machine: sample goods, a Stripe emulator and a mailbox, without accounts or internet
    Demo(demo::DemoArgs),
    /// Only the Stripe emulator
    StripeEmulator(emulator::EmulatorArgs),
    /// Show the licenses of all that the program is made of
    Notices,
    /// Manage the shop from the command line
    Admin {
        #[command(subcommand)]
        act: admin::AdminAct,
    },
}

impl Command {
    /// Runs until it is done, or asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        telemetry::init();
        match self {
            Command::Serve => serve().await,
            Command::Work => {
                let config = Config::from_env()?;
                let shop = application::open(&config).await?;
                if let Some(address) = config.metrics_listen {
                    // There are no requests to count here.
                    drop(metrics::start(address, shop.clone()).await?);
                }
                tracing::info!("working");
                shop::jobs::run_until(shop, application::asked_to_stop()).await;
                Ok(())
            }
            Command::Migrate => {
                let config = Config::from_env()?;
                let db = shop::base::database::connect(&config.database_url).await?;
                migration::migrate(db.writer()).await?;
                println!("The schema is up to date.");
                Ok(())
            }
            Command::Backup(args) => backup::backup(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::StripeEmulator(args) => emulator::run(args).await,
            Command::Notices => {
                // Whoever looks at the first lines only closes the pipe.
                drop(std::io::stdout().write_all(NOTICES.as_bytes()));
                Ok(())
            }
            Command::Admin { act } => act.run().await,
        }
    }
}

async fn serve() -> anyhow::Result<()> {
    let config = Config::from_env()?;
    let shop = application::open(&config).await?;
    let listener = listener::bind(config.web.listen).await?;
    tracing::info!(address = %listener.local_addr()?, "serving {}", config.web.base_url);
    if config.web.is_plain() {
        tracing::warn!("SHOP_BASE_URL begins with http://: passwords and links to orders travel in the clear; put TLS in front");
    }
    if !shop::accounts::is_claimed(&shop).await.map_err(admin::told)? {
        // Not into the log, which more people read than the one who starts the program.
        println!(
            "\nNobody owns this shop yet. Open {}/setup and enter the code {}\n",
            config.web.base_url,
            shop::accounts::setup_code(&shop)
        );
    }
    application::serve(shop, &config, listener, axum::Router::new(), application::asked_to_stop()).await
}
