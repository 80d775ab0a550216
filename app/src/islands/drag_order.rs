//! The gallery's order by drag. The buttons beside each picture do the same without a script.

use super::browser::{begin, drop_it, end, over};
use leptos::prelude::*;

/// Lets the pictures in it change places, and sends the form in it when one was dropped.
#[island]
pub fn DragOrder(children: Children) -> impl IntoView {
    view! { <div on:dragstart=begin on:dragover=over on:drop=drop_it on:dragend=end>{children()}</div> }
}
