//! Islands are asleep where they are only rendered.

use super::sending::{Command, Sending};
use leptos::ev::{DragEvent, Event, MouseEvent, SubmitEvent};
use leptos::prelude::*;

pub fn send(_: SubmitEvent) {}
pub fn copy(_: &MouseEvent, _: RwSignal<bool>) {}
pub fn begin(_: DragEvent) {}
pub fn over(_: DragEvent) {}
pub fn drop_it(_: DragEvent) {}
pub fn end(_: DragEvent) {}
pub fn later(_: u32) {}
pub fn chosen(_: &Event, _: RwSignal<bool>, _: RwSignal<Vec<Sending>>) {}
pub fn dragged_over(_: &DragEvent, _: RwSignal<bool>, _: RwSignal<bool>) {}
pub fn dropped(_: &DragEvent, _: RwSignal<bool>, _: RwSignal<bool>, _: RwSignal<Vec<Sending>>) {}
pub fn set_command(_: u32, _: RwSignal<Command>, _: Command) {}
