//! The native entry: commands, configuration, wiring, HTTP, worker, telemetry.
//!
//! A library beside its binary, so that tests start the very server that ships.

pub mod application;
pub mod commands;
pub mod config;
pub mod http;
pub mod listener;
pub mod metrics;
pub mod pace;
pub mod render_cache;
pub mod router;
pub mod security;
pub mod session_store;
pub mod state;
pub mod telemetry;
