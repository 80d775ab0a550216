//! What islands do in the browser.

mod ask;
mod checkout;
mod copy;
mod drag;
mod order;
mod uploads;

pub use checkout::send;
pub use copy::copy;
pub use drag::{begin, drop_it, end, over};
pub use order::later;
pub use uploads::{chosen, dragged_over, dropped, set_command};
