//! What runs in the browser: the islands in pages that are made on the server. The one part of `app` that is compiled to WebAssembly
//! as well; what only a browser can do is in `browser`.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "on_server.rs"]
mod browser;
mod checkout_form;
mod copy_button;
mod drag_order;
mod order_watch;
mod sending;
pub mod shown;
mod upload_zone;

pub use checkout_form::CheckoutForm;
pub use copy_button::CopyButton;
pub use drag_order::DragOrder;
pub use order_watch::OrderWatch;
pub use upload_zone::UploadZone;
