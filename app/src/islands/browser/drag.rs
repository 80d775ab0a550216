//! The gallery's order by drag.

use leptos::ev::DragEvent;
use leptos::web_sys::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlFormElement, HtmlInputElement};

const DRAGGED: &str = "data-dragged";

fn picture(event: &DragEvent) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest("[data-picture]").ok()?
}

fn dragged(near: &Element) -> Option<Element> {
    near.parent_element()?.query_selector(&format!("[{DRAGGED}]")).ok()?
}

pub fn begin(event: DragEvent) {
    if let Some(picture) = picture(&event) {
        let _marked = picture.set_attribute(DRAGGED, "");
    }
}

pub fn over(event: DragEvent) {
    let Some(near) = picture(&event) else { return };
    let Some(dragged) = dragged(&near) else { return };
    event.prevent_default();
    if near == dragged {
        return;
    }
    // The dragged one goes to the side of this picture that it comes from the other side of.
    let place = near.get_bounding_client_rect();
    let is_behind = f64::from(event.client_x()) > place.left() + place.width() / 2.0;
    let before = if is_behind { near.next_sibling() } else { Some(near.clone().into()) };
    if let Some(list) = near.parent_node() {
        let _moved = list.insert_before(&dragged, before.as_ref());
    }
}

pub fn end(event: DragEvent) {
    if let Some(picture) = picture(&event) {
        let _unmarked = picture.remove_attribute(DRAGGED);
    }
}

pub fn drop_it(event: DragEvent) {
    let Some(list) = picture(&event).and_then(|picture| picture.parent_element()) else { return };
    if dragged(&list.children().item(0).unwrap_or(list.clone())).is_none() {
        return;
    }
    event.prevent_default();
    let pictures = list.children();
    let ids: Vec<String> = (0..pictures.length()).filter_map(|i| pictures.item(i)?.get_attribute("data-picture")).collect();
    let Some(form) = list.next_element_sibling().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
    let Ok(Some(order)) = form.query_selector("[name=order]") else { return };
    order.unchecked_into::<HtmlInputElement>().set_value(&ids.join(" "));
    let _sent = form.request_submit();
}
