//! What the mails say. One purpose each; as HTML and as text, from the same facts.

mod alert;
mod order;

pub use alert::{AlertMail, alert};
pub use order::{OrderMail, order};

use maud::{DOCTYPE, Markup, html};

/// The frame of every mail: one column, inline styles, colours that dark mail programs may turn.
fn frame(title: &str, store: &str, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
            }
            body style="margin:0;padding:32px 16px;font:16px/1.5 -apple-system,Segoe UI,Helvetica,Arial,sans-serif;" {
                div style="max-width:560px;margin:0 auto;" {
                    p style="margin:0 0 24px;font:600 18px/1.2 Georgia,serif;" { (store) }
                    (content)
                }
            }
        }
    }
    .into_string()
}
