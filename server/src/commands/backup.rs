//! `backup`: a copy of the shop that can be restored, made while the shop runs.

use crate::config::Config;
use anyhow::Context;
use clap::Args;
use shop::base::backup::{Backup, BackupError, Snapshot, run};
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Exit codes: 0 a snapshot was written and its folder printed; 1 files are gone or damaged; \
    2 refused before anything was begun; 3 broke off, and the same command goes on from there. Without manifest.json a folder is no \
    snapshot. SHOP_SECRET_KEY is never in a backup: keep it apart.")]
pub struct BackupArgs {
    /// A folder; made when missing. A second run copies only files that are new
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Write a snapshot although files are gone from storage or damaged, and list them in the manifest
    #[arg(long)]
    without_missing: bool,
}

pub async fn backup(args: BackupArgs) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    // A URL as the files' own setting has it is a folder as well.
    let to = args.to.to_str().and_then(|to| to.strip_prefix("file://")).map_or_else(|| args.to.clone(), PathBuf::from);
    let to = std::path::absolute(&to).context("--to takes a folder")?;
    let files = shop::files::open(&config.files_url).await.context("SHOP_FILES_URL")?;
    let tell = |words: &str| eprintln!("{words}");
    let backup = Backup { database_url: &config.database_url, files, to: &to, without_missing: args.without_missing, tell: &tell };
    let Snapshot { folder, manifest, n_copied } = run(&backup).await?;
    eprintln!(
        "done: {} rows in {} tables, {} files with {} bytes, {n_copied} of them new",
        manifest.counts.values().sum::<i64>(),
        manifest.counts.len(),
        manifest.n_objects,
        manifest.objects_bytes
    );
    if !manifest.missing.is_empty() {
        eprintln!("{} files are missing from it; the manifest names them", manifest.missing.len());
    }
    println!("{}", folder.display());
    Ok(())
}

/// What the program ends with after this error; nothing where it is another command's.
pub fn exit_code(error: &anyhow::Error) -> Option<u8> {
    error.downcast_ref::<BackupError>().map(BackupError::exit_code)
}
