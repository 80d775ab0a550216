//! A file on its way in.

use leptos::prelude::RwSignal;

/// What becomes of a file that somebody chose.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "a server shows none on its way"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Sending,
    Paused,
    Offline,
    Finishing,
    Done,
    Failed,
}

/// What the person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Go,
    Pause,
    Cancel,
}

/// A file on its way, as the page shows it.
#[derive(Clone)]
pub struct Sending {
    pub key: u32,
    pub name: String,
    pub size: f64,
    /// Bytes that are there.
    pub sent: RwSignal<f64>,
    /// Bytes a second, smoothed.
    pub speed: RwSignal<f64>,
    pub stage: RwSignal<Stage>,
    /// What went wrong.
    pub told: RwSignal<String>,
    pub command: RwSignal<Command>,
}
