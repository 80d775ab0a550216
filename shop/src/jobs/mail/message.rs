//! A mail in its Internet form. Addresses are typed and headers encoded: nothing that a customer typed becomes a header.

use super::{Mail, MailError};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

/// Text and HTML under one roof. Source: RFC 5322, RFC 2046 §5.1.4; `Auto-Submitted` RFC 3834 §5.
pub(super) fn message(mail: &Mail, from: &Mailbox) -> Result<Message, MailError> {
    let permanent = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
    let to: Address = mail.to.parse().map_err(|error| permanent(&error))?;
    if !is_message_id(&mail.message_id) {
        return Err(MailError::Permanent("its message id is not valid".to_owned()));
    }
    let mut builder = Message::builder()
        .from(match &mail.from_name {
            Some(name) => Mailbox::new(Some(one_line(name)), from.email.clone()),
            None => from.clone(),
        })
        .to(Mailbox::new(None, to))
        .subject(one_line(&mail.subject))
        .message_id(Some(mail.message_id.clone()))
        .date_now()
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    match mail.reply_to.as_deref().map(str::parse::<Address>) {
        Some(Ok(reply_to)) => builder = builder.reply_to(Mailbox::new(None, reply_to)),
        // A customer waits for the goods; a slip in the store's settings must not keep them back.
        Some(Err(error)) => tracing::warn!(%error, "the reply-to address is not valid; replies go to the sender"),
        None => {}
    }
    builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone())).map_err(|error| permanent(&error))
}

/// The text on one line: control characters and line separators become spaces.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Printable ASCII around one `@`: what RFC 5322 §3.6.4 allows, less its quoting.
fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).and_then(|inner| inner.split_once('@'));
    let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@".contains(&b));
    text.len() <= 250 && inner.is_some_and(|(id, host)| fits(id) && fits(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            message_id: "<1@shop.example>".into(),
            to: "ada@example.com".into(),
            subject: "Your order".into(),
            text: "Thank you.".into(),
            html: "<p>Thank you.</p>".into(),
            reply_to: Some("help@shop.example".into()),
            from_name: None,
        }
    }

    fn head_of(mail: &Mail) -> String {
        let from = "Bücher & Söhne <shop@shop.example>".parse().unwrap();
        let bytes = String::from_utf8(message(mail, &from).unwrap().formatted()).unwrap();
        bytes.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ")
    }

    #[test]
    fn the_owner_chooses_the_name_and_the_operator_the_address() {
        let head = head_of(&Mail { from_name: Some("Ada's\r\nBcc: x@y.z".into()), ..mail() });
        let from = head.lines().find(|line| line.starts_with("From: ")).unwrap();
        assert!(from.ends_with("<shop@shop.example>"), "{head}");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    }

    #[test]
    fn a_mail_has_the_headers_that_a_mail_has() {
        let head = head_of(&mail());
        for line in [
            "To: ada@example.com",
            "Subject: Your order",
            "Message-ID: <1@shop.example>",
            "Reply-To: help@shop.example",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Date: ",
            "Content-Type: multipart/alternative",
            "From: ",
        ] {
            assert!(head.lines().any(|have| have.starts_with(line)), "{line} is not in\n{head}");
        }
        assert!(head.contains("<shop@shop.example>") && head.is_ascii(), "{head}");
    }

    #[test]
    fn nothing_in_a_mail_becomes_a_header() {
        let evil = "x\r\nBcc: spy@evil.example\r\n\r\nbody\u{2028}\u{85}\0";
        let n_lines = head_of(&mail()).lines().count();
        let head = head_of(&Mail { subject: evil.into(), reply_to: Some(format!("a@b.c{evil}")), ..mail() });
        assert_eq!(head.lines().count(), n_lines - 1, "the bad Reply-To is left out\n{head}");
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
        for to in [
            format!("a@b.c{evil}"),
            "a@b.c, d@e.f".into(),
            "<a@b.c>".into(),
            "a@b.c\r\nBcc: d@e.f".into(),
            "\"a\r\nBcc: x\"@b.c".into(),
            String::new(),
        ] {
            assert!(
                matches!(message(&Mail { to: to.clone(), ..mail() }, &"a@b.c".parse().unwrap()), Err(MailError::Permanent(_))),
                "{to:?}"
            );
        }
        for message_id in ["", "1@b", "<1@b>\r\nBcc: d@e.f", "<1>", "<a b@c>", "<@c>"] {
            assert!(message(&Mail { message_id: message_id.into(), ..mail() }, &"a@b.c".parse().unwrap()).is_err(), "{message_id:?}");
        }
    }

    #[test]
    fn a_subject_is_one_line_before_it_is_encoded() {
        assert_eq!(one_line(" x\r\nBcc: spy@evil.example\u{2028}\0y\t"), "x Bcc: spy@evil.example y");
    }

    #[test]
    fn a_subject_in_any_script_is_one_encoded_line() {
        let head = head_of(&Mail { subject: "Ihre Bestellung: Größe 本\n".repeat(20), ..mail() });
        assert!(head.is_ascii());
        assert!(head.lines().any(|line| line.starts_with("Subject: ") && line.contains("=?utf-8?")), "{head}");
    }
}
