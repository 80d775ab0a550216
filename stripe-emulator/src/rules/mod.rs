//! What happens to money, whoever asks for it: the API, the hosted page, time.

mod dispute;
mod later;
mod payment;
mod refund;
mod review;
mod session;

pub use dispute::{answer as answer_dispute, close as close_dispute};
pub use later::{Later, run_all, run_due};
pub use payment::{Confirmed, cancel, confirm, fail_authentication};
pub use refund::refund;
pub use review::approve as approve_review;
pub use session::{complete_free, end_debit_later, expire, expire_due, pay};
