//! Small pieces that several pages show.

mod card;
mod cover;
mod icon;
mod notice;

pub use card::{ProductCards, price_line};
pub use cover::Cover;
pub use icon::{Icon, IconName};
pub use notice::Notice;
