//! Small pieces that several pages show.

mod card;
mod cover;
mod date;
mod empty;
mod explained;
mod field;
mod fields;
mod icon;
mod notice;
mod trust;

pub use card::ProductCards;
pub use cover::{Cover, picture_size};
pub use date::{Ago, Day, Moment};
pub use empty::Empty;
pub use explained::Explained;
pub use field::{FieldError, FormError, area_text, refused_at};
pub use fields::{Attempt, ChoiceField, NewPassword, TextField};
pub use icon::{Icon, IconName};
pub use notice::{Notice, NoticeText};
pub use trust::Trust;
